/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answered leg that outlives the process: what its dialog is (RFC 3261 12: Call-ID,
 * tags, both CSeqs, route set, remote target), what was agreed, and where the party is.
 * Written in save() whenever the core asks; read in restore() before the first message.
 *
 * Over UDP nothing is lost: the party cannot tell. A TCP connection ended with the process;
 * such a leg is orphaned until the party is heard again on a new one, or found by its
 * registration when we have something to say.
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define FORMAT	 2
#define FORMAT_1 1			/* without the transport */
#define TEXT_LEN SIP_SDP_OUT_BYTES

enum flag {
	FLAG_CALLER = 1 << 0, FLAG_CONNECTION = 1 << 1, FLAG_DIRECT = 1 << 2, FLAG_100REL = 1 << 3,
	FLAG_UPDATE = 1 << 4, FLAG_INFO = 1 << 5, FLAG_TIMER = 1 << 6, FLAG_REFRESH = 1 << 7,
};

/* ---- who the dialog is between ---- */

static char *value_of(const void *header)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char *text, *copy;

	su_home_init(home);
	text = sip_header_as_string(home, header);
	copy = text ? td_strdup(text) : NULL;
	su_home_deinit(home);
	return copy;
}

void td_sip_leg_identify(struct sip_leg *l, const sip_t *s, bool theirs)
{
	if (l->id_call)
		return;
	l->id_call = td_strdup(s->sip_call_id->i_id);
	l->id_local = value_of(theirs ? (const void *)s->sip_to : (const void *)s->sip_from);
	l->id_remote = value_of(theirs ? (const void *)s->sip_from : (const void *)s->sip_to);
}

void td_sip_leg_forget_identity(struct sip_leg *l)
{
	td_free(l->id_call);
	td_free(l->id_local);
	td_free(l->id_remote);
	l->id_call = l->id_local = l->id_remote = NULL;
}

/* ---- writing ---- */

static void put_text(struct td_buf *b, const char *text)
{
	if (!text)
		text = "";
	if (strlen(text) >= TEXT_LEN)
		b->err = -ENOSPC;
	td_buf_put_text(b, text);
}

static void put_header(struct td_buf *b, const void *header)
{
	char *text = header ? value_of(header) : NULL;

	put_text(b, text);
	td_free(text);
}

static void put_routes(struct td_buf *b, struct sip_leg *l)
{
	const sip_contact_t *target = NULL;
	const sip_route_t *route = NULL, *r;
	uint8_t n = 0;

	nta_leg_get_route(l->dialog, &route, &target);
	put_header(b, target);
	for (r = route; r; r = r->r_next)
		n++;
	td_buf_put_u8(b, n);
	for (r = route; r; r = r->r_next)
		put_header(b, r);
}

static void put_lines(struct td_buf *b, const struct sip_sdp_lines *lines)
{
	td_buf_put_u8(b, lines ? lines->n : 0);
	td_buf_put_u8(b, lines ? lines->audio : 0);
	for (size_t i = 0; lines && i < lines->n; i++) {
		put_text(b, lines->line[i].type);
		put_text(b, lines->line[i].proto);
		put_text(b, lines->line[i].format);
	}
}

static uint8_t flags_of(const struct sip_leg *l)
{
	return (uint8_t)((l->caller ? FLAG_CALLER : 0) | (l->transport ? FLAG_CONNECTION : 0) |
			 (l->direct ? FLAG_DIRECT : 0) | (l->can_100rel ? FLAG_100REL : 0) |
			 (l->can_update ? FLAG_UPDATE : 0) | (l->can_info ? FLAG_INFO : 0) |
			 (l->can_timer ? FLAG_TIMER : 0) | (l->we_refresh ? FLAG_REFRESH : 0));
}

void td_sip_leg_save(struct td_leg *leg, struct td_buf *b)
{
	struct sip_leg *l = td_sip_leg_of(leg);

	if (!l->dialog || !l->id_call || !l->id_local || !l->id_remote || !l->contact) {
		b->err = -EAGAIN;	/* its ACK is still to come */
		return;
	}
	td_buf_put_u8(b, FORMAT);
	td_buf_put_u8(b, flags_of(l));
	td_buf_put_u8(b, l->transport);
	put_text(b, l->id_call);
	put_text(b, l->id_local);
	put_text(b, l->id_remote);
	put_text(b, l->contact->m_url->url_user);
	td_buf_put_be32(b, nta_leg_get_seq(l->dialog));
	td_buf_put_be32(b, nta_leg_get_rseq(l->dialog));
	put_routes(b, l);
	td_keep_put_addr(b, &l->peer);
	put_text(b, l->sdp);
	td_buf_put_be64(b, l->sdp_id);
	td_buf_put_be32(b, l->sdp_version);
	td_buf_put_be64(b, l->remote_print);
	put_lines(b, l->lines);
	td_buf_put_be32(b, l->session_s);
	td_buf_put_be32(b, l->min_se_s);
}

/* ---- reading ---- */

static char *get_text(struct td_buf *b)
{
	struct td_str s = td_buf_get_bytes(b, td_buf_get_be16(b));

	return td_buf_err(b) ? NULL : td_strndup(s.p, s.len);
}

static void copy_text(struct td_buf *b, char *dst, size_t size)
{
	td_str_copy(dst, size, td_buf_get_bytes(b, td_buf_get_be16(b)));
}

static int get_lines(struct td_buf *b, struct sip_leg *l)
{
	uint8_t n = td_buf_get_u8(b), audio = td_buf_get_u8(b);

	if (!n)
		return 0;
	if (n > SIP_SDP_MAX_LINES || audio >= n)
		return -EBADMSG;
	l->lines = td_zalloc(sizeof(*l->lines));
	if (!l->lines)
		return -ENOMEM;
	l->lines->n = n;
	l->lines->audio = audio;
	for (size_t i = 0; i < n; i++) {
		copy_text(b, l->lines->line[i].type, sizeof(l->lines->line[i].type));
		copy_text(b, l->lines->line[i].proto, sizeof(l->lines->line[i].proto));
		copy_text(b, l->lines->line[i].format, sizeof(l->lines->line[i].format));
	}
	return 0;
}

static void set_flags(struct sip_leg *l, uint8_t flags)
{
	l->caller = flags & FLAG_CALLER;
	l->transport = flags & FLAG_CONNECTION ? SIP_TCP : SIP_UDP;
	l->direct = flags & FLAG_DIRECT;
	l->can_100rel = flags & FLAG_100REL;
	l->can_update = flags & FLAG_UPDATE;
	l->can_info = flags & FLAG_INFO;
	l->can_timer = flags & FLAG_TIMER;
	l->we_refresh = flags & FLAG_REFRESH;
	l->can_notify_keys = l->can_kpml = true;	/* where that is wanted at all */
}

/* What the dialog needs of the record, in the memory of home. */
struct kept_dialog {
	su_home_t *home;
	sip_from_t *local;
	sip_to_t *remote;
	sip_call_id_t *call_id;
	sip_contact_t *target;
	sip_route_t *route;
	sip_cseq_t cseq[1];
	uint32_t remote_cseq;
};

static char *home_text(struct td_buf *b, su_home_t *home)
{
	struct td_str s = td_buf_get_bytes(b, td_buf_get_be16(b));

	return s.len ? su_strndup(home, s.p, s.len) : NULL;
}

static void get_routes(struct td_buf *b, struct kept_dialog *k)
{
	char *text = home_text(b, k->home);
	sip_route_t **end = &k->route;
	uint8_t n;

	if (text)
		k->target = sip_contact_make(k->home, text);
	for (n = td_buf_get_u8(b); n && !td_buf_err(b); n--) {
		text = home_text(b, k->home);
		*end = text ? sip_route_make(k->home, text) : NULL;
		if (*end)
			end = &(*end)->r_next;
	}
}

static int make_dialog(struct sip_leg *l, const struct kept_dialog *k, const char *user)
{
	if (!k->local || !k->remote || !k->call_id)
		return -EBADMSG;
	l->dialog = nta_leg_tcreate(l->sip->agent, td_sip_leg_on_request, l,
				    SIPTAG_CALL_ID(k->call_id), SIPTAG_FROM(k->local),
				    SIPTAG_TO(k->remote), TAG_IF(k->route, SIPTAG_ROUTE(k->route)),
				    TAG_IF(k->target, NTATAG_TARGET(k->target)),
				    SIPTAG_CSEQ(k->cseq), NTATAG_REMOTE_CSEQ(k->remote_cseq),
				    TAG_END());
	return l->dialog ? td_sip_leg_make_contact(l, user) : -ENOMEM;
}

static int read_dialog(struct sip_leg *l, struct td_buf *b, su_home_t *home)
{
	struct kept_dialog k = { .home = home };
	char *user;

	l->id_call = get_text(b);
	l->id_local = get_text(b);
	l->id_remote = get_text(b);
	user = home_text(b, home);
	if (td_buf_err(b) || !l->id_call || !l->id_local || !l->id_remote)
		return -EBADMSG;
	k.call_id = sip_call_id_make(home, l->id_call);
	k.local = sip_from_make(home, l->id_local);
	k.remote = sip_to_make(home, l->id_remote);
	sip_cseq_init(k.cseq);
	k.cseq->cs_seq = td_buf_get_be32(b);
	k.cseq->cs_method = sip_method_invite;
	k.cseq->cs_method_name = "INVITE";
	k.remote_cseq = td_buf_get_be32(b);
	get_routes(b, &k);
	td_keep_get_addr(b, &l->peer);
	return td_buf_err(b) ? -EBADMSG : make_dialog(l, &k, user);
}

static int read_leg(struct sip_leg *l, struct td_buf *b)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	uint8_t format = td_buf_get_u8(b), transport;
	int err;

	if (format != FORMAT && format != FORMAT_1)
		return -EBADMSG;
	set_flags(l, td_buf_get_u8(b));
	if (format == FORMAT) {
		transport = td_buf_get_u8(b);
		l->transport = transport <= SIP_TLS ? transport : l->transport;
	}
	su_home_init(home);
	err = read_dialog(l, b, home);
	su_home_deinit(home);
	if (err)
		return err;
	l->sdp = get_text(b);
	l->sdp_id = td_buf_get_be64(b);
	l->sdp_version = td_buf_get_be32(b);
	l->remote_print = td_buf_get_be64(b);
	err = get_lines(b, l);
	l->session_s = td_buf_get_be32(b);
	l->min_se_s = td_buf_get_be32(b);
	return err ? err : td_buf_err(b) ? -EBADMSG : 0;
}

struct td_leg *td_sip_restore_leg(void *driver, struct td_endpoint *ep, const struct td_addr *local,
				  struct td_buf *state)
{
	struct td_sip *sip = driver;
	struct sip_leg *l = td_sip_leg_new(sip, ep);
	int err;

	if (!l)
		return NULL;
	l->leg.local = *local;
	err = read_leg(l, state);
	if (err) {
		td_log_warn(TD_LOG_SIP, "phone=%s dialog not restored: %s", ep->id, strerror(-err));
		td_sip_leg_discard(l);
		return NULL;
	}
	l->state = SIP_LEG_UP;
	l->tagged = l->alerting = l->answer_told = true;
	l->leg.orphaned = l->transport != SIP_UDP;
	td_sip_leg_set_srtp(l);
	td_sip_timer_again(l);
	return &l->leg;
}

/* ---- orphans ---- */

void td_sip_leg_heard(struct sip_leg *l, const struct td_addr *source)
{
	if (!l->leg.orphaned)
		return;
	td_log_info(TD_LOG_SIP, "leg=%u heard again on a new connection", l->leg.id);
	l->peer = *source;
	l->leg.orphaned = false;
}

void td_sip_leg_find(struct sip_leg *l)
{
	struct sip_phone *phone = l->leg.ep ? td_sip_phone_by_id(l->sip, l->leg.ep->id) : NULL;
	struct sip_target t[TD_MAX_FORKS];
	size_t n;

	if (!l->leg.orphaned || !phone)
		return;
	n = td_sip_targets(phone, t, TD_MAX_FORKS);
	for (size_t i = 0; i < n; i++)
		if (td_addr_same_ip(&t[i].peer, &l->peer) && t[i].transport)
			l->peer = t[i].peer;
}
