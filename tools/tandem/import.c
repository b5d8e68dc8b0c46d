/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "tandem import ios FILE [-o OUT]": the uci file to OUT (or standard output), the report about
 * every line to standard error; with --json the report is the answer, and the file only goes to
 * OUT. "tandem import csv FILE": phones from a table, to be added to the configuration. "tandem
 * export uci|csv": the way back. No daemon is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "tools/import/import.h"
#include "tools/tandem/cli.h"
#include "userspace/base/mem.h"

#define MAX_INPUT      (64u << 20)
#define TD_CONFIG_FILE "/etc/config/tandem"

static int usage(void)
{
	fputs("tandem: usage: import ios FILE [-o OUT]\n"
	      "               import csv FILE [-o OUT] [-c CONFIG]\n", stderr);
	return TD_CTL_USAGE;
}

/* A file, or "-" for standard input. NULL with errno set. */
static char *read_all(const char *path, size_t *len)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t size = 0, n;
	char *text = NULL, *more;

	*len = 0;
	if (!f)
		return NULL;
	do {
		size = size ? 2 * size : 65536;
		more = size <= MAX_INPUT ? td_realloc(text, size) : NULL;
		if (!more) {
			td_free(text);
			text = NULL;
			errno = EFBIG;
			break;
		}
		text = more;
		n = fread(text + *len, 1, size - *len, f);
		*len += n;
	} while (*len == size);
	if (f != stdin)
		fclose(f);
	return text;
}

/* Passwords may be in it: nobody else reads the file. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	ssize_t n = fd < 0 ? -1 : write(fd, text, len);
	int err = n == (ssize_t)len ? 0 : -errno;

	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	return err;
}

static void report_text(const struct td_import *im)
{
	size_t i;

	for (i = 0; i < im->n_lines; i++) {
		const struct td_import_line *l = &im->lines[i];

		fprintf(stderr, "%5u %-13s %-48.200s  %s\n", l->number,
			td_import_verdict_word(l->verdict), l->text, l->note ? l->note : "");
	}
	fprintf(stderr, "%zu lines: %zu taken, %zu not needed, %zu not supported\n", im->n_lines,
		im->count[TD_IMPORT_TAKEN], im->count[TD_IMPORT_NOT_NEEDED],
		im->count[TD_IMPORT_NOT_SUPPORTED]);
}

static void report_json(const struct td_import *im)
{
	json_object *root = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_object_object_add(root, "lines", json_object_new_int64((int64_t)im->n_lines));
	json_object_object_add(root, "taken",
			       json_object_new_int64((int64_t)im->count[TD_IMPORT_TAKEN]));
	json_object_object_add(root, "not_needed",
			       json_object_new_int64((int64_t)im->count[TD_IMPORT_NOT_NEEDED]));
	json_object_object_add(root, "not_supported",
			       json_object_new_int64((int64_t)im->count[TD_IMPORT_NOT_SUPPORTED]));
	for (i = 0; i < im->n_lines; i++) {
		const struct td_import_line *l = &im->lines[i];
		json_object *o = json_object_new_object();

		json_object_object_add(o, "line", json_object_new_int64(l->number));
		json_object_object_add(o, "text", json_object_new_string(l->text));
		json_object_object_add(o, "verdict",
				       json_object_new_string(td_import_verdict_word(l->verdict)));
		json_object_object_add(o, "note", json_object_new_string(l->note ? l->note : ""));
		json_object_array_add(list, o);
	}
	json_object_object_add(root, "report", list);
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

static int import_ios(const struct cli_options *opt, const char *in, const char *out)
{
	struct td_import *im = NULL;
	size_t len;
	char *text = read_all(in, &len);
	int err;

	if (!text) {
		fprintf(stderr, "tandem: %s: %s\n", in, strerror(errno));
		return TD_CTL_REFUSED;
	}
	err = td_import_ios(&im, text, len);
	td_free(text);
	if (!err && out)
		err = write_file(out, im->uci);
	if (err) {
		fprintf(stderr, "tandem: %s: %s\n", out ? out : in, strerror(-err));
		td_import_free(im);
		return TD_CTL_REFUSED;
	}
	if (!out && !opt->json)
		fputs(im->uci, stdout);
	if (opt->json)
		report_json(im);
	else
		report_text(im);
	td_import_free(im);
	return TD_CTL_OK;
}

/* The configuration that the phones go to; none is fine. */
static char *read_base(const char *path)
{
	size_t len;
	char *text = read_all(path, &len), *base;

	if (!text)
		return td_strdup("");
	base = td_strndup(text, len);
	td_free(text);
	return base;
}

static int import_csv(const char *in, const char *out, const char *config)
{
	size_t len;
	char *text = read_all(in, &len), *base = read_base(config), *uci = NULL;
	int err;

	if (!text || !base) {
		fprintf(stderr, "tandem: %s: %s\n", in, strerror(errno));
		td_free(text);
		td_free(base);
		return TD_CTL_REFUSED;
	}
	err = td_import_csv(&uci, in, text, len, base, stderr);
	if (err > 0)
		fprintf(stderr, "tandem: %d faults, nothing was written\n", err);
	else if (!err && out)
		err = write_file(out, uci);
	else if (!err)
		fputs(uci, stdout);
	if (err < 0)
		fprintf(stderr, "tandem: %s: %s\n", out ? out : in, strerror(-err));
	td_free(text);
	td_free(base);
	td_free(uci);
	return err ? TD_CTL_REFUSED : TD_CTL_OK;
}

/* "-o OUT", "-c CONFIG" behind the file. */
static bool read_rest(const struct cli_options *opt, const char **out, const char **config)
{
	size_t i;

	for (i = 3; i + 1 < opt->n_words; i += 2) {
		if (!strcmp(opt->words[i], "-o"))
			*out = opt->words[i + 1];
		else if (!strcmp(opt->words[i], "-c"))
			*config = opt->words[i + 1];
		else
			return false;
	}
	return i == opt->n_words;
}

int td_cli_import(const struct cli_options *opt)
{
	const char *out = NULL, *config = TD_CONFIG_FILE;

	if (opt->n_words < 3 || !read_rest(opt, &out, &config))
		return usage();
	if (!strcmp(opt->words[1], "ios"))
		return import_ios(opt, opt->words[2], out);
	if (!strcmp(opt->words[1], "csv"))
		return import_csv(opt->words[2], out, config);
	return usage();
}

int td_cli_export(const struct cli_options *opt)
{
	const char *form = opt->n_words > 1 ? opt->words[1] : "";
	const char *path = opt->n_words == 3 ? opt->words[2] : TD_CONFIG_FILE;
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	size_t i;
	int err;

	if (opt->n_words < 2 || opt->n_words > 3 || (strcmp(form, "uci") && strcmp(form, "csv"))) {
		fputs("tandem: usage: export uci|csv [FILE]\n", stderr);
		return TD_CTL_USAGE;
	}
	err = td_config_load(&cfg, path, &faults);
	for (i = 0; i < faults.n; i++)
		td_config_fault_print(stderr, &faults.v[i]);
	td_config_faults_fini(&faults);
	if (!err && !strcmp(form, "csv"))
		td_export_csv(stdout, cfg);
	else if (!err)
		td_config_print(stdout, cfg, true);
	td_config_put(cfg);
	return err ? TD_CTL_REFUSED : TD_CTL_OK;
}
