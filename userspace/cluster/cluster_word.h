/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: what a router says of itself by way of Redis, as a stored value or as a
 * message. Redis is not trusted with it: it is encrypted and proven with a key of the secret. See
 * docs/redundancy.md.
 */
#ifndef TD_CLUSTER_WORD_H
#define TD_CLUSTER_WORD_H

#include <stddef.h>
#include <stdint.h>
#include "config/model.h"
#include "userspace/cluster/cluster_frame.h"

#define CLUSTER_RECORD_MAX 8192
#define CLUSTER_WORD_MAX   (CLUSTER_RECORD_MAX + CFG_TEXT_LEN + 64)

enum cluster_kind {
	WORD_CALL = 1,			/* id: its place; no record: no call there */
	WORD_THING,			/* id: of the registration; no record: not any more */
	WORD_TAKEN,			/* id: the place of the call; record: its id (4), created (8) */
	WORD_ANEW,			/* all that I have follows */
	WORD_WHOLE,			/* what was not told since then is not there */
	WORD_KINDS
};

struct cluster_word {
	uint8_t kind;			/* enum cluster_kind */
	uint64_t id;
	uint64_t told_s;		/* Unix time */
	char router[CFG_TEXT_LEN];	/* whose it is: of "taken", who had the call */
	const uint8_t *record;
	size_t len;
};

/** The key of all words, of the key of the secret. */
void cluster_key_of_words(uint8_t key[CLUSTER_KEY], const uint8_t secret_key[CLUSTER_KEY]);
/** Returns its bytes; 0 when it does not fit, or there is no randomness. */
size_t cluster_word_write(uint8_t *dst, size_t room, const uint8_t key[CLUSTER_KEY],
			  const struct cluster_word *w);
/** The record is decrypted into text, of CLUSTER_RECORD_MAX bytes. -EBADMSG: no word; -EKEYREJECTED:
 * made with another key, or changed. */
int cluster_word_read(struct cluster_word *w, const uint8_t key[CLUSTER_KEY], uint8_t *text,
		      const void *data, size_t len);

#endif
