/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a request to the bytes of its answer: parse (json-c, strict, bounded in
 * depth, words and their length), find the command, check rights and the number of words,
 * run it. No socket here, so fuzzing and tests come in by td_ctl_serve().
 *
 * The only place of the daemon that reads JSON. Read next: ctl_command.c.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "userspace/base/log.h"
#include "userspace/ctl/ctl_priv.h"

#define MAX_DEPTH 4	/* object, array, string, and one to spare */

static json_object *parse(const char *text, size_t len)
{
	json_tokener *tok = json_tokener_new_ex(MAX_DEPTH);
	json_object *root;

	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tok, text, (int)len);
	/* "continue" is an unfinished value; bytes behind the value are no request either */
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    json_tokener_get_parse_end(tok) != len) {
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tok);
	return root;
}

/* The words point into root. Returns what is wrong, or NULL. */
static const char *take_words(struct td_ctl_request *req, json_object *root)
{
	json_object *v, *words;
	size_t i, n;

	if (!json_object_is_type(root, json_type_object))
		return "no request: not a JSON object";
	if (!json_object_object_get_ex(root, "v", &v) || !json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) != TD_CTL_VERSION)
		return "no request: daemon and client are of different versions";
	if (!json_object_object_get_ex(root, "words", &words) ||
	    !json_object_is_type(words, json_type_array))
		return "no request: no words";
	n = json_object_array_length(words);
	if (n > CTL_MAX_WORDS)
		return "too many words";
	for (i = 0; i < n; i++) {
		json_object *w = json_object_array_get_idx(words, i);
		const char *text;

		if (!json_object_is_type(w, json_type_string))
			return "no request: a word is no string";
		text = json_object_get_string(w);
		if (strlen(text) != (size_t)json_object_get_string_len(w))
			return "no request: a word holds a zero byte";
		if (strlen(text) >= CTL_MAX_WORD)
			return "a word is too long";
		req->words[i] = text;
	}
	req->n_words = n;
	return NULL;
}

static int run(struct td_ctl_request *req, struct ctl_match *m)
{
	const struct td_ctl_command *cmd;
	int rc = td_ctl_match(req->ctl, req->words, req->n_words, m, req->error,
			      sizeof(req->error));

	if (rc != TD_CTL_OK)
		return rc;
	cmd = m->command;
	req->n_own = m->n_own;
	if (!td_ctl_args_fit(cmd->args, td_ctl_argc(req)))
		return td_ctl_usage(req, "usage: %s%s%s", cmd->words, cmd->args ? " " : "",
				    cmd->args ? cmd->args : "");
	if (cmd->root_only && !req->is_root)
		return td_ctl_refuse(req, "'%s' is for root only", cmd->words);
	rc = cmd->run(req, m->arg);
	if (rc != TD_CTL_OK && !*req->error)
		snprintf(req->error, sizeof(req->error), "'%s' failed", cmd->words);
	return rc;
}

void td_ctl_write_error(struct td_json *out, int rc, const char *error)
{
	td_json_object(out, NULL);
	td_json_int(out, "v", TD_CTL_VERSION);
	td_json_int(out, "rc", rc);
	td_json_str(out, "error", error);
	td_json_end_object(out);
}

/* What run() has written is dropped: it may have stopped in the middle. */
static void restart_with_error(struct td_json *out, int rc, const char *error)
{
	td_json_fini(out);
	td_json_init(out);
	td_ctl_write_error(out, rc, error);
}

static void finish(struct td_ctl_request *req, const struct ctl_match *m, int rc)
{
	struct td_json *j = &req->answer;

	if (rc != TD_CTL_OK) {
		restart_with_error(j, rc, req->error);
		return;
	}
	td_json_int(j, "v", TD_CTL_VERSION);
	td_json_int(j, "rc", rc);
	td_json_str(j, "command", m->command->words);
	if (m->command->columns)
		td_json_str(j, "columns", m->command->columns);
	if (req->streaming)
		td_json_bool(j, "stream", true);
	td_json_end_object(j);
	if (j->err)
		restart_with_error(j, TD_CTL_REFUSED, "the daemon is out of memory");
	else if (j->len > TD_CTL_MAX_ANSWER)
		restart_with_error(j, TD_CTL_REFUSED, "the answer is too large, ask for less");
}

void td_ctl_serve(struct td_ctl *ctl, struct ctl_client *client, bool is_root, const char *text,
		  size_t len, struct td_json *out)
{
	struct td_ctl_request req = { .ctl = ctl, .client = client, .is_root = is_root };
	struct ctl_match m = { 0 };
	json_object *root = parse(text, len);
	const char *fault = "no request: not valid JSON";

	if (root)
		fault = take_words(&req, root);
	if (fault) {
		td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: %s", fault);
		td_ctl_write_error(out, TD_CTL_USAGE, fault);
	} else {
		req.answer = *out;
		td_json_object(&req.answer, NULL);
		finish(&req, &m, run(&req, &m));
		*out = req.answer;
	}
	json_object_put(root);
}

static bool only_looks(const struct td_ctl_command *cmd)
{
	static const char *const verbs[] = { "show", "route", "diagnose", "help" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		size_t len = strlen(verbs[i]);

		if (!strncmp(cmd->words, verbs[i], len) && (!cmd->words[len] || cmd->words[len] == ' '))
			return true;
	}
	return false;
}

int td_ctl_ask(struct td_ctl *ctl, bool show_only, const char *const *words, size_t n,
	       struct td_json *out, char *error, size_t error_len)
{
	struct td_ctl_request req = { .ctl = ctl, .n_words = n };
	struct ctl_match m = { 0 };
	int rc = TD_CTL_USAGE;

	if (n > CTL_MAX_WORDS) {
		snprintf(error, error_len, "too many words");
		return rc;
	}
	for (size_t i = 0; i < n; i++)
		req.words[i] = words[i];
	rc = td_ctl_match(ctl, words, n, &m, req.error, sizeof(req.error));
	if (rc == TD_CTL_OK && show_only && !only_looks(m.command))
		rc = td_ctl_refuse(&req, "'%s' is for users of level 15", m.command->words);
	if (rc == TD_CTL_OK) {
		req.answer = *out;
		rc = run(&req, &m);
		*out = req.answer;
	}
	if (rc != TD_CTL_OK)
		snprintf(error, error_len, "%s", req.error);
	return rc;
}

/* ---- what run() calls ---- */

size_t td_ctl_argc(const struct td_ctl_request *req)
{
	return req->n_words - req->n_own;
}

const char *td_ctl_arg(const struct td_ctl_request *req, size_t i)
{
	return i < td_ctl_argc(req) ? req->words[req->n_own + i] : NULL;
}

struct td_json *td_ctl_data(struct td_ctl_request *req)
{
	return &req->answer;
}

struct td_ctl *td_ctl_of(const struct td_ctl_request *req)
{
	return req->ctl;
}

bool td_ctl_is_root(const struct td_ctl_request *req)
{
	return req->is_root;
}

int td_ctl_refuse(struct td_ctl_request *req, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(req->error, sizeof(req->error), fmt, ap);
	va_end(ap);
	return TD_CTL_REFUSED;
}

int td_ctl_usage(struct td_ctl_request *req, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(req->error, sizeof(req->error), fmt, ap);
	va_end(ap);
	return TD_CTL_USAGE;
}

struct td_ctl_stream *td_ctl_stream(struct td_ctl_request *req, void (*closed)(void *arg),
				    void *arg)
{
	struct td_ctl_stream *s;

	if (!req->client)
		return NULL;
	s = td_ctl_client_stream(req->client, closed, arg);
	req->streaming = s;
	return s;
}
