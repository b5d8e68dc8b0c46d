/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: what the server's thread asks the signalling loop. Who asks the same meanwhile
 * waits for the same answer, and one that is a second old serves, too: a hundred browsers cost
 * what one does.
 */
#ifndef TD_MANAGE_QUESTION_H
#define TD_MANAGE_QUESTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "userspace/base/list.h"
#include "userspace/base/ring.h"
#include "userspace/manage/manage.h"

/** What the loop said; shared by all who waited. */
struct td_answer {
	unsigned int refs;
	struct td_json json;
	int err;
};

/** A connection that waits; the caller's memory. */
struct td_waiter {
	struct td_list node;		/* of a question's waiters */
	struct MHD_Connection *c;
	struct td_answer *answer;
	bool sleeps;			/* the connection is suspended */
};

struct td_questions {
	const struct td_manage_args *args;
	struct td_ring asked, answered;	/* struct question * */
	struct td_loop *loop;		/* the server's thread's; NULL: not watched yet */
	struct td_list open;
	struct td_answer *status;	/* the latest, for a second */
	uint64_t status_ms;
};

/** most: questions at a time; args->loop is the signalling loop. td_questions_fini() in any case. */
int td_questions_init(struct td_questions *qs, const struct td_manage_args *args, size_t most);
/** From now on loop hears answers, and args->loop questions. */
int td_questions_watch(struct td_questions *qs, struct td_loop *loop);
/** The waiter has its answer now, or its connection sleeps until it has one. -ENOMEM. */
int td_question_ask(struct td_questions *qs, struct td_waiter *w, enum td_manage_ask what,
		    const char *name);
/** Its connection goes on, if it sleeps. */
void td_waiter_wake(struct td_waiter *w);
/** NULL is fine. */
void td_answer_unref(struct td_answer *a);
/** Who waits is told -ECANCELED. When the server's thread has ended. */
void td_questions_end(struct td_questions *qs);
void td_questions_fini(struct td_questions *qs);

#endif
