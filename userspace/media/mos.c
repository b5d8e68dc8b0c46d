// SPDX-License-Identifier: GPL-2.0-or-later
/* PURE. See mos.h. */
#include "userspace/media/mos.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Wide-band codecs are rated on the narrow-band scale, as if they were G.711: what they have
 * more than that, the scale does not know. */
static const struct {
	const char *name;
	struct td_mos_codec c;
} codecs[] = {
	{ "PCMU", { 0, 25.1 } }, { "PCMA", { 0, 25.1 } }, { "L16", { 0, 25.1 } },
	{ "G722", { 0, 25.1 } }, { "OPUS", { 0, 25.1 } },
	{ "G729", { 10, 19 } },
	{ "G723", { 15, 16.1 } },
	{ "ILBC", { 11, 32 } },
	{ "AMR", { 5, 10 } },
	{ "GSM", { 26, 43 } },
};

int td_mos_codec(const char *name, struct td_mos_codec *out)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (strcmp(codecs[i].name, name))
			continue;
		*out = codecs[i].c;
		return 0;
	}
	return -ENOENT;
}

double td_mos_rating(const struct td_mos_codec *c, double loss_percent, double delay_ms)
{
	double p = loss_percent < 0 ? 0 : loss_percent > 100 ? 100 : loss_percent;
	double d = delay_ms < 0 ? 0 : delay_ms;
	double id = 0.024 * d + (d > 177.3 ? 0.11 * (d - 177.3) : 0);
	double ie_eff = c->ie + (p > 0 ? (95 - c->ie) * p / (p + c->bpl) : 0);

	return 93.2 - id - ie_eff;
}

double td_mos_of_rating(double r)
{
	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	r = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
	return r < 1 ? 1 : r;
}
