/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of the importer for telephone lines: mode voice-port, which becomes a section voiceport. */
#include <ctype.h>
#include <string.h>

#include "tools/import/ios.h"

static void take_signal(struct ios *in, const char *const *arg, size_t n)
{
	/* ground-start, groundStart */
	if (n)
		td_ios_set(in, NULL, NULL, "signal", !strncmp(arg[0], "ground", 6) ? "ground" : "loop");
}

static void take_ring(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, NULL, NULL, "ring_number", arg[0]);
}

static void take_alerting(struct ios *in, const char *const *arg, size_t n)
{
	if (n && td_ios_is(arg[0], "ring-only"))
		td_ios_set(in, NULL, NULL, "alerting", "ring");
}

/* "connection plar 1001", "connection plar opx 1001 [immediate | cut-through-wait]" */
static void take_plar(struct ios *in, const char *const *arg, size_t n)
{
	bool opx = n > 1 && !strcmp(arg[0], "opx");

	if (!n)
		return;
	td_ios_set(in, NULL, NULL, "connection_plar", arg[opx]);
	if (opx)
		td_ios_set(in, NULL, NULL, "plar_opx", "1");
}

/* ---- words that are a number, or the word of an option ---- */

/* The option, or what is said about words that have none. */
struct word {
	const char *cisco, *option;
};

static void take_word(struct ios *in, const struct word *w, size_t n_words, const char *const *arg,
		      size_t n)
{
	for (size_t i = 0; n > 1 && i < n_words; i++) {
		if (strcmp(arg[0], w[i].cisco) != 0)
			continue;
		td_ios_set(in, NULL, NULL, w[i].option, arg[1]);
		return;
	}
	td_ios_not_supported(in, "there is no such time here");
}
#define TAKE_WORD(in, words, arg, n) take_word(in, words, sizeof(words) / sizeof((words)[0]), arg, n)

static void take_timeouts(struct ios *in, const char *const *arg, size_t n)
{
	static const struct word words[] = {
		{ "ringing", "timeout_ringing" }, { "call-disconnect", "timeout_call_disconnect" },
	};

	if (n && (!strcmp(arg[0], "initial") || !strcmp(arg[0], "interdigit")))
		td_ios_not_supported(in, "timeout_interdigit of section global is for all");
	else
		TAKE_WORD(in, words, arg, n);
}

static void take_timing(struct ios *in, const char *const *arg, size_t n)
{
	static const struct word words[] = {
		{ "digit", "timing_digit" }, { "inter-digit", "timing_interdigit" },
		{ "interdigit", "timing_interdigit" }, { "dialout-delay", "timing_dialout_delay" },
		{ "sup-disconnect", "timing_sup_disconnect" }, { "hookflash-out", "timing_hookflash_out" },
		{ "guard-out", "timing_guard_out" },
	};

	TAKE_WORD(in, words, arg, n);
}

/* Battery drop is the usual way; tones of this kind are always heard. */
static void take_supervisory(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	if (in->line->negated)
		td_ios_set(in, NULL, NULL, "timing_sup_disconnect", "0");
	else if (n)
		td_ios_not_needed(in, "busy and reorder tones always end a call");
}

static void take_reversal(struct ios *in, const char *const *arg, size_t n)
{
	td_ios_set(in, NULL, NULL, "battery_reversal", in->line->negated ? "0" : "1");
	if (n && !strcmp(arg[0], "answer") && !in->line->negated)
		td_ios_set(in, NULL, NULL, "answer", "reversal");
}

static void take_caller_id(struct ios *in, const char *const *arg, size_t n)
{
	if (n && !strcmp(arg[0], "enable"))
		td_ios_set(in, NULL, NULL, "caller_id", in->line->negated ? "0" : "1");
	else if (n > 1 && !strcmp(arg[0], "alerting"))
		td_ios_set(in, NULL, NULL, "caller_id_alerting", arg[1]);
	else
		td_ios_not_supported(in, "a line's caller id is heard or not");
}

static void take_station(struct ios *in, const char *const *arg, size_t n)
{
	if (n > 1 && !strcmp(arg[0], "number"))
		td_ios_set(in, NULL, NULL, "station_number", arg[1]);
	else if (n > 1)
		td_ios_set(in, NULL, NULL, "name", arg[1]);
}

static void take_dial_type(struct ios *in, const char *const *arg, size_t n)
{
	if (n && (!strcmp(arg[0], "dtmf") || !strcmp(arg[0], "pulse")))
		td_ios_set(in, NULL, NULL, "dial_type", arg[0]);
	else
		td_ios_not_supported(in, "dtmf or pulse");
}

/* One word, the same here and there; uci_out.c says so when it is none of ours. */
#define SAME(fn, option) \
	static void fn(struct ios *in, const char *const *arg, size_t n) \
	{ \
		if (n) \
			td_ios_set(in, NULL, NULL, option, arg[0]); \
	}
SAME(take_impedance, "impedance")
SAME(take_input_gain, "input_gain")
SAME(take_attenuation, "output_attenuation")
SAME(take_coverage, "echo_coverage")

static void take_cptone(struct ios *in, const char *const *arg, size_t n)
{
	char word[8] = "";

	for (size_t i = 0; n && i < sizeof(word) - 1 && arg[0][i]; i++)
		word[i] = (char)tolower((unsigned char)arg[0][i]);
	if (n)
		td_ios_set(in, NULL, NULL, "cptone", word);
}

static void take_echo(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, NULL, NULL, "echo_cancel", in->line->negated ? "0" : "1");
}

static const struct ios_rule voice_port[] = {
	IOS_TAKE("signal", take_signal),
	IOS_TAKE("ring number", take_ring),
	IOS_TAKE("incoming alerting", take_alerting),
	IOS_TAKE("connection plar", take_plar),
	IOS_TAKE("cptone", take_cptone),
	IOS_TAKE("impedance", take_impedance),
	IOS_TAKE("input gain", take_input_gain),
	IOS_TAKE("output attenuation", take_attenuation),
	IOS_TAKE("caller-id", take_caller_id),
	IOS_TAKE("timeouts", take_timeouts),
	IOS_TAKE("timing", take_timing),
	IOS_TAKE("supervisory disconnect", take_supervisory),
	IOS_TAKE("battery-reversal", take_reversal),
	IOS_TAKE("station-id", take_station),
	IOS_TAKE("dial-type", take_dial_type),
	IOS_TAKE("echo-cancel coverage", take_coverage),
	IOS_TAKE("echo-cancel enable", take_echo),
	IOS_NOT_NEEDED("description", "a remark"),
	IOS_NOT_NEEDED("trunk-group", "hunt over several dial peers"),
	IOS_NOT_NEEDED("bearer-cap", "there is no ISDN"),
	IOS_NOT_NEEDED("shutdown", "leave the port out"),
};
const struct ios_rules td_ios_voice_port = IOS_RULES(voice_port, NULL);
