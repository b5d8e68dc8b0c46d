/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "debug sip": sofia prints every message that it sends and receives when asked to, in
 * pieces, through its log. The pieces are put together into lines here, digests are
 * masked, and the lines go to who listens. While nobody listens, what sofia has to say
 * itself is a debug line of the log.
 *
 * Printing a message costs more than handling it, so sofia does it only while somebody
 * listens.
 */
#include "userspace/sip/sip_priv.h"

#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_log.h>
#include <sofia-sip/tport_tag.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define LINE_BYTES 2304			/* sofia cuts lines at 2047 */

struct sip_debug {
	void (*fn)(void *arg, const char *line);
	void *arg;
	size_t len;
	char line[LINE_BYTES];
};

/* "response" and "cnonce" of digests: enough to see that they are there. In every line, for a
 * header may be folded, and however it is spelt. */
static void mask(char *line, const char *param)
{
	char *p = line;

	while ((p = strcasestr(p, param))) {
		p += strlen(param);
		p += strspn(p, " \t");
		if (*p != '=')
			continue;
		p++;
		for (p += strspn(p, " \t\""); *p && !strchr("\", \t", *p); p++)
			*p = 'x';
	}
}

/* a=crypto:1 SUITE inline:KEY|2^20 */
static void mask_keys(char *line)
{
	char *p = line;

	while ((p = strcasestr(p, "inline:")))
		for (p += strlen("inline:"); *p && !strchr("|; \t", *p); p++)
			*p = 'x';
}

static void print_line(struct sip_debug *d)		/* d may be gone afterwards */
{
	char *line = d->line;

	d->line[d->len] = '\0';
	d->len = 0;
	if (!strncmp(line, "   ", 3))		/* sofia indents the message */
		line += 3;
	if (!strncmp(line, "------------", 12))
		return;
	mask(line, "response");
	mask(line, "cnonce");
	mask_keys(line);
	d->fn(d->arg, line);
}

/* Who listens may leave while it is told a line. */
static void add(struct td_sip *sip, const char *text)
{
	for (; *text && sip->debug; text++) {
		struct sip_debug *d = sip->debug;

		if (*text != '\n')
			d->line[d->len++] = *text;
		if (*text == '\n' || d->len + 1 == sizeof(d->line))
			print_line(d);
	}
}

static void on_log(void *stream, const char *fmt, va_list ap)
{
	struct td_sip *sip = stream;
	char text[LINE_BYTES];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n <= 0)
		return;
	if (sip && sip->debug) {
		add(sip, text);
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	td_log_limited(TD_LOG_SIP, TD_DBG, "sofia: %s", text);
}

void td_sip_debug_init(void)
{
	su_log_set_level(NULL, 3);
	su_log_redirect(NULL, on_log, NULL);
}

static void print_messages(struct td_sip *sip, bool on)
{
	if (sip->agent && nta_agent_tports(sip->agent))
		tport_set_params(nta_agent_tports(sip->agent), TPTAG_LOG(on), TAG_END());
}

void td_sip_debug(struct td_sip *sip, void (*fn)(void *arg, const char *line), void *arg)
{
	if (!fn) {
		td_sip_debug_stop(sip);
		return;
	}
	if (!sip->debug)
		sip->debug = td_zalloc(sizeof(*sip->debug));
	if (!sip->debug)
		return;
	sip->debug->fn = fn;
	sip->debug->arg = arg;
	su_log_redirect(NULL, on_log, sip);
	print_messages(sip, true);
}

void td_sip_debug_stop(struct td_sip *sip)
{
	print_messages(sip, false);
	su_log_redirect(NULL, on_log, NULL);
	td_free(sip->debug);
	sip->debug = NULL;
}
