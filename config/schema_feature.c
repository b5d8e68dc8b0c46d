// SPDX-License-Identifier: GPL-2.0-or-later
/* What the house does with calls. Rows as schema.c says. */
#include "config/schema_parts.h"

static const char *const hunt_words[] = {
	[CFG_HUNT_SEQUENTIAL] = "sequential", [CFG_HUNT_PEER] = "peer",
	[CFG_HUNT_LONGEST_IDLE] = "longest-idle", [CFG_HUNT_PARALLEL] = "parallel", NULL,
};

static const struct schema_option huntgroup_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_huntgroup, number),
	  .help = "The number that is dialled.", .cisco = "pilot" },
	{ "name", VALUE_TEXT, AT(struct cfg_huntgroup, name), .def_help = "none",
	  .help = "What it is called.", .cisco = "name, description" },
	{ "member", VALUE_NUMBER, LIST(struct cfg_huntgroup, member, n_member),
	  .help = "A number of the house that is called, in this order.", .cisco = "list" },
	{ "mode", VALUE_CHOICE, AT(struct cfg_huntgroup, mode), .words = hunt_words,
	  .def = "sequential",
	  .help = "Who is called first: always the first of the list (sequential), the one behind "
		  "whom the last call began with (peer), who has been off the phone for longest "
		  "(longest-idle); or all at once (parallel).",
	  .cisco = "ephone-hunt, voice hunt-group" },
	{ "timeout", VALUE_UINT, AT(struct cfg_huntgroup, timeout), .min = 3, .max = 60000,
	  .def = "20", .help = "Seconds that each may ring before the next one is called.",
	  .cisco = "timeout" },
	{ "final", VALUE_NUMBER, AT(struct cfg_huntgroup, final), .def_help = "nowhere",
	  .help = "Where the call goes when none of them takes it.", .cisco = "final" },
};

const struct schema_section td_section_huntgroup = {
	.type = "huntgroup", .needs_name = true, .size = sizeof(struct cfg_huntgroup),
	OPTIONS(huntgroup_options), .form = "config huntgroup 'NAME'",
	.help = "One number for several people: they are called one after the other, or all "
		"together.",
};

static const struct schema_option moh_options[] = {
	{ "file", VALUE_PATH, AT(struct cfg_moh, file), .def_help = "silence",
	  .help = "Music for who is on hold or parked: a WAV file (16-bit, G.711 a or u law; mono, "
		  "8 or 16 kHz), played over and over, the same to all.",
	  .cisco = "moh" },
	{ "multicast", VALUE_GROUP, AT(struct cfg_moh, multicast.group), .def_help = "none",
	  .help = "The music is also sent to this group, all the time: for whoever listens by itself. "
		  "Who is on hold is sent it in the call.",
	  .cisco = "multicast moh ... port" },
	{ "interface", VALUE_DEVICE, AT(struct cfg_moh, multicast.interface),
	  .def_help = "the first of section global",
	  .help = "The network device by which that leaves.", .cisco = "multicast moh ... route" },
	{ "ttl", VALUE_UINT, AT(struct cfg_moh, multicast.ttl), .min = 1, .max = 255, .def = "8",
	  .help = "How many routers it may pass." },
};

const struct schema_section td_section_moh = {
	.type = "moh", .single = true, .size = sizeof(struct cfg_moh), OPTIONS(moh_options),
	.form = "config moh 'moh'", .help = "Music on hold.",
};

static const struct schema_option fac_options[] = {
	{ "enable", VALUE_BOOL, AT(struct cfg_fac, enable), .def = "0",
	  .help = "Phones may dial the codes below. The defaults are CME's fac standard.",
	  .cisco = "fac standard, fac custom" },
	{ "cfwd_all", VALUE_NUMBER, AT(struct cfg_fac, cfwd_all), .def = "**1",
	  .help = "With a number behind it: all calls of the phone's line go there.",
	  .cisco = "fac callfwd all" },
	{ "cfwd_cancel", VALUE_NUMBER, AT(struct cfg_fac, cfwd_cancel), .def = "**2",
	  .help = "Calls come to the phone again.", .cisco = "fac callfwd cancel" },
	{ "pickup_local", VALUE_NUMBER, AT(struct cfg_fac, pickup_local), .def = "**3",
	  .help = "Take a call that rings in the own pickup_group.", .cisco = "fac pickup local" },
	{ "pickup_group", VALUE_NUMBER, AT(struct cfg_fac, pickup_group), .def = "**4",
	  .help = "With a pickup_group behind it: take a call that rings there.",
	  .cisco = "fac pickup group" },
	{ "pickup", VALUE_NUMBER, AT(struct cfg_fac, pickup), .def = "**5",
	  .help = "With a number behind it: take the call that rings there.",
	  .cisco = "fac pickup direct" },
	{ "park", VALUE_NUMBER, AT(struct cfg_fac, park), .def = "**6",
	  .help = "Transfer a call to this code, and it is parked in the first free slot; with a slot "
		  "behind it, there.",
	  .cisco = "fac park" },
	{ "hlog", VALUE_NUMBER, AT(struct cfg_fac, hlog), .def = "*4",
	  .help = "Hunt groups leave the phone's number out; dialled again, they call it again.",
	  .cisco = "fac ephone-hunt hlog" },
	{ "callback", VALUE_NUMBER, AT(struct cfg_fac, callback), .def = "*37",
	  .help = "Wait until who was busy, or did not answer, at the last call can be reached; with a "
		  "number of the house behind it, until that one is free. Then the phone is called, "
		  "and who answers it calls the number. CME has no code for it: this is ETSI's.",
	  .cisco = "CallBack soft key" },
	{ "callback_cancel", VALUE_NUMBER, AT(struct cfg_fac, callback_cancel), .def = "#37",
	  .help = "Wait no more." },
};

const struct schema_section td_section_fac = {
	.type = "fac", .single = true, .size = sizeof(struct cfg_fac), OPTIONS(fac_options),
	.form = "config fac 'fac'",
	.help = "Feature access codes: what any phone can dial to use a feature.",
};

static const struct schema_option afterhours_options[] = {
	{ "hours", VALUE_HOURS, LIST(struct cfg_afterhours, hours, n_hours),
	  .help = "When: 'mon 19:00 07:00' ends on the next day, 'weekend 00:00 24:00', a date is "
		  "'dec 25 00:00 24:00'. Local time (timezone of section global).",
	  .cisco = "after-hours day, after-hours date" },
	{ "block", VALUE_PATTERN, LIST(struct cfg_afterhours, block, n_block),
	  .help = "A number that begins like this cannot be dialled then.",
	  .cisco = "after-hours block pattern" },
	{ "block_always", VALUE_PATTERN, LIST(struct cfg_afterhours, block_always, n_block_always),
	  .help = "Nor can this at any hour, not even by phones with after_hours_exempt or by the "
		  "code.",
	  .cisco = "after-hours block pattern ... 7-24" },
	{ "override_code", VALUE_NUMBER, AT(struct cfg_afterhours, override_code),
	  .def_help = "none",
	  .help = "Who dials it before a blocked number is connected. Call records do not hold it.",
	  .cisco = "after-hours override-code" },
};

const struct schema_section td_section_afterhours = {
	.type = "afterhours", .single = true, .size = sizeof(struct cfg_afterhours),
	OPTIONS(afterhours_options), .form = "config afterhours 'afterhours'",
	.help = "What phones cannot dial when nobody should be in the office. Emergency numbers "
		"(section dialpeer) are never blocked.",
};

static const struct schema_option nightservice_options[] = {
	{ "hours", VALUE_HOURS, LIST(struct cfg_nightservice, hours, n_hours),
	  .help = "When calls go to cfwd_night of their dn; as hours of section afterhours.",
	  .cisco = "night-service day, date, everyday, weekday, weekend" },
	{ "code", VALUE_NUMBER, AT(struct cfg_nightservice, code), .def_help = "none",
	  .help = "A phone that dials it switches night service on or off, until the hours say the "
		  "same.",
	  .cisco = "night-service code" },
};

const struct schema_section td_section_nightservice = {
	.type = "nightservice", .single = true, .size = sizeof(struct cfg_nightservice),
	OPTIONS(nightservice_options), .form = "config nightservice 'nightservice'",
	.help = "When calls go elsewhere because the office is closed.",
};

static const struct schema_option park_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_park, number),
	  .help = "The first slot. Transfer a call to a slot to park it, dial the slot to take it "
		  "from there; phones only.", .cisco = "number, park-slot" },
	{ "slots", VALUE_UINT, AT(struct cfg_park, slots), .min = 1, .max = 100, .def = "1",
	  .help = "How many slots: the numbers from the first one on." },
	{ "timeout", VALUE_UINT, AT(struct cfg_park, timeout), .min = 0, .max = 65535, .def = "0",
	  .help = "Seconds after which who parked the call is rung; who answers has it back. "
		  "0: never.", .cisco = "park-slot timeout" },
	{ "limit", VALUE_UINT, AT(struct cfg_park, limit), .min = 1, .max = 65535, .def = "10",
	  .help = "How many such reminders.", .cisco = "park-slot timeout ... limit" },
	{ "transfer", VALUE_NUMBER, AT(struct cfg_park, transfer), .def_help = "the call ends",
	  .help = "Where the call goes when nobody has come after the last one.",
	  .cisco = "park-slot transfer" },
};

const struct schema_section td_section_park = {
	.type = "park", .needs_name = true, .size = sizeof(struct cfg_park),
	OPTIONS(park_options), .form = "config park 'NAME'",
	.help = "Slots where calls wait until somebody dials the slot.",
};

static const struct schema_option conference_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_conference, number),
	  .help = "Who dials it, or is transferred to it by a phone, meets the others.",
	  .cisco = "meetme, number" },
	{ "max_parties", VALUE_UINT, AT(struct cfg_conference, max_parties), .min = 3, .max = 8,
	  .def = "8", .help = "How many may meet there.", .cisco = "conference add-mode, max" },
};

const struct schema_section td_section_conference = {
	.type = "conference", .needs_name = true, .size = sizeof(struct cfg_conference),
	OPTIONS(conference_options), .form = "config conference 'NAME'",
	.help = "A number where up to eight parties meet.",
};

static const struct schema_option paging_options[] = {
	{ "number", VALUE_NUMBER, AT(struct cfg_paging, number),
	  .help = "A phone that dials it is heard at once by all members that are not in a call. It "
		  "does not hear them.", .cisco = "paging-dn, number" },
	{ "name", VALUE_TEXT, AT(struct cfg_paging, name), .def_help = "none",
	  .help = "What members see.", .cisco = "name" },
	{ "member", VALUE_NUMBER, LIST(struct cfg_paging, member, n_member),
	  .help = "A number of the house whose phone answers by itself.",
	  .cisco = "paging-dn ... unicast, paging group" },
	{ "multicast", VALUE_GROUP, AT(struct cfg_paging, multicast.group), .def_help = "none",
	  .help = "Members that can listen to this group are not called one by one: SCCP phones, "
		  "Cisco's SIP phones if the port is from 20480 to 32768, and phones with "
		  "multicast_paging. Others are called: so are phones that have IPv6 only.",
	  .cisco = "paging ip ... port, paging-dn ... multicast" },
	{ "interface", VALUE_DEVICE, AT(struct cfg_paging, multicast.interface),
	  .def_help = "the first of section global",
	  .help = "The network device by which that leaves." },
	{ "ttl", VALUE_UINT, AT(struct cfg_paging, multicast.ttl), .min = 1, .max = 255, .def = "8",
	  .help = "How many routers it may pass." },
};

const struct schema_section td_section_paging = {
	.type = "paging", .needs_name = true, .size = sizeof(struct cfg_paging),
	OPTIONS(paging_options), .form = "config paging 'NAME'",
	.help = "One who speaks to many phones at once.",
};
