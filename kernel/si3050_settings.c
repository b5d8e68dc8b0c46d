// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a country's rules, an impedance and gains are in registers of a Si3050, and how fast
 * a line rings. Countries follow the table of the data sheet (TBR 21, ETSI ES 203 021 in Europe,
 * FCC part 68, AS/ACIF S002 in Australia); who is not in it gets North America's.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>
#include "si3050.h"

enum acim {		/* ohms, nanofarads in parallel to the last */
	ACIM_600, ACIM_900, ACIM_270_750_150, ACIM_220_820_120, ACIM_370_620_310,
	ACIM_320_1050_230, ACIM_200_680_100 = 10, ACIM_600_2160, ACIM_900_2160 = 13,
};

/* of a line off hook, and how it goes on hook */
enum rules { FCC, TBR21, LOW_VOLTAGE, AUSTRALIA, RINGER };

static const struct si3050_settings rules[] = {
	[FCC]		= { .dc = DC_DCV(3) },
	[TBR21]		= { .dc = DC_DCV(3) | DC_ILIM, .daa3 = DAA3_OHS2 },
	[LOW_VOLTAGE]	= { .dc = DC_DCV(1) | DC_MINI(1) },
	[AUSTRALIA]	= { .dc = DC_DCV(1) | DC_MINI(1), .intl1 = INTL1_OHS, .spark = SPARK_SQ },
	[RINGER]	= { .dc = DC_DCV(3), .intl1 = INTL1_RZ },
};

static const struct {
	char name[3];
	u8 rules, acim;
} countries[] = {
	{ "US", FCC, ACIM_600 },		{ "CA", FCC, ACIM_600 },
	{ "MX", FCC, ACIM_600 },		{ "HK", FCC, ACIM_600 },
	{ "TW", FCC, ACIM_600 },		{ "SG", FCC, ACIM_600 },
	{ "CN", FCC, ACIM_200_680_100 },	{ "NZ", FCC, ACIM_370_620_310 },
	{ "IN", FCC, ACIM_600 },		{ "JP", LOW_VOLTAGE, ACIM_600 },
	{ "AU", AUSTRALIA, ACIM_220_820_120 },	{ "ZA", RINGER, ACIM_220_820_120 },
	{ "PL", RINGER, ACIM_600 },		{ "SI", RINGER, ACIM_270_750_150 },
	{ "GB", TBR21, ACIM_320_1050_230 },	{ "IE", TBR21, ACIM_270_750_150 },
	{ "DE", TBR21, ACIM_270_750_150 },	{ "AT", TBR21, ACIM_220_820_120 },
	{ "CH", TBR21, ACIM_270_750_150 },	{ "LI", TBR21, ACIM_270_750_150 },
	{ "FR", TBR21, ACIM_270_750_150 },	{ "BE", TBR21, ACIM_270_750_150 },
	{ "NL", TBR21, ACIM_270_750_150 },	{ "LU", TBR21, ACIM_270_750_150 },
	{ "IT", TBR21, ACIM_270_750_150 },	{ "ES", TBR21, ACIM_270_750_150 },
	{ "PT", TBR21, ACIM_270_750_150 },	{ "GR", TBR21, ACIM_270_750_150 },
	{ "CY", TBR21, ACIM_270_750_150 },	{ "MT", TBR21, ACIM_270_750_150 },
	{ "DK", TBR21, ACIM_270_750_150 },	{ "SE", TBR21, ACIM_270_750_150 },
	{ "NO", TBR21, ACIM_270_750_150 },	{ "FI", TBR21, ACIM_270_750_150 },
	{ "IS", TBR21, ACIM_270_750_150 },	{ "CZ", TBR21, ACIM_270_750_150 },
};

static const s8 impedances[__TDFXO_IMPEDANCE_MAX] = {
	[TDFXO_IMPEDANCE_600R] = ACIM_600,
	[TDFXO_IMPEDANCE_600C] = ACIM_600_2160,
	[TDFXO_IMPEDANCE_900R] = ACIM_900,
	[TDFXO_IMPEDANCE_900C] = ACIM_900_2160,
	[TDFXO_IMPEDANCE_COMPLEX1] = ACIM_220_820_120,
	[TDFXO_IMPEDANCE_COMPLEX2] = ACIM_270_750_150,
	[TDFXO_IMPEDANCE_COMPLEX3] = ACIM_370_620_310,
	[TDFXO_IMPEDANCE_COUNTRY] = -1,
};

/* Whole decibels: 12 louder, 15 quieter at most. */
static u8 gain(u32 value)
{
	int db = clamp((int)value - TDFXO_GAIN_0, -15, 12);

	return db < 0 ? GAIN_ATTENUATE | -db : db;
}

void si3050_settings(struct si3050_settings *s, const struct tdfxo_line_config *cfg)
{
	u32 country = cfg->value[TDFXO_CFG_COUNTRY];
	int acim = impedances[cfg->value[TDFXO_CFG_IMPEDANCE]];
	unsigned int i;

	for (i = ARRAY_SIZE(countries) - 1; i > 0; i--)
		if (country == ((u32)countries[i].name[0] << 8 | countries[i].name[1]))
			break;
	*s = rules[countries[i].rules];
	s->acim = acim < 0 ? countries[i].acim : acim;
	if (s->acim != ACIM_600 && s->acim != ACIM_900)
		s->intl1 |= INTL1_ACT;
	s->daa3 |= DAA3_FOH_128;
	s->tx_gain = gain(cfg->value[TDFXO_CFG_GAIN_OUT]);
	s->rx_gain = gain(cfg->value[TDFXO_CFG_GAIN_IN]);
}

/*
 * The chip tells in which half ringing is. The time between beginnings of positive halves, over
 * up to four periods, evens out that nobody looks in between. Ringing is over when the next
 * one is missing for another period.
 */
u32 si3050_ring(struct si3050_ring *r, bool positive, s64 now_us)
{
	const unsigned int max = ARRAY_SIZE(r->at);
	bool begins = positive && !r->positive;
	s64 period;

	r->positive = positive;
	period = r->n > 1 ? div_s64(r->at[r->n - 1] - r->at[0], r->n - 1) : 100000;
	if (r->n && now_us - r->at[r->n - 1] > 2 * period)
		r->n = 0;
	if (begins) {
		if (r->n == max)
			memmove(r->at, r->at + 1, --r->n * sizeof(r->at[0]));
		r->at[r->n++] = now_us;
	}
	return r->n > 1 ? div_s64((s64)(r->n - 1) * 10000000, r->at[r->n - 1] - r->at[0]) : 0;
}
