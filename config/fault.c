/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The faults of one reading. See fault.h. Only this file builds and prints
 * struct td_config_fault.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "config/fault.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF; and no control characters,
 * which are below U+0020 and from U+007F to U+009F. */
size_t td_fault_printable(const char *p)
{
	unsigned char c = (unsigned char)p[0], d = (unsigned char)p[1];

	if (c < 0x80)
		return c >= 0x20 && c != 0x7f ? 1 : 0;
	if (c < 0xc2 || c > 0xf4 || !is_continuation(p[1]))
		return 0;
	if (c < 0xe0)
		return c == 0xc2 && d < 0xa0 ? 0 : 2;
	if (!is_continuation(p[2]))
		return 0;
	if (c < 0xf0)
		return (c == 0xe0 && d < 0xa0) || (c == 0xed && d >= 0xa0) ? 0 : 3;
	if (!is_continuation(p[3]))
		return 0;
	return (c == 0xf0 && d < 0x90) || (c == 0xf4 && d >= 0x90) ? 0 : 4;
}

/* Copy what can be printed; other bytes as \xNN. Cuts between characters. */
static void clean(char *dst, size_t size, const char *src)
{
	size_t used = 0;

	while (*src) {
		size_t n = td_fault_printable(src);

		if (used + (n ? n : 4) >= size)
			break;
		if (n)
			memcpy(dst + used, src, n);
		else
			snprintf(dst + used, 5, "\\x%02x", (unsigned char)*src);
		used += n ? n : 4;
		src += n ? n : 1;
	}
	dst[used] = '\0';
}

const char *td_fault_cite(char dst[FAULT_CITE_LEN + 8], const char *text)
{
	size_t len = strnlen(text, FAULT_CITE_LEN + 1);
	bool cut = len > FAULT_CITE_LEN;

	if (cut)
		for (len = FAULT_CITE_LEN; len && is_continuation(text[len]); len--)
			;
	snprintf(dst, FAULT_CITE_LEN + 8, "'%.*s%s'", (int)len, text, cut ? "..." : "");
	return dst;
}

bool td_fault_full(const struct fault_list *l)
{
	return l->out->n >= FAULTS_MAX;
}

static struct td_config_fault *append(struct fault_list *l)
{
	struct td_config_faults *f = l->out;
	struct td_config_fault *v = td_one_more(f->v, f->n, sizeof(*v));

	if (!v) {
		l->err = -ENOMEM;
		return NULL;
	}
	f->v = v;
	v = &f->v[f->n++];
	memset(v, 0, sizeof(*v));
	td_strlcpy(v->file, l->file, sizeof(v->file));
	return v;
}

void td_fault_add(struct fault_list *l, struct uci_pos pos, const char *where, const char *hint,
		  const char *fmt, ...)
{
	struct td_config_fault *f;
	char reason[1024];
	va_list ap;

	l->found++;
	f = td_fault_full(l) ? NULL : append(l);
	if (!f)
		return;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	f->line = pos.line;
	f->column = pos.column;
	clean(f->option, sizeof(f->option), where);
	clean(f->reason, sizeof(f->reason), reason);
	clean(f->hint, sizeof(f->hint), hint ? hint : "");
}

static bool is_before(const struct td_config_fault *a, const struct td_config_fault *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* A stable insertion sort: there are FAULTS_MAX at most, mostly in order already. */
static void sort(struct td_config_faults *f)
{
	for (size_t i = 1; i < f->n; i++) {
		struct td_config_fault x = f->v[i];
		size_t k = i;

		for (; k && is_before(&x, &f->v[k - 1]); k--)
			f->v[k] = f->v[k - 1];
		f->v[k] = x;
	}
}

int td_fault_end(struct fault_list *l)
{
	struct td_config_fault *last;

	sort(l->out);
	if (l->found > l->out->n && !l->err) {
		size_t more = l->found - l->out->n;

		last = append(l);
		if (last) {
			last->line = last[-1].line;
			last->column = last[-1].column;
			snprintf(last->option, sizeof(last->option), "%s", "further faults");
			snprintf(last->reason, sizeof(last->reason),
				 "%zu more are not listed; mend these first", more);
		}
	}
	if (l->err)
		return l->err;
	return l->found ? -EINVAL : 0;
}

void td_config_faults_fini(struct td_config_faults *faults)
{
	td_free(faults->v);
	faults->v = NULL;
	faults->n = 0;
}

/* Without a line the file as a whole is meant: it could not be read. */
void td_config_fault_print(FILE *out, const struct td_config_fault *f)
{
	fprintf(out, "%s:", f->file);
	if (f->line)
		fprintf(out, "%u:%u:", f->line, f->column);
	fprintf(out, " %s: %s", f->option, f->reason);
	if (f->hint[0])
		fprintf(out, ", did you mean '%s'?", f->hint);
	fputc('\n', out);
}
