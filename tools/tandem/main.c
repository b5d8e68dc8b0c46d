/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tandem: the operator's tool. It reads options, sends the words to the daemon and prints
 * the answer; the few verbs that it serves itself stand in run(). Exit codes are a contract:
 * 0 done, 1 refused or not found, 2 usage, 3 no daemon. See tandem(1).
 *
 * Options may stand anywhere, as people type them; "--" ends them. A dash word that is no
 * option of ours, behind the verb, belongs to the command.
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "config/config.h"
#include "tools/tandem/cli.h"
#include "userspace/base/mem.h"

#define WATCH_DEFAULT_S 2.0
#define WATCH_MIN_S	0.1
#define WATCH_MAX_S	86400.0

enum { GO_ON = -1 };

struct args {
	int argc, at;
	char **argv;
	bool help;			/* --help behind a verb: tell about that verb */
};

static int usage_error(const char *what, const char *word)
{
	fprintf(stderr, "tandem: %s '%s'\n", what, word);
	td_cli_usage(stderr);
	return TD_CTL_USAGE;
}

/* "-n X", "-nX", "--name X", "--name=X": the value, or NULL when this is another option. */
static const char *option_value(struct args *a, const char *brief, const char *full, bool *missing)
{
	const char *word = a->argv[a->at];
	size_t len = strlen(full);

	if (brief && !strncmp(word, brief, 2) && word[2])
		return word + 2;
	if (!strncmp(word, full, len) && word[len] == '=') /* NOLINT(*NonNullParamChecker) */
		return word + len + 1;
	if (strcmp(word, full) != 0 && (!brief || strcmp(word, brief) != 0))
		return NULL;
	if (a->at + 1 < a->argc)
		return a->argv[++a->at];
	*missing = true;
	return NULL;
}

static int set_watch(struct cli_options *opt, const char *text)
{
	char *end;

	opt->watch_s = text ? strtod(text, &end) : WATCH_DEFAULT_S;
	if (text && (end == text || *end || !(opt->watch_s >= WATCH_MIN_S) ||
		     opt->watch_s > WATCH_MAX_S))
		return usage_error("--watch wants seconds from 0.1 to 86400, not", text);
	return GO_ON;
}

/* One word with a dash. GO_ON, or the exit code. */
static int take_option(struct args *a, struct cli_options *opt)
{
	const char *word = a->argv[a->at], *value;
	bool missing = false;

	if (!strcmp(word, "--json"))
		opt->json = true;
	else if (!strcmp(word, "--watch"))
		return set_watch(opt, NULL);
	else if (!strncmp(word, "--watch=", 8))
		return set_watch(opt, word + 8);
	else if ((value = option_value(a, "-n", "--instance", &missing)))
		opt->instance = value;
	else if ((value = option_value(a, NULL, "--run-dir", &missing)))
		opt->run_dir = value;
	else if (missing)
		return usage_error("a value is missing after", word);
	else if ((!strcmp(word, "-h") || !strcmp(word, "--help")) && opt->n_words)
		a->help = true;
	else if (!strcmp(word, "-h") || !strcmp(word, "--help"))
		return td_cli_usage(stdout), TD_CTL_OK;
	else if (!strcmp(word, "-V") || !strcmp(word, "--version"))
		return printf("tandem %s\n", TD_VERSION), TD_CTL_OK;
	else if (opt->n_words)
		opt->words[opt->n_words++] = word;
	else
		return usage_error("unknown option", word);
	return GO_ON;
}

/* What stands behind "complete" is somebody's half-typed line: nothing in it is for us. */
static bool takes_all(const struct cli_options *opt)
{
	return opt->n_words && !strcmp(opt->words[0], "complete");
}

static int read_args(struct args *a, struct cli_options *opt)
{
	bool options = true;
	int rc;

	for (a->at = 1; a->at < a->argc; a->at++) {
		char *word = a->argv[a->at];

		if (options && !strcmp(word, "--") && !takes_all(opt)) {
			options = false;
		} else if (options && word[0] == '-' && word[1] && !takes_all(opt)) {
			rc = take_option(a, opt);
			if (rc != GO_ON)
				return rc;
		} else {
			opt->words[opt->n_words++] = word;
		}
	}
	return GO_ON;
}

static int set_path(struct cli_options *opt)
{
	int n;

	if (opt->instance && (!*opt->instance || opt->instance[0] == '.' || strchr(opt->instance, '/')))
		return usage_error("no name of an instance:", opt->instance);
	if (opt->run_dir)
		n = snprintf(opt->path, sizeof(opt->path), "%s/" TD_CTL_SOCKET, opt->run_dir);
	else
		n = snprintf(opt->path, sizeof(opt->path), "/run/tandem%s%s/" TD_CTL_SOCKET,
			     opt->instance ? "/" : "", opt->instance ? opt->instance : "");
	if (n < 0 || (size_t)n >= sizeof(opt->path))
		return usage_error("too long for a socket:", opt->run_dir ? opt->run_dir : opt->instance);
	return GO_ON;
}

/* ---- check FILE: no daemon needed ---- */

static void add_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void print_faults_json(const struct td_config_faults *faults)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < faults->n; i++) {
		const struct td_config_fault *f = &faults->v[i];
		json_object *o = json_object_new_object();

		add_text(o, "file", f->file);
		json_object_object_add(o, "line", json_object_new_int64(f->line));
		json_object_object_add(o, "column", json_object_new_int64(f->column));
		add_text(o, "option", f->option);
		add_text(o, "reason", f->reason);
		add_text(o, "hint", f->hint);
		json_object_array_add(list, o);
	}
	puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
}

static int check(const struct cli_options *opt)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	size_t i;
	int err;

	if (opt->n_words != 2) {
		fprintf(stderr, "tandem: usage: check FILE\n");
		return TD_CTL_USAGE;
	}
	err = td_config_load(&cfg, opt->words[1], &faults);
	if (opt->json)
		print_faults_json(&faults);
	for (i = 0; !opt->json && i < faults.n; i++)
		td_config_fault_print(stdout, &faults.v[i]);
	if (err && !faults.n)
		fprintf(stderr, "tandem: %s: %s\n", opt->words[1], strerror(-err));
	if (!err && !opt->json)
		printf("%s: good, phones: %zu, numbers: %zu\n", opt->words[1], cfg->n_phones,
		       cfg->n_dns);
	td_config_put(cfg);
	td_config_faults_fini(&faults);
	return err ? TD_CTL_REFUSED : TD_CTL_OK;
}

/* ---- reference FORM: the schema as a manual ---- */

static int reference(const struct cli_options *opt)
{
	const char *form = opt->n_words == 2 ? opt->words[1] : "";

	if (!strcmp(form, "md"))
		td_config_print_reference_md(stdout);
	else if (!strcmp(form, "man"))
		td_config_print_reference_man(stdout);
	else if (!strcmp(form, "json"))
		td_config_print_schema_json(stdout);
	else
		return fputs("tandem: usage: reference md|man|json\n", stderr), TD_CTL_USAGE;
	return TD_CTL_OK;
}

/* ---- everything else: ask ---- */

static void print_answer(const struct cli_options *opt, json_object *answer)
{
	struct cli_layout layout = td_cli_layout(answer);
	json_object *data = NULL;
	bool any = json_object_object_get_ex(answer, "data", &data);

	if (!opt->json)
		td_cli_print(stdout, data, &layout);
	else
		puts(any ? json_object_to_json_string_ext(data, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_NOSLASHESCAPE) : "{}");
}

static int ask(const struct cli_options *opt)
{
	json_object *answer, *stream;
	int fd, rc = td_cli_ask(opt->path, opt->words, opt->n_words, &fd, &answer);

	if (rc == TD_CTL_OK && json_object_object_get_ex(answer, "stream", &stream))
		rc = td_cli_stream(opt, fd, answer);
	else if (rc == TD_CTL_OK)
		print_answer(opt, answer);
	else if (answer)
		td_cli_print_error(opt, answer);
	if (fd >= 0)
		close(fd);
	json_object_put(answer);
	return rc;
}

static int run(const struct cli_options *opt)
{
	const char *verb = opt->n_words ? opt->words[0] : NULL;

	if (!verb) {
		td_cli_usage(stderr);
		return TD_CTL_USAGE;
	}
	if (!strcmp(verb, "check"))
		return check(opt);
	if (!strcmp(verb, "help"))
		return td_cli_help(opt);
	if (!strcmp(verb, "reference"))
		return reference(opt);
	if (!strcmp(verb, "complete"))
		return td_cli_complete(opt);
	if (!strcmp(verb, "detach"))
		return td_cli_detach(opt);
	if (!strcmp(verb, "capture"))
		return td_cli_capture(opt);
	if (!strcmp(verb, "import"))
		return td_cli_import(opt);
	if (!strcmp(verb, "export"))
		return td_cli_export(opt);
	return opt->watch_s > 0 ? td_cli_watch(opt) : ask(opt);
}

int main(int argc, char **argv)
{
	struct args a = { .argc = argc, .argv = argv };
	struct cli_options opt = { .n_words = 0 };
	int rc;

	setlocale(LC_CTYPE, "");
	opt.words = td_calloc((size_t)argc + 1, sizeof(*opt.words));
	if (!opt.words)
		return TD_CTL_REFUSED;
	rc = read_args(&a, &opt);
	if (a.help && strcmp(opt.words[0], "help") != 0) {
		memmove(opt.words + 1, opt.words, opt.n_words * sizeof(*opt.words));
		opt.words[0] = "help";
		opt.n_words++;
	}
	if (rc == GO_ON)
		rc = set_path(&opt);
	if (rc == GO_ON)
		rc = run(&opt);
	td_free(opt.words);
	if (fflush(stdout) && rc == TD_CTL_OK)
		rc = TD_CTL_REFUSED;
	return rc;
}
