// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/tones.h"

#include <math.h>
#include <stdlib.h>

#define TURN (2 * M_PI)

void tone_add(int16_t *pcm, size_t n, double hz, double amplitude, unsigned int rate, size_t from)
{
	for (size_t i = 0; i < n; i++) {
		double v = pcm[i] + amplitude * sin(TURN * hz * (double)(from + i) / rate);

		pcm[i] = (int16_t)lrint(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
	}
}

static void correlate(const double *x, size_t n, double hz, unsigned int rate, double *c, double *s)
{
	*c = *s = 0;
	for (size_t i = 0; i < n; i++) {
		*c += x[i] * cos(TURN * hz * (double)i / rate);
		*s += x[i] * sin(TURN * hz * (double)i / rate);
	}
	*c *= 2 / (double)n;
	*s *= 2 / (double)n;
}

static double *as_double(const int16_t *pcm, size_t n)
{
	double *x = calloc(n, sizeof(*x));

	if (!x)
		abort();
	for (size_t i = 0; i < n; i++)
		x[i] = pcm[i];
	return x;
}

double tone_amplitude(const int16_t *pcm, size_t n, double hz, unsigned int rate)
{
	double *x = as_double(pcm, n), c, s;

	correlate(x, n, hz, rate, &c, &s);
	free(x);
	return sqrt(c * c + s * s);
}

double tone_snr(const int16_t *pcm, size_t n, const double *hz, size_t n_hz, unsigned int rate)
{
	double *x = as_double(pcm, n), signal = 0, rest = 0;

	for (size_t k = 0; k < n_hz; k++) {
		double c, s;

		correlate(x, n, hz[k], rate, &c, &s);
		signal += (c * c + s * s) / 2;
		for (size_t i = 0; i < n; i++)
			x[i] -= c * cos(TURN * hz[k] * (double)i / rate) +
				s * sin(TURN * hz[k] * (double)i / rate);
	}
	for (size_t i = 0; i < n; i++)
		rest += x[i] * x[i] / (double)n;
	free(x);
	return 10 * log10((signal + 1e-9) / (rest + 1e-9));
}

int tone_largest_step(const int16_t *pcm, size_t n)
{
	int max = 0;

	for (size_t i = 1; i < n; i++)
		if (abs(pcm[i] - pcm[i - 1]) > max)
			max = abs(pcm[i] - pcm[i - 1]);
	return max;
}

double tone_rms(const int16_t *pcm, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	return n ? sqrt(sum / (double)n) : 0;
}
