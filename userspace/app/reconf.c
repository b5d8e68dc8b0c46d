// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reload: read the file (through the master, it is 0600), check it whole, and apply
 * the difference room by room. A faulty file changes nothing. Running calls keep what
 * they have; new ones take the new values.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/prov/files.h"

#define CONFIG_MAX_BYTES (64u << 20)

/* The master answers at once; an answer about an interface may come first. */
int td_app_ask_master(struct tandem *t, enum td_master_type type, struct td_master_msg *msg, int *fd)
{
	int err;

	*msg = (struct td_master_msg){ .type = type, .mode = msg->mode };
	err = td_master_send(t->master_fd, msg, -1, 0);
	for (int i = 0; !err && i < 64; i++) {
		*fd = -1;
		err = td_master_recv(t->master_fd, msg, fd, 0);
		if (!err && msg->type == type)
			return msg->rc;
		if (!err && msg->type == TD_MASTER_ATTACH && t->media)
			td_interfaces_answer(t, msg);
	}
	return err ? err : -EPROTO;
}

int td_app_upgrade(struct tandem *t, char *why, size_t len)
{
	struct td_master_msg msg = { 0 };
	int fd, err = td_app_ask_master(t, TD_MASTER_UPGRADE, &msg, &fd);

	if (err)
		snprintf(why, len, "%s", msg.why[0] ? msg.why : strerror(-err));
	return err;
}

static char *read_all(int fd, size_t *len)
{
	struct stat st;
	size_t size, used = 0;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) || st.st_size < 0 || (uint64_t)st.st_size > CONFIG_MAX_BYTES)
		return NULL;
	size = (size_t)st.st_size + 4096;
	text = td_zalloc(size + 1);
	while (text && used < size && (n = read(fd, text + used, size - used)) > 0)
		used += (size_t)n;
	*len = used;
	return text;
}

static void report_faults(const struct td_config_faults *faults, char *report, size_t len)
{
	FILE *out = fmemopen(report, len, "w");

	for (size_t i = 0; i < faults->n; i++) {
		char line[1024] = "";
		FILE *one = fmemopen(line, sizeof(line), "w");

		if (!one)
			break;
		td_config_fault_print(one, &faults->v[i]);
		fclose(one);
		line[strcspn(line, "\n")] = '\0';
		td_log_warn(TD_LOG_CONFIG, "%s", line);
		if (out)
			fprintf(out, "%s\n", line);
	}
	if (out)
		fclose(out);
}

struct td_config *td_config_from_master(struct tandem *t, char *report, size_t len)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	size_t text_len = 0;
	char *text = NULL;
	struct td_master_msg msg = { 0 };
	int fd = -1, err = td_app_ask_master(t, TD_MASTER_CONFIG, &msg, &fd);

	report[0] = '\0';
	if (!err)
		text = read_all(fd, &text_len);
	if (fd >= 0)
		close(fd);
	if (!text) {
		snprintf(report, len, "%s: %s%s", t->opt.config_path, strerror(err ? -err : ENOMEM),
			 err == -EACCES ? TD_CONFIG_OWNER_HINT : "");
		return NULL;
	}
	td_config_parse(&cfg, t->opt.config_path, text, text_len, &faults);
	td_free(text);
	report_faults(&faults, report, len);
	td_config_faults_fini(&faults);
	return cfg;
}

/* ---- the difference ---- */

struct change {
	struct tandem *t;
	unsigned int phones, interfaces, trunks, dialplan;
	bool needs_restart;
};

static void remove_phone(struct tandem *t, const struct cfg_phone *phone)
{
	if (phone->protocol == CFG_PROTO_SCCP)
		td_sccp_phone_remove(t->sccp, phone->id);
	else
		td_sip_phone_remove(t->sip, phone->id);
}

static int set_phone(struct tandem *t, const struct cfg_phone *phone)
{
	return phone->protocol == CFG_PROTO_SCCP ? td_sccp_phone_set(t->sccp, phone) :
						   td_sip_phone_set(t->sip, phone);
}

static void on_phone(void *arg, enum td_change what, const struct cfg_phone *old,
		     const struct cfg_phone *now)
{
	struct change *c = arg;

	c->phones++;
	if (old && (what == TD_GONE || old->protocol != now->protocol))
		remove_phone(c->t, old);
	if (now && set_phone(c->t, now))
		td_log_err(TD_LOG_APP, "phone=%s could not be changed", now->id);
}

static void on_interface(void *arg, enum td_change what, const struct cfg_interface *old,
			 const struct cfg_interface *now)
{
	struct change *c = arg;

	(void)what;
	(void)old;
	(void)now;
	c->interfaces++;
}

static void on_trunk(void *arg, enum td_change what, const struct cfg_trunk *old,
		     const struct cfg_trunk *now)
{
	struct change *c = arg;

	c->trunks++;
	if (what == TD_GONE)
		td_sip_trunk_remove(c->t->sip, old->id);
	else if (td_sip_trunk_set(c->t->sip, now))
		td_log_err(TD_LOG_APP, "trunk=%s could not be changed", now->id);
}

static void on_dialplan(void *arg, unsigned int changes)
{
	((struct change *)arg)->dialplan = changes;
}

static void on_sip(void *arg, const struct cfg_sip *old, const struct cfg_sip *now)
{
	struct change *c = arg;

	c->needs_restart = old->port != now->port || old->udp != now->udp ||
			   old->tcp != now->tcp || old->tls != now->tls ||
			   (now->tls && old->tls_port != now->tls_port) || old->n_listen != now->n_listen ||
			   memcmp(old->listen, now->listen, sizeof(old->listen));
}

static const struct td_config_diff_ops diff_ops = {
	.phone = on_phone, .interface = on_interface, .sip = on_sip, .trunk = on_trunk,
	.dialplan = on_dialplan,
};

int td_app_reload(struct tandem *t, char *report, size_t len)
{
	struct td_config *old = t->config, *now = td_config_from_master(t, report, len);
	struct change c = { .t = t };
	unsigned int changes;

	if (!now) {
		td_log_warn(TD_LOG_APP, "reload refused, the running configuration stays");
		return -EINVAL;
	}
	t->config = now;
	td_core_configure(t->core, now);
	td_media_configure(t->media, now);
	td_sip_configure(t->sip, now);
	td_sccp_configure(t->sccp, now);
	td_firewall_configure(t, old, now);
	changes = td_config_diff(old, now, &diff_ops, &c);
	td_sip_registrars_configure(t->sip);
	td_sightings_configure(t);
	td_voice_configure(t->voice, now);
	td_cluster_configure(t->cluster, now);
	td_sync_configure(t->sync, now);
	td_provision_configure(t, old);
	td_management_configure(t, old);
	if (!t->opt.log_level && now->global.log_level[0])
		td_log_set_levels(now->global.log_level);
	if (c.interfaces) {
		td_interfaces_configure(t);
		td_families_configure(t);
	}
	td_config_put(old);
	t->reloads++;
	snprintf(report, len, "%u changes: %u phones, %u interfaces, %u trunks, %u in the dial plan%s",
		 changes, c.phones, c.interfaces, c.trunks, c.dialplan, c.needs_restart ? "; listeners change at the next start" : "");
	td_log_info(TD_LOG_APP, "reloaded changes=%u phones=%u interfaces=%u restart_needed=%d",
		    changes, c.phones, c.interfaces, c.needs_restart);
	return 0;
}
