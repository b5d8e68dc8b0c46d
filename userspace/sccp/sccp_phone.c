/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SCCP phones of the configuration: found by id and by MAC (a device is named after
 * it), who may claim to be one, and what a reload changes. A phone shows what it was told
 * when it started, so one whose lines change is told to start again, when nobody talks.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>
#include <stdio.h>

#define RESET_TICK_MS 50	/* between two phones: a thousand do not come at once */

void td_sccp_phones_init(struct td_sccp *sccp)
{
	td_map_init(&sccp->phones_by_id);
	td_map_init(&sccp->phones_by_mac);
	td_list_init(&sccp->resetting);
}

struct sccp_phone *td_sccp_phone_by_id(struct td_sccp *sccp, const char *id)
{
	struct td_map_node *n = td_map_find_str(&sccp->phones_by_id, id);

	return n ? td_container_of(n, struct sccp_phone, by_id) : NULL;
}

struct sccp_phone *td_sccp_phone_by_mac(struct td_sccp *sccp, const uint8_t mac[6])
{
	struct td_map_node *n = td_map_find(&sccp->phones_by_mac, mac, 6);

	return n ? td_container_of(n, struct sccp_phone, by_mac) : NULL;
}

/* An identity is proven, not claimed: see phones/identity.h. TCP has asked for
 * the neighbour before anything is heard here. */
bool td_sccp_phone_may_come(const struct sccp_phone *phone, const struct td_addr *host)
{
	return td_identity_is(phone->sccp->identity, host, phone->mac, &phone->address) ==
	       TD_IS_HOLDER;
}

const struct td_endpoint_line *td_sccp_phone_line(const struct sccp_phone *phone, uint32_t line)
{
	return line && line <= phone->ep->n_lines ? &phone->ep->lines[line - 1] : NULL;
}

/* ---- its session ---- */

static void show_state(struct sccp_phone *phone)
{
	struct td_core *core = phone->sccp->core;
	struct sccp_session *s = phone->session;
	struct td_endpoint *ep = phone->ep;

	if (!s) {
		td_endpoint_set_state(core, ep, TD_EP_UNREGISTERED, NULL, NULL);
		ep->registration_method[0] = '\0';
		return;
	}
	td_endpoint_set_state(core, ep, s->booted ? TD_EP_REGISTERED : TD_EP_REGISTERING, &s->peer,
			      s->tls ? "tls" : "tcp");
	snprintf(ep->registration_method, sizeof(ep->registration_method), "sccp version %u",
		 s->version);
	td_strlcpy(ep->load, s->load, sizeof(ep->load));
	if (!ep->type[0])
		td_strlcpy(ep->type, td_sccp_type(s->type)->name, sizeof(ep->type));
}

void td_sccp_phone_attach(struct sccp_phone *phone, struct sccp_session *s)
{
	phone->session = s;
	phone->n_caps = 0;
	s->phone = phone;
	phone->sccp->n_registered++;
	show_state(phone);
	td_sccp_leg_end_orphans(phone);
}

void td_sccp_phone_detach(struct sccp_phone *phone)
{
	struct sccp_call *call;

	td_sccp_watch_stop(phone);
	phone->page = 0;
	phone->session = NULL;
	phone->sccp->n_registered--;
	while ((call = td_list_first(&phone->calls, struct sccp_call, node)))
		td_sccp_call_drop(call, TD_CAUSE_OUT_OF_ORDER);
	show_state(phone);
	if (phone->retired)
		td_sccp_auto_detached(phone);
}

void td_sccp_phone_booted(struct sccp_phone *phone)
{
	if (phone->session->booted)
		return;
	phone->session->booted = true;
	show_state(phone);
	td_sccp_keep_session(phone->session);
	td_log_info(TD_LOG_SCCP, "phone=%s registered device=%s type=%s version=%u load=%s",
		    phone->id, phone->session->device, td_sccp_type(phone->session->type)->name,
		    phone->session->version, phone->session->load);
	td_sccp_watch_start(phone);
	td_sccp_show_idle(phone);
}

/* ---- starting again ---- */

static void on_reset_tick(void *arg)
{
	struct td_sccp *sccp = arg;
	struct sccp_phone *phone = td_list_first(&sccp->resetting, struct sccp_phone, reset_node);

	if (!phone)
		return;
	td_list_del(&phone->reset_node);
	if (phone->session)
		td_sccp_send_number(phone->session, SCCP_RESET, phone->reset);
	if (phone->session && phone->retired)
		td_sccp_session_leave(phone->session);
	phone->reset = 0;
	td_loop_timer_start(sccp->loop, &sccp->reset_tick, RESET_TICK_MS, on_reset_tick, sccp);
}

/* During a call it waits. */
void td_sccp_phone_want_reset(struct sccp_phone *phone, bool hard)
{
	struct td_sccp *sccp = phone->sccp;

	if (!phone->session)
		return;
	if (hard || !phone->reset)
		phone->reset = hard ? SCCP_RESET_HARD : SCCP_RESET_RESTART;
	if (!td_list_empty(&phone->calls) || !td_list_empty(&phone->reset_node))
		return;
	td_list_append(&sccp->resetting, &phone->reset_node);
	if (!td_timer_is_armed(&sccp->reset_tick))
		td_loop_timer_start(sccp->loop, &sccp->reset_tick, 0, on_reset_tick, sccp);
}

void td_sccp_phone_idle(struct sccp_phone *phone)
{
	if (phone->reset)
		td_sccp_phone_want_reset(phone, phone->reset == SCCP_RESET_HARD);
}

int td_sccp_reset(struct td_sccp *sccp, const char *which, bool hard)
{
	struct sccp_phone *phone = td_sccp_phone_by_id(sccp, which);
	struct td_map_node *n;
	bool all = !strcmp(which, "all"), known = false;
	int count = 0;

	if (phone) {
		td_sccp_phone_want_reset(phone, hard);
		return phone->session != NULL;
	}
	for (n = td_map_next(&sccp->phones_by_id, NULL); n; n = td_map_next(&sccp->phones_by_id, n)) {
		phone = td_container_of(n, struct sccp_phone, by_id);
		if (!all && strcmp(phone->ep->type, which) != 0)
			continue;
		known = true;
		count += phone->session != NULL;
		td_sccp_phone_want_reset(phone, hard);
	}
	return all || known ? count : -ENOENT;
}

/* ---- adding, changing, removing ---- */

void td_sccp_phone_free(struct sccp_phone *phone)
{
	struct td_sccp *sccp = phone->sccp;
	struct sccp_session *s;

	phone->retired = false;		/* we are at it */
	while ((s = td_list_first(&phone->wanted, struct sccp_session, wants_node)))
		td_sccp_session_close(s, "the phone is no longer configured");
	if (phone->promised)
		td_sccp_register_release(phone->promised);
	td_loop_undefer(sccp->loop, &phone->retire);
	if (phone->by_number.key)
		td_map_remove(&sccp->auto_by_number, &phone->by_number);
	if (phone->session)
		td_sccp_session_close(phone->session, "the phone is no longer configured");
	td_sccp_leg_end_orphans(phone);
	td_list_del(&phone->reset_node);
	td_free(phone->buttons);
	if (phone->ep)
		td_endpoint_remove(sccp->core, phone->ep);
	if (phone->by_mac.key)
		td_map_remove(&sccp->phones_by_mac, &phone->by_mac);
	td_map_remove(&sccp->phones_by_id, &phone->by_id);
	td_free(phone);
}

static struct sccp_phone *phone_new(struct td_sccp *sccp, const char *id)
{
	struct sccp_phone *phone = td_zalloc(sizeof(*phone));

	if (!phone)
		return NULL;
	phone->sccp = sccp;
	td_list_init(&phone->calls);
	td_list_init(&phone->orphans);
	td_list_init(&phone->shared);
	td_list_init(&phone->wanted);
	td_list_init(&phone->reset_node);
	td_strlcpy(phone->id, id, sizeof(phone->id));
	if (td_map_insert_str(&sccp->phones_by_id, &phone->by_id, phone->id)) {
		td_free(phone);
		return NULL;
	}
	return phone;
}

/* A reload that gives one phone's MAC to another may tell us in any order: the new owner has
 * it, and the other's session ends. */
static int set_mac(struct sccp_phone *phone, const uint8_t mac[6])
{
	struct td_sccp *sccp = phone->sccp;
	struct sccp_phone *other = td_sccp_phone_by_mac(sccp, mac);
	int err;

	if (other == phone)
		return 0;
	if (other && other->automatic) {
		td_sccp_auto_retire(other);
	} else if (other) {
		if (other->session)
			td_sccp_session_close(other->session, "its MAC belongs to another phone now");
		td_map_remove(&sccp->phones_by_mac, &other->by_mac);
		other->by_mac.key = NULL;
	}
	if (phone->session)
		td_sccp_session_close(phone->session, "it has another MAC now");
	if (phone->by_mac.key)
		td_map_remove(&sccp->phones_by_mac, &phone->by_mac);
	memcpy(phone->mac, mac, sizeof(phone->mac));
	err = td_map_insert(&sccp->phones_by_mac, &phone->by_mac, phone->mac, sizeof(phone->mac));
	if (err)
		phone->by_mac.key = NULL;
	return err;
}

int td_sccp_phone_set(struct td_sccp *sccp, const struct cfg_phone *cfg)
{
	struct sccp_phone *phone = td_sccp_phone_by_id(sccp, cfg->id);

	if (phone && phone->automatic)
		td_sccp_auto_adopted(phone);
	return td_sccp_phone_apply(sccp, sccp->config, cfg);
}

int td_sccp_phone_apply(struct td_sccp *sccp, const struct td_config *config,
			const struct cfg_phone *cfg)
{
	struct sccp_phone *phone = td_sccp_phone_by_id(sccp, cfg->id);
	bool is_new = !phone;
	struct td_endpoint *ep;
	int err;

	if (is_new)
		phone = phone_new(sccp, cfg->id);
	if (!phone)
		return -ENOMEM;
	ep = td_endpoint_set(sccp->core, config, cfg, &td_sccp_driver, sccp);
	if (!ep) {
		if (is_new)
			td_sccp_phone_free(phone);
		return -ENOMEM;
	}
	phone->ep = ep;
	ep->driver_priv = phone;
	ep->dtmf = CFG_DTMF_INFO;	/* its keys and what it hears of keys are messages */
	phone->address = cfg->address;
	phone->dnd_silent = cfg->dnd == CFG_DND_SILENT;
	td_strlcpy(phone->load, cfg->load, sizeof(phone->load));
	td_sccp_keys_set(phone, cfg);
	err = td_sccp_buttons_set(phone, cfg);
	if (!err)
		err = set_mac(phone, cfg->mac);
	if (!err && phone->session && !td_sccp_phone_may_come(phone, &phone->session->peer))
		td_sccp_session_close(phone->session, "it may not come from there any more");
	show_state(phone);
	if (phone->session && phone->session->booted)
		td_sccp_watch_start(phone);
	if (!is_new)
		td_sccp_phone_want_reset(phone, false);
	return err;
}

void td_sccp_phone_remove(struct td_sccp *sccp, const char *id)
{
	struct sccp_phone *phone = td_sccp_phone_by_id(sccp, id);

	if (phone)
		td_sccp_phone_free(phone);
}

void td_sccp_phones_fini(struct td_sccp *sccp)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &sccp->phones_by_id)
		td_sccp_phone_free(td_container_of(n, struct sccp_phone, by_id));
	td_map_fini(&sccp->phones_by_id);
	td_map_fini(&sccp->phones_by_mac);
	td_map_fini(&sccp->auto_by_number);
}
