/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: what CME's country codes stand for.
 */
#ifndef TD_CONFIG_LOCALES_H
#define TD_CONFIG_LOCALES_H

struct known_locale {
	const char *country, *user, *language, *network;
};

/** NULL: no such code. */
const struct known_locale *td_locale_of(const char *country);

#endif
