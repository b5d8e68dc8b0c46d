/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that outlive the process. Whenever an answered call has changed, what it takes to
 * put it together again is written to its record (snapshot.c): its parties, what both
 * legs said and agreed, the media ports, and what each driver needs for its side. The next
 * process reads the records before it hears any message: the media never stopped, the
 * kernel forwards it; signalling goes on where it was.
 *
 * Calls that are not answered yet are not kept: their parties repeat themselves, or give
 * up. A call that is ending is dropped at once, so that it never rises again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/core/call_keep.h"
#include "userspace/core/core_priv.h"

#define FORMAT	     5			/* of a record; another one is not read ... */
#define FORMAT_VIDEO 6			/* ... but that with video, so that an older version, which
					 * cannot read it, says so */
#define RECORD_LEN	TD_KEPT_LEN	/* two pages with its head */

/* ---- writing ---- */

static void tell_changed(const struct td_core *core, uint32_t place)
{
	if (core->kept_watch)
		core->kept_watch(core->kept_watch_arg, place);
}

static bool can_keep_leg(const struct td_leg *leg)
{
	return leg && leg->ep && leg->ops->save && leg->remote && leg->has_local &&
	       !leg->ep->gone;
}

/* Parked, or in a conference: one leg is all of it. Also while somebody is reminded of it. */
static bool is_guest(const struct td_call *call)
{
	return call->alone && (call->slot[0] || call->conference) && !td_conference_is_page(call) &&
	       call->state != TD_CALL_CLEARING;
}

static bool can_keep(const struct td_call *call)
{
	if (!call->media || !call->core->media.ops->ports || !can_keep_leg(call->a))
		return false;
	return is_guest(call) || (call->state == TD_CALL_UP && !call->wait_media &&
				  can_keep_leg(call->b));
}

static void put_leg(struct td_buf *b, struct td_leg *leg)
{
	const struct td_leg *other = td_call_other(leg->call, leg);
	struct td_leg_core *lc = td_leg_core(leg);
	uint8_t state[RECORD_LEN];
	struct td_buf own;

	td_buf_put_text(b, leg->ep->id);
	td_buf_put_be32(b, leg->id);
	td_buf_put_u8(b, lc->outbound);
	td_buf_put_u8(b, lc->side);
	td_buf_put_u8(b, lc->wish);
	td_buf_put_u8(b, lc->around);
	td_buf_put_text(b, lc->peer);
	td_keep_put_party(b, &leg->party);
	td_keep_put_addr(b, &leg->local);
	td_keep_put_desc(b, leg->remote, NULL);
	td_keep_put_desc(b, leg->local_desc, other && other->remote && other->remote->video.rtp.port ?
						  other->remote->video.text : NULL);
	td_buf_put_be32(b, lc->sealed.ssrc);
	td_buf_put_be32(b, lc->sealed.seq);
	td_buf_put_be32(b, lc->sealed.rtcp);
	td_buf_init(&own, state, sizeof(state));
	leg->ops->save(leg, &own);
	if (td_buf_err(&own))
		b->err = td_buf_err(&own);
	td_buf_put_be16(b, (uint16_t)own.pos);
	td_buf_put_bytes(b, state, own.pos);
}

static void put_video_session(struct td_buf *b, const struct td_call *call)
{
	const struct td_leg *b_leg = is_guest(call) ? NULL : call->b;
	uint16_t port[2];

	call->core->media.ops->ports(call->video->media, port);
	td_buf_put_be16(b, port[0]);
	td_buf_put_be16(b, port[1]);
	td_buf_put_u8(b, td_leg_core(call->a)->video_wish);
	td_buf_put_u8(b, b_leg ? td_leg_core(b_leg)->video_wish : TD_DIR_BOTH);
}

static void put_call(struct td_buf *b, struct td_call *call)
{
	uint16_t port[2];

	td_buf_put_u8(b, call->video ? FORMAT_VIDEO : FORMAT);
	td_buf_put_be32(b, call->id);
	td_buf_put_be64(b, call->created_ms);
	td_buf_put_be64(b, td_call_duration_ms(call));
	td_buf_put_be64(b, td_clock_ms(CLOCK_REALTIME));
	td_buf_put_u8(b, call->hops);
	td_keep_put_party(b, &call->from);
	td_keep_put_party(b, &call->to);
	call->core->media.ops->ports(call->media, port);
	td_buf_put_be16(b, port[0]);
	td_buf_put_be16(b, port[1]);
	td_buf_put_text(b, call->slot);
	td_buf_put_text(b, call->parked_by);
	td_buf_put_be16(b, call->reminders);
	td_buf_put_be32(b, call->conference);
	td_buf_put_text(b, td_conference_number(call));
	td_buf_put_text(b, call->reach.number);
	if (call->video)
		put_video_session(b, call);
	td_buf_put_u8(b, is_guest(call) ? 1 : 2);
	put_leg(b, call->a);
	if (!is_guest(call))
		put_leg(b, call->b);
}

static void write_call(struct td_call *call)
{
	struct snapshot *keep = call->core->keep;
	uint8_t record[RECORD_LEN];
	struct td_buf b;

	if (!can_keep(call)) {
		td_call_forget(call);
		return;
	}
	td_buf_init(&b, record, sizeof(record));
	put_call(&b, call);
	if (td_buf_err(&b) == -EAGAIN) {	/* we shall be told of the change */
		td_call_forget(call);
		return;
	}
	if (!call->place)
		call->place = td_snapshot_take(keep);
	if (td_buf_err(&b) || !call->place) {
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u would not survive a restart: %s",
			       call->id, !call->place ? "too many calls" :
			       td_buf_err(&b) == -ENOSPC ? "too much to keep" :
			       strerror(-td_buf_err(&b)));
		td_call_forget(call);
		return;
	}
	td_snapshot_write(keep, call->place, record, (uint32_t)b.pos);
	tell_changed(call->core, call->place);
}

void td_call_forget(struct td_call *call)
{
	uint32_t place = call->place;

	td_list_del(&call->unsaved);
	call->place = 0;
	if (!place)
		return;
	td_snapshot_drop(call->core->keep, place);
	tell_changed(call->core, place);
}

static void write_changed(void *arg)
{
	struct td_core *core = arg;
	struct td_call *call;

	while ((call = td_list_first(&core->unsaved, struct td_call, unsaved))) {
		td_list_del(&call->unsaved);
		write_call(call);
	}
}

/* At the end of this turn of the loop: what a driver does in one callback is one change. */
void td_call_keep(struct td_call *call)
{
	struct td_core *core = call->core;

	if (!core->keep || !td_list_empty(&call->unsaved))
		return;
	if (call->state != TD_CALL_UP && !is_guest(call)) {
		td_call_forget(call);
		return;
	}
	td_list_append(&core->unsaved, &call->unsaved);
	if (!core->write_soon.queued)
		td_loop_defer(core->loop, &core->write_soon, write_changed, core);
}

void td_leg_changed(struct td_leg *leg)
{
	if (leg->call)
		td_call_keep(leg->call);
}

/* ---- reading ---- */

/* What a record holds of a leg, before it is one. */
struct kept_leg {
	char ep[CFG_ID_LEN];
	uint32_t id;
	uint8_t outbound, side, wish, around;
	char peer[CFG_ID_LEN];
	struct td_party party;
	struct td_addr local;
	struct td_media_desc remote, local_desc;
	char text[2][TD_VIDEO_TEXT];	/* of their video */
	struct td_srtp_mark sealed;
	struct td_buf state;
};

struct kept_call {
	uint32_t id;
	uint64_t created_ms, duration_ms, written_ms;
	uint8_t hops;
	struct td_party from, to;
	uint16_t port[2], video_port[2];	/* 0: no video */
	uint8_t video_wish[2];
	char slot[CFG_NUMBER_LEN], parked_by[CFG_NUMBER_LEN], meeting[CFG_NUMBER_LEN];
	char reach[CFG_NUMBER_LEN];
	uint16_t reminders;
	uint32_t conference;
	uint8_t n_legs;
	struct kept_leg leg[2];
};

static void get_leg(struct td_buf *b, struct kept_leg *k)
{
	struct td_str state;

	td_buf_get_text(b, k->ep, sizeof(k->ep));
	k->id = td_buf_get_be32(b);
	k->outbound = td_buf_get_u8(b);
	k->side = td_buf_get_u8(b) & 1;
	k->wish = td_buf_get_u8(b) & TD_DIR_BOTH;
	k->around = td_buf_get_u8(b);
	td_buf_get_text(b, k->peer, sizeof(k->peer));
	td_keep_get_party(b, &k->party);
	td_keep_get_addr(b, &k->local);
	td_keep_get_desc(b, &k->remote, k->text[0]);
	td_keep_get_desc(b, &k->local_desc, k->text[1]);
	k->sealed.ssrc = td_buf_get_be32(b);
	k->sealed.seq = td_buf_get_be32(b);
	k->sealed.rtcp = td_buf_get_be32(b);
	state = td_buf_get_bytes(b, td_buf_get_be16(b));
	td_buf_init(&k->state, (void *)(uintptr_t)state.p, state.len);
}

static void get_video_session(struct td_buf *b, struct kept_call *k)
{
	for (int i = 0; i < 2; i++)
		k->video_port[i] = td_buf_get_be16(b);
	for (int i = 0; i < 2; i++)
		k->video_wish[i] = td_buf_get_u8(b) & TD_DIR_BOTH;
}

/* What was left out, put_video(). */
static void fill_texts(struct kept_call *k)
{
	for (int i = 0; i < 2; i++) {
		struct td_video *told = &k->leg[i].local_desc.video;
		const char *theirs = k->leg[!i].remote.video.text;

		if (told->rtp.port && !told->text[0] && theirs)
			told->text = theirs;
	}
}

static int get_call(struct td_buf *b, struct kept_call *k)
{
	uint8_t format = td_buf_get_u8(b);

	memset(k, 0, sizeof(*k));
	if (format != FORMAT && format != FORMAT_VIDEO)
		return -EBADMSG;
	k->id = td_buf_get_be32(b);
	k->created_ms = td_buf_get_be64(b);
	k->duration_ms = td_buf_get_be64(b);
	k->written_ms = td_buf_get_be64(b);
	k->hops = td_buf_get_u8(b);
	td_keep_get_party(b, &k->from);
	td_keep_get_party(b, &k->to);
	k->port[0] = td_buf_get_be16(b);
	k->port[1] = td_buf_get_be16(b);
	td_buf_get_text(b, k->slot, sizeof(k->slot));
	td_buf_get_text(b, k->parked_by, sizeof(k->parked_by));
	k->reminders = td_buf_get_be16(b);
	k->conference = td_buf_get_be32(b);
	td_buf_get_text(b, k->meeting, sizeof(k->meeting));
	td_buf_get_text(b, k->reach, sizeof(k->reach));
	for (int i = 0; i < 2; i++)
		k->video_wish[i] = TD_DIR_BOTH;
	if (format == FORMAT_VIDEO)
		get_video_session(b, k);
	k->n_legs = td_buf_get_u8(b) == 1 ? 1 : 2;
	for (uint8_t i = 0; i < k->n_legs; i++)
		get_leg(b, &k->leg[i]);
	fill_texts(k);
	return k->id ? td_buf_err(b) : -EBADMSG;
}

static struct td_leg *restore_leg(struct td_call *call, struct kept_leg *k)
{
	struct td_endpoint *ep = td_endpoint_find(call->core, k->ep);
	struct td_leg *leg;

	if (!ep || !ep->ops->restore)
		return NULL;
	leg = ep->ops->restore(ep->driver, ep, &k->local, &k->state);
	if (!leg)
		return NULL;
	if (td_leg_attach(call, leg, k->outbound)) {
		leg->ops->destroy(leg);
		return NULL;
	}
	leg->id = k->id;
	leg->state = TD_LEGST_UP;
	leg->party = k->party;
	td_leg_core(leg)->wish = k->wish;
	td_leg_core(leg)->side = k->side;
	td_leg_core(leg)->around = k->around;
	td_strlcpy(td_leg_core(leg)->peer, k->peer, sizeof(k->peer));
	td_leg_set_dtmf(leg);
	td_leg_core(leg)->sealed = td_leg_core(leg)->sealed_before = k->sealed;
	td_line_take(leg, leg->party.number);
	if (call->core->last_leg_id < k->id)
		call->core->last_leg_id = k->id;
	return leg;
}

static void rebase_times(struct td_call *call, const struct kept_call *k)
{
	uint64_t wall = td_clock_ms(CLOCK_REALTIME), now = td_loop_now_ms(call->core->loop);
	uint64_t age = k->duration_ms + (wall > k->written_ms ? wall - k->written_ms : 0);

	call->created_ms = k->created_ms;
	/* the loop's clock began with the boot, as the call did: never below 1 */
	call->answered_ms = now > age ? now - age : 1;
}

static int restore_features(struct td_call *call, const struct kept_call *k)
{
	call->alone = k->n_legs == 1;
	if (call->alone)
		call->state = TD_CALL_ALONE;
	if (k->conference)
		return td_conference_enter(call, k->conference, k->meeting);
	if (!k->slot[0])
		return call->alone ? -EBADMSG : 0;
	memcpy(call->slot, k->slot, sizeof(call->slot));
	memcpy(call->parked_by, k->parked_by, sizeof(call->parked_by));
	call->reminders = k->reminders;
	if (!td_park_enter(call))
		return 0;
	call->slot[0] = '\0';
	return -EEXIST;
}

static void restore_wishes(struct td_call *call, const struct kept_call *k)
{
	td_leg_core(call->a)->video_wish = k->video_wish[0];
	if (call->b)
		td_leg_core(call->b)->video_wish = k->video_wish[1];
}

static int restore_call(struct td_core *core, struct kept_call *k, uint32_t place)
{
	struct td_call *call = td_call_again(core, k->id);
	int err;

	if (!call) {
		td_snapshot_drop(core->keep, place);
		return -ENOMEM;
	}
	call->place = place;
	call->hops = k->hops;
	call->from = k->from;
	call->to = k->to;
	call->state = TD_CALL_UP;
	memcpy(call->reach.number, k->reach, sizeof(call->reach.number));
	rebase_times(call, k);
	err = core->media.ops->adopt(core->media.plane, k->id, k->port, &call->media);
	if (!err && k->video_port[0])
		err = td_video_adopt(call, k->video_port);
	call->a = restore_leg(call, &k->leg[0]);
	if (k->n_legs == 2)
		call->b = restore_leg(call, &k->leg[1]);
	if (!err && (!call->a || (k->n_legs == 2 && !call->b)))
		err = -ENOENT;
	if (!err)
		restore_wishes(call, k);
	if (!err)
		err = restore_features(call, k);
	if (!err)
		err = td_call_restore_media(call, &k->leg[0].remote, &k->leg[0].local_desc,
					    &k->leg[1].remote, &k->leg[1].local_desc);
	if (err)		/* who is there is told goodbye */
		td_call_event(call, TD_EV_HANGUP, NULL, NULL);
	else
		td_call_keep(call);
	td_watch_call(call);
	if (td_list_empty(&call->legs))
		td_call_free(call);
	return err;
}

static bool is_ours(const struct td_core *core, const struct kept_call *k)
{
	return td_core_has_address(core, &k->leg[0].local) &&
	       (k->n_legs == 1 || td_core_has_address(core, &k->leg[1].local));
}

int td_call_restore(struct td_core *core, struct td_buf *record, uint32_t place, uint32_t *id)
{
	struct kept_call k;
	int err = get_call(record, &k);

	*id = k.id;
	if (!err && !is_ours(core, &k))
		err = -EADDRNOTAVAIL;
	if (err) {
		td_snapshot_drop(core->keep, place);
		return err;
	}
	if (!place && td_call_find(core, k.id))
		k.id = *id = core->last_call_id + 1;
	return restore_call(core, &k, place);
}

int td_core_kept_name(const void *record, size_t len, struct td_call_name *name)
{
	uint8_t format;
	struct td_buf b;

	td_buf_init(&b, (void *)(uintptr_t)record, len);
	format = td_buf_get_u8(&b);
	if (format != FORMAT && format != FORMAT_VIDEO)
		return -EBADMSG;
	name->id = td_buf_get_be32(&b);
	name->created_ms = td_buf_get_be64(&b);
	return name->id ? td_buf_err(&b) : -EBADMSG;
}

size_t td_core_restore(struct td_core *core)
{
	uint32_t place = 0, id;
	struct td_buf b;
	size_t n = 0;

	while (core->keep && (place = td_snapshot_next(core->keep, place, &b))) {
		int err = td_call_restore(core, &b, place, &id);

		if (err)
			td_log_warn(TD_LOG_CORE, "call=%u not taken over: %s", id, strerror(-err));
		n += !err;
	}
	if (core->media.ops->adopted)
		core->media.ops->adopted(core->media.plane);
	if (n)
		td_log_info(TD_LOG_CORE, "calls taken over n=%zu", n);
	return n;
}

int td_core_keep(struct td_core *core, const char *path)
{
	static const struct snapshot_shape shape = { TD_KEPT_PLACES, RECORD_LEN };

	return td_snapshot_open(&core->keep, path, &shape);
}

void td_core_flush(struct td_core *core)
{
	if (core->keep)
		write_changed(core);
}
