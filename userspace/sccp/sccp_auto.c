/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phones that nobody has configured (CME: auto-reg-ephone). Who holds its MAC on a network of
 * ours gets the next free number, may call the house, and stays a phone over restarts: a row in
 * the store. The operator adopts it by lines in the configuration; as soon as those are in force
 * the row goes.
 */
#include "userspace/sccp/sccp_priv.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "config/config.h"

enum { MAC, NUMBER, TYPE, SINCE_MS, N_COLUMNS };

static const struct td_store_column columns[N_COLUMNS] = {
	[MAC] = { "mac", TD_STORE_TEXT },
	[NUMBER] = { "number", TD_STORE_TEXT },
	[TYPE] = { "type", TD_STORE_INT },
	[SINCE_MS] = { "since_ms", TD_STORE_INT },
};

static const struct td_store_table table = { "sccp_auto", columns, N_COLUMNS };

/* ---- one phone ---- */

static void name_of(const uint8_t mac[6], char id[CFG_ID_LEN])
{
	char hex[13];

	td_hex(hex, mac, 6);
	for (char *p = hex; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	snprintf(id, CFG_ID_LEN, "SEP%s", hex);
}

/* As a phone of the configuration with one line would be. */
static struct sccp_phone *make(struct td_sccp *sccp, const uint8_t mac[6], const char *number,
			       uint32_t type)
{
	struct cfg_dn dn = { .huntstop = 1, .allow_watch = 1 };
	struct cfg_line line = { .button = 1 };
	struct cfg_phone cfg = { .protocol = CFG_PROTO_SCCP, .has_mac = 1, .lines = &line,
				 .n_lines = 1 };
	struct td_config model = { .dns = &dn, .n_dns = 1 };
	struct sccp_phone *phone;

	td_strlcpy(dn.number, number, sizeof(dn.number));
	name_of(mac, cfg.id);
	memcpy(cfg.mac, mac, sizeof(cfg.mac));
	if (type)
		td_strlcpy(cfg.type, td_sccp_type(type)->name, sizeof(cfg.type));
	if (td_endpoint_find(sccp->core, cfg.id) || td_sccp_phone_apply(sccp, &model, &cfg))
		return NULL;
	phone = td_sccp_phone_by_id(sccp, cfg.id);
	phone->automatic = phone->ep->automatic = true;
	if (td_map_insert_str(&sccp->auto_by_number, &phone->by_number,
			      phone->ep->lines[0].number)) {
		phone->by_number.key = NULL;
		td_sccp_phone_free(phone);
		return NULL;
	}
	return phone;
}

static void forget_row(struct td_sccp *sccp, const uint8_t mac[6])
{
	char hex[13];
	struct td_store_value key = { .text = hex };

	td_hex(hex, mac, 6);
	if (sccp->auto_table >= 0 && td_store_delete(sccp->store, sccp->auto_table, &key) < 0)
		td_log_limited(TD_LOG_SCCP, TD_WARN, "mac=%s is not forgotten: the store is full", hex);
}

/* ---- the store ---- */

static void on_row(void *arg, const struct td_store_value *row)
{
	struct td_sccp *sccp = arg;
	uint8_t mac[6];
	char device[SCCP_DEVICE_LEN];

	snprintf(device, sizeof(device), "SEP%s", row[MAC].text);
	if (!td_sccp_device_mac(device, mac) || !row[NUMBER].text[0] ||
	    strlen(row[NUMBER].text) >= CFG_NUMBER_LEN)
		return;
	if (td_sccp_phone_by_mac(sccp, mac) ||	/* adopted while nobody was here */
	    td_core_number_phones(sccp->core, row[NUMBER].text) ||
	    !make(sccp, mac, row[NUMBER].text, (uint32_t)row[TYPE].num))
		forget_row(sccp, mac);
}

static void on_decided(void *arg, uint64_t seq, int err)
{
	struct td_sccp *sccp = arg;
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &sccp->auto_by_number) {
		struct sccp_phone *phone = td_container_of(n, struct sccp_phone, by_number);

		if (!phone->ticket || phone->ticket > seq)
			continue;
		phone->ticket = 0;
		td_sccp_register_decided(phone, err);
		if (err)
			td_sccp_phone_free(phone);
	}
}

int td_sccp_auto_start(struct td_sccp *sccp)
{
	int n;

	td_map_init(&sccp->auto_by_number);
	if (!sccp->store)
		return 0;
	n = td_store_keep(sccp->store, &table, on_decided, sccp);
	if (n < 0)
		return n;
	sccp->auto_table = n;
	return td_store_read(sccp->store, n, on_row, sccp);
}

void td_sccp_auto_stop(struct td_sccp *sccp)
{
	if (sccp->auto_table >= 0)
		td_store_leave(sccp->store, sccp->auto_table);
	sccp->auto_table = -1;
}

/* ---- a stranger comes ---- */

const char *td_sccp_auto_refusal(const struct sccp_session *s, const uint8_t mac[6])
{
	const struct cfg_sccp *cfg = &s->sccp->config->sccp;
	static const struct td_addr nowhere;

	if (!cfg->auto_register || !cfg->auto_number[0] || s->sccp->auto_table < 0)
		return "Phone is not configured";
	if (td_identity_is(s->sccp->identity, &s->peer, mac, &nowhere) != TD_IS_HOLDER)
		return "Not the host of this phone";
	return NULL;
}

static bool free_number(struct td_sccp *sccp, char number[CFG_NUMBER_LEN])
{
	const struct cfg_sccp *cfg = &sccp->config->sccp;
	uint64_t first;

	if (td_parse_u64(td_str_of(cfg->auto_number), &first))
		return false;
	for (uint32_t i = 0; i < cfg->auto_numbers; i++) {
		snprintf(number, CFG_NUMBER_LEN, "%0*" PRIu64, (int)strlen(cfg->auto_number),
			 first + i);
		if (!td_core_number_phones(sccp->core, number))
			return true;
	}
	return false;
}

/* Returns the ticket, or a negative errno. */
static int64_t put_row(struct td_sccp *sccp, const uint8_t mac[6], const char *number, uint32_t type)
{
	struct timespec ts;
	char hex[13];
	struct td_store_value row[N_COLUMNS] = {
		[MAC] = { .text = hex }, [NUMBER] = { .text = number }, [TYPE] = { .num = type },
	};

	clock_gettime(CLOCK_REALTIME, &ts);
	row[SINCE_MS].num = (int64_t)ts.tv_sec * 1000;
	td_hex(hex, mac, 6);
	return td_store_put(sccp->store, sccp->auto_table, row);
}

struct sccp_phone *td_sccp_auto_add(struct td_sccp *sccp, const uint8_t mac[6], uint32_t type)
{
	char number[CFG_NUMBER_LEN];
	struct sccp_phone *phone;
	int64_t ticket;

	if (!free_number(sccp, number))
		return NULL;
	phone = make(sccp, mac, number, type);
	if (!phone)
		return NULL;
	ticket = put_row(sccp, mac, number, type);
	if (ticket < 0) {
		td_sccp_phone_free(phone);
		return NULL;
	}
	phone->ticket = (uint64_t)ticket;
	td_log_info(TD_LOG_SCCP, "phone=%s number=%s let in by itself; 'tandem adopt' makes it a "
		    "configured one", phone->id, number);
	return phone;
}

/* ---- it becomes a configured one ---- */

static void on_retired(void *arg)
{
	td_sccp_phone_free(arg);
}

void td_sccp_auto_detached(struct sccp_phone *phone)
{
	td_loop_defer(phone->sccp->loop, &phone->retire, on_retired, phone);
}

void td_sccp_auto_retire(struct sccp_phone *phone)
{
	struct td_sccp *sccp = phone->sccp;

	td_log_info(TD_LOG_SCCP, "phone=%s is configured now", phone->id);
	forget_row(sccp, phone->mac);
	if (phone->by_mac.key)
		td_map_remove(&sccp->phones_by_mac, &phone->by_mac);
	phone->by_mac.key = NULL;
	phone->retired = true;
	if (phone->session)
		td_sccp_phone_want_reset(phone, false);
	else
		td_sccp_auto_detached(phone);
}

void td_sccp_auto_adopted(struct sccp_phone *phone)
{
	struct td_sccp *sccp = phone->sccp;

	td_log_info(TD_LOG_SCCP, "phone=%s is configured now", phone->id);
	forget_row(sccp, phone->mac);
	td_map_remove(&sccp->auto_by_number, &phone->by_number);
	phone->by_number.key = NULL;
	phone->automatic = phone->ep->automatic = false;
	phone->ticket = 0;
	td_sccp_register_decided(phone, 0);
}

/* The configuration wins: the phone gets another number. */
static void renumber(struct sccp_phone *phone)
{
	struct td_sccp *sccp = phone->sccp;
	char number[CFG_NUMBER_LEN], id[CFG_ID_LEN];
	uint8_t mac[6];
	uint32_t type = phone->session ? phone->session->type : 0;

	memcpy(mac, phone->mac, sizeof(mac));
	td_strlcpy(id, phone->id, sizeof(id));
	td_sccp_phone_free(phone);
	if (!free_number(sccp, number) || put_row(sccp, mac, number, type) < 0) {
		td_log_warn(TD_LOG_SCCP, "phone=%s has lost its number, and none is free", id);
		forget_row(sccp, mac);
	} else if (make(sccp, mac, number, type)) {
		td_log_info(TD_LOG_SCCP, "phone=%s has number=%s now: its old one is configured for "
			    "another", id, number);
	}
}

void td_sccp_auto_configure(struct td_sccp *sccp)
{
	const struct td_config *cfg = sccp->config;

	if (!td_map_next(&sccp->auto_by_number, NULL))
		return;
	for (size_t i = 0; i < cfg->n_phones; i++) {
		struct sccp_phone *same = td_sccp_phone_by_id(sccp, cfg->phones[i].id);

		if (same && same->automatic && cfg->phones[i].protocol != CFG_PROTO_SCCP) {
			forget_row(sccp, same->mac);	/* it is to speak SIP */
			td_sccp_phone_free(same);
		}
		for (size_t k = 0; k < cfg->phones[i].n_lines; k++) {
			const char *number = cfg->dns[cfg->phones[i].lines[k].dn].number;
			struct td_map_node *n = td_map_find_str(&sccp->auto_by_number, number);
			struct sccp_phone *phone =
				n ? td_container_of(n, struct sccp_phone, by_number) : NULL;

			if (phone && !phone->retired && memcmp(phone->mac, cfg->phones[i].mac, 6) != 0)
				renumber(phone);
		}
	}
}

/* ---- what operators want ---- */

static struct sccp_phone *find(struct td_sccp *sccp, const char *which)
{
	struct td_map_node *n = td_map_find_str(&sccp->auto_by_number, which);
	struct sccp_phone *phone = td_sccp_phone_by_id(sccp, which);
	char device[SCCP_DEVICE_LEN];
	uint8_t mac[6];

	snprintf(device, sizeof(device), "SEP%.12s", which);
	if (n)
		phone = td_container_of(n, struct sccp_phone, by_number);
	else if (!phone && td_sccp_device_mac(device, mac))
		phone = td_sccp_phone_by_mac(sccp, mac);
	return phone && phone->automatic && !phone->retired ? phone : NULL;
}

int td_sccp_adopt(struct td_sccp *sccp, const char *which, struct td_json *j, const char *key)
{
	const struct sccp_phone *phone = find(sccp, which);
	const struct td_endpoint *ep = phone ? phone->ep : NULL;
	char text[512], hex[13];
	struct td_buf b;

	if (!ep)
		return -ENOENT;
	td_hex(hex, phone->mac, 6);
	td_buf_init(&b, text, sizeof(text) - 1);
	td_buf_printf(&b, "config phone '%s'\n\toption protocol 'sccp'\n", phone->id);
	if (td_config_phonetype(sccp->config, ep->type))
		td_buf_printf(&b, "\toption type '%s'\n", ep->type);
	td_buf_printf(&b, "\toption mac '%s'\n\toption number '%s'\n", hex, ep->lines[0].number);
	text[b.pos] = '\0';
	td_json_str(j, key, text);
	return 0;
}

int td_sccp_forget(struct td_sccp *sccp, const char *which)
{
	struct sccp_phone *phone = find(sccp, which);

	if (!phone)
		return -ENOENT;
	td_log_info(TD_LOG_SCCP, "phone=%s forgotten", phone->id);
	forget_row(sccp, phone->mac);
	td_sccp_phone_free(phone);
	return 0;
}
