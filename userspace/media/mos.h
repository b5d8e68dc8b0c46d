/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. How a stream sounds, by the short form of the E-model (ITU-T G.107 with G.113's
 * figures for codecs): 4.41 is G.711 without any loss or delay.
 */
#ifndef TD_MEDIA_MOS_H
#define TD_MEDIA_MOS_H

/** What a codec costs by itself, and how it bears loss (G.113 appendix I). */
struct td_mos_codec {
	double ie, bpl;
};

/** 0, or -ENOENT for a codec that the tables do not rate. Name as in RTP ("PCMU"). */
int td_mos_codec(const char *name, struct td_mos_codec *out);
/** loss_percent: random loss, 0..100; delay_ms: one way, mouth to ear. */
double td_mos_rating(const struct td_mos_codec *c, double loss_percent, double delay_ms);
/** R to MOS, 1.0 .. 4.5. */
double td_mos_of_rating(double r);

#endif
