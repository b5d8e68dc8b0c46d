/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the command line tool. It knows the control treaty, and the configuration
 * for "tandem check"; what commands exist it learns from the daemon.
 */
#ifndef TD_TANDEM_CLI_H
#define TD_TANDEM_CLI_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "userspace/ctl/ctl_proto.h"

struct cli_options {
	const char *instance, *run_dir;	/* NULL: not given */
	char path[108];			/* the control socket */
	bool json;
	double watch_s;			/* 0 = once */
	const char **words;
	size_t n_words;
};

/* ---- client.c: the conversation ---- */

/** A connected descriptor, or negative errno. */
int td_cli_connect(const char *path);
/** 0 or negative errno. */
int td_cli_send(int fd, const char *const *words, size_t n);
/** One message: 1 and *out (json_object_put it), 0 when the daemon closed, negative errno;
 * -EBADMSG for what is no message. Blocks; -EINTR when a signal came before any byte. */
int td_cli_receive(int fd, json_object **out);
/** Connect, ask, hear one answer, and leave fd open for a stream. Says on stderr what failed.
 * Returns the exit code; *out is set when it is 0, or when the daemon refused. */
int td_cli_ask(const char *path, const char *const *words, size_t n, int *fd, json_object **out);
/** rc of an answer; TD_CTL_REFUSED when it has none. */
int td_cli_rc(json_object *answer);
/** Member's text or NULL. */
const char *td_cli_text(json_object *o, const char *key);

/** What the daemon refused, for people and (--json) for programs. */
void td_cli_print_error(const struct cli_options *opt, json_object *answer);

/* ---- table.c: JSON to text ---- */

struct cli_layout {
	const char *columns;		/* of the answer; NULL = plain */
	const char *command;		/* "show calls": its last word names what is missing */
	size_t width;			/* of the terminal, 0 = as wide as it gets */
	bool ascii;			/* the terminal shows no UTF-8 */
	long long now_ms;		/* Unix time, for times of day */
};

/** Print data as a table, as "key: value" lines or as text. */
void td_cli_print(FILE *out, json_object *data, const struct cli_layout *layout);
/** Text of one value as a human likes it; key tells its unit. */
void td_cli_human(char *dst, size_t size, const char *key, json_object *value, long long now_ms);
/** Bytes that a terminal would obey become '?'; newline and tab stay. */
void td_cli_print_safe(FILE *out, const char *text);

/* ---- watch.c: what does not end by itself ---- */

/** Ask again and again. Returns the exit code. */
int td_cli_watch(const struct cli_options *opt);
/** Show what the daemon sends on fd after this answer. Returns the exit code. */
int td_cli_stream(const struct cli_options *opt, int fd, json_object *answer);
/** Layout for stdout as it is now, for this answer. */
struct cli_layout td_cli_layout(json_object *answer);

/** Let SIGINT, SIGTERM and SIGHUP end what waits, from now on. */
void td_cli_catch_signals(void);
bool td_cli_is_stopped(void);
/** Until fd (-1: none) is readable, seconds (< 0: for ever) have passed or a signal came. True:
 * readable. */
bool td_cli_wait(int fd, double seconds);
/** The daemon closed on us: because the stream was ended there, or because it is gone. Says it;
 * returns the exit code. */
int td_cli_ended_by_daemon(const struct cli_options *opt);

/* ---- capture.c ---- */

/** Copies of packets, to a file or the terminal. Returns the exit code. */
int td_cli_capture(const struct cli_options *opt);
/** "import ios FILE [-o OUT]": no daemon needed. */
int td_cli_import(const struct cli_options *opt);
/** "export uci|csv [FILE]" */
int td_cli_export(const struct cli_options *opt);

/* ---- detach.c ---- */

/** Take off what an ended daemon has left. Returns the exit code, when it returns. */
int td_cli_detach(const struct cli_options *opt);

/* ---- complete.c: help and completion ---- */

int td_cli_help(const struct cli_options *opt);
int td_cli_complete(const struct cli_options *opt);
void td_cli_usage(FILE *out);

#endif
