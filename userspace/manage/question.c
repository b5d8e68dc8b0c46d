/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions of the server's thread to the signalling loop. Two rings join them: on the loop the
 * answer is written, in the server's thread it is given to all who wait. MHD's connections are
 * suspended meanwhile.
 */
#include "userspace/manage/question.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"

static const struct td_timerdef fresh_def = {
	"manage-fresh", 1000, "how old an answer may be that others get, too"
};

struct question {
	struct td_list node;		/* of td_questions.open; the server's */
	enum td_manage_ask what;
	char name[CFG_ID_LEN];
	struct td_answer *answer;	/* the loop's until it comes back */
	struct td_list waiters;		/* the server's */
};

void td_answer_unref(struct td_answer *a)
{
	if (!a || --a->refs)
		return;
	td_json_fini(&a->json);
	td_free(a);
}

static struct td_answer *ref(struct td_answer *a)
{
	a->refs++;
	return a;
}

static struct question *find_question(struct td_questions *qs, enum td_manage_ask what,
				      const char *name)
{
	struct question *q;

	td_list_for_each(q, &qs->open, struct question, node)
		if (q->what == what && !strcmp(q->name, name))
			return q;
	return NULL;
}

static struct question *new_question(struct td_questions *qs, enum td_manage_ask what,
				     const char *name)
{
	struct question *q = td_zalloc(sizeof(*q));

	if (!q)
		return NULL;
	q->answer = td_zalloc(sizeof(*q->answer));
	if (!q->answer) {
		td_free(q);
		return NULL;
	}
	q->answer->refs = 1;
	td_json_init(&q->answer->json);
	q->what = what;
	td_strlcpy(q->name, name, sizeof(q->name));
	td_list_init(&q->waiters);
	td_list_append(&qs->open, &q->node);
	/* never full: there are no more questions than connections */
	td_ring_push(&qs->asked, &q);
	return q;
}

int td_question_ask(struct td_questions *qs, struct td_waiter *w, enum td_manage_ask what,
		    const char *name)
{
	struct question *q;

	if (what == TD_ASK_STATUS && qs->status &&
	    td_loop_now_ms(qs->loop) - qs->status_ms < fresh_def.ms) {
		w->answer = ref(qs->status);
		return 0;
	}
	q = find_question(qs, what, name);
	if (!q)
		q = new_question(qs, what, name);
	if (!q)
		return -ENOMEM;
	td_list_append(&q->waiters, &w->node);
	if (!w->sleeps)
		MHD_suspend_connection(w->c);
	w->sleeps = true;
	return 0;
}

void td_waiter_wake(struct td_waiter *w)
{
	if (!w->sleeps)
		return;
	w->sleeps = false;
	MHD_resume_connection(w->c);
}

static void settle(struct td_questions *qs, struct question *q)
{
	struct td_waiter *w, *tmp;

	if (q->what == TD_ASK_STATUS) {
		td_answer_unref(qs->status);
		qs->status = ref(q->answer);
		qs->status_ms = td_loop_now_ms(qs->loop);
	}
	td_list_for_each_safe(w, tmp, &q->waiters, struct td_waiter, node) {
		td_list_del(&w->node);
		w->answer = ref(q->answer);
		td_waiter_wake(w);
	}
	td_list_del(&q->node);
	td_answer_unref(q->answer);
	td_free(q);
}

static void on_answered(void *arg, int fd, unsigned int events)
{
	struct td_questions *qs = arg;
	struct question *q;

	(void)fd;
	(void)events;
	td_ring_clear_wake(&qs->answered);
	while (td_ring_pop(&qs->answered, &q))
		settle(qs, q);
}

/* On the signalling loop. */
static void on_asked(void *arg, int fd, unsigned int events)
{
	struct td_questions *qs = arg;
	struct question *q;

	(void)fd;
	(void)events;
	td_ring_clear_wake(&qs->asked);
	while (td_ring_pop(&qs->asked, &q)) {
		struct td_answer *a = q->answer;

		a->err = qs->args->answer(qs->args->arg, q->what, q->name, &a->json);
		if (!a->err)
			a->err = a->json.err;
		td_ring_push(&qs->answered, &q);
	}
}

int td_questions_init(struct td_questions *qs, const struct td_manage_args *args, size_t most)
{
	int err;

	qs->args = args;
	qs->asked.event_fd = qs->answered.event_fd = -1;
	td_list_init(&qs->open);
	err = td_ring_init(&qs->asked, most, sizeof(struct question *));
	return err ? err : td_ring_init(&qs->answered, most, sizeof(struct question *));
}

int td_questions_watch(struct td_questions *qs, struct td_loop *loop)
{
	int err;

	qs->loop = loop;
	err = td_loop_watch(loop, qs->answered.event_fd, TD_READ, on_answered, qs);
	return err ? err :
	       td_loop_watch(qs->args->loop, qs->asked.event_fd, TD_READ, on_asked, qs);
}

void td_questions_end(struct td_questions *qs)
{
	struct question *q, *tmp;

	if (!qs->loop)
		return;
	td_loop_unwatch(qs->args->loop, qs->asked.event_fd);
	td_list_for_each_safe(q, tmp, &qs->open, struct question, node) {
		q->answer->err = -ECANCELED;
		settle(qs, q);
	}
	td_answer_unref(qs->status);
	qs->status = NULL;
}

void td_questions_fini(struct td_questions *qs)
{
	td_ring_fini(&qs->asked);
	td_ring_fini(&qs->answered);
}
