/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Help and completion. The daemon knows its commands, phones and calls; this file asks it
 * and adds the few words that the tool serves by itself. Without a daemon both still say
 * what they can: completion must never print an error into somebody's command line.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/tandem/cli.h"

#define MAX_WORDS 32

struct local_verb {
	const char *words, *args, *help;
};

static const struct local_verb local_verbs[] = {
	{ "check", "FILE", "check a configuration file; needs no daemon" },
	{ "detach", "--all", "take off what an ended daemon left in the kernel; needs no daemon" },
	{ "help", "[VERB]", "what can be asked, or how VERB is used" },
	{ "export", "uci|csv [FILE]", "print a configuration, or its phones as a table; needs no daemon" },
	{ "import csv", "FILE [-o OUT] [-c CONFIG]", "phones from a table; needs no daemon" },
	{ "import ios", "FILE [-o OUT]", "turn an IOS running-config into ours; needs no daemon" },
	{ "reference", "md|man|json", "print the manual of all configuration options" },
};

#define N_LOCAL (sizeof(local_verbs) / sizeof(local_verbs[0]))

void td_cli_usage(FILE *out)
{
	fputs("usage: tandem [-n INSTANCE] [--run-dir DIR] [--json] [--watch[=SECONDS]] VERB ...\n"
	      "  -n, --instance NAME    talk to this one of several daemons on the host\n"
	      "      --run-dir DIR      control socket's folder (default /run/tandem[/NAME])\n"
	      "      --json             print JSON, for programs\n"
	      "      --watch[=SECONDS]  ask again every SECONDS (default 2) until Ctrl-C\n"
	      "  -V, --version          print the version of this tool\n"
	      "  -h, --help             print this text\n"
	      "Words may be shortened (\"sh ph\"). Verbs: show, call, hangup, reload, monitor,\n"
	      "debug, capture, detach, check, reference, help. \"tandem help\" asks the daemon for\n"
	      "all its words; see tandem(1).\n", out);
}

static void add_local(json_object *list, const char *verb)
{
	size_t i;

	for (i = 0; i < N_LOCAL; i++) {
		json_object *o;

		if (verb && strncmp(local_verbs[i].words, verb, strlen(verb)) != 0)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "words", json_object_new_string(local_verbs[i].words));
		json_object_object_add(o, "args", json_object_new_string(local_verbs[i].args));
		json_object_object_add(o, "alias", NULL);
		json_object_object_add(o, "help", json_object_new_string(local_verbs[i].help));
		json_object_object_add(o, "root_only", json_object_new_boolean(0));
		json_object_array_add(list, o);
	}
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void print_command(json_object *o)
{
	const char *alias = td_cli_text(o, "alias");
	json_object *root;
	char head[128];

	snprintf(head, sizeof(head), "%s %s", or_empty(td_cli_text(o, "words")),
		 or_empty(td_cli_text(o, "args")));
	printf("  %-28s %s", head, or_empty(td_cli_text(o, "help")));
	if (json_object_object_get_ex(o, "root_only", &root) && json_object_get_boolean(root))
		printf(" (root)");
	printf("\n");
	while (alias && *alias) {
		int len = (int)strcspn(alias, "|");

		printf("  %-28s   = %.*s\n", "", len, alias);
		alias += len + (alias[len] == '|');
	}
}

int td_cli_help(const struct cli_options *opt)
{
	const char *verb = opt->n_words > 1 ? opt->words[1] : NULL;
	json_object *answer = NULL, *list = NULL;
	size_t i;
	int fd, rc = td_cli_ask(opt->path, opt->words, opt->n_words, &fd, &answer);

	if (rc == TD_CTL_OK)
		json_object_object_get_ex(answer, "data", &list);
	list = list ? json_object_get(list) : json_object_new_array();
	add_local(list, verb);
	if (json_object_array_length(list)) {
		rc = rc == TD_CTL_REFUSED ? TD_CTL_OK : rc;
		if (opt->json)
			puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY));
		for (i = 0; !opt->json && i < json_object_array_length(list); i++)
			print_command(json_object_array_get_idx(list, i));
	} else if (answer) {
		fprintf(stderr, "tandem: %s\n", or_empty(td_cli_text(answer, "error")));
	}
	if (rc == TD_CTL_NO_DAEMON && !verb && !opt->json)
		td_cli_usage(stdout);
	if (fd >= 0)
		close(fd);
	json_object_put(list);
	json_object_put(answer);
	return rc;
}

/* Quietly: an answer, or nothing. */
static json_object *ask_candidates(const struct cli_options *opt, int fd)
{
	json_object *answer = NULL, *list = NULL;

	if (fd >= 0 && !td_cli_send(fd, opt->words, opt->n_words) &&
	    td_cli_receive(fd, &answer) == 1 &&
	    json_object_object_get_ex(answer, "data", &list) &&
	    json_object_is_type(list, json_type_array))
		list = json_object_get(list);
	else
		list = NULL;
	json_object_put(answer);
	return list;
}

int td_cli_complete(const struct cli_options *opt)
{
	const char *typed = opt->n_words > 1 ? opt->words[opt->n_words - 1] : "";
	int fd = opt->n_words <= MAX_WORDS ? td_cli_connect(opt->path) : -1;
	json_object *list = ask_candidates(opt, fd);
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		puts(json_object_get_string(json_object_array_get_idx(list, i)));
	for (i = 0; opt->n_words <= 2 && i < N_LOCAL; i++)
		if (!strncmp(local_verbs[i].words, typed, strlen(typed)))
			puts(local_verbs[i].words);
	json_object_put(list);
	if (fd >= 0)
		close(fd);
	return TD_CTL_OK;
}
