/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Si3050 (the system's side) with a Si3018 or Si3019 (the line's side): the registers that the
 * driver uses, named as in the data sheet, and what its files share.
 */
#ifndef TDFXO_SI3050_H
#define TDFXO_SI3050_H

#include <linux/bits.h>
#include <linux/types.h>
#include "fxo_ops.h"

#define SI3050_DAA1		5
#define   DAA1_OH		BIT(0)		/* off hook */
#define   DAA1_ONHM		BIT(3)		/* on hook, and the line is heard */
#define   DAA1_RDTP		BIT(5)		/* ringing is in its positive half now */
#define SI3050_DAA2		6
#define   DAA2_PDL		BIT(4)		/* the line's side is without power */
#define SI3050_LINK		12
#define   LINK_FDT		BIT(6)		/* both sides understand each other */
#define SI3050_INTL1		16
#define   INTL1_RT		BIT(0)		/* ringing counts from 21 V on, not 15 V */
#define   INTL1_RZ		BIT(1)		/* a ringer is made believe */
#define   INTL1_ACT		BIT(5)		/* Si3018: complex impedance */
#define   INTL1_OHS		BIT(6)		/* goes on hook slowly */
#define SI3050_INTL3		18
#define   INTL3_RFWE		BIT(1)		/* both halves of ringing are seen */
#define SI3050_INTL4		19
#define   INTL4_DOD		BIT(1)		/* off hook, and no current to live on */
#define SI3050_DC		26
#define   DC_ILIM		BIT(1)		/* at most 60 mA */
#define   DC_MINI(v)		((v) << 4)	/* least current: 10, 12, 14, 16 mA */
#define   DC_DCV(v)		((v) << 6)	/* voltage off hook: 3.1, 3.2, 3.35, 3.5 V */
#define SI3050_LVS		29		/* voltage of the line, signed, volts */
#define SI3050_ACIM		30
#define SI3050_DAA3		31
#define   DAA3_OHS2		BIT(3)		/* goes on hook in 3 ms */
#define   DAA3_FOH_128		BIT(5)		/* measures 128 ms after going off hook */
#define SI3050_GROUND		32
#define   GROUND_RG		BIT(0)		/* ring is not grounded */
#define   GROUND_TGOE		BIT(1)		/* tip is not watched */
#define   GROUND_TGD		BIT(2)		/* the exchange has grounded tip */
#define SI3050_PCM		33
#define   PCM_LINEAR		(3 << 3)	/* 16 bit samples */
#define   PCM_PCME		BIT(5)		/* on the highway */
#define SI3050_TX_START		34		/* clocks from the frame's start, two bytes */
#define SI3050_RX_START		36
#define SI3050_TX_GAIN		38		/* to the line, dB */
#define SI3050_RX_GAIN		39		/* from the line */
#define   GAIN_ATTENUATE	BIT(4)
#define SI3050_SPARK		59
#define   SPARK_SQ		(BIT(6) | BIT(4))

#define SI3050_SLOT_BITS	16
#define SI3050_MAX_CHAIN	16

/**
 * struct si3050_settings - registers that a country, an impedance and gains come down to
 * @intl1: SI3050_INTL1
 * @dc: SI3050_DC
 * @acim: SI3050_ACIM
 * @daa3: SI3050_DAA3
 * @spark: SI3050_SPARK
 * @tx_gain: SI3050_TX_GAIN
 * @rx_gain: SI3050_RX_GAIN
 */
struct si3050_settings {
	u8 intl1, dc, acim, daa3, spark, tx_gain, rx_gain;
};

/**
 * struct si3050_ring - how fast the line rings
 * @positive: it was in its positive half when it was looked at last
 * @n: beginnings of positive halves that are known
 * @at: when they were, microseconds
 */
struct si3050_ring {
	bool positive;
	unsigned int n;
	s64 at[5];
};

/* si3050_settings.c */
void si3050_settings(struct si3050_settings *s, const struct tdfxo_line_config *cfg);
/*
 * One look at a line on hook: tenths of a hertz, 0 when it does not ring or nobody knows yet how
 * fast.
 */
u32 si3050_ring(struct si3050_ring *r, bool positive, s64 now_us);

#endif
