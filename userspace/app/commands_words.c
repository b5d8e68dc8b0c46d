/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * About the commands themselves: help, and the words that a shell offers for completion.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"

static size_t arg_words(const struct td_ctl_request *req, const char *words[], size_t max)
{
	size_t n;

	for (n = 0; n < max && td_ctl_arg(req, n); n++)
		words[n] = td_ctl_arg(req, n);
	return n;
}

int td_commands_help(struct td_ctl_request *req, void *arg)
{
	const char *words[8];
	size_t n = arg_words(req, words, 8);

	(void)arg;
	if (!td_ctl_show_commands(td_ctl_of(req), td_ctl_data(req), "data", words, n))
		return td_ctl_refuse(req, "no command '%s'", words[0]);
	return TD_CTL_OK;
}

struct candidates {
	struct td_commands *c;
	struct td_json *j;
	const char *typed;
};

static void offer(const struct candidates *w, const char *word)
{
	if (!strncmp(word, w->typed, strlen(w->typed)))
		td_json_str(w->j, NULL, word);
}

static void offer_phones(const struct candidates *w)
{
	const struct td_config *cfg = w->c->t->config;
	size_t i;

	for (i = 0; i < cfg->n_phones; i++)
		offer(w, cfg->phones[i].id);
}

static void offer_numbers(const struct candidates *w)
{
	const struct td_config *cfg = w->c->t->config;
	size_t i;

	for (i = 0; i < cfg->n_dns; i++)
		offer(w, cfg->dns[i].number);
}

static void offer_trunks(const struct candidates *w)
{
	const struct td_config *cfg = w->c->t->config;

	for (size_t i = 0; i < cfg->n_trunks; i++)
		offer(w, cfg->trunks[i].id);
}

static void offer_dialpeers(const struct candidates *w)
{
	const struct td_config *cfg = w->c->t->config;

	for (size_t i = 0; i < cfg->n_dialpeers; i++)
		offer(w, cfg->dialpeers[i].id);
}

static void offer_call(void *arg, uint32_t id)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, id);
	offer(arg, text);
}

/* A word for the end of the line, or the name of what may stand there. */
static void on_candidate(void *arg, const char *word, bool placeholder)
{
	struct candidates *w = arg;

	if (!placeholder) {
		td_json_str(w->j, NULL, word);
	} else if (!strcmp(word, "PHONE") || !strcmp(word, "FROM")) {
		offer_phones(w);
	} else if (!strcmp(word, "TO") || !strcmp(word, "NUMBER")) {
		offer_numbers(w);
	} else if (!strcmp(word, "CALLER")) {
		offer_phones(w);
		offer_trunks(w);
	} else if (!strcmp(word, "TAG")) {
		offer_dialpeers(w);
	} else if (!strcmp(word, "CALL")) {
		td_core_each_call(w->c->t->core, offer_call, w);
	} else if (!strcmp(word, "TOPIC")) {
		offer(w, "media");
		offer(w, "sccp");
		offer(w, "sip");
	}
}

int td_commands_complete(struct td_ctl_request *req, void *arg)
{
	const char *words[32];
	size_t n = arg_words(req, words, 32);
	struct candidates w = {
		.c = arg, .j = td_ctl_data(req), .typed = n ? words[n - 1] : "",
	};

	td_json_array(w.j, "data");
	td_ctl_complete(td_ctl_of(req), words, n, on_candidate, &w);
	td_json_end_array(w.j);
	return TD_CTL_OK;
}
