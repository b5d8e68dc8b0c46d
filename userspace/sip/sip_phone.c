/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The phones of the configuration as SIP sees them: by id, by digest user, by number, and
 * where each can be reached now. A number may stand on several phones (a shared line), so
 * the index leads to a list. Registrations themselves are sip_register.c's.
 */
#include "userspace/sip/sip_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/url.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/nonce.h"
#include "userspace/sip/registrar.h"
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_subscribe.h"

/* A user part that can be registered, and who may. */
struct sip_number {
	struct td_map_node node;
	char user[CFG_NUMBER_LEN];
	struct td_list refs;
};

struct sip_number_ref {
	struct td_list node;
	struct sip_number *number;
	struct sip_phone *phone;
};

void td_sip_phones_init(struct td_sip *sip)
{
	td_map_init(&sip->phones_by_id);
	td_map_init(&sip->phones_by_user);
	td_map_init(&sip->phones_by_mac);
	td_map_init(&sip->numbers);
}

/* ---- numbers ---- */

static struct sip_number *number_find(const struct td_sip *sip, const char *user)
{
	struct td_map_node *n = td_map_find_str(&sip->numbers, user);

	return n ? td_container_of(n, struct sip_number, node) : NULL;
}

static struct sip_number *number_get(struct td_sip *sip, const char *user)
{
	struct sip_number *n = number_find(sip, user);

	if (n)
		return n;
	n = td_zalloc(sizeof(*n));
	if (!n)
		return NULL;
	td_strlcpy(n->user, user, sizeof(n->user));
	td_list_init(&n->refs);
	if (td_map_insert_str(&sip->numbers, &n->node, n->user)) {
		td_free(n);
		return NULL;
	}
	return n;
}

static void refs_drop(struct td_sip *sip, struct sip_number_ref *refs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sip_number *number = refs[i].number;

		if (!number)
			continue;
		td_list_del(&refs[i].node);
		if (!td_list_empty(&number->refs))
			continue;
		td_map_remove(&sip->numbers, &number->node);
		td_free(number);
	}
	td_free(refs);
}

static struct sip_number_ref *refs_make(struct td_sip *sip, struct sip_phone *phone,
					const struct cfg_phone *cfg)
{
	struct sip_number_ref *refs = td_calloc(cfg->n_lines + 1, sizeof(*refs));

	for (size_t i = 0; refs && i < cfg->n_lines; i++) {
		refs[i].phone = phone;
		refs[i].number = number_get(sip, sip->config->dns[cfg->lines[i].dn].number);
		if (!refs[i].number) {
			refs_drop(sip, refs, i);
			return NULL;
		}
		td_list_append(&refs[i].number->refs, &refs[i].node);
	}
	return refs;
}

/* ---- finding ---- */

struct sip_phone *td_sip_phone_by_id(struct td_sip *sip, const char *id)
{
	struct td_map_node *n = td_map_find_str(&sip->phones_by_id, id);

	return n ? td_container_of(n, struct sip_phone, by_id) : NULL;
}

struct sip_phone *td_sip_phone_by_user(struct td_sip *sip, const char *username)
{
	struct td_map_node *n = td_map_find_str(&sip->phones_by_user, username);

	return n ? td_container_of(n, struct sip_phone, by_user) : NULL;
}

struct sip_phone *td_sip_phone_by_mac(struct td_sip *sip, const uint8_t mac[6])
{
	struct td_map_node *n = td_map_find(&sip->phones_by_mac, mac, 6);

	return n ? td_container_of(n, struct sip_phone, by_mac) : NULL;
}

const char *td_sip_phone_number(const struct sip_phone *phone, uint32_t line)
{
	return phone->numbers[line - 1].number->user;
}

bool td_sip_phone_shares(const struct sip_phone *phone, uint32_t line)
{
	const struct sip_number_ref *ref;

	td_list_for_each(ref, &phone->numbers[line - 1].number->refs, struct sip_number_ref, node)
		if (ref->phone != phone)
			return true;
	return false;
}

bool td_sip_phone_owns(const struct sip_phone *phone, const char *user)
{
	for (size_t i = 0; i < phone->n_numbers; i++)
		if (!strcmp(phone->numbers[i].number->user, user))
			return true;
	return !strcmp(phone->username, user) || !strcmp(phone->id, user);
}

struct sip_phone *td_sip_phone_by_aor(struct td_sip *sip, const char *user,
				      bool (*fn)(const struct sip_phone *phone, void *arg), void *arg)
{
	const struct sip_number *number = number_find(sip, user);
	const struct sip_number_ref *ref;
	struct sip_phone *phone;

	if (number)
		td_list_for_each(ref, &number->refs, struct sip_number_ref, node)
			if (!fn || fn(ref->phone, arg))
				return ref->phone;
	phone = td_sip_phone_by_user(sip, user);
	if (phone && (!fn || fn(phone, arg)))
		return phone;
	phone = td_sip_phone_by_id(sip, user);
	return phone && (!fn || fn(phone, arg)) ? phone : NULL;
}

/* ---- adding, changing, removing ---- */

static void make_ha1(struct sip_phone *phone, const struct cfg_phone *cfg)
{
	phone->has_password = cfg->password[0];
	td_sip_auth_ha1(phone->sip, (enum cfg_digest)phone->digest, phone->username, cfg->password,
			phone->ha1);
}

static struct sip_phone *phone_new(struct td_sip *sip, const char *id)
{
	struct sip_phone *phone = td_zalloc(sizeof(*phone));

	if (!phone)
		return NULL;
	phone->sip = sip;
	td_list_init(&phone->bindings);
	td_list_init(&phone->orders);
	td_list_init(&phone->subs);
	td_strlcpy(phone->id, id, sizeof(phone->id));
	if (td_map_insert_str(&sip->phones_by_id, &phone->by_id, phone->id)) {
		td_free(phone);
		return NULL;
	}
	return phone;
}

static void drop_username(struct sip_phone *phone)
{
	if (phone->username[0])
		td_map_remove(&phone->sip->phones_by_user, &phone->by_user);
	phone->username[0] = '\0';
}

static int set_username(struct sip_phone *phone, const char *username)
{
	struct td_sip *sip = phone->sip;
	struct sip_phone *other;

	if (phone->username[0] && !strcmp(phone->username, username))
		return 0;
	drop_username(phone);
	/* A reload that gives the name of one phone to another may tell us in any order: the
	 * new owner has it, the other is changed or removed in the same reload. */
	other = td_sip_phone_by_user(sip, username);
	if (other)
		drop_username(other);
	td_strlcpy(phone->username, username, sizeof(phone->username));
	if (!phone->username[0])
		return 0;
	if (td_map_insert_str(&sip->phones_by_user, &phone->by_user, phone->username)) {
		phone->username[0] = '\0';	/* not in the map */
		return -ENOMEM;
	}
	return 0;
}

static void drop_mac(struct sip_phone *phone)
{
	if (phone->has_mac)
		td_map_remove(&phone->sip->phones_by_mac, &phone->by_mac);
	phone->has_mac = false;
}

/* As with names: a reload may tell in any order who has it now. */
static int set_mac(struct sip_phone *phone, const struct cfg_phone *cfg)
{
	struct td_sip *sip = phone->sip;
	struct sip_phone *other;

	drop_mac(phone);
	if (!cfg->has_mac)
		return 0;
	other = td_sip_phone_by_mac(sip, cfg->mac);
	if (other)
		drop_mac(other);
	memcpy(phone->mac, cfg->mac, sizeof(phone->mac));
	if (td_map_insert(&sip->phones_by_mac, &phone->by_mac, phone->mac, sizeof(phone->mac)))
		return -ENOMEM;
	phone->has_mac = true;
	return 0;
}

/* Cisco's featureIDs of a speed dial, and of a park slot, with a lamp */
static bool is_lamp(const struct cfg_button *b)
{
	return (b->feature == 21 || b->feature == 22) && b->target[0];
}

static int set_lamps(struct sip_phone *phone, const struct cfg_phone *cfg)
{
	char (*lamps)[CFG_NUMBER_LEN] = td_calloc(cfg->n_buttons + 1, sizeof(*lamps));
	size_t n = 0;

	if (!lamps)
		return -ENOMEM;
	for (size_t i = 0; i < cfg->n_buttons; i++)
		if (is_lamp(&cfg->buttons[i]))
			td_strlcpy(lamps[n++], cfg->buttons[i].target, sizeof(*lamps));
	td_free(phone->lamps);
	phone->lamps = lamps;
	phone->n_lamps = n;
	return 0;
}

static void phone_free(struct sip_phone *phone)
{
	struct td_sip *sip = phone->sip;

	td_sip_register_prune(phone, true);
	td_cisco_settle(phone);
	td_sip_subs_drop(phone, false);
	td_cisco_drop_orders(phone);
	if (phone->ep)
		td_endpoint_remove(sip->core, phone->ep);
	refs_drop(sip, phone->numbers, phone->n_numbers);
	drop_username(phone);
	drop_mac(phone);
	td_map_remove(&sip->phones_by_id, &phone->by_id);
	td_free(phone->replay);
	td_free(phone->lamps);
	td_free(phone);
}

/* When memory runs out, a phone that is there stays as it was. */
int td_sip_phone_set(struct td_sip *sip, const struct cfg_phone *cfg)
{
	struct sip_phone *phone = td_sip_phone_by_id(sip, cfg->id);
	struct sip_number_ref *refs;
	struct td_endpoint *ep;
	bool is_new = !phone;
	int err;

	if (is_new)
		phone = phone_new(sip, cfg->id);
	if (!phone)
		return -ENOMEM;
	refs = refs_make(sip, phone, cfg);
	ep = refs ? td_endpoint_set(sip->core, sip->config, cfg, &td_sip_driver, sip) : NULL;
	if (!ep) {
		if (refs)
			refs_drop(sip, refs, cfg->n_lines);
		if (is_new)
			phone_free(phone);
		return -ENOMEM;
	}
	phone->ep = ep;
	refs_drop(sip, phone->numbers, phone->n_numbers);
	phone->numbers = refs;
	phone->n_numbers = cfg->n_lines;
	phone->digest = cfg->digest;
	phone->transport = cfg->transport;
	phone->address = cfg->address;
	phone->listens_itself = cfg->multicast_paging;
	err = set_mac(phone, cfg);
	if (!err)
		err = set_lamps(phone, cfg);
	if (!err)
		err = set_username(phone, cfg->username);
	make_ha1(phone, cfg);
	td_sip_register_prune(phone, false);
	td_sip_phone_show_state(phone);
	return err;
}

void td_sip_phone_remove(struct td_sip *sip, const char *id)
{
	struct sip_phone *phone = td_sip_phone_by_id(sip, id);

	if (phone)
		phone_free(phone);
}

void td_sip_phones_fini(struct td_sip *sip)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &sip->phones_by_id)
		phone_free(td_container_of(n, struct sip_phone, by_id));
	td_map_fini(&sip->phones_by_id);
	td_map_fini(&sip->phones_by_user);
	td_map_fini(&sip->phones_by_mac);
	td_map_fini(&sip->numbers);
}

void td_sip_phones_rekey(struct td_sip *sip)
{
	for (size_t i = 0; i < sip->config->n_phones; i++) {
		struct sip_phone *phone = td_sip_phone_by_id(sip, sip->config->phones[i].id);

		if (phone)
			make_ha1(phone, &sip->config->phones[i]);
	}
}

/* ---- where it is ---- */

/* What the configuration insists on. */
static enum sip_transport wanted(const struct sip_phone *phone)
{
	return phone->transport == CFG_TRANSPORT_TLS ? SIP_TLS :
	       phone->transport == CFG_TRANSPORT_TCP ? SIP_TCP : SIP_UDP;
}

static bool is_fixed(const struct sip_phone *phone)
{
	return td_addr_is_set(&phone->address);
}

void td_sip_phone_show_state(struct sip_phone *phone)
{
	const struct sip_binding *b = td_list_first(&phone->bindings, struct sip_binding, node);
	struct td_core *core = phone->sip->core;
	const char *method = td_cisco_method(phone);

	if (b) {
		td_endpoint_set_state(core, phone->ep, TD_EP_REGISTERED, &b->peer,
				      td_sip_transport_name(b->transport));
		/* the first time of all, also over a restart */
		phone->ep->registered_ms = b->registered_ms;
	} else if (is_fixed(phone)) {
		td_endpoint_set_state(core, phone->ep, TD_EP_REGISTERED, &phone->address,
				      td_sip_transport_name(wanted(phone)));
		method = "fixed";
	} else {
		td_endpoint_set_state(core, phone->ep, TD_EP_UNREGISTERED, NULL, NULL);
		method = "";
	}
	td_strlcpy(phone->ep->registration_method, method, sizeof(phone->ep->registration_method));
}

/* The contact of another line of the device, with this number instead of that one's. */
static bool contact_in_bulk(const struct sip_phone *phone, const struct sip_binding *b,
			    const char *number, char dst[SIP_URI_LEN])
{
	const char *host = strchr(b->uri, '@');

	for (uint32_t i = 1; host && i <= phone->n_numbers; i++)
		if (!strcmp(td_sip_phone_number(phone, i), number))
			return td_cisco_has_line(phone, &b->peer, i) &&
			       snprintf(dst, SIP_URI_LEN, "sip:%s%s", number, host) < SIP_URI_LEN;
	return false;
}

bool td_sip_contact_of(const struct sip_phone *phone, const struct td_addr *peer,
		       const char *number, char dst[SIP_URI_LEN])
{
	const struct sip_binding *b;

	td_list_for_each(b, &phone->bindings, const struct sip_binding, node)
		if (td_addr_same_ip(&b->peer, peer) && !strcmp(b->aor, number))
			return td_strlcpy(dst, b->uri, SIP_URI_LEN) < SIP_URI_LEN;
	td_list_for_each(b, &phone->bindings, const struct sip_binding, node)
		if (td_addr_same_ip(&b->peer, peer) && contact_in_bulk(phone, b, number, dst))
			return true;
	return false;
}

/* The Contact's own host and port; false for names. */
static bool contact_addr(const char *uri, struct td_addr *addr, enum sip_transport *transport)
{
	char text[REG_URI_LEN], name[8] = "";
	url_t url[1];

	td_strlcpy(text, uri, sizeof(text));
	if (url_d(url, text) < 0 || !url->url_host || td_addr_parse(addr, url->url_host))
		return false;
	addr->port = 5060;
	if (url->url_port) {
		uint32_t port;

		if (td_parse_u32(td_str_of(url->url_port), &port) || !port || port > 65535)
			return false;
		addr->port = (uint16_t)port;
	}
	/* a value that does not fit is none that we know, and is not written */
	if (url_param(url->url_params, "transport", name, sizeof(name)) > 0)
		*transport = su_casematch(name, "tls") ? SIP_TLS :
			     su_casematch(name, "tcp") ? SIP_TCP : SIP_UDP;
	return true;
}

/* Over TCP the phone's own connection; over UDP the Contact's port when it names the host that
 * registered it, else (NAT, names) the source. The configuration may insist on a transport; the
 * port that a connection came from is no use over UDP then. Over TLS nothing but its connection:
 * a phone has no certificate that would prove another one to be its. */
static bool target_of(const struct sip_phone *phone, const struct sip_binding *b,
		      struct sip_target *t)
{
	struct td_addr contact;
	enum sip_transport transport = b->transport;

	memset(t, 0, sizeof(*t));
	td_strlcpy(t->uri, b->uri, sizeof(t->uri));
	t->local = b->local;
	t->peer = b->peer;
	t->transport = b->transport;
	if (b->transport && phone->transport != CFG_TRANSPORT_UDP && b->conn &&
	    tport_is_clear_to_send(b->conn))
		return phone->transport != CFG_TRANSPORT_TLS || b->transport == SIP_TLS;
	if (contact_addr(b->uri, &contact, &transport) && td_addr_same_ip(&contact, &b->peer)) {
		t->peer = contact;
		t->transport = transport;
	}
	if (phone->transport != CFG_TRANSPORT_ANY)
		t->transport = wanted(phone);
	return t->transport != SIP_TLS;
}

static bool fixed_target(const struct sip_phone *phone, struct sip_target *t)
{
	char addr[TD_ADDR_STRLEN];

	memset(t, 0, sizeof(*t));
	t->peer = phone->address;
	if (!t->peer.port)
		t->peer.port = 5060;
	t->transport = wanted(phone);
	snprintf(t->uri, sizeof(t->uri), "sip:%s@%s",
		 phone->n_numbers ? phone->numbers[0].number->user : phone->username,
		 td_addr_str(&t->peer, addr));
	return td_sip_local_towards(phone->sip, &t->peer, &t->local);
}

/* A device with several lines registers each; one of them is enough to reach it. */
static bool is_same_device(const struct sip_binding *b, const struct sip_binding *const *seen,
			   size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (td_addr_equal(&seen[i]->peer, &b->peer) && strcmp(seen[i]->aor, b->aor) != 0)
			return true;
	return false;
}

size_t td_sip_targets(struct sip_phone *phone, struct sip_target *t, size_t max)
{
	const struct sip_binding *seen[TD_MAX_FORKS], *b;
	size_t n = 0;

	td_list_for_each(b, &phone->bindings, struct sip_binding, node) {
		if (n == max || n == TD_MAX_FORKS)
			break;
		if (is_same_device(b, seen, n))
			continue;
		if (target_of(phone, b, &t[n]))
			seen[n++] = b;
	}
	if (!n && is_fixed(phone) && max)
		n = fixed_target(phone, t);
	return n;
}
