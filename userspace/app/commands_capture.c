/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "capture": copies of the packets of a call, or of all calls of a phone, streamed to whoever
 * asked; the tool makes a file of them. Each capture gets what it can read: a reader that is
 * behind loses frames and is told how many, so that neither packets nor signalling wait for it.
 *
 * A message is {"call","leg","path","time_ns","len","lost","frame"} with the packet in hex: an
 * Ethernet frame of path "xdp", an IP packet of path "relay". Once a second comes a message
 * {"frames","lost"} and, when the call has ended, a last one with "ended".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"

#define READER_BEHIND (512 * 1024)	/* bytes: about a thousand packets of voice */

static const struct td_timerdef tick_def = {
	"capture", 1000, "how often a capture is told what it lost, and whether its call has ended"
};

struct capture {
	struct td_list node;
	struct td_commands *c;
	struct td_ctl_stream *stream;
	uint32_t call_id;		/* 0: those of the phone */
	char phone[CFG_ID_LEN];
	uint64_t frames, skipped;
	uint64_t lost_before;		/* on the way to us, when it began */
};

static uint64_t lost(const struct capture *cap)
{
	return cap->skipped + td_media_capture_lost(cap->c->t->media) - cap->lost_before;
}

static bool is_of(const struct capture *cap, uint32_t call_id)
{
	if (cap->call_id)
		return cap->call_id == call_id;
	return td_core_has_call(cap->c->t->core, call_id, cap->phone);
}

static bool wants(void *arg, uint32_t call_id)
{
	struct td_commands *c = arg;
	const struct capture *cap;

	td_list_for_each(cap, &c->captures, struct capture, node)
		if (is_of(cap, call_id))
			return true;
	return false;
}

static void write_frame(struct td_json *j, const struct td_media_frame *f, uint64_t lost_so_far)
{
	char hex[2 * TD_CAPTURE_BYTES + 1];

	td_hex(hex, f->data, f->copied < TD_CAPTURE_BYTES ? f->copied : TD_CAPTURE_BYTES);
	td_json_object(j, NULL);
	td_json_u64(j, "call", f->call_id);
	td_json_u64(j, "leg", f->leg_id);
	td_json_str(j, "path", f->is_ip ? "relay" : "xdp");
	td_json_u64(j, "time_ns", f->time_ns);
	td_json_u64(j, "len", f->len);
	td_json_u64(j, "lost", lost_so_far);
	td_json_str(j, "frame", hex);
	td_json_end_object(j);
}

static void send_frame(struct capture *cap, const struct td_media_frame *f)
{
	struct td_json j;

	if (td_ctl_stream_backlog(cap->stream) > READER_BEHIND) {
		cap->skipped++;
		return;
	}
	td_json_init(&j);
	write_frame(&j, f, cap->skipped);
	if (j.err)
		cap->skipped++;
	else
		td_ctl_stream_data(cap->stream, j.text);
	cap->frames++;
	td_json_fini(&j);
}

static void on_frame(void *arg, const struct td_media_frame *f)
{
	struct td_commands *c = arg;
	struct capture *cap;

	td_list_for_each(cap, &c->captures, struct capture, node)
		if (is_of(cap, f->call_id))
			send_frame(cap, f);
}

static const struct td_media_capture_ops capture_ops = { .wants = wants, .frame = on_frame };

static void forget(struct capture *cap)
{
	struct td_commands *c = cap->c;

	td_list_del(&cap->node);
	td_free(cap);
	td_media_capture(c->t->media, td_list_empty(&c->captures) ? NULL : &capture_ops, c);
}

static void on_closed(void *arg)
{
	forget(arg);
}

static void tell(struct capture *cap, bool ended)
{
	struct td_json j;

	td_json_init(&j);
	td_json_object(&j, NULL);
	td_json_u64(&j, "frames", cap->frames);
	td_json_u64(&j, "lost", lost(cap));
	if (ended)
		td_json_bool(&j, "ended", true);
	td_json_end_object(&j);
	if (!j.err)
		td_ctl_stream_data(cap->stream, j.text);
	td_json_fini(&j);
}

static void on_tick(void *arg)
{
	struct td_commands *c = arg;
	struct capture *cap, *tmp;

	td_list_for_each_safe(cap, tmp, &c->captures, struct capture, node) {
		bool ended = cap->call_id && !td_core_has_call(c->t->core, cap->call_id, NULL);

		tell(cap, ended);
		if (!ended)
			continue;
		td_ctl_stream_end(cap->stream);
		forget(cap);
	}
	if (!td_list_empty(&c->captures))
		td_loop_timer_start(c->t->loop, &c->capture_tick, tick_def.ms, on_tick, c);
}

/* 0, or the answer of a refusal. A word may name a call, a phone, or alas both. */
static int find(struct capture *cap, struct td_ctl_request *req, const char *name)
{
	struct tandem *t = cap->c->t;
	const struct cfg_phone *phone = td_commands_phone(t->config, name);
	uint32_t id;

	if (td_parse_u32(td_str_of(name), &id) || !td_core_has_call(t->core, id, NULL))
		id = 0;
	if (id && phone)
		return td_ctl_refuse(req, "%s is a call, and phone '%s': name the phone by its id, "
				     "or wait", name, phone->id);
	if (!id && !phone)
		return td_ctl_refuse(req, "no call and no phone '%s'", name);
	cap->call_id = id;
	if (phone)
		td_strlcpy(cap->phone, phone->id, sizeof(cap->phone));
	return 0;
}

int td_commands_capture(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct capture *cap = td_zalloc(sizeof(*cap));
	int rc;

	if (!cap)
		return td_ctl_refuse(req, "out of memory");
	cap->c = c;
	rc = find(cap, req, td_ctl_arg(req, 0));
	if (rc)
		goto free_cap;
	cap->lost_before = td_media_capture_lost(c->t->media);
	td_list_append(&c->captures, &cap->node);
	if (td_media_capture(c->t->media, &capture_ops, c)) {
		rc = td_ctl_refuse(req, "no memory for copies of packets");
		goto del_cap;
	}
	cap->stream = td_ctl_stream(req, on_closed, cap);
	if (!cap->stream) {
		rc = td_ctl_refuse(req, "no stream: out of memory");
		goto del_cap;
	}
	if (!td_timer_is_armed(&c->capture_tick))
		td_loop_timer_start(c->t->loop, &c->capture_tick, tick_def.ms, on_tick, c);
	td_log_info(TD_LOG_CTL, "ctl: capture of %s %s begins", cap->call_id ? "call" : "phone",
		    td_ctl_arg(req, 0));
	td_json_object(td_ctl_data(req), "data");
	td_json_u64(td_ctl_data(req), "frames", 0);
	td_json_u64(td_ctl_data(req), "lost", 0);
	td_json_end_object(td_ctl_data(req));
	return TD_CTL_OK;
del_cap:
	td_list_del(&cap->node);
	td_media_capture(c->t->media, td_list_empty(&c->captures) ? NULL : &capture_ops, c);
free_cap:
	td_free(cap);
	return rc;
}
