/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: frames between two routers, each with its number in the stream and a
 * proof (HMAC-SHA256) that only who has the key can make. See docs/redundancy.md.
 */
#ifndef TD_CLUSTER_FRAME_H
#define TD_CLUSTER_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define CLUSTER_KEY	  32
#define CLUSTER_NONCE	  32
#define CLUSTER_BODY_MAX  8192
#define CLUSTER_HEAD	  13		/* length of what follows it (4), type (1), number (8) */
#define CLUSTER_FRAME_MAX (CLUSTER_HEAD + CLUSTER_BODY_MAX + CLUSTER_KEY)

enum cluster_type {
	/* before both know each other: key of the secret alone */
	CLUSTER_HELLO = 1,		/* who has calls: its nonce */
	CLUSTER_ANSWER,			/* who wants copies: that nonce, its own */
	/* with the keys of this connection */
	CLUSTER_WELCOME,		/* who has calls: I believe you */
	CLUSTER_CALL,			/* place (4), record */
	CLUSTER_GONE,			/* place (4): no call there */
	CLUSTER_WHOLE,			/* what was not sent until now is not there */
	CLUSTER_BEAT,			/* both: alive; with the number (8) of the last frame done */
	CLUSTER_TAKEN,			/* who had copies: place (4), id (4), created (8): it is mine */
	CLUSTER_THING,			/* who has calls: id (8), record: it is registered */
	CLUSTER_NO_THING,		/* id (8): not any more */
	CLUSTER_THINGS_ANEW,		/* all of them follow */
	CLUSTER_THINGS_WHOLE,		/* as CLUSTER_WHOLE */
	CLUSTER_TYPES
};

struct cluster_frame {
	uint8_t type;			/* enum cluster_type */
	uint64_t number;
	const uint8_t *body;
	size_t len;
};

/** Write f; returns its bytes, 0 when it does not fit. */
size_t cluster_frame_write(uint8_t *dst, size_t room, const uint8_t key[CLUSTER_KEY],
			   const struct cluster_frame *f);
/** Read the frame at the beginning of p, which must have that number; its body is decrypted in
 * place, so once. Returns its bytes; 0: more are needed; -EBADMSG: none of ours; -EKEYREJECTED: made
 * with another key, or changed; -EILSEQ: genuine, and not the next one. */
int cluster_frame_read(struct cluster_frame *f, const uint8_t key[CLUSTER_KEY], uint64_t number,
		       uint8_t *p, size_t len);

/** The key of the secret alone. */
void cluster_key_of_secret(uint8_t key[CLUSTER_KEY], const char *secret);
/** Of one connection and one direction of it; nonces: of who has calls, of who wants copies. */
void cluster_key_of_stream(uint8_t key[CLUSTER_KEY], const uint8_t secret_key[CLUSTER_KEY],
			   const char *direction, const uint8_t has[CLUSTER_NONCE],
			   const uint8_t wants[CLUSTER_NONCE]);

#endif
