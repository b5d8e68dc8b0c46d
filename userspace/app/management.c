// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the management's pages and counters are made of: the rooms' own JSON. The counters come
 * from numbers that the rooms keep anyway; only the pages look at each phone and call, and only
 * while somebody has one open.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <string.h>

#include "userspace/app/call_records.h"
#include "userspace/app/commands_priv.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/manage/manage.h"
#include "userspace/phones/journal.h"
#include "userspace/prov/http.h"
#include "userspace/prov/tftp.h"

#define CALLS_SHOWN 15

static void show_files(const struct tandem *t, struct td_json *j)
{
	struct td_http_stats h;
	struct td_tftp_stats f;

	if (t->http) {
		td_http_stats(t->http, &h);
		td_json_object(j, "http");
		td_json_u64(j, "served", h.served);
		td_json_u64(j, "refused", h.refused + h.not_found + h.not_holder + h.limited);
		td_json_end_object(j);
	}
	if (t->tftp) {
		td_tftp_stats(t->tftp, &f);
		td_json_object(j, "tftp");
		td_json_u64(j, "served", f.served);
		td_json_u64(j, "refused", f.refused + f.not_found + f.not_holder + f.limited);
		td_json_end_object(j);
	}
}

static void answer_metrics(struct tandem *t, struct td_json *j)
{
	td_json_object(j, "version");
	td_json_bool(j, TD_VERSION, true);
	td_json_end_object(j);
	td_json_u64(j, "started_ms", t->started_ms);
	td_json_u64(j, "reloads", t->reloads);
	td_core_show_stats(t->core, j, "core");
	td_call_counts_show(t, j, "ended");
	td_sip_show_stats(t->sip, j, "sip");
	td_sccp_show_stats(t->sccp, j, "sccp");
	td_media_show_stats(t->media, j, "media");
	td_core_show_trunks(t->core, j, "trunks");
	td_voice_show(t->voice, j, "voice_ports");
	show_files(t, j);
	td_json_int(j, "memory_blocks", td_mem_live());
}

static void answer_status(struct tandem *t, struct td_json *j)
{
	td_json_object(j, "about");
	td_json_str(j, "hostname", t->config->global.hostname);
	td_json_str(j, "version", TD_VERSION);
	td_json_u64(j, "uptime_ms", td_app_uptime_ms(t));
	td_json_end_object(j);
	td_core_show_stats(t->core, j, "core");
	td_core_show_calls(t->core, j, "calls");
	td_core_show_trunks(t->core, j, "trunks");
	td_voice_show(t->voice, j, "voice_ports");
	td_core_show_phones(t->core, j, "phones");
	td_synchronise_show(t, j, "cluster");
	td_journal_show_latest(t->journal, j, "events");
	td_call_records_show(t, CALLS_SHOWN, j, "records");
}

/* One that has registered by itself has a page, and no diagnosis: nothing was wanted of it. */
static int answer_phone(struct tandem *t, const char *name, struct td_json *j)
{
	const struct cfg_phone *phone = td_commands_phone(t->config, name);
	int err = td_core_show_phone(t->core, phone ? phone->id : name, j, "phone");

	if (!err && phone && td_diagnose(t, phone, j, "diagnosis"))
		td_json_null(j, "diagnosis");
	return err;
}

static int answer(void *arg, enum td_manage_ask what, const char *name, struct td_json *j)
{
	struct tandem *t = arg;
	int err = 0;

	td_json_object(j, NULL);
	switch (what) {
	case TD_ASK_METRICS:
		answer_metrics(t, j);
		break;
	case TD_ASK_STATUS:
		answer_status(t, j);
		break;
	case TD_ASK_PHONE:
		err = answer_phone(t, name, j);
		break;
	}
	td_json_end_object(j);
	return err;
}

void td_management_start(struct tandem *t)
{
	const struct cfg_management *cfg = &t->config->management;
	struct td_manage_args args = {
		.config = cfg, .dscp = t->config->global.dscp[TD_DSCP_SERVICE], .loop = t->loop,
		.answer = answer, .arg = t,
	};
	char text[TD_ADDR_STRLEN];
	int err;

	if (!cfg->port)
		return;
	err = td_manage_start(&t->manage, &args);
	td_addr_ip(&cfg->address, text);
	if (err == -EADDRINUSE)
		td_log_err(TD_LOG_APP, "management: port %u is in use; who has it: "
			   "ss -lntp sport = %u", cfg->port, cfg->port);
	else if (err)
		td_log_err(TD_LOG_APP, "management: %s port %u: %s", text, cfg->port,
			   strerror(-err));
	else
		td_log_info(TD_LOG_APP, "management address=%s port=%u", text, cfg->port);
}

void td_management_configure(struct tandem *t, const struct td_config *old)
{
	if (!memcmp(&old->management, &t->config->management, sizeof(old->management)))
		return;
	td_management_stop(t);
	td_management_start(t);
}

void td_management_stop(struct tandem *t)
{
	td_manage_stop(t->manage);
	t->manage = NULL;
}
