/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A face of the room: what happened to each phone lately, from whatever room heard of it, so that
 * somebody can say which step of its way up failed last. Of each kind of event the last one is
 * kept, with how often it came in a row: bounded by the number of phones, and each note costs a
 * look-up or two. On the loop's thread only.
 */
#ifndef TD_PHONES_JOURNAL_H
#define TD_PHONES_JOURNAL_H

#include <stdint.h>
#include "config/model.h"
#include "userspace/base/addr.h"
#include "userspace/base/json.h"

enum td_seen {
	TD_SEEN_FILE,			/* its own file was sent to it */
	TD_SEEN_FILE_BROKEN,		/* it was begun, then the phone was not heard any more */
	TD_SEEN_FILE_FOREIGN,		/* its file was asked for by a host that it is not */
	TD_SEEN_FILE_OTHER,		/* it asks for a file that phones of its type do not have */
	TD_SEEN_SHARED,			/* it got a file that is for all */
	TD_SEEN_LOAD_MISSING,		/* firmware that is not there */
	TD_SEEN_LOCALE_MISSING,		/* a file of its language that is not there */
	TD_SEEN_CHALLENGED,		/* it was asked for its password */
	TD_SEEN_PASSWORD,		/* which was wrong */
	TD_SEEN_REFUSED,		/* its registration; the text is the reason */
	TD_SEEN_REGISTERED,
	TD_SEEN_GONE,			/* not registered any more */
	TD_SEEN_NO_CODEC,		/* a call found no codec; the text is the other party */
	TD_SEEN_CALL,			/* a call with sound */
	TD_SEEN_KINDS
};

struct td_seen_event {
	uint64_t seq;			/* order of all events; 0: none of this kind */
	uint64_t unix_ms;
	uint32_t count;			/* in a row */
	struct td_addr host;		/* may be unset */
	char text[64];
};

struct td_journal;
struct td_phone_log;

/** 0 or -ENOMEM. */
int td_journal_open(struct td_journal **out);
/** NULL is fine. */
void td_journal_close(struct td_journal *j);
/** The phones there are; what is known of those that stay is kept. 0 or -ENOMEM. */
int td_journal_configure(struct td_journal *j, const struct td_config *config);

/** By its id, its MAC, or the address that it was last seen at. NULL: no phone. */
struct td_phone_log *td_journal_by_id(const struct td_journal *j, const char *id);
struct td_phone_log *td_journal_by_mac(const struct td_journal *j, const uint8_t mac[6]);
struct td_phone_log *td_journal_by_host(const struct td_journal *j, const struct td_addr *host);

/** log NULL: nothing. host NULL or unset: not known. is_there: from now on it is at that address. */
void td_journal_note(struct td_journal *j, struct td_phone_log *log, enum td_seen what,
		     const struct td_addr *host, bool is_there, const char *text);
/** It is so no more: forget the last one when it said this (text NULL: whatever it said). */
void td_journal_clear(struct td_phone_log *log, enum td_seen what, const char *text);
/** The last one; seq 0: none. */
const struct td_seen_event *td_journal_last(const struct td_phone_log *log, enum td_seen what);
const char *td_journal_id(const struct td_phone_log *log);
/** Where it was seen; unset: nowhere. */
const struct td_addr *td_journal_host(const struct td_phone_log *log);

/** A host calls itself by a MAC that no phone has. A few are remembered. */
void td_journal_stranger(struct td_journal *j, const uint8_t mac[6], const struct td_addr *host);

struct td_stranger {
	uint64_t unix_ms;
	uint8_t mac[6];
	struct td_addr host;
};
/** The i-th of the latest strangers, the newest first; NULL: no more. */
const struct td_stranger *td_journal_stranger_at(const struct td_journal *j, unsigned int i);

/** Array of {phone, what, at_ms, host, text} of all phones, the newest first: the last few. */
void td_journal_show_latest(const struct td_journal *j, struct td_json *out, const char *key);
/** Array of {what, at_ms, count, host, text}, the oldest first. */
void td_journal_show(const struct td_phone_log *log, struct td_json *j, const char *key);

#endif
