// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stream to whoever listens (a multicast group), as a node: what it hears leaves by a socket of
 * its own, G.711 u-law in packets of 20 ms, as Cisco's phones want paging and music. Nobody
 * answers.
 */
#include "userspace/media/audio/audio_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/media/audio/codec.h"
#include "userspace/media/audio/rtp_out.h"

#define PT_PCMU 0			/* RFC 3551 */

struct stream {
	struct audio_node node;
	int fd;
	struct td_audio_codec codec;
	struct td_rtp_out out;
	_Atomic uint64_t packets;
};

static struct stream *stream_of(const struct audio_node *n)
{
	return td_container_of(n, struct stream, node);
}

/* Without reports: thousands could answer them. */
static void send_packet(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
			unsigned int len)
{
	struct stream *s = arg;

	(void)way;
	if (!rtcp && send(s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len)
		atomic_fetch_add_explicit(&s->packets, 1, memory_order_relaxed);
}

static void hear(struct audio_node *n, const int16_t *pcm, struct audio_node *same_for_all,
		 uint64_t now_ns)
{
	struct stream *s = stream_of(n);
	const uint8_t *coded = NULL;

	if (same_for_all && td_rtp_out_takes_coded(&s->out))
		coded = td_audio_coded(same_for_all, AUDIO_ULAW);
	td_rtp_out_frame(&s->out, &s->codec, pcm, coded, now_ns);
}

static void show(struct audio_node *n, struct td_json *j)
{
	td_json_str(j, "codec", "PCMU");
	td_json_u64(j, "tx_packets", atomic_load(&stream_of(n)->packets));
}

static void free_stream(struct audio_node *n)
{
	struct stream *s = stream_of(n);

	td_audio_codec_close(&s->codec);
	close(s->fd);
	td_free(s);
}

static const struct audio_ops stream_ops = {
	.name = "stream", .hears = true, .hear = hear, .free = free_stream, .show = show,
};

int td_audio_stream(struct td_audio *a, int fd, uint32_t *id)
{
	struct td_rtp_out_args out = { .send = send_packet, .pt = PT_PCMU };
	struct stream *s = td_zalloc(sizeof(*s));
	int err = s ? td_audio_codec_open(&s->codec, td_str_of("PCMU"), 0) : -ENOMEM;

	if (err) {
		td_free(s);
		close(fd);
		return err;
	}
	s->fd = fd;
	td_audio_node_init(&s->node, a, &stream_ops, s->codec.rate);
	out.send_arg = s;
	td_rtp_out_init(&s->out, &out, &s->codec);
	s->out.way.new_dst_port = 1;	/* the socket knows where to: just not nowhere */
	return td_audio_add(a, &s->node, id);
}
