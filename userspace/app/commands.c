/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command tables: each word of "tandem ..." tied to the face of the room that answers it.
 * The rooms write the JSON, this file only picks; the keys are a contract with scripts.
 *
 * Aliases are Cisco's words (Unified CME Command Reference: "show ephone", "show voice
 * register pool", "show call active voice brief", "show sip-ua status registrar"). Who may
 * only look is in the daemon's group; placing a call and seeing digits is root's. Live
 * things (monitor, debug) are in commands_live.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "userspace/app/app_priv.h"
#include "userspace/app/call_records.h"
#include "userspace/app/commands.h"
#include "userspace/app/commands_priv.h"
#include "userspace/app/tandem.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* ---- show ---- */

static int show_phones(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_core_show_phones(c->t->core, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_registered(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const struct td_config *cfg = c->t->config;
	size_t i;

	td_json_array(td_ctl_data(req), "data");
	for (i = 0; i < cfg->n_phones; i++) {
		const struct td_endpoint *ep = td_endpoint_find(c->t->core, cfg->phones[i].id);

		if (ep && ep->state == TD_EP_REGISTERED)
			td_core_show_phone(c->t->core, ep->id, td_ctl_data(req), NULL);
	}
	td_json_end_array(td_ctl_data(req));
	return TD_CTL_OK;
}

/* "001122334455", or with the prefix that Cisco's phones give themselves */
static const struct cfg_phone *find_by_mac(const struct td_config *cfg, const char *name)
{
	char mac[2 * sizeof(cfg->phones->mac) + 1];
	size_t i;

	if (!strncasecmp(name, "SEP", 3))
		name += 3;
	for (i = 0; i < cfg->n_phones; i++) {
		td_hex(mac, cfg->phones[i].mac, sizeof(cfg->phones[i].mac));
		if (cfg->phones[i].has_mac && !strcasecmp(name, mac))
			return &cfg->phones[i];
	}
	return NULL;
}

const struct cfg_phone *td_commands_phone(const struct td_config *cfg, const char *name)
{
	const struct cfg_phone *phone = td_config_phone(cfg, name);
	uint32_t tag = 0;
	size_t i, k;

	if (!phone)
		phone = find_by_mac(cfg, name);
	if (phone)
		return phone;
	if (td_parse_u32(td_str_of(name), &tag))
		tag = 0;
	for (i = 0; tag && i < cfg->n_phones; i++)
		if (cfg->phones[i].tag == tag)
			return &cfg->phones[i];
	for (i = 0; i < cfg->n_phones; i++)
		for (k = 0; k < cfg->phones[i].n_lines; k++)
			if (!strcmp(cfg->dns[cfg->phones[i].lines[k].dn].number, name))
				return &cfg->phones[i];
	return NULL;
}

int td_commands_refuse_phone(struct td_ctl_request *req, const struct td_config *cfg,
			     const char *name)
{
	const char **ids = td_calloc(cfg->n_phones + 1, sizeof(*ids));
	const char *near = NULL;
	size_t i;

	for (i = 0; ids && i < cfg->n_phones; i++)
		ids[i] = cfg->phones[i].id;
	if (ids)
		near = td_str_nearest(name, ids);
	td_free(ids);
	return near ? td_ctl_refuse(req, "no phone '%s'; nearest is '%s'", name, near)
		    : td_ctl_refuse(req, "no phone '%s'", name);
}

static int show_calls(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_core_show_calls(c->t->core, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_call(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *name = td_ctl_arg(req, 0);
	uint32_t id;

	if (td_parse_u32(td_str_of(name), &id))
		return td_ctl_usage(req, "a call has a number, '%s' is none", name);
	if (td_core_show_call(c->t->core, id, td_ctl_data(req), "data"))
		return td_ctl_refuse(req, "no call %" PRIu32, id);
	return TD_CTL_OK;
}

static int show_flows(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_media_show_flows(c->t->media, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

/* What this process holds: live heap as the C library counts it, and resident pages. */
static void show_process(struct td_json *j)
{
	unsigned long pages = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fscanf(f, "%lu %lu", &pages, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	td_json_object(j, "process");
	td_json_int(j, "pid", getpid());
#ifdef __GLIBC__
	{
		struct mallinfo2 mi = mallinfo2();

		td_json_u64(j, "heap_bytes", mi.uordblks + mi.hblkhd);
	}
#else
	td_json_null(j, "heap_bytes");
#endif
	td_json_u64(j, "rss_bytes", (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE));
	td_json_int(j, "blocks", td_mem_live());
	td_json_end_object(j);
}

static int show_stats(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	struct td_json *j = td_ctl_data(req);

	td_json_object(j, "data");
	td_core_show_stats(c->t->core, j, "core");
	td_sip_show_stats(c->t->sip, j, "sip");
	td_sccp_show_stats(c->t->sccp, j, "sccp");
	td_media_show_stats(c->t->media, j, "media");
	show_process(j);
	td_json_end_object(j);
	return TD_CTL_OK;
}

static int show_registrations(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sip_show_registrations(c->t->sip, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_subscriptions(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sip_show_subscriptions(c->t->sip, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_cluster(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_synchronise_show(c->t, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_interfaces(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_media_show_interfaces(c->t->media, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_dscp(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_media_show_dscp(c->t->media, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_trunks(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_core_show_trunks(c->t->core, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_voice_ports(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_voice_show(c->t->voice, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_voice_port(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	if (!td_voice_show_one(c->t->voice, td_ctl_arg(req, 0), td_ctl_data(req), "data"))
		return TD_CTL_OK;
	return td_ctl_refuse(req, "no voice port '%s'", td_ctl_arg(req, 0));
}

static int show_mwi(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sip_show_mwi(c->t->sip, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_trunk_registrations(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_sip_show_trunk_registrations(c->t->sip, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_shared_lines(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_core_show_shared_lines(c->t->core, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_huntgroups(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_core_show_huntgroups(c->t->core, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_dialpeers(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;

	td_core_show_dialpeers(c->t->core, NULL, td_ctl_data(req), "data");
	return TD_CTL_OK;
}

static int show_dialpeer(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	const char *which = td_ctl_arg(req, 0);

	if (td_core_show_dialpeers(c->t->core, which, td_ctl_data(req), "data"))
		return td_ctl_refuse(req, "no dial peer '%s'", which);
	return TD_CTL_OK;
}

static int show_config(struct td_ctl_request *req, void *arg)
{
	struct td_commands *c = arg;
	char *text = NULL;
	size_t len = 0;
	FILE *mem = open_memstream(&text, &len);

	if (!mem)
		return td_ctl_refuse(req, "out of memory");
	td_config_print(mem, c->t->config, false);
	if (fclose(mem)) {
		free(text);
		return td_ctl_refuse(req, "out of memory");
	}
	td_json_strn(td_ctl_data(req), "data", text, len);
	free(text);
	return TD_CTL_OK;
}

static int show_version(struct td_ctl_request *req, void *arg)
{
	const struct tandem *t = ((struct td_commands *)arg)->t;
	struct td_json *j = td_ctl_data(req);
	char stamp[17];

	snprintf(stamp, sizeof(stamp), "%016" PRIx64, t->config->stamp);
	td_json_object(j, "data");
	td_json_str(j, "version", TD_VERSION);
	td_json_str(j, "hostname", t->config->global.hostname);
	td_json_str(j, "instance", t->opt.instance);
	td_json_str(j, "config_file", t->opt.config_path);
	td_json_str(j, "config_stamp", stamp);
	td_json_u64(j, "started_ms", t->started_ms);
	td_json_u64(j, "uptime_ms", td_app_uptime_ms(t));
	td_json_u64(j, "reloads", t->reloads);
	td_json_u64(j, "phones", t->config->n_phones);
	td_json_u64(j, "calls", td_core_calls(t->core));
	td_json_end_object(j);
	return TD_CTL_OK;
}

/* ---- the tables ---- */

#define PHONE_COLUMNS "id,tag,protocol,type,lines.number=lines,state,address,transport=via," \
		      "registered_ms=since"

static const struct td_ctl_command commands[] = {
	{ .words = "show phones", .run = show_phones, .columns = PHONE_COLUMNS,
	  .alias = "show voice register pool|show voice register all|show ephone",
	  .help = "all phones and whether they are registered" },
	{ .words = "show phones registered", .alias = "show ephone registered",
	  .run = show_registered, .columns = PHONE_COLUMNS,
	  .help = "the phones that are registered now" },
	{ .words = "show phones summary", .alias = "show ephone summary",
	  .run = td_commands_sccp_summary,
	  .columns = "id,mac,socket,active_line=line,whisper_line=whisper,state,media_active=media,"
		     "offhook,ringing,reset,debug,privacy,primary_dn,ipv6,ipv4,active=via,type,"
		     "keepalive,music,buttons,speed_dials",
	  .help = "what each SCCP phone does now" },
	{ .words = "show phone", .alias = "show voice register pool|show ephone", .args = "PHONE",
	  .run = td_commands_show_phone, .help = "one phone, by id, tag, number or MAC" },
	{ .words = "show calls", .alias = "show call active voice brief", .run = show_calls,
	  .columns = TD_CALL_COLUMNS, .help = "calls that are there now" },
	{ .words = "show call", .args = "CALL", .run = show_call,
	  .help = "one call with its legs, media and counters" },
	{ .words = "show flows", .run = show_flows,
	  .columns = "call,leg,path,peer,new_dst=sent_to,dscp,packets,pps,bytes_per_s=rate,lost,"
		     "jitter_ms=jitter,wrong_source=strangers",
	  .help = "media flows, who forwards them, and how many packets a second" },
	{ .words = "show stats", .run = show_stats,
	  .help = "counters of calls, SIP, media and memory" },
	{ .words = "show cdr", .args = "[N]", .run = td_commands_show_cdr,
	  .columns = "id,from,to,started_ms=started,duration_ms,cause,released_by,legs.path=path,"
		     "legs.lost=lost,legs.mos=mos",
	  .help = "records of the calls that ended last" },
	{ .words = "show registrations", .alias = "show sip-ua status registrar",
	  .columns = "line,phone,contact,transport,peer,expires_s,call_id",
	  .run = show_registrations, .help = "SIP contacts and when they expire" },
	{ .words = "show cluster", .run = show_cluster,
	  .help = "the other router: is it there, has it the same configuration and versions of files" },
	{ .words = "show replication", .run = td_commands_show_replication,
	  .help = "copies of calls: what the other router has of ours, and we of its" },
	{ .words = "takeover", .run = td_commands_takeover, .root_only = true,
	  .help = "go on with the other router's calls whose address has moved here" },
	{ .words = "standby", .run = td_commands_standby, .root_only = true,
	  .help = "let go of calls whose address has moved away" },
	{ .words = "show presence subscription",
	  .columns = "id,kind,event,watcher,number,state,expires_s,notified",
	  .run = show_subscriptions, .help = "phones that are told what goes on at a number" },
	{ .words = "show provision", .run = td_commands_provision,
	  .help = "files of phones: where, how many, how far" },
	{ .words = "show provision http", .alias = "show voice register hfs",
	  .run = td_commands_provision_http,
	  .help = "what was served by HTTP, and refused" },
	{ .words = "show provision tftp", .run = td_commands_provision_tftp,
	  .help = "what the TFTP server has served, and refused" },
	{ .words = "show provision files", .alias = "show telephony-service tftp-bindings",
	  .run = td_commands_provision_files, .columns = "name,phone,alias_of,file,bytes,version",
	  .help = "every file that phones can fetch" },
	{ .words = "create profile", .alias = "create cnf-files", .run = td_commands_create_profile,
	  .root_only = true,
	  .help = "make the files of phones again, as after a change in home_path" },
	{ .words = "show sccp sockets", .alias = "show ephone socket", .run = td_commands_sccp_sockets,
	  .columns = "socket,family,address,device,phone,state,version,unread,unsent,heard_s=heard",
	  .help = "where SCCP phones are heard, and their connections" },
	{ .words = "show sccp attempts", .alias = "show ephone attempted-registrations",
	  .run = td_commands_sccp_attempts,
	  .columns = "device,mac,type,address,reason,count,last_ms=last",
	  .help = "SCCP phones that were not let in, and why" },
	{ .words = "clear sccp attempts",
	  .alias = "clear ephone-attempted-registrations|"
		   "clear telephony-service ephone-attempted-registrations",
	  .run = td_commands_sccp_clear, .help = "forget those attempts" },
	{ .words = "adopt", .args = "PHONE", .run = td_commands_sccp_adopt,
	  .help = "print the lines that make an SCCP phone, which has registered by itself, a "
		  "configured one" },
	{ .words = "clear sccp auto", .args = "PHONE", .run = td_commands_sccp_forget,
	  .help = "forget an SCCP phone that has registered by itself" },
	{ .words = "reset", .args = "PHONE", .run = td_commands_sccp_reset,
	  .help = "let a Cisco phone, all of a type, or all start again, with their firmware; who "
		  "talks, when the call has ended" },
	{ .words = "restart", .args = "PHONE", .run = td_commands_sccp_restart,
	  .help = "the same, faster: they only register again" },
	{ .words = "show interfaces", .run = show_interfaces, .columns = "name,xdp,xdp_shared,marks,forks,kind,up,mtu",
	  .help = "interfaces and how packets are forwarded there" },
	{ .words = "show dscp", .run = show_dscp, .columns = "class,dscp,name,option,applied,own",
	  .help = "DSCP of each traffic class, and what marks it" },
	{ .words = "show firewall", .run = td_commands_show_firewall,
	  .help = "hosts that are trusted, known or banned, and what the kernel dropped" },
	{ .words = "show trunks", .run = show_trunks,
	  .columns = "id,name,protocol,state,address,transport=via,calls,max_calls",
	  .help = "trunks, and how many calls they have" },
	{ .words = "show voice-port", .alias = "show voice port summary", .run = show_voice_ports,
	  .columns = "id,port,line,state,millivolts=mV,signal,ring_number=rings,connection_plar=plar,"
		     "calls_in=in,calls_out=out,board",
	  .help = "telephone lines" },
	{ .words = "show voice-port", .alias = "show voice port", .args = "PORT",
	  .run = show_voice_port, .help = "one telephone line, by name or number" },
	{ .words = "show trunk registrations", .alias = "show sip-ua register status",
	  .run = show_trunk_registrations,
	  .columns = "number,trunk,registrar,server,state,expires_s,failures,reason",
	  .help = "what is registered with carriers, and until when" },
	{ .words = "show mwi", .alias = "show sip-ua mwi", .run = show_mwi,
	  .columns = "number,trunk,state,expires_s,failures,reason,messages",
	  .help = "which voicemails are asked for messages, and how many wait" },
	{ .words = "show shared-line", .alias = "show shared-line details|show shared-line summary",
	  .run = show_shared_lines,
	  .columns = "number,button,phone,protocol,state,with,name,call,privacy",
	  .help = "numbers that several phones have, and what each of them does there" },
	{ .words = "show huntgroups", .alias = "show ephone-hunt|show voice hunt-group",
	  .run = show_huntgroups, .columns = "id,number,name,mode,members,timeout_s=timeout,final",
	  .help = "hunt groups and whom they call" },
	{ .words = "show dialpeers", .alias = "show dial-peer|show dial-peer voice summary",
	  .run = show_dialpeers,
	  .columns = "tag,id,destination_pattern=pattern,preference=pref,trunk,up,strip_digits=strip,"
		     "prefix,cor_outgoing=cor,huntstop",
	  .help = "dial peers: which numbers leave by which trunk" },
	{ .words = "show dialpeer", .alias = "show dial-peer|show dial-peer voice", .args = "TAG",
	  .run = show_dialpeer, .help = "one dial peer, by tag or name" },
	{ .words = "show config", .run = show_config,
	  .help = "the configuration in force, passwords masked" },
	{ .words = "show version", .run = show_version, .help = "version, instance, uptime" },
	{ .words = "reload", .run = td_commands_reload,
	  .help = "apply the changed configuration; calls go on" },
	{ .words = "upgrade", .run = td_commands_upgrade, .root_only = true,
	  .help = "give place to the version that is installed now; calls go on" },
	{ .words = "call", .args = "FROM TO", .run = td_commands_call, .root_only = true,
	  .help = "ring phone FROM, then connect it with number TO" },
	{ .words = "route", .args = "NUMBER [from] [CALLER]", .run = td_commands_route,
	  .help = "where NUMBER would go, and why; nobody is called" },
	{ .words = "diagnose", .args = "PHONE", .run = td_commands_diagnose,
	  .help = "which step of a phone's way up failed first, and what to do" },
	{ .words = "hangup", .args = "CALL", .run = td_commands_hangup, .help = "end a call" },
	{ .words = "mwi", .args = "NUMBER [COUNT]", .run = td_commands_mwi,
	  .help = "light the message lamp of who has NUMBER: a count, on or off" },
	{ .words = "ban", .args = "ADDRESS [SECONDS]", .run = td_commands_ban, .root_only = true,
	  .help = "let the kernel drop what a host sends to SIP's port, for a time" },
	{ .words = "unban", .args = "ADDRESS", .run = td_commands_unban, .root_only = true,
	  .help = "end a ban" },
	{ .words = "monitor", .columns = TD_CALL_COLUMNS, .run = td_commands_monitor,
	  .help = "watch the calls live" },
	{ .words = "capture", .args = "PHONE|CALL", .run = td_commands_capture, .root_only = true,
	  .help = "copy the media packets of a call, or of a phone's calls, until Ctrl-C; -w FILE|- "
		  "writes pcapng, -c COUNT and --seconds N end it" },
	{ .words = "debug", .args = "TOPIC [off]", .run = td_commands_debug,
	  .help = "follow TOPIC (media; sip and sccp as root) live; off ends it for everybody" },
	{ .words = "help", .args = "[VERB...]", .run = td_commands_help },
	{ .words = "complete", .args = "[WORD...]", .run = td_commands_complete },
};

static void release(void *arg)
{
	struct td_commands *c = arg;

	td_commands_live_fini(c);
	td_free(c);
}

int td_commands_add(struct tandem *t)
{
	struct td_commands *c = td_zalloc(sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->t = t;
	td_commands_live_init(c);
	err = td_ctl_add(t->ctl, commands, sizeof(commands) / sizeof(commands[0]), c);
	if (err)
		release(c);
	else
		td_ctl_set_release(t->ctl, release, c);
	return err;
}
