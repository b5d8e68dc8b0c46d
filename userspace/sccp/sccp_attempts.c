/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who tried to register and was refused, and why: the list an operator looks at when a new
 * phone does not come up. One entry a device; the oldest fall out.
 */
#include "userspace/sccp/sccp_priv.h"

#include "userspace/base/clock.h"

#define MOST_ATTEMPTS 200

struct attempt {
	struct td_list node;
	char device[SCCP_DEVICE_LEN];
	uint32_t type, count;
	struct td_addr peer;
	char reason[64];
	uint64_t last_ms;		/* Unix time */
};

static struct attempt *find(struct td_sccp *sccp, const char *device)
{
	struct attempt *a;

	td_list_for_each(a, &sccp->attempts, struct attempt, node)
		if (!strcmp(a->device, device))
			return a;
	return NULL;
}

/* Names come from strangers and go to terminals. */
static void clean_name(char dst[SCCP_DEVICE_LEN], const char *device)
{
	td_strlcpy(dst, device, SCCP_DEVICE_LEN);
	for (; *dst; dst++)
		if (*dst <= ' ' || *dst >= 0x7f)
			*dst = '_';
}

void td_sccp_attempt(struct td_sccp *sccp, const struct sccp_session *s, const char *device,
		     uint32_t type, const char *reason)
{
	char name[SCCP_DEVICE_LEN], peer[TD_ADDR_STRLEN];
	struct attempt *a;

	clean_name(name, device);
	sccp->n.rejected++;
	td_log_limited(TD_LOG_SCCP, TD_WARN, "device=%s type=%s address=%s not registered: %s", name,
		       td_sccp_type(type)->name, td_addr_ip(&s->peer, peer), reason);
	if (sccp->refused)
		sccp->refused(sccp->refused_arg, &s->peer, name, reason);
	a = find(sccp, name);
	if (a) {
		td_list_del(&a->node);
	} else if (sccp->n_attempts < MOST_ATTEMPTS) {
		a = td_zalloc(sizeof(*a));
		if (!a)
			return;
		sccp->n_attempts++;
	} else {
		a = td_container_of(sccp->attempts.prev, struct attempt, node);
		td_list_del(&a->node);
		a->count = 0;
	}
	memcpy(a->device, name, sizeof(a->device));
	a->type = type;
	a->peer = s->peer;
	a->count++;
	a->last_ms = td_clock_ms(CLOCK_REALTIME);
	td_strlcpy(a->reason, reason, sizeof(a->reason));
	td_list_push(&sccp->attempts, &a->node);
}

void td_sccp_clear_attempts(struct td_sccp *sccp)
{
	struct attempt *a;

	while ((a = td_list_first(&sccp->attempts, struct attempt, node))) {
		td_list_del(&a->node);
		td_free(a);
	}
	sccp->n_attempts = 0;
}

void td_sccp_show_attempts(struct td_sccp *sccp, struct td_json *j, const char *key)
{
	char peer[TD_ADDR_STRLEN];
	struct attempt *a;

	td_json_array(j, key);
	td_list_for_each(a, &sccp->attempts, struct attempt, node) {
		size_t n = strlen(a->device);

		td_json_object(j, NULL);
		td_json_str(j, "device", a->device);
		td_json_str(j, "mac", n >= 12 ? a->device + n - 12 : NULL);
		td_json_str(j, "type", td_sccp_type(a->type)->name);
		td_json_str(j, "address", td_addr_ip(&a->peer, peer));
		td_json_str(j, "reason", a->reason);
		td_json_u64(j, "count", a->count);
		td_json_u64(j, "last_ms", a->last_ms);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}
