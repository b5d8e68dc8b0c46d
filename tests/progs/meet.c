// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * meet CODEC/PT/REMOTE_IP/REMOTE_PORT/LOCAL_IP... - the media plane with its real thread and
 * sockets, and nothing else of the house: each argument is an RTP party, all of them meet in
 * one mixer. Says "party N port P" for each and "ready"; then obeys lines on standard input:
 *   mute N | unmute N | leave N | record FILE | stop
 * and at the end of the input prints what "show" would, and ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userspace/base/json.h"
#include "userspace/core/media_desc.h"
#include "userspace/media/audio/audio.h"
#include "userspace/media/media.h"
#include "userspace/media/media_local.h"

#define MOST 32

struct party {
	struct td_media_session *s;
	uint32_t node;
};

static struct td_loop *loop;
static struct td_media *media;
static struct td_audio *audio;
static struct td_media_port port;
static struct party party[MOST];
static uint32_t mixer, recorder;

static void die(const char *what, int err)
{
	fprintf(stderr, "meet: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void must(const char *what, int err)
{
	if (err)
		die(what, err);
}

static void join(int n, char *text)
{
	struct td_media_end end[2] = { 0 };
	char *codec = strtok(text, "/"), *pt = strtok(NULL, "/"), *ip = strtok(NULL, "/");
	char *remote_port = strtok(NULL, "/"), *local = strtok(NULL, "/");
	struct td_media_party p = { .codec = td_str_of(codec) };
	struct td_addr via;

	if (!local)
		die("CODEC/PT/REMOTE_IP/REMOTE_PORT/LOCAL_IP", -EINVAL);
	p.pt_in = p.pt_out = (uint8_t)atoi(pt);
	must(ip, td_addr_parse(&end[0].remote, ip));
	must(local, td_addr_parse(&via, local));
	end[0].remote.port = (uint16_t)atoi(remote_port);
	end[0].dir = TD_DIR_BOTH;
	end[0].rate = 8000;
	must("open", port.ops->open(port.plane, (uint32_t)n + 1, &party[n].s));
	port.ops->local(party[n].s, 0, &via, &end[0].local);
	must("connect", port.ops->connect(party[n].s, end));
	must(codec, td_media_make_local(party[n].s, 0, &p, &party[n].node));
	must("connect", td_audio_connect(audio, party[n].node, mixer, 0));
	must("connect", td_audio_connect(audio, mixer, party[n].node, 0));
	printf("party %d port %u\n", n, end[0].local.port);
}

static void on_recorded(void *arg, int err, uint64_t samples, uint64_t left_out)
{
	(void)arg;
	printf("recorded samples=%llu left_out=%llu err=%d\n", (unsigned long long)samples,
	       (unsigned long long)left_out, err);
}

static void record(const char *path)
{
	struct td_recording_args args = {
		.loop = loop, .path = path, .rate = 8000, .on_done = on_recorded,
	};
	struct td_recording *r;

	must(path, td_recording_new(&r, &args));
	must("record", td_audio_record(audio, r, &recorder));
	must("connect", td_audio_connect(audio, mixer, recorder, 0));
}

static void obey(char *line)
{
	char *verb = strtok(line, " \n"), *arg = strtok(NULL, " \n");
	struct party *p = &party[arg ? (unsigned int)atoi(arg) % MOST : 0];

	if (!verb)
		return;
	if (!strcmp(verb, "mute") || !strcmp(verb, "unmute"))
		must(verb, td_audio_mute(audio, p->node, mixer, verb[0] == 'm'));
	else if (!strcmp(verb, "leave"))
		td_media_make_through(p->s, 0);
	else if (!strcmp(verb, "record") && arg)
		record(arg);
	else if (!strcmp(verb, "stop"))
		td_audio_destroy(audio, recorder);
	else
		die(verb, -EINVAL);
	printf("done %s\n", verb);
}

static void on_input(void *arg, int fd, unsigned int events)
{
	static char text[512];
	static size_t len;
	ssize_t n = read(fd, text + len, sizeof(text) - len - 1);
	char *end;

	(void)arg;
	(void)events;
	if (n <= 0) {
		td_loop_stop(loop);
		return;
	}
	len += (size_t)n;
	text[len] = 0;
	while ((end = strchr(text, '\n'))) {
		*end++ = 0;
		obey(text);
		len -= (size_t)(end - text);
		memmove(text, end, len + 1);
	}
}

int main(int argc, char **argv)
{
	struct td_config *config = calloc(1, sizeof(*config));
	struct td_media_args args = { .config = config };
	struct td_json j;

	setvbuf(stdout, NULL, _IOLBF, 0);
	config->global.rtp_port_min = 16384;
	config->global.rtp_port_max = 16483;
	config->global.dscp[TD_DSCP_MEDIA] = 46;
	loop = args.loop = td_loop_new_epoll();
	must("media", td_media_new(&media, &args));
	audio = td_media_audio(media);
	port = td_media_port(media);
	must("mixer", td_audio_mixer(audio, &mixer));
	for (int n = 0; n < argc - 1 && n < MOST; n++)
		join(n, argv[n + 1]);
	printf("ready\n");
	must("input", td_loop_watch(loop, 0, TD_READ, on_input, NULL));
	td_loop_run(loop);

	td_json_init(&j);
	td_json_object(&j, NULL);
	td_audio_show(audio, &j, "audio");
	td_json_end_object(&j);
	printf("%s\n", j.text);
	td_json_fini(&j);
	for (int n = 0; n < argc - 1 && n < MOST; n++)
		port.ops->close(party[n].s);
	td_media_free(media);
	td_loop_free(loop);
	free(config);
	return 0;
}
