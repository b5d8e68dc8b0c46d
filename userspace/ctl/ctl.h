/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: a unix socket, and tables of commands that other rooms hand in. The
 * room knows none of them. Peer credentials are checked: root and the socket's group.
 * Never blocks: slow readers are buffered to a limit and then cut off.
 */
#ifndef TD_CTL_CTL_H
#define TD_CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/ctl/ctl_proto.h"

struct td_ctl;
struct td_ctl_request;
struct td_ctl_stream;

struct td_ctl_command {
	const char *words;		/* "show calls"; the longest match wins */
	const char *alias;		/* CME's words, several parted by '|'; NULL = none */
	/* "PHONE", "TOPIC [off]": capitals are placeholders, [] optional, ... any number. The
	 * room refuses too few and too many; NULL = none. */
	const char *args;
	const char *help;
	const char *columns;		/* table: "id,state,from.number=from,..."; NULL = plain */
	bool root_only;
	/* Fill td_ctl_data(), or refuse, or start a stream; returns TD_CTL_*. */
	int (*run)(struct td_ctl_request *req, void *arg);
};

/**
 * td_ctl_open - listen on path (a stale socket there is replaced).
 * group: who beside root may ask; NULL or unknown = nobody else (but the daemon's own user).
 * -EADDRINUSE when another daemon answers there, -ENAMETOOLONG, -EACCES ...
 */
int td_ctl_open(struct td_ctl **out, struct td_loop *loop, const char *path, const char *group);
/** Streams end first: each closed() runs before this returns. NULL is fine. */
void td_ctl_close(struct td_ctl *ctl);
/** The table must stay; arg is given to run(). */
int td_ctl_add(struct td_ctl *ctl, const struct td_ctl_command *commands, size_t n, void *arg);

/** fn(arg) is called at the end of td_ctl_close(), for the owner of the tables to clean up. */
void td_ctl_set_release(struct td_ctl *ctl, void (*fn)(void *arg), void *arg);

/** Words after the command's own. */
size_t td_ctl_argc(const struct td_ctl_request *req);
const char *td_ctl_arg(const struct td_ctl_request *req, size_t i);	/* NULL past the end */
/** Write the answer's "data" value here, with key "data". */
struct td_json *td_ctl_data(struct td_ctl_request *req);
/** Refusal text; returns TD_CTL_REFUSED so that run() can return it. */
int td_ctl_refuse(struct td_ctl_request *req, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int td_ctl_usage(struct td_ctl_request *req, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct td_ctl *td_ctl_of(const struct td_ctl_request *req);
/** Does root ask? For commands that show more to root than to the group. */
bool td_ctl_is_root(const struct td_ctl_request *req);

/**
 * td_ctl_ask - run a command of the tables for somebody inside: never as root, and no streams.
 * @show_only: only those that look: show, route, diagnose, help
 * Members "data" and "columns" of the open object in out; TD_CTL_* and, if not TD_CTL_OK, error.
 */
int td_ctl_ask(struct td_ctl *ctl, bool show_only, const char *const *words, size_t n,
	       struct td_json *out, char *error, size_t error_len);

/** Array of {words, alias, args, help, root_only} of the commands below the given words ("show");
 * n = 0: all. Returns how many. */
size_t td_ctl_show_commands(const struct td_ctl *ctl, struct td_json *j, const char *key,
			    const char *const *words, size_t n);
/** Call fn for every word that may stand at the end; the last of words is what was typed of it
 * (perhaps empty). placeholder: word is "PHONE" or alike, for the caller to fill in. */
void td_ctl_complete(const struct td_ctl *ctl, const char *const *words, size_t n,
		     void (*fn)(void *arg, const char *word, bool placeholder), void *arg);

/** Keep the connection for lines to come; NULL when out of memory. closed(arg) is called once, from
 * the loop, when the client has gone or fell too far behind; after it the stream is no more. */
struct td_ctl_stream *td_ctl_stream(struct td_ctl_request *req, void (*closed)(void *arg),
				    void *arg);
void td_ctl_stream_line(struct td_ctl_stream *s, const char *line);
/** json: one complete JSON value. */
void td_ctl_stream_data(struct td_ctl_stream *s, const char *json);
/** Bytes the client has still to read; a sender of snapshots may skip one. */
size_t td_ctl_stream_backlog(const struct td_ctl_stream *s);
/** Send what is queued, then close. closed() is not called; s is gone. */
void td_ctl_stream_end(struct td_ctl_stream *s);

#endif
