/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the control room, shared by its files: the server owns clients, a client
 * owns its connection and perhaps a stream, a request lives for one run() only.
 */
#ifndef TD_CTL_PRIV_H
#define TD_CTL_PRIV_H

#include <sys/types.h>
#include "userspace/base/list.h"
#include "userspace/base/timerdef.h"
#include "userspace/ctl/ctl.h"

#define CTL_MAX_CLIENTS	64
#define CTL_MAX_WORDS	32
#define CTL_MAX_WORD	256
#define CTL_MAX_TABLES	8
#define CTL_MAX_BACKLOG	(1024 * 1024)	/* of a stream, before its reader is cut off */

/** Indexes of td_ctl_timers. */
enum { CTL_T_IDLE, CTL_T_STALL, CTL_T_ACCEPT };
extern const struct td_timerdef td_ctl_timers[];

struct ctl_table {
	const struct td_ctl_command *commands;
	size_t n;
	void *arg;
};

struct td_ctl {
	struct td_loop *loop;
	int fd;
	char *path;
	bool has_group;
	gid_t group;
	struct ctl_table tables[CTL_MAX_TABLES];
	size_t n_tables;
	struct td_list clients;
	size_t n_clients;
	struct td_timer accept_again;
	void (*release)(void *arg);
	void *release_arg;
};

struct ctl_client;

struct td_ctl_request {
	struct td_ctl *ctl;
	struct ctl_client *client;	/* NULL: asked without a connection (tests, fuzzing) */
	bool is_root;
	const char *words[CTL_MAX_WORDS];
	size_t n_words, n_own;		/* n_own: words that name the command */
	struct td_json answer;
	bool streaming;
	char error[2048];
};

/* ---- ctl_command.c: which command is meant ---- */

struct ctl_match {
	const struct td_ctl_command *command;
	void *arg;
	size_t n_own;
};

/** TD_CTL_OK and *out, or TD_CTL_USAGE with words for the operator in error. */
int td_ctl_match(const struct td_ctl *ctl, const char *const *words, size_t n,
		 struct ctl_match *out, char *error, size_t error_len);
/** True when the command takes that many words of its own. */
bool td_ctl_args_fit(const char *args, size_t n);

/* ---- ctl_request.c: from bytes to an answer ---- */

/** Run one request (len bytes of JSON) and write the whole answer into out (initialised). */
void td_ctl_serve(struct td_ctl *ctl, struct ctl_client *client, bool is_root, const char *text,
		  size_t len, struct td_json *out);
/** A refusal as an answer. */
void td_ctl_write_error(struct td_json *out, int rc, const char *error);

/* ---- ctl_client.c: one connection ---- */

/** Takes fd over, also when it fails. */
int td_ctl_client_new(struct td_ctl *ctl, int fd, bool is_root);
void td_ctl_client_free(struct ctl_client *c);
struct td_ctl_stream *td_ctl_client_stream(struct ctl_client *c, void (*closed)(void *arg),
					   void *arg);
struct ctl_client *td_ctl_first_client(struct td_ctl *ctl);

/* ---- ctl_server.c ---- */

/** May somebody with these credentials ask? Pure. */
bool td_ctl_may_ask(uid_t own, bool has_group, gid_t group, uid_t uid, gid_t gid,
		    const gid_t *groups, size_t n_groups);

#endif
