/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "tandem capture": what the daemon copies of a call's packets, as a pcapng file, as lines of
 * text or of JSON. The file is readable by its owner alone: people speak in it. It has two
 * interfaces: "xdp" with Ethernet frames as the packet program sent them, "relay" with the IP
 * packets that went by the daemon.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "tools/tandem/cli.h"
#include "tools/tandem/pcapng.h"
#include "userspace/base/str.h"

#define MAX_FRAME 65536
#define MAX_SECONDS 86400u

enum { IF_XDP, IF_RELAY, N_INTERFACES };

struct capture {
	const struct cli_options *opt;
	const char *target, *file;
	uint32_t count, seconds;	/* 0: until Ctrl-C */
	FILE *out;			/* the file; NULL: text or JSON */
	uint64_t frames[N_INTERFACES], lost;
	uint64_t last_ns;
	bool ended;			/* the call has */
	uint8_t data[MAX_FRAME];
};

/* ---- words ---- */

static int usage(const char *what)
{
	fprintf(stderr, "tandem: %s\n"
		"usage: tandem capture PHONE|CALL [-w FILE|-] [-c COUNT] [--seconds N]\n", what);
	return TD_CTL_USAGE;
}

/* The value of an option at word i, which moves on; NULL: another option. */
static const char *value_of(const struct cli_options *opt, size_t *i, const char *name)
{
	const char *word = opt->words[*i];
	size_t len = strlen(name);

	if (!strncmp(word, name, len) && word[len] && /* NOLINT(*NonNullParamChecker) */
	    (len == 2 || word[len] == '='))
		return word + len + (word[len] == '=');
	if (strcmp(word, name) != 0)
		return NULL;
	*i += 1;
	return *i < opt->n_words ? opt->words[*i] : "";
}

/* 0, or the exit code. */
static int read_words(struct capture *c)
{
	const struct cli_options *opt = c->opt;
	const char *v;

	for (size_t i = 1; i < opt->n_words; i++) {
		if ((v = value_of(opt, &i, "-w"))) {
			c->file = v;
			if (!*v)
				return usage("-w wants a file, or - for standard output");
		} else if ((v = value_of(opt, &i, "-c"))) {
			if (td_parse_u32(td_str_of(v), &c->count) || !c->count)
				return usage("-c wants a number of packets");
		} else if ((v = value_of(opt, &i, "--seconds"))) {
			if (td_parse_u32(td_str_of(v), &c->seconds) || !c->seconds ||
			    c->seconds > MAX_SECONDS)
				return usage("--seconds wants 1 to 86400");
		} else if (opt->words[i][0] == '-') { /* NOLINT(*NullDereference) */
			fprintf(stderr, "tandem: unknown option '%s'\n", opt->words[i]);
			return usage("it takes -w, -c and --seconds");
		} else if (c->target) {
			return usage("one phone or call at a time");
		} else {
			c->target = opt->words[i];
		}
	}
	return c->target ? 0 : usage("of which phone or call?");
}

/* ---- file ---- */

static int open_file(struct capture *c)
{
	int fd;

	if (!c->file)
		return 0;
	if (!strcmp(c->file, "-")) {
		if (isatty(STDOUT_FILENO))
			return usage("-w - is for a pipe or a file: packets would upset the terminal");
		c->out = stdout;
		return 0;
	}
	fd = open(c->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	c->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (c->out)
		return 0;
	fprintf(stderr, "tandem: %s: %s\n", c->file, strerror(errno));
	return TD_CTL_REFUSED;
}

static void begin_file(const struct capture *c)
{
	if (!c->out)
		return;
	td_pcapng_begin(c->out, "tandem " TD_VERSION);
	td_pcapng_interface(c->out, PCAPNG_ETHERNET, "xdp", "frames as XDP sent them");
	td_pcapng_interface(c->out, PCAPNG_IP, "relay", "packets as the daemon sent them");
}

/* False: it could not be written. */
static bool end_file(struct capture *c)
{
	bool good;

	if (!c->out)
		return true;
	for (uint32_t i = 0; i < N_INTERFACES; i++)
		td_pcapng_statistics(c->out, i, c->last_ns, c->frames[i],
				     i == IF_XDP ? c->lost : 0);
	good = !ferror(c->out);
	return (c->out == stdout ? !fflush(c->out) : !fclose(c->out)) && good;
}

/* ---- lines ---- */

static const uint8_t *skip_link(const uint8_t *p, const uint8_t *end)
{
	p += 12;
	while (p + 4 <= end && ((p[0] == 0x81 && p[1] == 0) || (p[0] == 0x88 && p[1] == 0xa8)))
		p += 4;
	return p + 2;
}

/* Addresses and ports of an IP packet of UDP. False: it is none. */
static bool read_udp(const uint8_t *p, const uint8_t *end, char src[64], char dst[64])
{
	bool v6 = p < end && p[0] >> 4 == 6;
	size_t addr_len = v6 ? 16 : 4, head = v6 ? 40 : 20, at = v6 ? 8 : 12;
	int family = v6 ? AF_INET6 : AF_INET;
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];

	if (p + head + 8 > end || !inet_ntop(family, p + at, a, sizeof(a)) ||
	    !inet_ntop(family, p + at + addr_len, b, sizeof(b)))
		return false;
	p += head;
	snprintf(src, 64, v6 ? "[%s]:%u" : "%s:%u", a, (unsigned int)(p[0] << 8 | p[1]));
	snprintf(dst, 64, v6 ? "[%s]:%u" : "%s:%u", b, (unsigned int)(p[2] << 8 | p[3]));
	return true;
}

static void print_line(const struct pcapng_packet *p)
{
	const uint8_t *end = p->data + p->copied, *ip = p->data;
	char src[64], dst[64], clock[16];
	time_t t = (time_t)(p->time_ns / 1000000000u);
	struct tm tm;

	if (p->interface == IF_XDP)
		ip = skip_link(ip, end);
	if (!read_udp(ip, end, src, dst))
		return;
	localtime_r(&t, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf("%s.%06u %s %s %s > %s len %u\n", clock,
	       (unsigned int)(p->time_ns % 1000000000u / 1000), p->comment,
	       p->interface == IF_XDP ? "xdp" : "relay", src, dst, p->len);
}

/* ---- messages ---- */

static uint64_t number(json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) ? (uint64_t)json_object_get_int64(v) : 0;
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes, or 0 for what is no hex. */
static uint32_t from_hex(uint8_t *dst, size_t size, const char *hex)
{
	size_t n = 0;

	for (; hex[0] && hex[1] && n < size; hex += 2) {
		int high = nibble(hex[0]), low = nibble(hex[1]);

		if (high < 0 || low < 0)
			return 0;
		dst[n++] = (uint8_t)(high << 4 | low);
	}
	return (uint32_t)n;
}

static void print_json(json_object *data)
{
	puts(json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void take_frame(struct capture *c, json_object *data, const char *hex)
{
	const char *path = td_cli_text(data, "path");
	char comment[48];
	struct pcapng_packet p = {
		.interface = path && !strcmp(path, "relay") ? IF_RELAY : IF_XDP,
		.time_ns = number(data, "time_ns"), .len = (uint32_t)number(data, "len"),
		.copied = from_hex(c->data, sizeof(c->data), hex), .data = c->data,
		.comment = comment,
	};

	snprintf(comment, sizeof(comment), "call=%u leg=%u", (unsigned int)number(data, "call"),
		 (unsigned int)number(data, "leg"));
	c->frames[p.interface]++;
	c->last_ns = p.time_ns;
	if (c->out)
		td_pcapng_packet(c->out, &p);
	else if (c->opt->json)
		print_json(data);
	else
		print_line(&p);
}

static void take_message(struct capture *c, json_object *msg)
{
	json_object *data, *ended;
	const char *hex;
	uint64_t lost;

	if (!json_object_object_get_ex(msg, "data", &data))
		return;
	lost = number(data, "lost");
	if (lost > c->lost)
		c->lost = lost;
	hex = td_cli_text(data, "frame");
	if (hex)
		take_frame(c, data, hex);
	else if (c->opt->json && !c->out)
		print_json(data);
	c->ended |= json_object_object_get_ex(data, "ended", &ended);
}

static bool is_done(const struct capture *c)
{
	return td_cli_is_stopped() || c->ended || (c->out && ferror(c->out)) ||
	       (c->count && c->frames[IF_XDP] + c->frames[IF_RELAY] >= c->count);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Until the end that was asked for: 1; or what td_cli_receive() said. */
static int receive(struct capture *c, int fd)
{
	double until = c->seconds ? now_s() + c->seconds : 0, left = -1;
	int rc = 1;

	while (rc == 1 && !is_done(c)) {
		json_object *msg;

		if (until) {
			left = until - now_s();
			if (left <= 0)
				break;
		}
		if (!td_cli_wait(fd, 0)) {	/* all is read: let a reader of ours have it */
			fflush(c->out ? c->out : stdout);
			if (!td_cli_wait(fd, left))
				continue;
		}
		rc = td_cli_receive(fd, &msg);
		if (rc == 1)
			take_message(c, msg);
		json_object_put(msg);
	}
	return rc;
}

int td_cli_capture(const struct cli_options *opt)
{
	static struct capture c;	/* too large for the stack, and there is one */
	const char *words[2] = { "capture", NULL };
	json_object *answer = NULL;
	int fd = -1, rc;

	c.opt = opt;
	rc = read_words(&c);
	if (!rc) {
		words[1] = c.target;
		rc = td_cli_ask(opt->path, words, 2, &fd, &answer);
		if (rc && answer)
			td_cli_print_error(opt, answer);
	}
	json_object_put(answer);
	if (!rc)
		rc = open_file(&c);
	if (rc)
		goto close_fd;
	td_cli_catch_signals();
	begin_file(&c);
	if (receive(&c, fd) != 1)
		rc = td_cli_ended_by_daemon(opt);
	fflush(stdout);		/* what was captured stands before the last line */
	if (!end_file(&c)) {
		fprintf(stderr, "tandem: %s: %s\n", c.file, strerror(errno));
		rc = TD_CTL_REFUSED;
	}
	fprintf(stderr, "%s%llu packets captured, %llu lost\n", c.ended ? "the call has ended: " : "",
		(unsigned long long)c.frames[IF_XDP] + c.frames[IF_RELAY],
		(unsigned long long)c.lost);
close_fd:
	if (fd >= 0)
		close(fd);
	return rc;
}
