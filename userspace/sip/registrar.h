/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The registrar's rules (RFC 3261 10.3) over plain values: which contacts an
 * address of record has, until when, and what a REGISTER changes. Knows no message, no
 * socket, no clock and no database; sip_register.c feeds it and does what it decides.
 *
 * Bindings hang in their owner's list (a phone); one heap over all orders their ends.
 */
#ifndef TD_SIP_REGISTRAR_H
#define TD_SIP_REGISTRAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/base/addr.h"
#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/sip/sip_transport.h"

#define REG_URI_LEN	 256
#define REG_AOR_LEN	 64
#define REG_INSTANCE_LEN 80
#define REG_CALL_ID_LEN	 128
#define REG_MAX_CONTACTS 16		/* in one request */
#define REG_NO_EXPIRES	 UINT32_MAX

/** One contact of one address of record. */
struct sip_binding {
	struct td_list node;		/* in the owner's list, newest first */
	struct td_list at_peer;		/* in struct reg_peer.bindings */
	struct reg_peer *at;
	void *owner;
	size_t heap_index;		/* 1.. in the registrar's heap */
	uint64_t id;			/* names its row in the store */
	uint64_t expires_ms;		/* monotonic */
	uint64_t registered_ms;		/* Unix time of the first registration */
	uint64_t call_hash;		/* of the whole Call-ID; below it is cut for show */
	uint32_t cseq;
	enum sip_transport transport;
	struct td_addr peer, local;	/* where it came from, and to which address of ours */
	void *conn;			/* the owner's hold on the connection it came over */
	struct td_addr told;		/* the owner's: what it told others of the source */
	struct td_list unsent;		/* the owner's: the other router has to be told */
	char aor[REG_AOR_LEN];
	char uri[REG_URI_LEN];
	char instance[REG_INSTANCE_LEN];	/* "<urn:uuid:...>" or empty */
	char call_id[REG_CALL_ID_LEN];
};

/** A source that has bindings: "is this address registered?" */
struct reg_peer {
	struct td_map_node node;
	struct td_addr addr;
	struct td_list bindings;
	bool in_use;			/* by a request under way: stays when its last binding goes */
};

struct registrar {
	struct sip_binding **heap;	/* [1..n_heap], soonest end first */
	size_t n_heap, cap_heap;
	struct td_map peers;
	uint64_t last_id;
};

struct reg_limits {
	uint32_t min_s, max_s, default_s;
	uint32_t max_bindings;		/* per address of record */
};

struct reg_contact {
	char uri[REG_URI_LEN];
	char instance[REG_INSTANCE_LEN];
	uint32_t expires_s;		/* REG_NO_EXPIRES: the request's */
};

struct reg_request {
	char aor[REG_AOR_LEN];
	const char *call_id;
	uint32_t cseq;
	uint32_t expires_s;		/* header, REG_NO_EXPIRES = none */
	bool star;			/* Contact: * */
	enum sip_transport transport;
	struct td_addr peer, local;
	uint64_t now_ms, wall_ms;
	struct reg_contact contact[REG_MAX_CONTACTS];
	size_t n_contacts;
};

/** What happened to one binding, for the store and the log. */
enum reg_change { REG_ADDED, REG_REFRESHED, REG_REMOVED, REG_EXPIRED };

typedef void (*reg_change_fn)(void *arg, enum reg_change what, struct sip_binding *b);

struct reg_outcome {
	int status;			/* 200, 400, 403 (too many), 423, 500 (order), 503 */
	uint32_t min_expires_s;		/* with 423 */
	bool repeated;			/* same Call-ID and CSeq again: nothing was changed */
	unsigned int changes;
};

void td_registrar_init(struct registrar *r);
/** Frees what it owns; every owner's bindings must have been dropped. */
void td_registrar_fini(struct registrar *r);

/**
 * td_registrar_apply - the whole request or nothing of it (RFC 3261 10.3 step 7).
 * @bindings: the owner's list. @fn is told each change; a removed binding is freed after it.
 */
void td_registrar_apply(struct registrar *r, struct td_list *bindings, void *owner,
			const struct reg_request *rq, const struct reg_limits *lim,
			struct reg_outcome *out, reg_change_fn fn, void *arg);
/** A binding from the store; b's plain members are copied. NULL when out of memory. */
struct sip_binding *td_registrar_restore(struct registrar *r, struct td_list *bindings, void *owner,
					 const struct sip_binding *from);
/** Remove one binding. */
void td_registrar_remove(struct registrar *r, struct sip_binding *b, reg_change_fn fn, void *arg);
/** Remove all bindings of an owner. */
void td_registrar_drop(struct registrar *r, struct td_list *bindings, reg_change_fn fn, void *arg);
/** End what is due, telling fn; returns ms to the next end, -1 when there is none. */
int64_t td_registrar_expire(struct registrar *r, uint64_t now_ms, reg_change_fn fn, void *arg);
/** Any binding from this source (address and port), or NULL. */
struct sip_binding *td_registrar_by_peer(const struct registrar *r, const struct td_addr *peer);
/** Seconds left, rounded up. */
uint32_t td_registrar_left_s(const struct sip_binding *b, uint64_t now_ms);
/** Bindings of this address of record in the list. */
size_t td_registrar_count(const struct td_list *bindings, const char *aor);

#endif
