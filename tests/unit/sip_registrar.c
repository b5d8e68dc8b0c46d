/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registrar's rules (RFC 3261 10.3): what one REGISTER changes, all of it or nothing;
 * in which order bindings end; what is known about a source. After every request the lists,
 * the heap and the sources must agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/registrar.h"

#define ME "<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"

struct office {
	struct registrar r;
	struct td_list bindings;
	struct reg_limits lim;
	struct reg_request rq;
	struct reg_outcome out;
	char log[4096];			/* "+uri", "~uri", "-uri", "!uri" per change */
	long live;
};

static const char marks[] = { '+', '~', '-', '!' };

static void on_change(void *arg, enum reg_change what, struct sip_binding *b)
{
	struct office *o = arg;
	size_t n = strlen(o->log);

	assert_ptr_equal(b->owner, o);
	snprintf(o->log + n, sizeof(o->log) - n, "%s%c%s", n ? " " : "", marks[what], b->uri);
}

static void open_office(struct office *o)
{
	memset(o, 0, sizeof(*o));
	o->live = td_mem_live();
	td_registrar_init(&o->r);
	td_list_init(&o->bindings);
	o->lim = (struct reg_limits){ 60, 3600, 600, 3 };
	o->rq.now_ms = 1000000;
	o->rq.wall_ms = 1700000000000;
	td_strlcpy(o->rq.aor, "1001", sizeof(o->rq.aor));
	o->rq.call_id = "call-1@phone";
	o->rq.cseq = 1;
	o->rq.expires_s = REG_NO_EXPIRES;
	assert_int_equal(td_addr_parse(&o->rq.peer, "10.0.0.5:5060"), 0);
	assert_int_equal(td_addr_parse(&o->rq.local, "10.0.0.1:5060"), 0);
}

static void close_office(struct office *o)
{
	td_registrar_drop(&o->r, &o->bindings, NULL, NULL);
	assert_int_equal(o->r.n_heap, 0);
	assert_int_equal(o->r.peers.count, 0);
	td_registrar_fini(&o->r);
	assert_int_equal(td_mem_live(), o->live);
}

static void expect_sound(const struct office *o)
{
	struct sip_binding *b;
	size_t n = 0, at_peers = 0, i;
	struct td_map_node *node, *next;

	td_list_for_each(b, &o->bindings, struct sip_binding, node) {
		n++;
		assert_true(b->heap_index >= 1 && b->heap_index <= o->r.n_heap);
		assert_ptr_equal(o->r.heap[b->heap_index], b);
		assert_non_null(b->at);
		assert_true(td_addr_equal(&b->at->addr, &b->peer));
	}
	assert_int_equal(o->r.n_heap, n);
	for (i = 2; i <= n; i++)
		assert_true(o->r.heap[i / 2]->expires_ms <= o->r.heap[i]->expires_ms);
	td_map_for_each_safe(node, next, &o->r.peers) {
		struct reg_peer *p = td_container_of(node, struct reg_peer, node);

		assert_false(td_list_empty(&p->bindings));
		td_list_for_each(b, &p->bindings, struct sip_binding, at_peer)
			at_peers++;
	}
	assert_int_equal(at_peers, n);
}

/* One more Contact of the request under way. */
static void contact(struct office *o, const char *uri, uint32_t expires_s, const char *instance)
{
	struct reg_contact *c = &o->rq.contact[o->rq.n_contacts++];

	memset(c, 0, sizeof(*c));
	td_strlcpy(c->uri, uri, sizeof(c->uri));
	td_strlcpy(c->instance, instance, sizeof(c->instance));
	c->expires_s = expires_s;
}

/* Send what was put together; the next request begins empty with the next CSeq. */
static int ask(struct office *o)
{
	o->log[0] = '\0';
	td_registrar_apply(&o->r, &o->bindings, o, &o->rq, &o->lim, &o->out, on_change, o);
	expect_sound(o);
	o->rq.n_contacts = 0;
	o->rq.star = false;
	o->rq.expires_s = REG_NO_EXPIRES;
	o->rq.cseq++;
	return o->out.status;
}

static int ask_one(struct office *o, const char *uri, uint32_t expires_s)
{
	contact(o, uri, expires_s, "");
	return ask(o);
}

static struct sip_binding *newest(const struct office *o)
{
	return td_list_first(&o->bindings, struct sip_binding, node);
}

/* ---- one contact ---- */

static void added(void **state)
{
	struct office o;
	const struct sip_binding *b;

	(void)state;
	open_office(&o);
	assert_int_equal(ask_one(&o, "sip:1001@10.0.0.5", 120), 200);
	assert_string_equal(o.log, "+sip:1001@10.0.0.5");
	assert_int_equal(o.out.changes, 1);
	assert_false(o.out.repeated);
	b = newest(&o);
	assert_string_equal(b->aor, "1001");
	assert_string_equal(b->call_id, "call-1@phone");
	assert_int_equal(b->cseq, 1);
	assert_int_equal(b->id, 1);
	assert_int_equal(b->registered_ms, 1700000000000);
	assert_int_equal(b->expires_ms, 1000000 + 120000);
	assert_int_equal(td_registrar_left_s(b, 1000000), 120);
	assert_int_equal(td_registrar_left_s(b, 1000001), 120);	/* rounded up */
	assert_int_equal(td_registrar_left_s(b, 1120000), 0);
	assert_int_equal(td_registrar_left_s(b, 9999999), 0);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	assert_int_equal(td_registrar_count(&o.bindings, "1002"), 0);
	close_office(&o);
}

static void refreshed(void **state)
{
	struct office o;
	const struct sip_binding *b;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:1001@10.0.0.5", 120);
	o.rq.now_ms += 60000;
	o.rq.wall_ms += 60000;
	assert_int_equal(ask_one(&o, "sip:1001@10.0.0.5", 300), 200);
	assert_string_equal(o.log, "~sip:1001@10.0.0.5");
	b = newest(&o);
	assert_int_equal(b->id, 1);
	assert_int_equal(b->cseq, 2);
	assert_int_equal(b->registered_ms, 1700000000000);	/* of the first time */
	assert_int_equal(b->expires_ms, 1060000 + 300000);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	close_office(&o);
}

static void removed(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@10.0.0.5", 120);
	ask_one(&o, "sip:b@10.0.0.5", 120);
	assert_int_equal(ask_one(&o, "sip:a@10.0.0.5", 0), 200);
	assert_string_equal(o.log, "-sip:a@10.0.0.5");
	assert_int_equal(ask_one(&o, "sip:a@10.0.0.5", 0), 200);	/* it is gone: fine */
	assert_string_equal(o.log, "");
	o.rq.expires_s = 0;		/* the header counts where the contact says nothing */
	assert_int_equal(ask_one(&o, "sip:b@10.0.0.5", REG_NO_EXPIRES), 200);
	assert_string_equal(o.log, "-sip:b@10.0.0.5");
	assert_true(td_list_empty(&o.bindings));
	close_office(&o);
}

static void asked_only(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@10.0.0.5", 120);
	assert_int_equal(ask(&o), 200);		/* no Contact: a question */
	assert_int_equal(o.out.changes, 0);
	assert_false(o.out.repeated);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	close_office(&o);
}

/* ---- how long ---- */

static void times(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	assert_int_equal(ask_one(&o, "sip:default@h", REG_NO_EXPIRES), 200);
	assert_int_equal(td_registrar_left_s(newest(&o), o.rq.now_ms), 600);
	o.rq.expires_s = 200;
	assert_int_equal(ask_one(&o, "sip:header@h", REG_NO_EXPIRES), 200);
	assert_int_equal(td_registrar_left_s(newest(&o), o.rq.now_ms), 200);
	o.rq.expires_s = 200;
	assert_int_equal(ask_one(&o, "sip:own@h", 100), 200);	/* its own wins */
	assert_int_equal(td_registrar_left_s(newest(&o), o.rq.now_ms), 100);
	assert_int_equal(ask_one(&o, "sip:own@h", 86400), 200);
	assert_int_equal(td_registrar_left_s(newest(&o), o.rq.now_ms), 3600);
	assert_int_equal(ask_one(&o, "sip:own@h", REG_NO_EXPIRES - 1), 200);
	assert_int_equal(td_registrar_left_s(newest(&o), o.rq.now_ms), 3600);
	assert_int_equal(ask_one(&o, "sip:own@h", 60), 200);	/* the smallest */
	close_office(&o);
}

static void too_brief(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	contact(&o, "sip:a@h", 0, "");
	contact(&o, "sip:b@h", 59, "");
	assert_int_equal(ask(&o), 423);
	assert_int_equal(o.out.min_expires_s, 60);
	assert_string_equal(o.log, "");		/* the removal before it did not happen either */
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	close_office(&o);
}

/* ---- order ---- */

static void older_request(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	o.rq.cseq = 10;
	ask_one(&o, "sip:a@h", 120);
	o.rq.cseq = 9;
	assert_int_equal(ask_one(&o, "sip:a@h", 0), 500);
	assert_string_equal(o.log, "");
	o.rq.cseq = 9;
	contact(&o, "sip:b@h", 120, "");
	contact(&o, "sip:a@h", 120, "");
	assert_int_equal(ask(&o), 500);
	assert_string_equal(o.log, "");		/* b neither */
	o.rq.cseq = 1;
	o.rq.call_id = "call-2@phone";		/* the phone has restarted */
	assert_int_equal(ask_one(&o, "sip:a@h", 120), 200);
	assert_string_equal(o.log, "~sip:a@h");
	close_office(&o);
}

static void long_call_ids_differ(void **state)
{
	char one[400], two[400];
	struct office o;

	(void)state;
	open_office(&o);
	memset(one, 'x', sizeof(one));
	memset(two, 'x', sizeof(two));
	strcpy(one + 390, "one");
	strcpy(two + 390, "two");
	o.rq.call_id = one;
	o.rq.cseq = 5;
	ask_one(&o, "sip:a@h", 120);
	o.rq.call_id = two;		/* same as far as it is kept for show */
	o.rq.cseq = 1;
	assert_int_equal(ask_one(&o, "sip:a@h", 120), 200);
	assert_string_equal(o.log, "~sip:a@h");
	close_office(&o);
}

static void repeated_request(void **state)
{
	struct office o;
	uint64_t end;

	(void)state;
	open_office(&o);
	contact(&o, "sip:a@h", 120, "");
	contact(&o, "sip:b@h", 120, "");
	ask(&o);
	end = newest(&o)->expires_ms;
	o.rq.cseq = 1;
	o.rq.now_ms += 500;
	contact(&o, "sip:a@h", 120, "");
	contact(&o, "sip:b@h", 120, "");
	assert_int_equal(ask(&o), 200);
	assert_true(o.out.repeated);
	assert_string_equal(o.log, "");
	assert_int_equal(newest(&o)->expires_ms, end);
	close_office(&o);
}

/* ---- star ---- */

static void star(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	ask_one(&o, "sip:b@h", 120);
	td_strlcpy(o.rq.aor, "1002", sizeof(o.rq.aor));
	ask_one(&o, "sip:other@h", 120);
	td_strlcpy(o.rq.aor, "1001", sizeof(o.rq.aor));
	o.rq.star = true;
	assert_int_equal(ask(&o), 400);		/* without Expires: 0 */
	o.rq.star = true;
	o.rq.expires_s = 60;
	assert_int_equal(ask(&o), 400);
	o.rq.star = true;
	o.rq.expires_s = 0;
	contact(&o, "sip:a@h", 0, "");
	assert_int_equal(ask(&o), 400);		/* and nothing else beside it */
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 2);
	o.rq.star = true;
	o.rq.expires_s = 0;
	assert_int_equal(ask(&o), 200);
	assert_int_equal(o.out.changes, 2);
	assert_string_equal(o.log, "-sip:b@h -sip:a@h");
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 0);
	assert_int_equal(td_registrar_count(&o.bindings, "1002"), 1);
	close_office(&o);
}

static void star_out_of_order(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	o.rq.cseq = 20;
	ask_one(&o, "sip:b@h", 120);
	o.rq.cseq = 19;
	o.rq.star = true;
	o.rq.expires_s = 0;
	assert_int_equal(ask(&o), 500);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 2);
	close_office(&o);
}

/* ---- how many ---- */

static void the_oldest_goes(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	ask_one(&o, "sip:b@h", 120);
	ask_one(&o, "sip:c@h", 120);
	ask_one(&o, "sip:a@h", 120);		/* a is the newest now */
	assert_int_equal(ask_one(&o, "sip:d@h", 120), 200);
	assert_string_equal(o.log, "-sip:b@h +sip:d@h");
	contact(&o, "sip:a@h", 120, "");
	contact(&o, "sip:e@h", 120, "");
	contact(&o, "sip:f@h", 120, "");
	assert_int_equal(ask(&o), 200);		/* what the request names itself stays */
	assert_string_equal(o.log, "~sip:a@h -sip:c@h +sip:e@h -sip:d@h +sip:f@h");
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 3);
	close_office(&o);
}

static void more_than_all(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	contact(&o, "sip:b@h", 120, "");
	contact(&o, "sip:c@h", 120, "");
	contact(&o, "sip:d@h", 120, "");
	contact(&o, "sip:e@h", 120, "");
	assert_int_equal(ask(&o), 403);
	assert_string_equal(o.log, "");
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	close_office(&o);
}

/* A reload lowered the limit: the next one makes room for good. */
static void fewer_than_before(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	ask_one(&o, "sip:b@h", 120);
	ask_one(&o, "sip:c@h", 120);
	o.lim.max_bindings = 1;
	assert_int_equal(ask_one(&o, "sip:d@h", 120), 200);
	assert_string_equal(o.log, "-sip:a@h -sip:b@h -sip:c@h +sip:d@h");
	close_office(&o);
}

/* The source has one binding, and it is what makes room: the source must outlive it. */
static void the_only_one_of_its_source(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	o.lim.max_bindings = 1;
	ask_one(&o, "sip:a@h", 120);
	assert_int_equal(ask_one(&o, "sip:b@h", 120), 200);
	assert_string_equal(o.log, "-sip:a@h +sip:b@h");
	contact(&o, "sip:b@h", 0, "");
	contact(&o, "sip:c@h", 120, "");
	assert_int_equal(ask(&o), 200);
	assert_string_equal(o.log, "-sip:b@h +sip:c@h");
	assert_ptr_equal(td_registrar_by_peer(&o.r, &o.rq.peer), newest(&o));
	close_office(&o);
}

/* ---- which one ---- */

static void the_instance_is_the_device(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	contact(&o, "sip:1001@10.0.0.5:5060", 120, ME);
	ask(&o);
	assert_int_equal(td_addr_parse(&o.rq.peer, "10.0.0.6:5060"), 0);
	contact(&o, "sip:1001@10.0.0.6:5060", 120, ME);
	assert_int_equal(ask(&o), 200);
	assert_string_equal(o.log, "~sip:1001@10.0.0.6:5060");
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	assert_string_equal(newest(&o)->instance, ME);
	contact(&o, "sip:1001@10.0.0.7:5060", 120, "<urn:uuid:another>");
	ask(&o);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 2);
	contact(&o, "sip:1001@10.0.0.8:5060", 120, "");	/* no instance matches none */
	ask(&o);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 3);
	close_office(&o);
}

static void same_contact_twice(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	contact(&o, "sip:a@h", 120, "");
	contact(&o, "sip:a@h", 120, "");
	assert_int_equal(ask(&o), 200);
	assert_string_equal(o.log, "+sip:a@h");
	contact(&o, "sip:a@h", 0, "");
	contact(&o, "sip:a@h", 0, "");
	assert_int_equal(ask(&o), 200);
	assert_string_equal(o.log, "-sip:a@h");
	close_office(&o);
}

static void lines_are_apart(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	td_strlcpy(o.rq.aor, "1002", sizeof(o.rq.aor));
	assert_int_equal(ask_one(&o, "sip:a@h", 120), 200);
	assert_string_equal(o.log, "+sip:a@h");
	assert_int_equal(ask_one(&o, "sip:a@h", 0), 200);
	assert_int_equal(td_registrar_count(&o.bindings, "1001"), 1);
	assert_int_equal(td_registrar_count(&o.bindings, "1002"), 0);
	close_office(&o);
}

/* ---- sources ---- */

static void by_peer(void **state)
{
	struct td_addr first, other_port;
	struct office o;

	(void)state;
	open_office(&o);
	first = o.rq.peer;
	assert_null(td_registrar_by_peer(&o.r, &first));
	ask_one(&o, "sip:a@h", 120);
	assert_ptr_equal(td_registrar_by_peer(&o.r, &first), newest(&o));
	other_port = first;
	other_port.port = 5062;
	assert_null(td_registrar_by_peer(&o.r, &other_port));
	o.rq.peer = other_port;
	ask_one(&o, "sip:a@h", 120);		/* it moved */
	assert_null(td_registrar_by_peer(&o.r, &first));
	assert_ptr_equal(td_registrar_by_peer(&o.r, &other_port), newest(&o));
	ask_one(&o, "sip:a@h", 0);
	assert_null(td_registrar_by_peer(&o.r, &other_port));
	close_office(&o);
}

/* ---- ends ---- */

static void they_end_in_order(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	assert_int_equal(td_registrar_expire(&o.r, 1, on_change, &o), -1);
	ask_one(&o, "sip:a@h", 300);
	ask_one(&o, "sip:b@h", 100);
	ask_one(&o, "sip:c@h", 200);
	o.log[0] = '\0';
	assert_int_equal(td_registrar_expire(&o.r, 1000000, on_change, &o), 100000);
	assert_int_equal(td_registrar_expire(&o.r, 1099999, on_change, &o), 1);
	assert_string_equal(o.log, "");
	assert_int_equal(td_registrar_expire(&o.r, 1100000, on_change, &o), 100000);
	assert_string_equal(o.log, "!sip:b@h");
	ask_one(&o, "sip:c@h", 600);
	o.log[0] = '\0';
	assert_int_equal(td_registrar_expire(&o.r, 9000000, on_change, &o), -1);
	assert_string_equal(o.log, "!sip:a@h !sip:c@h");
	assert_true(td_list_empty(&o.bindings));
	close_office(&o);
}

#define MANY 5000

struct order_check {
	uint64_t last_ms;
	size_t n;
};

static void on_end(void *arg, enum reg_change what, struct sip_binding *b)
{
	struct order_check *c = arg;

	assert_int_equal(what, REG_EXPIRED);
	assert_true(b->expires_ms >= c->last_ms);
	c->last_ms = b->expires_ms;
	c->n++;
}

static void thousands(void **state)
{
	struct order_check c = { 0, 0 };
	struct office o;
	uint64_t now;
	size_t i;

	(void)state;
	open_office(&o);
	for (i = 0; i < MANY; i++) {
		snprintf(o.rq.aor, sizeof(o.rq.aor), "%zu", i);
		o.rq.peer.port = (uint16_t)(1024 + i);
		contact(&o, "sip:a@h", 60 + (uint32_t)(i * 7919 % 3000), "");
		td_registrar_apply(&o.r, &o.bindings, &o, &o.rq, &o.lim, &o.out, NULL, NULL);
		assert_int_equal(o.out.status, 200);
		o.rq.n_contacts = 0;
	}
	expect_sound(&o);
	assert_int_equal(o.r.n_heap, MANY);
	for (now = 1000000; now < 5000000; now += 10000)
		td_registrar_expire(&o.r, now, on_end, &c);
	assert_int_equal(c.n, MANY);
	close_office(&o);
}

/* Any sequence leaves everything sound (ask() looks). */
static void at_random(void **state)
{
	struct office o;
	char uri[64];
	int i, k;

	(void)state;
	srandom(20240);
	open_office(&o);
	for (i = 0; i < 20000; i++) {
		snprintf(o.rq.aor, sizeof(o.rq.aor), "%ld", random() % 4);
		o.rq.peer.port = (uint16_t)(5060 + random() % 3);
		o.rq.now_ms += (uint64_t)(random() % 9000);
		o.rq.call_id = random() % 2 ? "x" : "y";
		o.rq.cseq = (uint32_t)(i + random() % 3);
		o.rq.star = random() % 20 == 0;
		o.rq.expires_s = random() % 2 ? REG_NO_EXPIRES : (uint32_t)(random() % 3 * 60);
		for (k = (int)(random() % 4); k > 0 && !o.rq.star; k--) {
			snprintf(uri, sizeof(uri), "sip:%ld@h", random() % 5);
			contact(&o, uri,
				random() % 3 ? REG_NO_EXPIRES : (uint32_t)(random() % 2 * 90),
				random() % 4 ? "" : random() % 2 ? ME : "<urn:uuid:b>");
		}
		ask(&o);
		if (random() % 10 == 0)
			td_registrar_expire(&o.r, o.rq.now_ms, on_change, &o);
	}
	close_office(&o);
}

/* ---- no memory ---- */

static int fill_and_ask(struct office *o)
{
	contact(o, "sip:a@h", 120, "");		/* refresh */
	contact(o, "sip:b@h", 0, "");		/* removal */
	contact(o, "sip:c@h", 120, "");
	contact(o, "sip:d@h", 120, "");
	return ask(o);
}

static void nothing_by_half(void **state)
{
	unsigned long nth;
	struct office o;
	int failed = 0;

	(void)state;
	for (nth = 1; nth < 20; nth++) {
		open_office(&o);
		ask_one(&o, "sip:a@h", 100);
		ask_one(&o, "sip:b@h", 100);
		o.rq.peer.port++;		/* a new source is needed too */
		td_mem_fail_nth(nth);
		fill_and_ask(&o);
		td_mem_fail_nth(0);
		if (o.out.status == 200) {
			assert_string_equal(o.log, "~sip:a@h -sip:b@h +sip:c@h +sip:d@h");
			close_office(&o);
			break;
		}
		failed++;
		assert_int_equal(o.out.status, 503);
		assert_string_equal(o.log, "");
		assert_int_equal(o.r.peers.count, 1);
		assert_int_equal(fill_and_ask(&o), 200);
		close_office(&o);
	}
	assert_true(failed >= 3);
	assert_true(nth < 20);
}

/* ---- from the store ---- */

static void restored(void **state)
{
	struct sip_binding row, *b;
	unsigned long nth;
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	row = *newest(&o);
	td_registrar_drop(&o.r, &o.bindings, on_change, &o);
	row.id = 41;
	row.expires_ms = o.rq.now_ms + 5000;
	for (nth = 1; nth <= 2; nth++) {
		td_mem_fail_nth(nth);
		assert_null(td_registrar_restore(&o.r, &o.bindings, &o, &row));
		td_mem_fail_nth(0);
		expect_sound(&o);
		assert_int_equal(o.r.peers.count, 0);
	}
	b = td_registrar_restore(&o.r, &o.bindings, &o, &row);
	assert_non_null(b);
	expect_sound(&o);
	assert_ptr_equal(b->owner, &o);
	assert_int_equal(b->id, 41);
	assert_int_equal(td_registrar_left_s(b, o.rq.now_ms), 5);
	assert_ptr_equal(td_registrar_by_peer(&o.r, &row.peer), b);
	o.rq.cseq = 1;				/* the order is still known */
	assert_int_equal(ask_one(&o, "sip:a@h", 120), 200);
	assert_true(o.out.repeated);
	assert_int_equal(ask_one(&o, "sip:b@h", 120), 200);
	assert_int_equal(newest(&o)->id, 42);	/* numbers go on */
	close_office(&o);
}

static void dropped(void **state)
{
	struct office o;

	(void)state;
	open_office(&o);
	ask_one(&o, "sip:a@h", 120);
	ask_one(&o, "sip:b@h", 120);
	o.log[0] = '\0';
	td_registrar_remove(&o.r, newest(&o), on_change, &o);
	expect_sound(&o);
	assert_string_equal(o.log, "-sip:b@h");
	td_registrar_drop(&o.r, &o.bindings, on_change, &o);
	assert_string_equal(o.log, "-sip:b@h -sip:a@h");
	close_office(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added),
		cmocka_unit_test(refreshed),
		cmocka_unit_test(removed),
		cmocka_unit_test(asked_only),
		cmocka_unit_test(times),
		cmocka_unit_test(too_brief),
		cmocka_unit_test(older_request),
		cmocka_unit_test(long_call_ids_differ),
		cmocka_unit_test(repeated_request),
		cmocka_unit_test(star),
		cmocka_unit_test(star_out_of_order),
		cmocka_unit_test(the_oldest_goes),
		cmocka_unit_test(more_than_all),
		cmocka_unit_test(fewer_than_before),
		cmocka_unit_test(the_only_one_of_its_source),
		cmocka_unit_test(the_instance_is_the_device),
		cmocka_unit_test(same_contact_twice),
		cmocka_unit_test(lines_are_apart),
		cmocka_unit_test(by_peer),
		cmocka_unit_test(they_end_in_order),
		cmocka_unit_test(thousands),
		cmocka_unit_test(at_random),
		cmocka_unit_test(nothing_by_half),
		cmocka_unit_test(restored),
		cmocka_unit_test(dropped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
