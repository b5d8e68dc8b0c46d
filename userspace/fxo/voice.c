// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Telephone lines: which are configured, which are there, and what the kernel tells of them.
 * Calls: voice_leg.c; those of an earlier process: voice_keep.c.
 */
#include "userspace/fxo/voice_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define KEEP_MS	    10000	/* what a new process may take until it has the calls again */
#define TOLD_MS	    10000	/* a number that comes before the ring is that of a ring so soon */

int td_voice_socket(struct td_addr *at)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				   .sin_port = htons(at->port) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&sin, sizeof(sin)) &&
	    !getsockname(fd, (struct sockaddr *)&sin, &len) &&
	    !td_addr_from_sockaddr(at, (struct sockaddr *)&sin))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

void td_voice_debug(struct td_voice *v, void (*fn)(void *arg, const char *line), void *arg)
{
	if (!v)
		return;
	v->debug = fn;
	v->debug_arg = arg;
}

void td_voice_trace(const struct voice_port *p, const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	if (!p->v->debug)
		return;
	n = snprintf(line, sizeof(line), "voiceport=%s ", p->cfg.id);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	p->v->debug(p->v->debug_arg, line);
}

int td_voice_order(struct voice_port *p, enum tdfxo_cmd cmd)
{
	static const char *const words[__TDFXO_CMD_MAX] = {
		[TDFXO_CMD_SEIZE] = "seize", [TDFXO_CMD_ANSWER] = "answer",
		[TDFXO_CMD_HANG_UP] = "hang-up", [TDFXO_CMD_RELEASE] = "release",
	};
	int err = td_fxo_order(p->v->fxo, p->cfg.port, cmd);

	td_voice_trace(p, "> %s%s%s", words[cmd], err ? ": " : "", err ? strerror(-err) : "");
	if (err && err != -EALREADY)
		td_log_info(TD_LOG_FXO, "voiceport=%s %s refused: %s", p->cfg.id, words[cmd],
			    *td_fxo_why(p->v->fxo) ? td_fxo_why(p->v->fxo) : strerror(-err));
	return err;
}

int td_voice_hear(struct voice_port *p, uint32_t call, int rtp)
{
	const struct cfg_voiceport *c = &p->cfg;
	struct sound_order o = { .op = SOUND_OPEN, .port = c->port, .call = call, .rtp = rtp,
				 .fd = -1, .how = { .country = (uint8_t)c->cptone,
						    .silence_s = c->timeout_silence } };
	char path[40];

	if (c->echo_cancel)
		o.how.echo_ms = (uint16_t)c->echo_coverage;
	if (!p->hearing) {	/* else the thread has the line open already */
		snprintf(path, sizeof(path), "/dev/tandem_fxo%u", p->cfg.port);
		o.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (o.fd < 0) {
			td_log_warn(TD_LOG_FXO, "voiceport=%s %s: %s; the call is silent",
				    p->cfg.id, path, strerror(errno));
			return -errno;
		}
	}
	p->hearing = false;
	if (td_sound_order(p->v->sound, &o))
		return 0;
	if (o.fd >= 0)
		close(o.fd);
	return -EAGAIN;
}

/* ---- who calls ---- */

static void listen_for_caller(struct voice_port *p)
{
	struct td_addr unused = { 0 };
	int rtp;

	if (!p->cfg.caller_id || p->leg || p->hearing || !p->ours)
		return;
	rtp = td_voice_socket(&unused);
	p->listening = ++p->v->calls;
	if (rtp >= 0 && !td_voice_hear(p, p->listening, rtp))
		p->hearing = true;
	else if (rtp >= 0)
		close(rtp);
}

/* What was told a while ago was of another call. */
static void forget_caller(struct voice_port *p)
{
	if (p->told_ms && td_loop_now_ms(p->v->loop) - p->told_ms < TOLD_MS)
		return;
	p->number[0] = p->name[0] = '\0';
	p->told_ms = 0;
}

/* An idle line: nobody knows when it will say who calls. */
static void idle(struct voice_port *p)
{
	if (p->cfg.caller_id_alerting == CFG_FXO_CALLER_PRE_RING && p->state == TDFXO_STATE_IDLE)
		listen_for_caller(p);
}

/* ---- a line comes and goes ---- */

static void set_state(struct voice_port *p)
{
	bool up = p->there && p->ours && p->state != TDFXO_STATE_NO_LINE;

	td_endpoint_set_state(p->v->core, p->ep, up ? TD_EP_REGISTERED : TD_EP_UNREGISTERED, NULL,
			      NULL);
}

static int configure_line(struct voice_port *p)
{
	const struct cfg_voiceport *c = &p->cfg;
	static const char countries[CFG_FXO_COUNTRIES][2] = {
		[CFG_FXO_US] = "US", [CFG_FXO_GB] = "GB", [CFG_FXO_DE] = "DE", [CFG_FXO_FR] = "FR",
		[CFG_FXO_IT] = "IT", [CFG_FXO_JP] = "JP", [CFG_FXO_AU] = "AU",
	};
	const char *country = countries[c->cptone];
	const uint32_t value[__TDFXO_CFG_MAX] = {
		[TDFXO_CFG_GROUND_START] = c->signal == CFG_FXO_GROUND,
		[TDFXO_CFG_RING_ONLY] = c->alerting == CFG_FXO_ALERTING_RING,
		[TDFXO_CFG_RING_NUMBER] = c->ring_number,
		[TDFXO_CFG_REVERSAL] = c->battery_reversal,
		[TDFXO_CFG_DISCONNECT] = c->timing_sup_disconnect,
		[TDFXO_CFG_FLASH] = c->timing_hookflash_out,
		[TDFXO_CFG_GUARD] = c->timing_guard_out,
		[TDFXO_CFG_WAIT_RELEASE] = c->timeout_call_disconnect * 1000,
		[TDFXO_CFG_COUNTRY] = (uint32_t)country[0] << 8 | (uint32_t)country[1],
		[TDFXO_CFG_IMPEDANCE] = c->impedance,
		[TDFXO_CFG_GAIN_IN] = TDFXO_GAIN_0 + c->input_gain - CFG_FXO_GAIN_0,
		[TDFXO_CFG_GAIN_OUT] = TDFXO_GAIN_0 + CFG_FXO_GAIN_0 - c->output_attenuation,
	};
	uint32_t which = 1u << TDFXO_CFG_GROUND_START | 1u << TDFXO_CFG_RING_ONLY |
			 1u << TDFXO_CFG_RING_NUMBER | 1u << TDFXO_CFG_REVERSAL |
			 1u << TDFXO_CFG_DISCONNECT | 1u << TDFXO_CFG_FLASH |
			 1u << TDFXO_CFG_GUARD | 1u << TDFXO_CFG_WAIT_RELEASE |
			 1u << TDFXO_CFG_COUNTRY | 1u << TDFXO_CFG_IMPEDANCE |
			 1u << TDFXO_CFG_GAIN_IN | 1u << TDFXO_CFG_GAIN_OUT;

	return td_fxo_configure(p->v->fxo, c->port, value, which);
}

static bool is_off_hook(uint32_t state)
{
	return state >= TDFXO_STATE_SEIZING;
}

int td_voice_claim(struct voice_port *p)
{
	bool keep = p->kept || (p->leg && p->leg->stage == VOICE_UP);

	return td_fxo_claim(p->v->fxo, p->cfg.port, keep ? KEEP_MS : 0);
}

static void line_up(struct voice_port *p, const struct td_fxo_port *k)
{
	bool was = p->ours;
	int err;

	p->there = true;
	p->state = k->state;
	p->mv = k->mv;
	p->seq = k->seq;
	p->kept = !p->v->restored && is_off_hook(k->state);
	err = td_voice_claim(p);
	if (!err)
		err = configure_line(p);
	p->ours = !err;
	if (err)
		td_log_warn(TD_LOG_FXO, "voiceport=%s port %u cannot be used: %s", p->cfg.id, k->index,
			    *td_fxo_why(p->v->fxo) ? td_fxo_why(p->v->fxo) : strerror(-err));
	else if (!was)
		td_log_info(TD_LOG_FXO, "voiceport=%s port=%u board=%s state=%s", p->cfg.id, k->index,
			    k->board, td_fxo_state_name(k->state));
	set_state(p);
	idle(p);
}

static void line_gone(struct voice_port *p)
{
	if (p->there)
		td_log_warn(TD_LOG_FXO, "voiceport=%s port %u is gone", p->cfg.id, p->cfg.port);
	p->there = p->ours = p->off_hook = p->hearing = p->kept = false;
	if (p->leg)
		td_voice_leg_lost(p->leg, TD_CAUSE_OUT_OF_ORDER);
	set_state(p);
}

static void on_port(void *arg, const struct td_fxo_port *k)
{
	struct td_voice *v = arg;
	struct voice_port *p = v->by_index[k->index];

	if (!p)
		return;
	p->wanted = true;		/* seen in this dump */
	p->there = true;
}

/* What is there now; calls whose end was missed end here. */
static void look(struct td_voice *v)
{
	struct td_fxo_port k;
	struct voice_port *p;

	td_list_for_each(p, &v->ports, struct voice_port, node)
		p->wanted = false;
	td_fxo_dump(v->fxo, on_port, v);
	td_list_for_each(p, &v->ports, struct voice_port, node) {
		if (!p->wanted || td_fxo_get(v->fxo, p->cfg.port, &k)) {
			line_gone(p);
			continue;
		}
		line_up(p, &k);
		if (p->leg && p->off_hook &&
		    (!is_off_hook(k.state) || k.state == TDFXO_STATE_RELEASED))
			td_voice_leg_lost(p->leg, TD_CAUSE_NORMAL);
	}
}

/* ---- what the kernel tells ---- */

/* With caller id the number comes after the first ring; without one the second is the call. */
static void offer(struct voice_port *p)
{
	if (p->leg || p->offered || p->rings < p->cfg.ring_number)
		return;
	if (p->cfg.caller_id && !p->number[0] && p->rings < 2)
		return;
	td_voice_leg_in(p, false);
}

static void stop_listening(struct voice_port *p)
{
	struct sound_order o = { .op = SOUND_CLOSE, .port = p->cfg.port, .call = p->listening };

	if (p->hearing)
		td_sound_order(p->v->sound, &o);
	p->hearing = false;
}

static void on_event(void *arg, const struct td_fxo_event *ev)
{
	struct td_voice *v = arg;
	struct voice_port *p = v->by_index[ev->port];
	struct td_fxo_port k;

	if (!p)
		return;
	td_voice_trace(p, "< %s value=%u state=%s rings=%u millivolts=%d seq=%u",
		       td_fxo_event_name(ev->event), ev->value, td_fxo_state_name(ev->state),
		       ev->rings, ev->mv, ev->seq);
	p->state = ev->state;
	p->mv = ev->mv;
	p->seq = ev->seq;
	switch (ev->event) {
	case TDFXO_EVENT_ADDED:
		if (!td_fxo_get(v->fxo, ev->port, &k))
			line_up(p, &k);
		return;
	case TDFXO_EVENT_REMOVED:
		line_gone(p);
		return;
	case TDFXO_EVENT_LINE_UP:
	case TDFXO_EVENT_LINE_DOWN:
		set_state(p);
		break;
	case TDFXO_EVENT_RING:
		p->rings = ev->value;
		if (ev->value == 1) {
			p->offered = false;
			forget_caller(p);
			listen_for_caller(p);
		}
		offer(p);
		break;
	case TDFXO_EVENT_INCOMING:
		if (!ev->rings) {	/* tip ground: nothing rings, and nothing need */
			p->offered = false;
			td_voice_leg_in(p, false);
		}
		break;
	case TDFXO_EVENT_POLARITY:
		if (p->cfg.caller_id_alerting == CFG_FXO_CALLER_REVERSAL &&
		    ev->state == TDFXO_STATE_IDLE)
			listen_for_caller(p);
		break;
	case TDFXO_EVENT_ABANDONED:
		stop_listening(p);
		p->offered = false;
		p->told_ms = 0;
		break;
	}
	if (p->leg)
		td_voice_leg_event(p->leg, ev);
	else
		idle(p);
}

static void on_resync(void *arg) { look(arg); }

static const struct td_fxo_listener listener = { .event = on_event, .resync = on_resync };

static void on_news(void *arg, const struct sound_news *n)
{
	static const char *const news[] = {
		[SOUND_DIALLED] = "keys pressed", [SOUND_KEY] = "key", [SOUND_CALLER] = "caller",
		[SOUND_TONE] = "busy tone", [SOUND_SILENT] = "silence", [SOUND_GONE] = "sound gone",
	};
	struct td_voice *v = arg;
	struct voice_port *p = v->by_index[n->port];

	if (!p)
		return;
	td_voice_trace(p, "< %s %s %s", news[n->type], n->text, n->name);
	if (p->hearing && n->call == p->listening && n->type == SOUND_CALLER) {
		td_strlcpy(p->number, n->text, sizeof(p->number));
		td_strlcpy(p->name, n->name, sizeof(p->name));
		p->told_ms = td_loop_now_ms(v->loop);
		td_log_info(TD_LOG_FXO, "voiceport=%s caller=%s name=\"%s\"", p->cfg.id, p->number,
			    p->name);
		if (p->state == TDFXO_STATE_RINGING)
			offer(p);
	} else if (p->leg && p->leg->call == n->call) {
		td_voice_leg_news(p->leg, n);
	}
}

/* ---- the model ---- */

static struct voice_port *find(struct td_voice *v, const char *id)
{
	struct voice_port *p;

	td_list_for_each(p, &v->ports, struct voice_port, node)
		if (!strcmp(p->cfg.id, id))
			return p;
	return NULL;
}

static void port_remove(struct voice_port *p)
{
	if (p->leg)
		td_voice_leg_lost(p->leg, TD_CAUSE_OUT_OF_ORDER);
	stop_listening(p);
	if (p->ours)
		td_voice_order(p, TDFXO_CMD_RELEASE);
	if (p->v->by_index[p->cfg.port] == p)
		p->v->by_index[p->cfg.port] = NULL;
	p->ep->driver_priv = NULL;
	td_endpoint_remove(p->v->core, p->ep);
	td_list_del(&p->node);
	td_free(p);
}

static struct voice_port *port_new(struct td_voice *v)
{
	struct voice_port *p = td_zalloc(sizeof(*p));

	if (p) {
		p->v = v;
		td_list_append(&v->ports, &p->node);
	}
	return p;
}

static int port_set(struct td_voice *v, const struct cfg_voiceport *cfg)
{
	struct voice_port *p = find(v, cfg->id), *now = p ? p : port_new(v);

	if (!now)
		return -ENOMEM;
	if (p && p->cfg.port != cfg->port) {
		if (p->leg)
			td_voice_leg_lost(p->leg, TD_CAUSE_OUT_OF_ORDER);
		if (p->ours)
			td_voice_order(p, TDFXO_CMD_RELEASE);
		v->by_index[p->cfg.port] = NULL;
		p->there = p->ours = false;
	}
	now->cfg = *cfg;
	now->ep = td_endpoint_set_voiceport(v->core, cfg, &td_voice_driver, v);
	if (!now->ep)
		return -ENOMEM;
	now->ep->driver_priv = now;
	v->by_index[cfg->port] = now;
	return 0;
}

static bool in_model(const struct td_config *config, const char *id)
{
	for (size_t i = 0; i < config->n_voiceports; i++)
		if (!strcmp(config->voiceports[i].id, id))
			return true;
	return false;
}

void td_voice_configure(struct td_voice *v, const struct td_config *config)
{
	struct voice_port *p, *next;

	v->interdigit_ms = config->global.timeout_interdigit * 1000;
	td_list_for_each_safe(p, next, &v->ports, struct voice_port, node)
		if (!in_model(config, p->cfg.id))
			port_remove(p);
	for (size_t i = 0; i < config->n_voiceports; i++)
		if (port_set(v, &config->voiceports[i]))
			td_log_err(TD_LOG_FXO, "voiceport=%s could not be changed",
				   config->voiceports[i].id);
	look(v);
}

int td_voice_start(struct td_voice **out, const struct td_voice_args *args, char *why, size_t len)
{
	struct td_voice *v = td_zalloc(sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	v->loop = args->loop;
	v->core = args->core;
	td_list_init(&v->ports);
	err = td_sound_new(&v->sound, v->loop, on_news, v);
	if (!err)
		err = td_fxo_open(&v->fxo, v->loop, &listener, v);
	if (err) {
		snprintf(why, len, "telephone lines: %s", strerror(-err));
		td_voice_stop(v);
		return err;
	}
	*out = v;
	td_voice_configure(v, args->config);
	return 0;
}

void td_voice_restored(struct td_voice *v)
{
	struct voice_port *p;

	if (!v)
		return;
	v->restored = true;
	td_list_for_each(p, &v->ports, struct voice_port, node) {
		if (!p->kept)
			continue;
		p->kept = false;
		if (!p->ours)
			continue;
		td_log_info(TD_LOG_FXO, "voiceport=%s is off hook for no call, hung up", p->cfg.id);
		td_voice_order(p, TDFXO_CMD_HANG_UP);
		td_voice_claim(p);
	}
}

void td_voice_stop(struct td_voice *v)
{
	struct voice_port *p;

	if (!v)
		return;
	td_list_for_each(p, &v->ports, struct voice_port, node)
		if (p->leg)
			td_voice_leg_lost(p->leg, TD_CAUSE_OUT_OF_ORDER);
	td_sound_free(v->sound);
	td_fxo_close(v->fxo);
	while (!td_list_empty(&v->ports)) {
		p = td_container_of(v->ports.next, struct voice_port, node);
		p->ep->driver_priv = NULL;
		td_list_del(&p->node);
		td_free(p);
	}
	td_free(v);
}

/* ---- show ---- */

static void show(const struct voice_port *p, struct td_json *j, const char *key)
{
	struct td_fxo_port k = { 0 };
	bool there = !td_fxo_get(p->v->fxo, p->cfg.port, &k);

	td_json_object(j, key);
	td_json_str(j, "id", p->cfg.id);
	td_json_str(j, "name", p->cfg.name[0] ? p->cfg.name : NULL);
	td_json_u64(j, "port", p->cfg.port);
	td_json_str(j, "line", there ? k.name : NULL);
	td_json_str(j, "board", there ? k.board : NULL);
	td_json_str(j, "state", !there ? "absent" : !p->ours ? "not-ours" : td_fxo_state_name(k.state));
	td_json_int(j, "millivolts", k.mv);
	td_json_str(j, "signal", p->cfg.signal == CFG_FXO_GROUND ? "ground-start" : "loop-start");
	td_json_str(j, "alerting",
		    p->cfg.alerting == CFG_FXO_ALERTING_RING ? "ring-only" : "any");
	td_json_u64(j, "ring_number", p->cfg.ring_number);
	td_json_str(j, "connection_plar", p->cfg.connection_plar[0] ? p->cfg.connection_plar : NULL);
	td_json_u64(j, "calls_in", p->calls_in);
	td_json_u64(j, "calls_out", p->calls_out);
	td_json_u64(j, "rings", k.stats[TDFXO_STAT_RINGS]);
	td_json_u64(j, "disconnects", k.stats[TDFXO_STAT_DISCONNECTS]);
	td_json_u64(j, "glares", k.stats[TDFXO_STAT_GLARES]);
	td_json_u64(j, "alarms", k.stats[TDFXO_STAT_ALARMS]);
	td_json_u64(j, "frames_lost", k.stats[TDFXO_STAT_RX_OVERRUN]);
	td_json_u64(j, "frames_missing", k.stats[TDFXO_STAT_TX_UNDERRUN]);
	td_json_end_object(j);
}

void td_voice_show(struct td_voice *v, struct td_json *j, const char *key)
{
	struct voice_port *p;

	td_json_array(j, key);
	td_list_for_each(p, &v->ports, struct voice_port, node)
		show(p, j, NULL);
	td_json_end_array(j);
}

int td_voice_show_one(struct td_voice *v, const char *id, struct td_json *j, const char *key)
{
	struct voice_port *p = find(v, id);
	char *end;
	unsigned long n = strtoul(id, &end, 10);

	if (!p && *id && !*end && n < TDFXO_MAX_PORTS)
		p = v->by_index[n];
	if (!p)
		return -ENOENT;
	show(p, j, key);
	return 0;
}
