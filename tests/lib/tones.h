/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sines to speak with, and an ear for them: how much of a piece of sound is at a frequency,
 * and what is left when the expected tones are taken out.
 */
#ifndef TESTS_LIB_TONES_H
#define TESTS_LIB_TONES_H

#include <stddef.h>
#include <stdint.h>

/** n samples of a sine from sample number "from" on, amplitude as peak, added to what is there. */
void tone_add(int16_t *pcm, size_t n, double hz, double amplitude, unsigned int rate, size_t from);
/** The peak amplitude of the sine at hz that fits best (Goertzel). */
double tone_amplitude(const int16_t *pcm, size_t n, double hz, unsigned int rate);
/** dB by which the tones at hz[] stand above everything else. The frequencies should be whole
 * numbers of periods in n samples. */
double tone_snr(const int16_t *pcm, size_t n, const double *hz, size_t n_hz, unsigned int rate);
/** Largest step between two neighbouring samples: a click stands out. */
int tone_largest_step(const int16_t *pcm, size_t n);
double tone_rms(const int16_t *pcm, size_t n);

#endif
