/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside userspace/cluster: the documents of the XML interface, its server and its client. */
#ifndef TD_CLUSTER_SYNC_PRIV_H
#define TD_CLUSTER_SYNC_PRIV_H

#include "userspace/base/map.h"
#include "userspace/base/str.h"
#include "userspace/base/xml.h"
#include "userspace/cluster/cluster_pair.h"
#include "userspace/cluster/sync.h"

#define SYNC_PATH	"/ios_xml_app/cme"	/* as CME's */
#define SYNC_FILES	64			/* told of in one document */
#define SYNC_COMMANDS	16
#define SYNC_COMMAND	256
#define SYNC_TYPE	32
#define SYNC_LEVEL_SHOW	1
#define SYNC_LEVEL_ALL	15

/* ---- sync_xml.c: PURE: documents ---- */

/** What a router says of itself. */
struct sync_versions {
	uint64_t config;
	struct {
		char type[SYNC_TYPE];
		uint64_t stamp;
	} parts[CFG_MAX_PARTS];
	size_t n_parts;
	/* A request: files from the from-th on. An answer: what is held of them. */
	bool has_files, last;
	uint32_t from;
	uint64_t held;			/* hash, see sync_hash() */
	struct {
		char name[TD_SYNC_TEXT], version[TD_SYNC_TEXT];
	} files[SYNC_FILES];
	size_t n_files;
};

enum sync_ask { SYNC_RUN, SYNC_VERSIONS };

struct sync_request {
	enum sync_ask what;
	bool soap;			/* it came in an envelope, and the answer goes in one */
	char command[SYNC_COMMANDS][SYNC_COMMAND];
	size_t n_commands;
	struct sync_versions versions;
};

/** 0, or -EBADMSG and *why. */
int sync_read_request(struct sync_request *req, struct td_str text, const char **why);
/** The same of an answer to SYNC_VERSIONS. */
int sync_read_answer(struct sync_versions *v, struct td_str text, const char **why);
/** A request to tell v. td_zalloc()'ed; NULL: out of memory. */
char *sync_write_request(const struct sync_versions *v, size_t *len);
char *sync_write_versions(const struct sync_request *req, const struct sync_versions *v,
			  size_t *len);
/** failed: number of the command that failed, from 1; 0: none did, and outputs are theirs. */
char *sync_write_ran(const struct sync_request *req, size_t failed, const char *error,
		     char *const *outputs, size_t n, size_t *len);
char *sync_write_error(const char *error, size_t *len);
/** Sum of these over all files is what is compared; in any order. */
uint64_t sync_hash(const char *name, const char *version);

/** An HTTP answer that has come as a whole, until the connection's end. */
struct sync_http {
	unsigned int status;
	struct td_str body;
};
int sync_read_http(struct sync_http *h, struct td_str text);	/* 0 or -EBADMSG */

/* ---- sync_server.c ---- */

struct sync_server;

struct sync_server_stats {
	uint64_t requests, wrong_passwords, refused, busy;
};

/** Listen at an address; -EADDRINUSE, -EADDRNOTAVAIL ... */
int sync_server_start(struct sync_server **out, struct td_sync *s, const struct td_addr *at);
void sync_server_stop(struct sync_server *sv);	/* NULL is fine */

/* ---- sync_client.c ---- */

struct sync_client {
	struct td_sync *s;
	int fd;				/* -1: nothing is under way */
	char *out, *in;			/* td_zalloc()'ed */
	size_t out_len, out_pos, in_len;
	struct td_timer patience;
	/* err 0: answered; text lives until this returns */
	void (*done)(struct td_sync *s, int err, const struct sync_http *h);
};

void sync_client_init(struct sync_client *c, struct td_sync *s,
		      void (*done)(struct td_sync *s, int err, const struct sync_http *h));
/** Sends body (taken over, td_zalloc()'ed) to other from own; done() follows. */
void sync_client_post(struct sync_client *c, const struct td_addr *own, const struct td_addr *other,
		      char *body, size_t len);
void sync_client_stop(struct sync_client *c);

/* ---- sync.c ---- */

enum sync_state { SYNC_OFF, SYNC_WAITS, SYNC_TELLS, SYNC_AGREED, SYNC_FAILED };

struct td_sync {
	struct td_sync_args args;
	const struct td_config *config;
	enum pair_role role;		/* and has an account for it */
	struct td_addr own, other;
	struct sync_server *server;
	struct sync_server_stats n;
	struct td_timer serve_again;
	struct td_deferred reopen;
	/* the primary's */
	struct sync_client client;
	enum sync_state state;
	struct td_timer again;
	bool made;			/* files are there */
	bool all;			/* all are being told */
	size_t next, sent;		/* place of the next file; files told of so far */
	uint64_t sum, told;		/* hash so far; of the last time that all were told ... */
	bool knows;			/* ... which the secondary has had since */
	bool last;			/* what is under way tells the last ones */
	/* the secondary's */
	struct td_map versions;		/* struct known.node, by name: the primary's */
	struct td_map coming;		/* what is being told */
	uint64_t held;			/* hash of versions */
	/* both: what the other router said of itself last */
	struct sync_versions theirs;
	bool has_theirs;
	uint64_t theirs_ms;		/* wall clock */
	char error[128];
	struct sync_request request;	/* that is being answered: too large for a stack */
};

/** Answer it; status for HTTP in *status. td_zalloc()'ed; NULL: out of memory. */
char *sync_answer(struct td_sync *s, struct td_str text, unsigned int *status, size_t *len);

#endif
