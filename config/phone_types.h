/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the types of phones that are built in, and what their firmware is called.
 */
#ifndef TD_CONFIG_PHONE_TYPES_H
#define TD_CONFIG_PHONE_TYPES_H

#include "config/config.h"

/** All rows; how many. */
size_t td_phone_types(const struct cfg_phonetype **v);
/**
 * td_load_fits - can this be the name of a firmware for phones of the type? A name that is
 * known for no type can. False, and the reason in why.
 */
bool td_load_fits(const struct cfg_phonetype *type, uint32_t protocol, const char *load,
		  char *why, size_t len);

#endif
