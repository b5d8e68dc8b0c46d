// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cisco's 56 time zones. A phone is given the name and looks the rule up in a table of its own,
 * so an office's IANA zone has to be turned into a name whose rule is the same. Rules are those
 * of tzdata 2025b; tests/unit/config_time_zone.c compares them with the system's.
 *
 * Where Cisco's printed offset is not that of the region (24..28), the name counts: the phone
 * goes by it. Rows with a year keep a summer time that was given up since: nobody is mapped to
 * them who could have another, since old firmware still switches.
 */
#include "config/config.h"

#include <string.h>
#include <strings.h>

#include "config/time_zone.h"
#include "userspace/base/str.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct cfg_zone zones[] = {
	{ 1, "Dateline Standard Time", -720, "Etc/GMT+12",
	  "<-12>12", .year = 0 },
	{ 2, "Samoa Standard Time", -660, "Pacific/Pago_Pago",
	  "SST11",
	  .same = "Etc/GMT+11 Pacific/Midway Pacific/Niue Pacific/Samoa US/Samoa" },
	{ 3, "Hawaiian Standard Time", -600, "Pacific/Honolulu",
	  "HST10",
	  .same = "Etc/GMT+10 HST Pacific/Johnston Pacific/Rarotonga Pacific/Tahiti "
		  "US/Hawaii",
	  .near = "America/Adak America/Atka US/Aleutian" },
	{ 4, "Alaskan Standard/Daylight Time", -540, "America/Anchorage",
	  "AKST9AKDT,M3.2.0,M11.1.0",
	  .same = "America/Juneau America/Metlakatla America/Nome America/Sitka "
		  "America/Yakutat US/Alaska",
	  .near = "Etc/GMT+9 Pacific/Gambier Pacific/Marquesas" },
	{ 5, "Pacific Standard/Daylight Time", -480, "America/Los_Angeles",
	  "PST8PDT,M3.2.0,M11.1.0",
	  .same = "America/Ensenada America/Santa_Isabel America/Tijuana America/Vancouver "
		  "Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific",
	  .near = "Etc/GMT+8 Pacific/Pitcairn" },
	{ 6, "Mountain Standard/Daylight Time", -420, "America/Denver",
	  "MST7MDT,M3.2.0,M11.1.0",
	  .same = "America/Boise America/Cambridge_Bay America/Ciudad_Juarez "
		  "America/Edmonton America/Inuvik America/Shiprock America/Yellowknife "
		  "Canada/Mountain MST7MDT Navajo US/Mountain", .year = 0 },
	{ 7, "US Mountain Standard Time", -420, "America/Phoenix",
	  "MST7",
	  .same = "America/Creston America/Dawson America/Dawson_Creek America/Fort_Nelson "
		  "America/Hermosillo America/Mazatlan America/Whitehorse Canada/Yukon "
		  "Etc/GMT+7 MST Mexico/BajaSur US/Arizona", .year = 0 },
	{ 8, "Central Standard/Daylight Time", -360, "America/Chicago",
	  "CST6CDT,M3.2.0,M11.1.0",
	  .same = "America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN "
		  "America/Matamoros America/Menominee America/North_Dakota/Beulah "
		  "America/North_Dakota/Center America/North_Dakota/New_Salem "
		  "America/Ojinaga America/Rainy_River America/Rankin_Inlet "
		  "America/Resolute America/Winnipeg CST6CDT Canada/Central US/Central "
		  "US/Indiana-Starke", .year = 0 },
	{ 9, "Mexico Standard/Daylight Time", -360, "America/Mexico_City",
	  "CST6CDT,M4.1.0,M10.5.0", .year = 2021 },
	{ 10, "Canada Central Standard Time", -360, "America/Regina",
	  "CST6",
	  .same = "America/Bahia_Banderas America/Belize America/Chihuahua "
		  "America/Costa_Rica America/El_Salvador America/Guatemala America/Managua "
		  "America/Merida America/Mexico_City America/Monterrey "
		  "America/Swift_Current America/Tegucigalpa Canada/Saskatchewan Etc/GMT+6 "
		  "Mexico/General Pacific/Galapagos",
	  .near = "Chile/EasterIsland Pacific/Easter" },
	{ 11, "SA Pacific Standard Time", -300, "America/Bogota",
	  "<-05>5",
	  .same = "America/Eirunepe America/Guayaquil America/Lima America/Porto_Acre "
		  "America/Rio_Branco Brazil/Acre Etc/GMT+5", .year = 0 },
	{ 12, "Eastern Standard/Daylight Time", -300, "America/New_York",
	  "EST5EDT,M3.2.0,M11.1.0",
	  .same = "America/Detroit America/Fort_Wayne America/Grand_Turk "
		  "America/Indiana/Indianapolis America/Indiana/Marengo "
		  "America/Indiana/Petersburg America/Indiana/Vevay "
		  "America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis "
		  "America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello "
		  "America/Louisville America/Montreal America/Nassau America/Nipigon "
		  "America/Pangnirtung America/Port-au-Prince America/Thunder_Bay "
		  "America/Toronto Canada/Eastern EST5EDT US/East-Indiana US/Eastern "
		  "US/Michigan",
	  .near = "America/Havana Cuba" },
	{ 13, "US Eastern Standard Time", -300, "America/Cancun",
	  "EST5",
	  .same = "America/Atikokan America/Cayman America/Coral_Harbour America/Jamaica "
		  "America/Panama EST Jamaica", .year = 0 },
	{ 14, "Atlantic Standard/Daylight Time", -240, "America/Halifax",
	  "AST4ADT,M3.2.0,M11.1.0",
	  .same = "America/Glace_Bay America/Goose_Bay America/Moncton America/Thule "
		  "Atlantic/Bermuda Canada/Atlantic", .year = 0 },
	{ 15, "SA Western Standard Time", -240, "America/La_Paz",
	  "<-04>4",
	  .same = "America/Anguilla America/Antigua America/Aruba America/Barbados "
		  "America/Blanc-Sablon America/Boa_Vista America/Campo_Grande "
		  "America/Caracas America/Cuiaba America/Curacao America/Dominica "
		  "America/Grenada America/Guadeloupe America/Guyana America/Kralendijk "
		  "America/Lower_Princes America/Manaus America/Marigot America/Martinique "
		  "America/Montserrat America/Port_of_Spain America/Porto_Velho "
		  "America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy "
		  "America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent "
		  "America/Tortola America/Virgin Brazil/West Etc/GMT+4", .year = 0 },
	{ 16, "Newfoundland Standard/Daylight Time", -210, "America/St_Johns",
	  "NST3:30NDT,M3.2.0,M11.1.0",
	  .same = "Canada/Newfoundland" },
	{ 17, "E. South America Standard/Daylight Time", -180, "America/Sao_Paulo",
	  "<-03>3<-02>,M11.1.0/0,M2.3.0/0", .year = 2018 },
	{ 18, "SA Eastern Standard Time", -180, "America/Argentina/Buenos_Aires",
	  "<-03>3",
	  .same = "America/Araguaina America/Argentina/Catamarca "
		  "America/Argentina/ComodRivadavia America/Argentina/Cordoba "
		  "America/Argentina/Jujuy America/Argentina/La_Rioja "
		  "America/Argentina/Mendoza America/Argentina/Rio_Gallegos "
		  "America/Argentina/Salta America/Argentina/San_Juan "
		  "America/Argentina/San_Luis America/Argentina/Tucuman "
		  "America/Argentina/Ushuaia America/Asuncion America/Bahia America/Belem "
		  "America/Buenos_Aires America/Catamarca America/Cayenne America/Cordoba "
		  "America/Fortaleza America/Jujuy America/Maceio America/Mendoza "
		  "America/Montevideo America/Paramaribo America/Recife America/Rosario "
		  "America/Santarem America/Sao_Paulo Antarctica/Palmer Antarctica/Rothera "
		  "Atlantic/Stanley Brazil/East Etc/GMT+3",
	  .near = "America/Miquelon" },
	{ 19, "Mid-Atlantic Standard/Daylight Time", -120, "America/Nuuk",
	  "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	  .same = "America/Godthab America/Scoresbysund",
	  .near = "America/Noronha Atlantic/South_Georgia Brazil/DeNoronha Etc/GMT+2" },
	{ 20, "Azores Standard/Daylight Time", -60, "Atlantic/Azores",
	  "<-01>1<+00>,M3.5.0/0,M10.5.0/1",
	  .near = "Atlantic/Cape_Verde Etc/GMT+1" },
	{ 21, "GMT Standard/Daylight Time", 0, "Europe/London",
	  "GMT0BST,M3.5.0/1,M10.5.0",
	  .same = "Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Eire "
		  "Europe/Belfast Europe/Dublin Europe/Guernsey Europe/Isle_of_Man "
		  "Europe/Jersey Europe/Lisbon GB GB-Eire Portugal WET",
	  .near = "Antarctica/Troll" },
	{ 22, "Greenwich Standard Time", 0, "Atlantic/Reykjavik",
	  "GMT0",
	  .same = "Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau "
		  "Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia "
		  "Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu "
		  "America/Danmarkshavn Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 "
		  "Etc/GMT0 Etc/Greenwich Etc/UCT Etc/UTC Etc/Universal Etc/Zulu GMT GMT+0 "
		  "GMT-0 GMT0 Greenwich Iceland UCT UTC Universal Zulu", .year = 0 },
	{ 23, "W. Europe Standard/Daylight Time", 60, "Europe/Berlin",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  .same = "Arctic/Longyearbyen Atlantic/Jan_Mayen CET Europe/Amsterdam "
		  "Europe/Andorra Europe/Busingen Europe/Gibraltar Europe/Malta Europe/Oslo "
		  "Europe/Rome Europe/San_Marino Europe/Stockholm Europe/Vaduz "
		  "Europe/Vatican Europe/Vienna Europe/Zurich",
	  .near = "Africa/Algiers Africa/Bangui Africa/Brazzaville Africa/Casablanca "
		  "Africa/Douala Africa/El_Aaiun Africa/Kinshasa Africa/Lagos "
		  "Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena "
		  "Africa/Niamey Africa/Porto-Novo Africa/Tunis Etc/GMT-1", .year = 0 },
	{ 24, "GTB Standard/Daylight Time", 60, "Europe/Athens",
	  "EET-2EEST,M3.5.0/3,M10.5.0/4",
	  .same = "Asia/Famagusta Asia/Nicosia EET Europe/Bucharest Europe/Nicosia",
	  .near = "Asia/Beirut" },
	{ 25, "Egypt Standard/Daylight Time", 60, "Africa/Cairo",
	  "EET-2EEST,M4.5.5/0,M10.5.4/24",
	  .same = "Egypt" },
	{ 26, "E. Europe Standard/Daylight Time", 60, "Europe/Helsinki",
	  "EET-2EEST,M3.5.0/3,M10.5.0/4",
	  .same = "Europe/Chisinau Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Riga "
		  "Europe/Sofia Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod "
		  "Europe/Vilnius Europe/Zaporozhye", .year = 0 },
	{ 27, "Romance Standard/Daylight Time", 120, "Europe/Paris",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  .same = "Africa/Ceuta Europe/Brussels Europe/Copenhagen Europe/Luxembourg "
		  "Europe/Madrid Europe/Monaco MET", .year = 0 },
	{ 28, "Central Europe Standard/Daylight Time", 120, "Europe/Budapest",
	  "CET-1CEST,M3.5.0,M10.5.0/3",
	  .same = "Europe/Belgrade Europe/Bratislava Europe/Ljubljana Europe/Podgorica "
		  "Europe/Prague Europe/Sarajevo Europe/Skopje Europe/Tirane Europe/Warsaw "
		  "Europe/Zagreb Poland", .year = 0 },
	{ 29, "South Africa Standard Time", 120, "Africa/Johannesburg",
	  "SAST-2",
	  .same = "Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare "
		  "Africa/Juba Africa/Khartoum Africa/Kigali Africa/Lubumbashi "
		  "Africa/Lusaka Africa/Maputo Africa/Maseru Africa/Mbabane Africa/Tripoli "
		  "Africa/Windhoek Etc/GMT-2 Europe/Kaliningrad Libya", .year = 0 },
	{ 30, "Jerusalem Standard/Daylight Time", 120, "Asia/Jerusalem",
	  "IST-2IDT,M3.4.4/26,M10.5.0",
	  .same = "Asia/Tel_Aviv Israel",
	  .near = "Asia/Gaza Asia/Hebron" },
	{ 31, "Saudi Arabia Standard Time", 180, "Asia/Riyadh",
	  "<+03>-3",
	  .same = "Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam "
		  "Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi "
		  "Antarctica/Syowa Asia/Aden Asia/Amman Asia/Baghdad Asia/Bahrain "
		  "Asia/Damascus Asia/Istanbul Asia/Kuwait Asia/Qatar Etc/GMT-3 "
		  "Europe/Istanbul Europe/Kirov Europe/Minsk Europe/Moscow "
		  "Europe/Simferopol Europe/Volgograd Indian/Antananarivo Indian/Comoro "
		  "Indian/Mayotte Turkey W-SU", .year = 0 },
	{ 32, "Russian Standard/Daylight Time", 180, "Europe/Moscow",
	  "MSK-3MSD,M3.5.0,M10.5.0/3", .year = 2010 },
	{ 33, "Iran Standard/Daylight Time", 210, "Asia/Tehran",
	  "<+0330>-3:30<+0430>,J81/0,J265/0", .year = 2021,
	  .near = "Asia/Tehran Iran" },
	{ 34, "Caucasus Standard/Daylight Time", 240, "Asia/Baku",
	  "<+04>-4<+05>,M3.5.0/4,M10.5.0/5", .year = 2015 },
	{ 35, "Arabian Standard Time", 240, "Asia/Dubai",
	  "<+04>-4",
	  .same = "Asia/Baku Asia/Muscat Asia/Tbilisi Asia/Yerevan Etc/GMT-4 "
		  "Europe/Astrakhan Europe/Samara Europe/Saratov Europe/Ulyanovsk "
		  "Indian/Mahe Indian/Mauritius Indian/Reunion", .year = 0 },
	{ 36, "Afghanistan Standard Time", 270, "Asia/Kabul",
	  "<+0430>-4:30", .year = 0 },
	{ 37, "West Asia Standard Time", 300, "Asia/Karachi",
	  "PKT-5",
	  .same = "Antarctica/Mawson Antarctica/Vostok Asia/Almaty Asia/Aqtau Asia/Aqtobe "
		  "Asia/Ashgabat Asia/Ashkhabad Asia/Atyrau Asia/Dushanbe Asia/Oral "
		  "Asia/Qostanay Asia/Qyzylorda Asia/Samarkand Asia/Tashkent Etc/GMT-5 "
		  "Indian/Kerguelen Indian/Maldives", .year = 0 },
	{ 38, "Ekaterinburg Standard Time", 300, "Asia/Yekaterinburg",
	  "<+05>-5", .year = 0 },
	{ 39, "India Standard Time", 330, "Asia/Kolkata",
	  "IST-5:30",
	  .same = "Asia/Calcutta Asia/Colombo",
	  .near = "Asia/Kathmandu Asia/Katmandu" },
	{ 40, "Central Asia Standard Time", 360, "Asia/Dhaka",
	  "<+06>-6",
	  .same = "Asia/Bishkek Asia/Dacca Asia/Kashgar Asia/Omsk Asia/Thimbu Asia/Thimphu "
		  "Asia/Urumqi Etc/GMT-6 Indian/Chagos",
	  .near = "Asia/Rangoon Asia/Yangon Indian/Cocos" },
	{ 41, "SE Asia Standard Time", 420, "Asia/Bangkok",
	  "<+07>-7",
	  .same = "Antarctica/Davis Asia/Barnaul Asia/Ho_Chi_Minh Asia/Hovd Asia/Jakarta "
		  "Asia/Krasnoyarsk Asia/Novokuznetsk Asia/Novosibirsk Asia/Phnom_Penh "
		  "Asia/Pontianak Asia/Saigon Asia/Tomsk Asia/Vientiane Etc/GMT-7 "
		  "Indian/Christmas", .year = 0 },
	{ 42, "China Standard/Daylight Time", 480, "Asia/Shanghai",
	  "CST-8",
	  .same = "Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Hong_Kong Asia/Macao "
		  "Asia/Macau Hongkong PRC", .year = 0 },
	{ 43, "Taipei Standard Time", 480, "Asia/Taipei",
	  "CST-8",
	  .same = "Antarctica/Casey Asia/Brunei Asia/Choibalsan Asia/Irkutsk "
		  "Asia/Kuala_Lumpur Asia/Kuching Asia/Makassar Asia/Manila Asia/Singapore "
		  "Asia/Ujung_Pandang Asia/Ulaanbaatar Asia/Ulan_Bator Australia/Perth "
		  "Australia/West Etc/GMT-8 ROC Singapore",
	  .near = "Australia/Eucla" },
	{ 44, "Tokyo Standard Time", 540, "Asia/Tokyo",
	  "JST-9",
	  .same = "Asia/Chita Asia/Dili Asia/Jayapura Asia/Khandyga Asia/Pyongyang "
		  "Asia/Seoul Asia/Yakutsk Etc/GMT-9 Japan Pacific/Palau ROK", .year = 0 },
	{ 45, "Cen. Australia Standard/Daylight Time", 570, "Australia/Adelaide",
	  "ACST-9:30ACDT,M10.1.0,M4.1.0/3",
	  .same = "Australia/Broken_Hill Australia/South Australia/Yancowinna" },
	{ 46, "AUS Central Standard Time", 570, "Australia/Darwin",
	  "ACST-9:30",
	  .same = "Australia/North" },
	{ 47, "E. Australia Standard Time", 600, "Australia/Brisbane",
	  "AEST-10",
	  .same = "Australia/Lindeman Australia/Queensland" },
	{ 48, "AUS Eastern Standard/Daylight Time", 600, "Australia/Sydney",
	  "AEST-10AEDT,M10.1.0,M4.1.0/3",
	  .same = "Australia/ACT Australia/Canberra Australia/Melbourne Australia/NSW "
		  "Australia/Victoria",
	  .near = "Australia/LHI Australia/Lord_Howe" },
	{ 49, "West Pacific Standard Time", 600, "Pacific/Port_Moresby",
	  "<+10>-10",
	  .same = "Antarctica/DumontDUrville Asia/Ust-Nera Asia/Vladivostok Etc/GMT-10 "
		  "Pacific/Chuuk Pacific/Guam Pacific/Saipan Pacific/Truk Pacific/Yap", .year = 0 },
	{ 50, "Tasmania Standard/Daylight Time", 600, "Australia/Hobart",
	  "AEST-10AEDT,M10.1.0,M4.1.0/3",
	  .same = "Antarctica/Macquarie Australia/Currie Australia/Tasmania" },
	{ 51, "Central Pacific Standard Time", 660, "Pacific/Guadalcanal",
	  "<+11>-11",
	  .same = "Asia/Magadan Asia/Sakhalin Asia/Srednekolymsk Etc/GMT-11 "
		  "Pacific/Bougainville Pacific/Efate Pacific/Kosrae Pacific/Noumea "
		  "Pacific/Pohnpei Pacific/Ponape",
	  .near = "Pacific/Norfolk" },
	{ 52, "Fiji Standard Time", 720, "Pacific/Fiji",
	  "<+12>-12",
	  .same = "Asia/Anadyr Asia/Kamchatka Etc/GMT-12 Kwajalein Pacific/Funafuti "
		  "Pacific/Kwajalein Pacific/Majuro Pacific/Nauru Pacific/Tarawa "
		  "Pacific/Wake Pacific/Wallis", .year = 0 },
	{ 53, "New Zealand Standard/Daylight Time", 720, "Pacific/Auckland",
	  "NZST-12NZDT,M9.5.0,M4.1.0/3",
	  .same = "Antarctica/McMurdo Antarctica/South_Pole NZ",
	  .near = "Etc/GMT-13 Etc/GMT-14 NZ-CHAT Pacific/Apia Pacific/Chatham "
		  "Pacific/Enderbury Pacific/Fakaofo Pacific/Kanton Pacific/Kiritimati "
		  "Pacific/Tongatapu", .year = 0 },
	{ 54, "Venezuela Standard Time", -270, "America/Caracas",
	  "<-0430>4:30", .year = 2010 },
	{ 55, "Pacific SA Daylight Time", -180, "America/Punta_Arenas",
	  "<-03>3",
	  .same = "America/Coyhaique" },
	{ 56, "Pacific SA Standard Time", -240, "America/Santiago",
	  "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
	  .same = "Chile/Continental" },
};

size_t td_zone_count(void)
{
	return N(zones);
}

const struct cfg_zone *td_zone_by_number(uint32_t number)
{
	return number && number <= N(zones) ? &zones[number - 1] : NULL;
}

/* One of the words of a list. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p && *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == len && !strncmp(p, word, len))
			return true;
	return false;
}

const struct cfg_zone *td_config_zone(const char *iana)
{
	uint32_t number;

	if (!td_parse_u32(td_str_of(iana), &number))
		return td_zone_by_number(number);
	for (size_t i = 0; i < N(zones); i++)
		if (!zones[i].year && !strcmp(zones[i].iana, iana))
			return &zones[i];
	for (size_t i = 0; i < N(zones); i++)
		if (has_word(zones[i].same, iana))
			return &zones[i];
	for (size_t i = 0; i < N(zones); i++)
		if (has_word(zones[i].near, iana))
			return &zones[i];
	return NULL;
}

/* Each name of the lists in turn; the nearest one wins. */
static void nearest_of(const char *list, const char *word, unsigned int *best, char *dst,
		       size_t size)
{
	for (const char *p = list; p && *p; p += strcspn(p, " "), p += strspn(p, " ")) {
		char name[CFG_TEXT_LEN];
		unsigned int distance;

		td_str_copy(name, sizeof(name), (struct td_str){ p, strcspn(p, " ") });
		distance = strcasecmp(name, word) ? td_str_distance(name, word) : 0;
		if (distance < *best) {
			*best = distance;
			td_strlcpy(dst, name, size);
		}
	}
}

bool td_zone_nearest(const char *word, char *dst, size_t size)
{
	unsigned int best = (unsigned int)strlen(word) / 3 + 1;

	*dst = '\0';
	for (size_t i = 0; i < N(zones); i++) {
		nearest_of(zones[i].iana, word, &best, dst, size);
		nearest_of(zones[i].same, word, &best, dst, size);
		nearest_of(zones[i].near, word, &best, dst, size);
	}
	return *dst != '\0';
}

/* ---- the rule ---- */

static const char *skip_name(const char *p)
{
	if (*p == '<')
		return p + strcspn(p, ">") + 1;
	return p + strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/* "2", "-3:30": in minutes; POSIX counts westwards */
static int32_t read_time(const char **p)
{
	int32_t sign = 1, hours = 0, minutes = 0;

	if (**p == '-' || **p == '+')
		sign = *(*p)++ == '-' ? -1 : 1;
	while (**p >= '0' && **p <= '9')
		hours = 10 * hours + *(*p)++ - '0';
	if (**p == ':')
		for ((*p)++; **p >= '0' && **p <= '9'; (*p)++)
			minutes = 10 * minutes + **p - '0';
	return sign * (60 * hours + minutes);
}

static uint32_t read_number(const char **p)
{
	uint32_t n = 0;

	while (**p >= '0' && **p <= '9')
		n = 10 * n + (uint32_t)(*(*p)++ - '0');
	if (**p == '.')
		(*p)++;
	return n;
}

/* The day of a year without a 29th of February */
static void set_day_of_year(struct cfg_change *c, uint32_t day)
{
	static const uint32_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	for (c->month = 1; c->month < 12 && day > days[c->month - 1]; c->month++)
		day -= days[c->month - 1];
	c->day = day;
}

/* ",M3.5.0/3", ",J81/0". Times before or after that day move it to the weekday beside, whose week
 * is the same but for the end of a month. */
static void read_change(const char **p, struct cfg_change *c)
{
	int32_t minute = 120;

	*c = (struct cfg_change){ 0 };
	(*p)++;
	if (**p == 'J') {
		(*p)++;
		set_day_of_year(c, read_number(p));
	} else {
		(*p)++;
		c->month = read_number(p);
		c->week = read_number(p);
		c->weekday = read_number(p);
		c->week = c->week == 5 ? CFG_LAST_WEEK : c->week;
	}
	if (**p == '/') {
		(*p)++;
		minute = read_time(p);
	}
	for (; minute < 0; minute += 1440)
		c->weekday = (c->weekday + 6) % 7;
	for (; minute >= 1440; minute -= 1440)
		c->weekday = (c->weekday + 1) % 7;
	c->minute = (uint32_t)minute;
}

void td_config_zone_rule(const struct cfg_zone *zone, struct cfg_zone_rule *rule)
{
	const char *p = skip_name(zone->posix);

	*rule = (struct cfg_zone_rule){ .offset = -read_time(&p) };
	if (!*p)
		return;
	p = skip_name(p);
	rule->dst_offset = 60;
	if (*p != ',')
		rule->dst_offset = -read_time(&p) - rule->offset;
	read_change(&p, &rule->start);
	read_change(&p, &rule->stop);
}
