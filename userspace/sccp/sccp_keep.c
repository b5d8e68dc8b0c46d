/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that outlive the process: somebody else (the master) holds a copy of each, and a
 * record in a mapped file says whose it is and what the phone was shown. The next process goes
 * on where this one was; the phone notices nothing.
 *
 * A stream has no marks: who does not know where a frame begins cannot go on. So the beginning
 * of a frame that came is in the record, and a connection that was cut in the middle of one of
 * ours is closed by the next process: then the phone registers again.
 *
 * Kept are phones that have started. One that has not asks on with a new connection.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define FORMAT	   1
#define PLACES	   16384u
#define RECORD_LEN 1008u		/* with its head a quarter of a page */
#define MOST_CALLS 16

enum flag { FLAG_UTF8 = 1 << 0, FLAG_CUT = 1 << 1, FLAG_DND = 1 << 2, FLAG_PRIVATE = 1 << 3,
	    FLAG_NOT_PRIVATE = 1 << 4 };
enum call_flag { CALL_OUT = 1 << 0, CALL_RX = 1 << 1, CALL_TX = 1 << 2 };

_Static_assert(PLACES + 2 < TD_SCCP_HELD_IDS, "places, then listeners");

static uint32_t listener_id(int i)
{
	return PLACES + 1 + (uint32_t)i;
}

/* ---- writing ---- */

static void put_text(struct td_buf *b, const char *text)
{
	size_t len = strlen(text);

	td_buf_put_u8(b, (uint8_t)len);
	td_buf_put_bytes(b, text, len);
}

static void put_calls(struct td_buf *b, const struct sccp_phone *phone)
{
	struct sccp_call *call;
	uint8_t n = 0;

	td_list_for_each(call, &phone->calls, struct sccp_call, node)
		n += n < MOST_CALLS;
	td_buf_put_u8(b, n);
	td_list_for_each(call, &phone->calls, struct sccp_call, node) {
		if (!n--)
			break;
		td_buf_put_be32(b, call->ref);
		td_buf_put_u8(b, call->line);
		td_buf_put_u8(b, (uint8_t)((call->outbound ? CALL_OUT : 0) |
					   (call->rx != SCCP_RX_CLOSED ? CALL_RX : 0) |
					   (call->tx ? CALL_TX : 0)));
		td_buf_put_be32(b, call->rx_party);
		td_buf_put_be32(b, call->tx_party);
	}
}

static void put_session(struct td_buf *b, const struct sccp_session *s, bool cut)
{
	const struct sccp_phone *phone = s->phone;

	td_buf_put_u8(b, FORMAT);
	td_buf_put_u8(b, (uint8_t)((s->utf8 ? FLAG_UTF8 : 0) | (cut ? FLAG_CUT : 0) |
				   (phone->dnd ? FLAG_DND : 0) |
				   (phone->ep->privacy_by_hand > 0 ? FLAG_PRIVATE : 0) |
				   (phone->ep->privacy_by_hand < 0 ? FLAG_NOT_PRIVATE : 0)));
	td_buf_put_u8(b, s->version);
	td_buf_put_bytes(b, s->features, sizeof(s->features));
	td_buf_put_be32(b, s->type);
	put_text(b, s->device);
	put_text(b, s->load);
	td_buf_put_be64(b, phone->ep->registered_ms);
	put_text(b, phone->redial);
	td_buf_put_u8(b, phone->n_caps);
	td_buf_put_bytes(b, phone->cap, phone->n_caps);
	put_calls(b, phone);
	td_buf_put_be16(b, cut ? 0 : (uint16_t)s->in.len);
	if (!cut)
		td_buf_put_bytes(b, s->in.part, s->in.len);
}

void td_sccp_keep_write(struct sccp_session *s)
{
	uint8_t record[RECORD_LEN];
	struct td_buf b;

	if (!s->place || !s->phone)
		return;
	td_loop_undefer(s->sccp->loop, &s->save);
	td_buf_init(&b, record, sizeof(record));
	put_session(&b, s, s->out_len && s->events & TD_WRITE);
	if (td_buf_err(&b)) {		/* a long frame has come in part */
		td_buf_init(&b, record, sizeof(record));
		put_session(&b, s, true);
	}
	td_snapshot_write(s->sccp->keep, s->place, record, (uint32_t)b.pos);
}

static void write_later(void *arg)
{
	td_sccp_keep_write(arg);
}

void td_sccp_keep_changed(struct sccp_session *s)
{
	if (s && s->place && !s->save.queued)
		td_loop_defer(s->sccp->loop, &s->save, write_later, s);
}

void td_sccp_keep_session(struct sccp_session *s)
{
	struct td_sccp *sccp = s->sccp;

	if (!sccp->keep || s->place || s->tls)
		return;
	s->place = td_snapshot_take(sccp->keep);
	if (!s->place) {
		td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s connection would not survive a "
			       "restart: too many", s->phone->id);
		return;
	}
	td_sccp_keep_write(s);
	sccp->holder->hold(sccp->holder_arg, s->place, s->fd);
}

/* The copy would keep the connection open. */
void td_sccp_keep_forget(struct sccp_session *s)
{
	struct td_sccp *sccp = s->sccp;

	td_loop_undefer(sccp->loop, &s->save);
	if (!s->place)
		return;
	shutdown(s->fd, SHUT_RDWR);
	sccp->holder->drop(sccp->holder_arg, s->place);
	td_snapshot_drop(sccp->keep, s->place);
	s->place = 0;
}

void td_sccp_keep_listener(struct td_sccp *sccp, int i, int fd)
{
	if (sccp->keep && i < 2)
		sccp->holder->hold(sccp->holder_arg, listener_id(i), fd);
}

void td_sccp_keep_drop_listener(struct td_sccp *sccp, int i, int fd)
{
	if (!sccp->keep || i > 1)
		return;
	shutdown(fd, SHUT_RDWR);
	sccp->holder->drop(sccp->holder_arg, listener_id(i));
}

int td_sccp_keep_open(struct td_sccp *sccp, const char *path)
{
	static const struct snapshot_shape shape = { PLACES, RECORD_LEN };
	int err = td_snapshot_open(&sccp->keep, path, &shape);

	if (err)
		td_log_warn(TD_LOG_SCCP, "%s: %s; phones would register again after a restart", path,
			    strerror(-err));
	return err;
}

/* ---- reading ---- */

static void get_text(struct td_buf *b, char *dst, size_t size)
{
	struct td_str s = td_buf_get_bytes(b, td_buf_get_u8(b));

	if (td_str_copy(dst, size, s) >= size)
		b->err = -EBADMSG;
}

static void get_calls(struct td_buf *b, struct sccp_phone *phone)
{
	struct td_sccp *sccp = phone->sccp;

	for (uint8_t n = td_buf_get_u8(b); n && !td_buf_err(b); n--) {
		uint32_t ref = td_buf_get_be32(b);
		uint8_t line = td_buf_get_u8(b), flags = td_buf_get_u8(b);
		struct sccp_call *call = td_sccp_call_new(phone, line, flags & CALL_OUT);

		if (!call)
			return;
		call->kept = true;
		call->ref = ref;
		call->phase = SCCP_FAILED;	/* until its leg is there */
		call->rx = flags & CALL_RX ? SCCP_RX_OPEN : SCCP_RX_CLOSED;
		call->tx = flags & CALL_TX;
		call->rx_party = td_buf_get_be32(b);
		call->tx_party = td_buf_get_be32(b);
		if (sccp->last_ref < ref)
			sccp->last_ref = ref;
		if (sccp->last_party < call->rx_party)
			sccp->last_party = call->rx_party;
	}
}

static bool no_whole_frame(void *arg, const struct sccp_frame *f)
{
	(void)arg;
	(void)f;
	return false;
}

static void get_part(struct td_buf *b, struct sccp_session *s)
{
	struct td_str part = td_buf_get_bytes(b, td_buf_get_be16(b));

	if (part.len && td_sccp_read(&s->in, (const uint8_t *)part.p, part.len,
				     no_whole_frame, NULL))
		b->err = -EBADMSG;
	s->part_ms = td_loop_now_ms(s->sccp->loop);
}

static int get_session(struct td_buf *b, struct sccp_session *s)
{
	uint8_t flags, mac[6];
	struct sccp_phone *phone;
	struct td_str features, caps;

	if (td_buf_get_u8(b) != FORMAT)
		return -EBADMSG;
	flags = td_buf_get_u8(b);
	s->version = td_buf_get_u8(b);
	features = td_buf_get_bytes(b, sizeof(s->features));
	s->type = td_buf_get_be32(b);
	get_text(b, s->device, sizeof(s->device));
	get_text(b, s->load, sizeof(s->load));
	if (td_buf_err(b) || flags & FLAG_CUT)
		return -EBADMSG;
	memcpy(s->features, features.p, sizeof(s->features));
	s->utf8 = flags & FLAG_UTF8;
	phone = td_sccp_device_mac(s->device, mac) ? td_sccp_phone_by_mac(s->sccp, mac) : NULL;
	if (!phone || phone->session ||
	    (td_addr_is_set(&phone->address) && !td_addr_same_ip(&phone->address, &s->peer)))
		return -ENOENT;
	s->booted = true;
	td_sccp_phone_attach(phone, s);
	phone->dnd = flags & FLAG_DND;
	if (flags & (FLAG_PRIVATE | FLAG_NOT_PRIVATE))
		td_endpoint_set_private(s->sccp->core, phone->ep, flags & FLAG_PRIVATE);
	td_sccp_watch_start(phone);
	phone->ep->registered_ms = td_buf_get_be64(b);
	get_text(b, phone->redial, sizeof(phone->redial));
	caps = td_buf_get_bytes(b, td_buf_get_u8(b));
	if (caps.len > sizeof(phone->cap))
		return -EBADMSG;
	memcpy(phone->cap, caps.p, caps.len);
	phone->n_caps = (uint8_t)caps.len;
	get_calls(b, phone);
	get_part(b, s);
	return td_buf_err(b);
}

/* Only where both ends are known is it still a connection. */
static struct sccp_session *session_of(struct td_sccp *sccp, int fd)
{
	struct sockaddr_storage far, near;
	socklen_t far_len = sizeof(far), near_len = sizeof(near);
	struct td_addr peer, local;
	struct sccp_session *s;
	struct sccp_host *host;

	if (getpeername(fd, (struct sockaddr *)&far, &far_len) ||
	    getsockname(fd, (struct sockaddr *)&near, &near_len) ||
	    td_addr_from_sockaddr(&peer, (struct sockaddr *)&far) ||
	    td_addr_from_sockaddr(&local, (struct sockaddr *)&near))
		return NULL;
	host = td_sccp_host_get(sccp, &peer);
	s = host ? td_sccp_session_new(sccp, fd, &peer, &local, host, false) : NULL;
	if (!s)
		td_sccp_host_put(sccp, host);
	return s;
}

static bool restore_one(struct td_sccp *sccp, uint32_t place, int fd)
{
	struct sccp_session *s = session_of(sccp, fd);
	struct td_buf b;
	int err = -EBADMSG;

	if (!s) {
		close(fd);
		sccp->holder->drop(sccp->holder_arg, place);
		return false;
	}
	s->place = place;
	if (td_snapshot_next(sccp->keep, place - 1, &b) == place)
		err = get_session(&b, s);
	if (!err)
		return true;
	td_sccp_session_close(s, "what was known of it is not whole");
	return false;
}

/* Records whose connection is no more. A set of places: the list is not searched for each. */
static void drop_lonely(struct td_sccp *sccp)
{
	uint8_t *is_there = td_zalloc(PLACES + 1);
	struct sccp_session *s;
	struct td_buf b;
	uint32_t place = 0;

	if (!is_there)
		return;
	td_list_for_each(s, &sccp->sessions, struct sccp_session, node)
		is_there[s->place] = 1;
	while ((place = td_snapshot_next(sccp->keep, place, &b)))
		if (!is_there[place])
			td_snapshot_drop(sccp->keep, place);
	td_free(is_there);
}

void td_sccp_keep_restore(struct td_sccp *sccp)
{
	uint32_t id = 0;
	size_t n = 0;
	int fd;

	while ((fd = sccp->holder->next(sccp->holder_arg, &id)) >= 0) {
		if (id == listener_id(0) || id == listener_id(1)) {
			td_sccp_listen_again(sccp, id == listener_id(1), fd);
		} else if (!id || id > PLACES) {
			close(fd);
			sccp->holder->drop(sccp->holder_arg, id);
		} else {
			n += restore_one(sccp, id, fd);
		}
	}
	drop_lonely(sccp);
	if (n)
		td_log_info(TD_LOG_SCCP, "connections taken over n=%zu", n);
}
