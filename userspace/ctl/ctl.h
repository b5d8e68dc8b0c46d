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
	const char *alias;		/* CME's words, "show call active voice brief"; NULL = none */
	const char *args;		/* "PHONE", "[from X]"; NULL = none */
	const char *help;
	const char *columns;		/* table: "id,state,from.number=from,..."; NULL = plain */
	bool root_only;
	/* Fill td_ctl_data(), or refuse, or start a stream; returns TD_CTL_*. */
	int (*run)(struct td_ctl_request *req, void *arg);
};

int td_ctl_open(struct td_ctl **out, struct td_loop *loop, const char *path, const char *group);
void td_ctl_close(struct td_ctl *ctl);
/** The table must stay; arg is given to run(). */
int td_ctl_add(struct td_ctl *ctl, const struct td_ctl_command *commands, size_t n, void *arg);

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

/** Keep the connection for lines to come. closed(arg) is called once when the client has gone or
 * fell too far behind; after it the stream is no more. */
struct td_ctl_stream *td_ctl_stream(struct td_ctl_request *req, void (*closed)(void *arg), void *arg);
void td_ctl_stream_line(struct td_ctl_stream *s, const char *line);
/** json: one complete JSON value. */
void td_ctl_stream_data(struct td_ctl_stream *s, const char *json);
void td_ctl_stream_end(struct td_ctl_stream *s);

#endif
