// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Languages and tones by CME's codes. The names are those of the folders that Cisco's locale
 * packages hold.
 */
#include "config/locales.h"

#include <string.h>

static const struct known_locale locales[] = {
	{ "US", "English_United_States", "en", "United_States" },
	{ "GB", "English_United_Kingdom", "en", "United_Kingdom" },
	{ "DE", "German_Germany", "de", "Germany" },
	{ "DK", "Danish_Denmark", "da", "Denmark" },
	{ "ES", "Spanish_Spain", "es", "Spain" },
	{ "FR", "French_France", "fr", "France" },
	{ "IT", "Italian_Italy", "it", "Italy" },
	{ "JP", "Japanese_Japan", "ja", "Japan" },
	{ "NL", "Dutch_Netherlands", "nl", "Netherlands" },
	{ "NO", "Norwegian_Norway", "no", "Norway" },
	{ "PT", "Portuguese_Portugal", "pt", "Portugal" },
	{ "RU", "Russian_Russian_Federation", "ru", "Russian_Federation" },
	{ "SE", "Swedish_Sweden", "sv", "Sweden" },
	/* tones of their own, another country's language */
	{ "AT", "German_Germany", "de", "Austria" },
	{ "CA", "English_United_States", "en", "Canada" },
	{ "CH", "German_Germany", "de", "Switzerland" },
};

const struct known_locale *td_locale_of(const char *country)
{
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++)
		if (!strcmp(locales[i].country, country))
			return &locales[i];
	return NULL;
}
