/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sip_house.h. Sockets of the test do not block; the loop takes a step, then the socket is
 * looked at, until the limit.
 */
#include "tests/lib/sip_house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define LIMIT_MS 10000

static uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- the house ---- */

static void say(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static void make_phone(struct house *h, size_t i, const char *id, const char *password)
{
	struct cfg_phone *p = &h->phones[i];

	snprintf(h->dns[i].number, sizeof(h->dns[i].number), "%zu", 1001 + i);
	td_strlcpy(h->dns[i].id, h->dns[i].number, sizeof(h->dns[i].id));
	h->dns[i].allow_watch = 1;
	h->lines[i] = (struct cfg_line){ .button = 1, .dn = (uint32_t)i };
	td_strlcpy(p->id, id, sizeof(p->id));
	td_strlcpy(p->username, h->dns[i].number, sizeof(p->username));
	td_strlcpy(p->password, password, sizeof(p->password));
	p->lines = &h->lines[i];
	p->n_lines = 1;
}

static void make_config(struct house *h)
{
	struct td_config *c = &h->config;

	td_strlcpy(c->global.hostname, HOUSE_REALM, sizeof(c->global.hostname));
	c->global.timeout_ringing = 180;
	td_strlcpy(c->global.codec[0], "PCMU", sizeof(c->global.codec[0]));
	c->global.n_codec = 1;
	c->sip.udp = c->sip.tcp = 1;
	c->sip.n_listen = 1;
	c->sip.register_expires_min = 60;
	c->sip.register_expires_max = 3600;
	c->sip.register_expires = 600;
	c->sip.tcp_idle_timeout = 7200;
	c->sip.nonce_lifetime = 300;
	c->sip.max_setups = 100;
	c->sip.max_bindings = 3;
	td_strlcpy(c->sip.user_agent, "tandem-test", sizeof(c->sip.user_agent));
	c->dns = h->dns;
	c->n_dns = 3;
	c->phones = h->phones;
	c->n_phones = 3;
	make_phone(h, 0, "alice", "secret");
	make_phone(h, 1, "bob", "hidden");
	h->phones[1].digest = CFG_DIGEST_SHA256;
	make_phone(h, 2, "carol", "");
	td_addr_parse(&h->phones[2].address, "127.0.0.3");
}

static int socket_at(const char *ip, bool tcp, uint16_t port, uint16_t *bound)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, ip, &sin.sin_addr), 1);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin))) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*bound = ntohs(sin.sin_port);
	return fd;
}

/* A port that is free for both; somebody may take it meanwhile, then another is tried. */
static uint16_t free_port(void)
{
	uint16_t port = 0, same;
	int udp, tcp;

	do {
		udp = socket_at("127.0.0.1", false, 0, &port);
		tcp = socket_at("127.0.0.1", true, port, &same);
		close(udp);
	} while (tcp < 0);
	close(tcp);
	return port;
}

static void guard_say(struct house *h, char mark, const struct td_addr *host, uint32_t failures)
{
	size_t len = strlen(h->guard);
	char ip[TD_ADDR_STRLEN];

	assert_true(len + TD_ADDR_STRLEN + 16 < sizeof(h->guard));
	td_addr_ip(host, ip);
	if (failures)
		snprintf(h->guard + len, sizeof(h->guard) - len, "%c%s/%u ", mark, ip, failures);
	else
		snprintf(h->guard + len, sizeof(h->guard) - len, "%c%s ", mark, ip);
}

static void on_known(void *arg, const struct td_addr *host, bool known)
{
	guard_say(arg, known ? '+' : '-', host, 0);
}

static void on_failing(void *arg, const struct td_addr *host, uint32_t failures)
{
	guard_say(arg, '!', host, failures);
}

static void on_versions(void *arg, const uint8_t mac[6], struct td_sip_versions *v)
{
	struct house *h = arg;

	if (h->versions)
		h->versions(h, mac, v);
}

static const struct td_sip_guard guard = { .known = on_known, .failing = on_failing };

static void stop_driver(struct house *h)
{
	td_sip_stop(h->sip);
	td_store_close(h->store);
}

static int start_driver(struct house *h)
{
	struct td_sip_args args = { .loop = h->loop, .core = h->core, .config = &h->config,
				    .guard = &guard, .guard_arg = h,
				    .versions = on_versions, .versions_arg = h };
	int err;

	err = td_store_open(&h->store, h->loop, h->dir, h->why, sizeof(h->why));
	if (err)
		return err;
	args.store = h->store;
	err = td_sip_start(&h->sip, &args, h->why, sizeof(h->why));
	if (err)
		td_store_close(h->store);
	return err ? err : td_store_start(h->store);
}

void house_start(struct house *h)
{
	struct td_core_args args;
	const char *tmp = getenv("TMPDIR");
	int tries, err = -1;

	memset(h, 0, sizeof(*h));
	h->live_before = td_mem_live();
	snprintf(h->dir, sizeof(h->dir), "%.40s/td-sip.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(h->dir));
	make_config(h);
	h->loop = td_sip_loop_new();
	assert_non_null(h->loop);
	fake_media_init(&h->media, say, h);
	args = (struct td_core_args){ .loop = h->loop, .media = fake_media_port(&h->media),
				      .config = &h->config };
	h->core = td_core_new(&args);
	assert_non_null(h->core);
	for (tries = 0; err && tries < 10; tries++) {
		h->config.sip.port = free_port();
		td_addr_parse(&h->config.sip.listen[0], "127.0.0.1");
		err = start_driver(h);
	}
	if (err)
		print_error("td_sip_start: %s\n", h->why);
	assert_int_equal(err, 0);
}

void house_stop(struct house *h)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".bad" };
	char path[128];

	stop_driver(h);
	td_core_free(h->core);
	for (int i = 0; i < 3; i++)		/* what was put off to the loop */
		td_loop_step(h->loop, 0);
	fake_media_fini(&h->media);
	assert_int_equal(td_loop_timers_armed(h->loop), 0);
	td_loop_free(h->loop);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s/state.db%s", h->dir, ends[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(h->dir), 0);
	assert_int_equal(td_mem_live(), h->live_before);
}

void house_restart(struct house *h)
{
	stop_driver(h);
	td_loop_step(h->loop, 0);
	h->sip = NULL;
	assert_int_equal(start_driver(h), 0);
}

void house_wait(struct house *h, bool (*fn)(void *arg), void *arg)
{
	uint64_t end = clock_ms() + LIMIT_MS;

	while (!fn(arg)) {
		if (clock_ms() > end)
			fail_msg("waited for nothing");
		td_loop_step(h->loop, 10);
	}
}

static const char *shown(struct house *h, void (*fn)(struct td_sip *sip, struct td_json *j,
						     const char *key))
{
	static char text[HOUSE_TEXT];
	struct td_json j;

	td_json_init(&j);
	fn(h->sip, &j, NULL);
	assert_int_equal(j.err, 0);
	td_strlcpy(text, j.text, sizeof(text));
	td_json_fini(&j);
	return text;
}

const char *house_registrations(struct house *h)
{
	return shown(h, td_sip_show_registrations);
}

const char *house_stats(struct house *h)
{
	return shown(h, td_sip_show_stats);
}

/* ---- the wire ---- */

void wire_open(struct wire *w, struct house *h, const char *ip, bool tcp)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons((uint16_t)h->config.sip.port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	memset(w, 0, sizeof(*w));
	w->h = h;
	w->tcp = tcp;
	td_strlcpy(w->ip, ip, sizeof(w->ip));
	w->fd = socket_at(ip, tcp, 0, &w->port);
	assert_true(w->fd >= 0);
	assert_int_equal(connect(w->fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(fcntl(w->fd, F_SETFL, O_NONBLOCK), 0);
}

void wire_close(struct wire *w)
{
	close(w->fd);
	w->fd = -1;
}

void wire_send_n(struct wire *w, const char *text, size_t n)
{
	assert_int_equal(send(w->fd, text, n, MSG_NOSIGNAL), n);
}

void wire_send(struct wire *w, const char *text)
{
	wire_send_n(w, text, strlen(text));
}

static const char *find_header(const char *message, const char *name, char *value, size_t size)
{
	size_t len = strlen(name), n;
	const char *line;

	for (line = strchr(message, '\n'); line && line[1] != '\r'; line = strchr(line, '\n')) {
		line++;
		if (strncasecmp(line, name, len) || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " ");
		n = strcspn(line, "\r");
		n = n < size ? n : size - 1;
		memcpy(value, line, n);
		value[n] = '\0';
		return value;
	}
	return NULL;
}

/* Length of the first whole message in w->in, 0 = not there yet. */
static size_t whole(const struct wire *w)
{
	char length[16];
	const char *end;
	size_t n;

	if (!w->tcp)
		return w->n_in;
	end = strstr(w->in, "\r\n\r\n");
	if (!end)
		return 0;
	n = (size_t)(end + 4 - w->in);
	if (find_header(w->in, "Content-Length", length, sizeof(length)) ||
	    find_header(w->in, "l", length, sizeof(length)))
		n += (size_t)atoi(length);
	return n <= w->n_in ? n : 0;
}

/* A pong is no message. */
static void cut(struct wire *w, size_t n)
{
	memmove(w->in, w->in + n, w->n_in - n + 1);
	w->n_in -= n;
	while (w->tcp && w->n_in >= 2 && w->in[0] == '\r' && w->in[1] == '\n') {
		memmove(w->in, w->in + 2, w->n_in - 2 + 1);
		w->n_in -= 2;
	}
}

static bool take(struct wire *w)
{
	size_t n = whole(w);
	ssize_t got;

	if (!n) {
		got = recv(w->fd, w->in + w->n_in, sizeof(w->in) - 1 - w->n_in, 0);
		if (got <= 0)
			return false;
		w->n_in += (size_t)got;
		w->in[w->n_in] = '\0';
		cut(w, 0);
		n = whole(w);
	}
	if (!n)
		return false;
	memcpy(w->message, w->in, n);
	w->message[n] = '\0';
	cut(w, n);
	return true;
}

static bool take_one(void *arg)
{
	return take(arg);
}

const char *wire_next(struct wire *w)
{
	house_wait(w->h, take_one, w);
	return w->message;
}

void wire_expect_silence(struct wire *w)
{
	const char *call_id;

	wire_send(w, wire_text(w, "OPTIONS", "silence", "", ""));
	wire_next(w);
	call_id = wire_header(w, "Call-ID");
	if (!call_id || strncmp(call_id, "silence-", 8))
		print_error("not silent: %s\n", w->message);
	assert_true(call_id && !strncmp(call_id, "silence-", 8));
}

static bool is_closed(void *arg)
{
	struct wire *w = arg;
	char c;
	ssize_t n = recv(w->fd, &c, 1, 0);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

void wire_expect_closed(struct wire *w)
{
	house_wait(w->h, is_closed, w);
}

/* ---- messages ---- */

const char *wire_text(struct wire *w, const char *method, const char *user, const char *more,
		      const char *body)
{
	static char text[HOUSE_TEXT];
	static unsigned int n;
	int len;

	n++;
	len = snprintf(text, sizeof(text),
		       "%s sip:%s%s127.0.0.1:%u SIP/2.0\r\n"
		       "Via: SIP/2.0/%s %s:%u;branch=z9hG4bK-%u\r\n"
		       "Max-Forwards: 70\r\n"
		       "From: <sip:%s@127.0.0.1>;tag=f-%s\r\n"
		       "To: <sip:%s@127.0.0.1>\r\n"
		       "Call-ID: %s-%u@test\r\n"
		       "CSeq: %u %s\r\n"
		       "%s"
		       "Content-Length: %zu\r\n\r\n%s",
		       method, strcmp(method, "REGISTER") ? user : "",
		       strcmp(method, "REGISTER") ? "@" : "", w->h->config.sip.port,
		       w->tcp ? "TCP" : "UDP", w->ip, w->port, n, user, user, user, user, w->port,
		       n, method, more, strlen(body), body);
	assert_true(len > 0 && (size_t)len < sizeof(text));
	return text;
}

int wire_say(struct wire *w, const char *method, const char *user, const char *more)
{
	wire_send(w, wire_text(w, method, user, more, ""));
	wire_next(w);
	return wire_status(w);
}

int wire_status(const struct wire *w)
{
	return strncmp(w->message, "SIP/2.0 ", 8) ? 0 : atoi(w->message + 8);
}

const char *wire_header(struct wire *w, const char *name)
{
	static char value[2048];

	return find_header(w->message, name, value, sizeof(value));
}

void wire_reply(struct wire *w, const char *status, const char *more, const char *body)
{
	static const char *const names[] = { "Via", "From", "To", "Call-ID", "CSeq" };
	char text[HOUSE_TEXT];
	size_t n = (size_t)snprintf(text, sizeof(text), "SIP/2.0 %s\r\n", status);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = wire_header(w, names[i]);

		assert_non_null(value);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s: %s%s\r\n", names[i], value,
				      i == 2 && !strstr(value, "tag=") ? ";tag=phone" : "");
	}
	snprintf(text + n, sizeof(text) - n, "%sContent-Length: %zu\r\n\r\n%s", more, strlen(body),
		 body);
	wire_send(w, text);
}

void wire_answer(struct wire *w, const char *status)
{
	wire_reply(w, status, "", "");
}

void wire_inside(struct wire *w, const char *method, const char *more, const char *body)
{
	static unsigned int cseq = 1000;
	char text[HOUSE_TEXT], via[96], to[256], call_id[128];

	td_strlcpy(to, wire_header(w, "To"), sizeof(to));
	td_strlcpy(call_id, wire_header(w, "Call-ID"), sizeof(call_id));
	if (!strcmp(method, "ACK"))
		cseq = (unsigned int)strtoul(wire_header(w, "CSeq"), NULL, 10);
	else
		cseq += 1000;
	snprintf(via, sizeof(via), "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK-in-%u%s", w->ip, w->port,
		 cseq, method);
	snprintf(text, sizeof(text),
		 "%s sip:1002@127.0.0.1 SIP/2.0\r\n%s\r\nFrom: <sip:1003@127.0.0.1>;tag=f-1003\r\n"
		 "To: %s\r\nCall-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		 method, via, to, call_id, cseq, method, more, strlen(body), body);
	wire_send(w, text);
}

void wire_expect(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		print_error("no \"%s\" in\n%s\n", part, text ? text : "(null)");
	assert_true(text && strstr(text, part));
}

const char *wire_changed(const char *text, const char *old, const char *now)
{
	static char out[HOUSE_TEXT];
	const char *at = strstr(text, old);

	assert_non_null(at);
	snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - text), text, now, at + strlen(old));
	return out;
}

/* ---- digest ---- */

static void hash(const EVP_MD *md, char hex[65], const char *text)
{
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned int len;

	assert_int_equal(EVP_Digest(text, strlen(text), out, &len, md, NULL), 1);
	td_hex(hex, out, len);
}

static void challenge_param(const char *challenge, const char *name, char *dst, size_t size)
{
	const char *p = strstr(challenge, name);
	size_t n;

	assert_non_null(p);
	p += strlen(name);
	p += *p == '"';
	n = strcspn(p, "\",");
	assert_true(n < size);
	memcpy(dst, p, n);
	dst[n] = '\0';
}

const char *wire_digest(struct wire *w, const char *method, const char *username,
			const char *password, unsigned int nc)
{
	static char line[1024];
	char challenge[512], nonce[128], algorithm[16], text[512], a1[65], a2[65], response[65];
	const EVP_MD *md;

	assert_non_null(wire_header(w, "WWW-Authenticate"));
	td_strlcpy(challenge, wire_header(w, "WWW-Authenticate"), sizeof(challenge));
	challenge_param(challenge, "nonce=", nonce, sizeof(nonce));
	challenge_param(challenge, "algorithm=", algorithm, sizeof(algorithm));
	md = strcmp(algorithm, "SHA-256") ? EVP_md5() : EVP_sha256();
	snprintf(text, sizeof(text), "%s:" HOUSE_REALM ":%s", username, password);
	hash(md, a1, text);
	snprintf(text, sizeof(text), "%s:sip:127.0.0.1", method);
	hash(md, a2, text);
	snprintf(text, sizeof(text), "%s:%s:%08x:cn:auth:%s", a1, nonce, nc, a2);
	hash(md, response, text);
	snprintf(line, sizeof(line),
		 "Authorization: Digest username=\"%s\", realm=\"" HOUSE_REALM "\", nonce=\"%s\", "
		 "uri=\"sip:127.0.0.1\", response=\"%s\", algorithm=%s, cnonce=\"cn\", qop=auth, "
		 "nc=%08x\r\n", username, nonce, response, algorithm, nc);
	return line;
}

int wire_register(struct wire *w, const char *user, const char *password, const char *more)
{
	char headers[2048];

	if (wire_say(w, "REGISTER", user, more) != 401)
		return wire_status(w);
	snprintf(headers, sizeof(headers), "%s%s",
		 wire_digest(w, "REGISTER", user, password, 1), more);
	return wire_say(w, "REGISTER", user, headers);
}
