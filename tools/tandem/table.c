/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON to text for people: a table when the command names columns, "key: value" lines for
 * an object, the text itself for a string. Pure but for the FILE it prints to: width, clock
 * and character set come in as arguments, so golden files can judge it.
 *
 * Columns shrink to fit the terminal, the widest first; a cut cell ends in an ellipsis.
 * Values are humanised here and only here; --json passes this file by.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include "tools/tandem/cli.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_COLUMNS 32
#define CELL_LEN    256
#define MIN_WIDTH   4
#define GAP	    2
#define UNIX_MS_MIN 100000000000LL	/* larger values of *_ms are dates, not durations */

struct column {
	struct td_str path;
	char title[CELL_LEN];
	size_t width;
	bool numeric;			/* all cells are numbers: aligned right */
};

struct table {
	struct column col[MAX_COLUMNS];
	size_t n_cols, n_rows;
	char (*cells)[CELL_LEN];	/* row by row */
	const struct cli_layout *layout;
};

/* ---- characters ---- */

/* One character at p: its length in bytes and its width in columns. Never 0 bytes. */
static size_t next_char(const char *p, size_t *width)
{
	mbstate_t st = { 0 };
	wchar_t wc = 0;
	size_t n = mbrtowc(&wc, p, strlen(p), &st);
	int w;

	if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
		/* a locale without UTF-8: count a sequence as one character all the same */
		for (n = 1; (p[n] & 0xc0) == 0x80 && ((unsigned char)p[0] & 0xc0) == 0xc0; n++)
			;
		*width = 1;
		return n;
	}
	w = wcwidth(wc);
	*width = w < 0 ? 1 : (size_t)w;
	return n;
}

static size_t text_width(const char *text)
{
	size_t sum = 0, w;

	while (*text) {
		text += next_char(text, &w);
		sum += w;
	}
	return sum;
}

void td_cli_print_safe(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		/* C1 controls, in UTF-8 */
		if (c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0) {
			fputc('?', out);
			text++;
		} else if (c != '\r' || text[1] != '\n') {	/* SIP's line ends are CRLF */
			fputc((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '?' : c, out);
		}
	}
}

/* A cell is one line: nothing in it moves the cursor. */
static void make_cell_safe(char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
		else if ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] >= 0x80 &&
			 (unsigned char)s[1] < 0xa0)
			s[0] = s[1] = '?';
	}
}

static void print_padded(FILE *out, const char *text, size_t width, bool right, bool ascii)
{
	size_t have = text_width(text), used = 0, w;

	if (have <= width) {
		fprintf(out, "%*s%s%*s", right ? (int)(width - have) : 0, "", text,
			right ? 0 : (int)(width - have), "");
		return;
	}
	while (*text) {
		size_t n = next_char(text, &w);

		if (used + w > width - 1)
			break;
		fwrite(text, 1, n, out);
		text += n;
		used += w;
	}
	fputs(ascii ? "~" : "\u2026", out);
	for (used++; used < width; used++)
		fputc(' ', out);
}

/* ---- values ---- */

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static void append(char *dst, size_t size, const char *text)
{
	size_t len = strlen(dst);

	td_strlcpy(dst + len, text, size - len);
}

static void human_duration(char *dst, size_t size, long long ms)
{
	long long s = ms / 1000;

	if (ms < 0)
		snprintf(dst, size, "-");
	else if (s >= 86400)
		snprintf(dst, size, "%lldd%02lldh", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		snprintf(dst, size, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else if (s >= 60)
		snprintf(dst, size, "%lldm%02llds", s / 60, s % 60);
	else
		snprintf(dst, size, "%llds", s);
}

/* Today: the time of day; else the date with it. */
static void human_time(char *dst, size_t size, long long ms, long long now_ms)
{
	time_t t = ms / 1000, now = now_ms / 1000;
	struct tm tm, today;

	localtime_r(&t, &tm);
	localtime_r(&now, &today);
	if (tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday)
		strftime(dst, size, "%H:%M:%S", &tm);
	else
		strftime(dst, size, "%Y-%m-%d %H:%M:%S", &tm);
}

static void human_bytes(char *dst, size_t size, double n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t i = 0;

	while (n >= 1024 && i < 5) {
		n /= 1024;
		i++;
	}
	snprintf(dst, size, i && n < 100 ? "%.1f %s" : "%.0f %s", n, units[i]);
}

static bool human_number(char *dst, size_t size, const char *key, json_object *v,
			 long long now_ms)
{
	long long n = json_object_get_int64(v);
	bool whole = json_object_is_type(v, json_type_int);

	if (ends_with(key, "bytes")) {
		human_bytes(dst, size, json_object_get_double(v));
	} else if (ends_with(key, "bytes_per_s")) {
		human_bytes(dst, size, json_object_get_double(v));
		append(dst, size, "/s");
	} else if (ends_with(key, "_ms") && whole) {
		if (n == 0 && (ends_with(key, "registered_ms") || ends_with(key, "seen_ms")))
			snprintf(dst, size, "-");	/* never */
		else if (n >= UNIX_MS_MIN)
			human_time(dst, size, n, now_ms);
		else
			human_duration(dst, size, n);
	} else if (ends_with(key, "_s") && whole) {
		human_duration(dst, size, n * 1000);
	} else {
		return false;
	}
	return true;
}

void td_cli_human(char *dst, size_t size, const char *key, json_object *v, long long now_ms)
{
	switch (json_object_get_type(v)) {
	case json_type_null:
		td_strlcpy(dst, "-", size);
		break;
	case json_type_boolean:
		td_strlcpy(dst, json_object_get_boolean(v) ? "yes" : "no", size);
		break;
	case json_type_int:
	case json_type_double:
		if (!human_number(dst, size, key, v, now_ms))
			td_strlcpy(dst, json_object_to_json_string(v), size);
		break;
	case json_type_string:
		td_strlcpy(dst, json_object_get_string(v), size);
		if (!*dst)
			td_strlcpy(dst, "-", size);
		break;
	default:
		td_strlcpy(dst, json_object_to_json_string_ext(v, JSON_C_TO_STRING_NOSLASHESCAPE),
			   size);
	}
	make_cell_safe(dst);
}

/* ---- cells ---- */

/* Text of all that path names below v, joined by commas; equal neighbours stand once. */
static void collect(char *dst, size_t size, json_object *v, struct td_str path,
		    const char *last_key, long long now_ms, char *previous)
{
	char key[64], text[CELL_LEN];
	const char *dot;
	size_t i;

	if (json_object_is_type(v, json_type_array)) {
		for (i = 0; i < json_object_array_length(v); i++)
			collect(dst, size, json_object_array_get_idx(v, i), path, last_key, now_ms,
				previous);
		return;
	}
	if (path.len && json_object_is_type(v, json_type_object)) {
		dot = memchr(path.p, '.', path.len);
		td_str_copy(key, sizeof(key),
			    (struct td_str){ path.p, dot ? (size_t)(dot - path.p) : path.len });
		path.len -= dot ? (size_t)(dot + 1 - path.p) : path.len;
		path.p = dot ? dot + 1 : path.p;
		collect(dst, size, json_object_object_get(v, key), path, key, now_ms, previous);
		return;
	}
	/* a path that goes deeper than the value ends at the value */
	td_cli_human(text, sizeof(text), last_key, v, now_ms);
	if (!strcmp(previous, text))
		return;
	td_strlcpy(previous, text, CELL_LEN);
	if (*dst)
		append(dst, size, ", ");
	append(dst, size, text);
}

static bool is_number(const char *cell)
{
	return isdigit((unsigned char)*cell) || (*cell == '-' && isdigit((unsigned char)cell[1]));
}

static bool looks_numeric(json_object *row, struct td_str path)
{
	json_object *v = row;
	char key[64];

	td_str_copy(key, sizeof(key), path);
	if (strchr(key, '.') || !json_object_object_get_ex(row, key, &v))
		return false;
	return json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double) ||
	       !v;
}

static void default_title(char *dst, struct td_str path)
{
	static const char *const units[] = { "_ms", "_s" };
	const char *dot = memrchr(path.p, '.', path.len);
	size_t i;

	if (dot)
		path = (struct td_str){ dot + 1, path.p + path.len - dot - 1 };
	td_str_copy(dst, CELL_LEN, path);
	for (i = 0; i < 2; i++)
		if (ends_with(dst, units[i]))
			dst[strlen(dst) - strlen(units[i])] = '\0';
}

static void parse_columns(struct table *t, const char *spec)
{
	const char *p = spec;

	while (*p && t->n_cols < MAX_COLUMNS) {
		struct column *c = &t->col[t->n_cols++];
		size_t len = strcspn(p, ","), key_len = strcspn(p, ",=");
		char *s;

		c->path = (struct td_str){ p, key_len };
		if (key_len < len)
			td_str_copy(c->title, sizeof(c->title),
				    (struct td_str){ p + key_len + 1, len - key_len - 1 });
		else
			default_title(c->title, c->path);
		for (s = c->title; *s; s++)
			*s = *s == '_' ? ' ' : (char)toupper((unsigned char)*s);
		c->width = text_width(c->title);
		p += len + (p[len] == ',');
	}
}

static void fill(struct table *t, json_object *rows)
{
	size_t r, c;

	for (c = 0; c < t->n_cols; c++)
		t->col[c].numeric = true;
	for (r = 0; r < t->n_rows; r++) {
		json_object *row = json_object_array_get_idx(rows, r);

		for (c = 0; c < t->n_cols; c++) {
			struct column *col = &t->col[c];
			char *cell = t->cells[r * t->n_cols + c], previous[CELL_LEN] = "";
			size_t w;

			collect(cell, CELL_LEN, row, col->path, "", t->layout->now_ms, previous);
			if (!*cell)
				td_strlcpy(cell, "-", CELL_LEN);
			w = text_width(cell);
			if (w > col->width)
				col->width = w;
			if (!looks_numeric(row, col->path) ||
			    (!is_number(cell) && strcmp(cell, "-") != 0))
				col->numeric = false;
		}
	}
}

static void fit(struct table *t)
{
	size_t c, sum = t->n_cols ? (t->n_cols - 1) * GAP : 0;

	for (c = 0; c < t->n_cols; c++)
		sum += t->col[c].width;
	while (t->layout->width && sum > t->layout->width) {
		struct column *widest = &t->col[0];

		for (c = 1; c < t->n_cols; c++)
			if (t->col[c].width > widest->width)
				widest = &t->col[c];
		if (widest->width <= MIN_WIDTH)
			return;		/* narrower than any sense: let it wrap */
		widest->width--;
		sum--;
	}
}

static void print_line(FILE *out, const struct table *t, size_t row, bool title)
{
	size_t c, blanks = 0;

	for (c = 0; c < t->n_cols; c++) {
		const struct column *col = &t->col[c];
		const char *text = title ? col->title : t->cells[row * t->n_cols + c];
		size_t width = col->width;

		fprintf(out, "%*s", (int)blanks, "");
		blanks = GAP;
		/* no blanks at the end of a line */
		if (c == t->n_cols - 1 && !col->numeric && text_width(text) < width)
			width = text_width(text);
		print_padded(out, text, width, col->numeric, t->layout->ascii);
	}
	fputc('\n', out);
}

static void print_table(FILE *out, json_object *rows, const char *columns,
			const struct cli_layout *layout)
{
	struct table *t = td_zalloc(sizeof(*t));
	size_t r;

	if (!t)
		return;
	t->layout = layout;
	t->n_rows = json_object_array_length(rows);
	parse_columns(t, columns);
	t->cells = td_calloc(t->n_rows * t->n_cols + 1, sizeof(*t->cells));
	if (t->cells) {
		fill(t, rows);
		fit(t);
		print_line(out, t, 0, true);
		for (r = 0; r < t->n_rows; r++)
			print_line(out, t, r, false);
	}
	td_free(t->cells);
	td_free(t);
}

/* ---- objects ---- */

static void print_value(FILE *out, const char *key, json_object *v, int indent,
			const struct cli_layout *layout);

static bool all_scalar(json_object *array)
{
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++) {
		enum json_type type = json_object_get_type(json_object_array_get_idx(array, i));

		if (type == json_type_object || type == json_type_array)
			return false;
	}
	return true;
}

static void print_object(FILE *out, json_object *o, int indent, const struct cli_layout *layout)
{
	struct json_object_iterator it = json_object_iter_begin(o), end = json_object_iter_end(o);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		print_value(out, json_object_iter_peek_name(&it), json_object_iter_peek_value(&it),
			    indent, layout);
}

static void print_elements(FILE *out, json_object *array, int indent,
			   const struct cli_layout *layout)
{
	char number[32];
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++) {
		snprintf(number, sizeof(number), "[%zu]", i + 1);
		print_value(out, number, json_object_array_get_idx(array, i), indent, layout);
	}
}

static void print_value(FILE *out, const char *key, json_object *v, int indent,
			const struct cli_layout *layout)
{
	char text[1024] = "", previous[CELL_LEN] = "";
	bool array = json_object_is_type(v, json_type_array);

	fprintf(out, "%*s%s:", indent, "", key);
	if (json_object_is_type(v, json_type_object) || (array && !all_scalar(v))) {
		fputc('\n', out);
		if (array)
			print_elements(out, v, indent + 2, layout);
		else
			print_object(out, v, indent + 2, layout);
		return;
	}
	if (array)
		collect(text, sizeof(text), v, (struct td_str){ NULL, 0 }, key, layout->now_ms,
			previous);
	else
		td_cli_human(text, sizeof(text), key, v, layout->now_ms);
	fprintf(out, " %s\n", *text ? text : "-");
}

/* ---- the whole ---- */

/* Scalars of the first row, for an array whose command named no columns. */
static void guess_columns(char *dst, size_t size, json_object *row)
{
	struct json_object_iterator it = json_object_iter_begin(row),
				    end = json_object_iter_end(row);

	*dst = '\0';
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		if (json_object_is_type(json_object_iter_peek_value(&it), json_type_object))
			continue;
		if (*dst)
			append(dst, size, ",");
		append(dst, size, json_object_iter_peek_name(&it));
	}
}

static void print_none(FILE *out, const char *command)
{
	const char *noun = command ? strrchr(command, ' ') : NULL;

	fprintf(out, "no %s\n", noun ? noun + 1 : command ? command : "data");
}

void td_cli_print(FILE *out, json_object *data, const struct cli_layout *layout)
{
	char guessed[1024];
	const char *columns = layout->columns;
	const char *text;

	switch (json_object_get_type(data)) {
	case json_type_array:
		if (!json_object_array_length(data)) {
			print_none(out, layout->command);
			return;
		}
		if (!columns) {
			json_object *first = json_object_array_get_idx(data, 0);

			if (!json_object_is_type(first, json_type_object)) {
				print_elements(out, data, 0, layout);
				return;
			}
			guess_columns(guessed, sizeof(guessed), first);
			columns = guessed;
		}
		print_table(out, data, columns, layout);
		break;
	case json_type_object:
		print_object(out, data, 0, layout);
		break;
	case json_type_null:
		break;
	default:
		text = json_object_get_string(data);
		td_cli_print_safe(out, text);
		if (*text && text[strlen(text) - 1] != '\n')
			fputc('\n', out);
	}
}
