/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "userspace/media/audio/codec_g729.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define LIBRARY "libbcg729.so.0"	/* Debian: libbcg729-0 */

/* bcg729/encoder.h, decoder.h: what we use of it. */
struct td_g729 {
	void *library;
	void *enc, *dec;
	void *(*new_enc)(uint8_t vad);
	void (*free_enc)(void *enc);
	void (*encode)(void *enc, const int16_t *pcm, uint8_t *out, uint8_t *len);
	void *(*new_dec)(void);
	void (*free_dec)(void *dec);
	void (*decode)(void *dec, const uint8_t *in, uint8_t len, uint8_t lost, uint8_t sid,
		       uint8_t rfc3389, int16_t *pcm);
};

static bool find(const struct td_g729 *g, void *to, const char *name)
{
	void *p = dlsym(g->library, name);

	memcpy(to, &p, sizeof(p));
	return p;
}

static bool find_all(struct td_g729 *g)
{
	return find(g, &g->new_enc, "initBcg729EncoderChannel") &&
	       find(g, &g->free_enc, "closeBcg729EncoderChannel") &&
	       find(g, &g->encode, "bcg729Encoder") &&
	       find(g, &g->new_dec, "initBcg729DecoderChannel") &&
	       find(g, &g->free_dec, "closeBcg729DecoderChannel") &&
	       find(g, &g->decode, "bcg729Decoder");
}

int td_g729_open(struct td_g729 **out)
{
	struct td_g729 *g = td_zalloc(sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!g->library || !find_all(g)) {
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "G.729 is not converted: %s (Debian: "
			       "libbcg729-0)", dlerror());
		td_g729_close(g);
		return -ENOTSUP;
	}
	g->enc = g->new_enc(0);
	g->dec = g->new_dec();
	if (!g->enc || !g->dec) {
		td_g729_close(g);
		return -ENOMEM;
	}
	*out = g;
	return 0;
}

void td_g729_close(struct td_g729 *g)
{
	if (!g)
		return;
	if (g->enc)
		g->free_enc(g->enc);
	if (g->dec)
		g->free_dec(g->dec);
	if (g->library)
		dlclose(g->library);
	td_free(g);
}

size_t td_g729_encode(struct td_g729 *g, uint8_t *out, const int16_t *pcm)
{
	uint8_t len = 0;

	g->encode(g->enc, pcm, out, &len);
	return len;
}

void td_g729_decode(struct td_g729 *g, int16_t *pcm, const uint8_t *in, size_t len)
{
	g->decode(g->dec, len ? in : NULL, (uint8_t)len, !len, len == G729_SID_BYTES, 0, pcm);
}
