/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the translations of the configuration, compiled, and the profiles that say
 * which number is given to which of them.
 */
#ifndef TD_CORE_TRANSLATE_H
#define TD_CORE_TRANSLATE_H

#include "config/model.h"
#include "userspace/base/dial_rule.h"

struct td_translations;

enum td_number_kind { TD_CALLED, TD_CALLING, TD_REDIRECTING, TD_NUMBER_KINDS };

/** NULL: out of memory. */
struct td_translations *td_translations_new(const struct td_config *config);
void td_translations_free(struct td_translations *t);	/* NULL is fine */
/**
 * td_translate - by the profile of that name, in place.
 * An empty or unknown name changes nothing. Returns what the first rule that fits said.
 */
enum td_dial_verdict td_translate(const struct td_translations *t, const char *profile,
				  enum td_number_kind kind, char *number, size_t size);

#endif
