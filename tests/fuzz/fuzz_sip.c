/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes at the SIP port, and any behaviour of a phone in a call. The whole driver runs,
 * with a real core, on the loopback; two phones, 1001 and 1002, live at the fuzzer's socket
 * and are known by their host, so that what they say passes the gate.
 *
 * An input is one datagram, or a play of parts, each begun by a line:
 *
 *	#M		what follows is sent as it is
 *	#A 200 OK	answer the last request that came; what follows is headers and body
 *	#I 180 Ringing	answer the last INVITE that came
 *	#D BYE		a request in the last dialog (or transaction: ACK, CANCEL)
 *	#T 32		so many seconds pass
 *
 * Afterwards everybody hangs up and time passes: no call, no media, no memory, no transaction
 * and no dialog of sofia's may be left.
 * Build with clang -fsanitize=fuzzer,address,undefined.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sofia-resolv/sres.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"
#include "userspace/sip/sip_priv.h"

#define DATAGRAM   65536
#define FIELD	   2048
#define PATIENCE_S 3700			/* the longest registration and a bit */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What a phone must remember of a message to go on. */
struct memory {
	char via[FIELD], from[FIELD], to[FIELD], call_id[FIELD], contact[FIELD];
	char cseq[64], rseq[64];
};

static struct {
	struct td_loop *loop;
	struct td_core *core;
	struct td_store *store;
	struct td_sip *sip;
	struct td_config config;
	struct cfg_dn dns[2];
	struct cfg_line lines[2];
	struct cfg_phone phones[2];
	int fd;
	uint16_t port;			/* of the fuzzer's socket */
	char dir[32];
	int n_media;
	long live;			/* blocks when nothing is going on; 0 = not known yet */
	struct memory request, invite, answer;	/* last ones that came */
	bool asked_dns;
	size_t stuck;			/* client transactions that stay, see sres_query() */
	unsigned int cseq;
} house;

/* ---- a media plane that moves nothing ---- */

struct td_media_session {
	uint32_t call_id;
};

static int media_open(void *plane, uint32_t call_id, struct td_media_session **out)
{
	(void)plane;
	*out = td_zalloc(sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->call_id = call_id;
	house.n_media++;
	return 0;
}

static void media_local(struct td_media_session *s, int side, const struct td_addr *via,
			struct td_addr *out)
{
	*out = *via;
	out->port = (uint16_t)(20000 + 4 * (s->call_id % 1000) + 2 * (uint32_t)side);
}

static int media_connect(struct td_media_session *s, const struct td_media_end ends[2])
{
	(void)s;
	(void)ends;
	return 0;
}

static void media_stats(struct td_media_session *s, int side, struct td_media_stats *out)
{
	(void)s;
	(void)side;
	memset(out, 0, sizeof(*out));
}

static int media_press(struct td_media_session *s, int side, uint8_t pt, char digit,
		       uint16_t duration_ms)
{
	(void)s;
	(void)side;
	(void)pt;
	(void)duration_ms;
	return digit & 1 ? 0 : -ENOTCONN;
}

static void media_close(struct td_media_session *s)
{
	house.n_media -= s != NULL;
	td_free(s);
}

static void media_watch(void *plane, td_media_event_fn fn, void *arg)
{
	(void)plane;
	(void)fn;
	(void)arg;
}

static const struct td_media_ops media_ops = {
	.open = media_open, .local = media_local, .connect = media_connect,
	.stats = media_stats, .press = media_press, .close = media_close, .watch = media_watch,
};

/* No DNS here: instead of sofia's. It is asked only for names in Record-Route, and by nta itself
 * for the Contact of a 200 that comes when its INVITE is long over; an ACK of nta's to a name
 * that is not found stays in its table (sofia 1.12.11, a few KB each). */
sres_query_t *sres_query(sres_resolver_t *res, sres_answer_f *callback, sres_context_t *context,
			 uint16_t type, const char *domain)
{
	(void)res;
	(void)callback;
	(void)context;
	(void)type;
	(void)domain;
	house.asked_dns = true;
	errno = EIO;
	return NULL;
}

/* ---- the house ---- */

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "fuzz_sip: %s\n", what);
	abort();
}

static void make_phone(size_t i, const char *id)
{
	struct cfg_phone *p = &house.phones[i];

	snprintf(house.dns[i].number, sizeof(house.dns[i].number), "%zu", 1001 + i);
	td_strlcpy(house.dns[i].id, house.dns[i].number, sizeof(house.dns[i].id));
	house.lines[i] = (struct cfg_line){ .button = 1, .dn = (uint32_t)i };
	td_strlcpy(p->id, id, sizeof(p->id));
	td_strlcpy(p->username, house.dns[i].number, sizeof(p->username));
	td_strlcpy(p->password, "secret", sizeof(p->password));
	p->lines = &house.lines[i];
	p->n_lines = 1;
	td_addr_set_v4(&p->address, INADDR_LOOPBACK, house.port);
}

static void make_config(void)
{
	struct td_config *c = &house.config;

	td_strlcpy(c->global.hostname, "fuzz.test", sizeof(c->global.hostname));
	c->global.timeout_ringing = 180;
	td_strlcpy(c->global.codec[0], "PCMU", sizeof(c->global.codec[0]));
	td_strlcpy(c->global.codec[1], "PCMA", sizeof(c->global.codec[1]));
	c->global.n_codec = 2;
	c->sip.udp = 1;
	c->sip.n_listen = 1;
	c->sip.authenticate = CFG_AUTH_AUTO;
	c->sip.register_expires_min = 1;
	c->sip.register_expires_max = 3600;
	c->sip.register_expires = 600;
	c->sip.tcp_idle_timeout = 7200;
	c->sip.nonce_lifetime = 300;
	c->sip.max_setups = 20;
	c->sip.max_bindings = 3;
	c->sip.session_expires = 1800;
	c->sip.min_se = 90;
	c->dns = house.dns;
	c->n_dns = 2;
	c->phones = house.phones;
	c->n_phones = 2;
	make_phone(0, "alice");
	make_phone(1, "bob");
}

static int socket_at_loopback(uint16_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	must(fd >= 0 && !bind(fd, (struct sockaddr *)&sin, sizeof(sin)) &&
	     !getsockname(fd, (struct sockaddr *)&sin, &len), "no socket");
	*port = ntohs(sin.sin_port);
	return fd;
}

static void start(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct td_core_args core = { .loop = house.loop, .media = { .ops = &media_ops },
				     .config = &house.config };
	struct td_sip_args sip = { .loop = house.loop, .config = &house.config };
	char why[256] = "";
	uint16_t port;
	int err = -1;

	must(!td_store_open(&house.store, house.loop, house.dir, why, sizeof(why)), why);
	sip.store = house.store;
	house.core = sip.core = td_core_new(&core);
	must(house.core, "no core");
	for (int i = 0; i < 10 && err; i++) {		/* somebody may take the port meanwhile */
		close(socket_at_loopback(&port));
		house.config.sip.port = port;
		td_addr_set_v4(&house.config.sip.listen[0], INADDR_LOOPBACK, port);
		err = td_sip_start(&house.sip, &sip, why, sizeof(why));
	}
	must(!err && !td_store_start(house.store), why);
	sin.sin_port = htons(port);
	must(!connect(house.fd, (struct sockaddr *)&sin, sizeof(sin)), "no port");
}

/* The store goes on with the files that it has open, and nothing stays behind a crash. */
static void remove_dir(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".bad" };
	char path[64];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s/state.db%s", house.dir, ends[i]);
		unlink(path);
	}
	rmdir(house.dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	td_log_set_levels("error");
	strcpy(house.dir, "/dev/shm/fuzz-sip.XXXXXX");
	must(mkdtemp(house.dir), "no folder");
	house.loop = td_sip_loop_new();
	must(house.loop, "no loop");
	house.fd = socket_at_loopback(&house.port);
	make_config();
	start();
	remove_dir();
	return 0;
}

/* ---- reading what comes ---- */

/* Value of the first header with this name, without its line end; empty without one. */
static void remember(const char *message, const char *name, char *dst, size_t size)
{
	size_t len = strlen(name), n;
	const char *line;

	dst[0] = '\0';
	for (line = strstr(message, "\r\n"); line && line[2] != '\r'; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, len) || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " ");
		n = strcspn(line, "\r");
		n = n < size ? n : size - 1;
		memcpy(dst, line, n);
		dst[n] = '\0';
		return;
	}
}

static void hear(const char *message)
{
	struct memory *m = strncmp(message, "SIP/2.0", 7) ? &house.request : &house.answer;
	char rseq[64];

	remember(message, "Via", m->via, sizeof(m->via));
	remember(message, "From", m->from, sizeof(m->from));
	remember(message, "To", m->to, sizeof(m->to));
	remember(message, "Call-ID", m->call_id, sizeof(m->call_id));
	remember(message, "Contact", m->contact, sizeof(m->contact));
	remember(message, "CSeq", m->cseq, sizeof(m->cseq));
	remember(message, "RSeq", rseq, sizeof(rseq));
	if (rseq[0])
		strcpy(m->rseq, rseq);
	if (!strncmp(message, "INVITE ", 7))
		house.invite = *m;
}

/* The loopback delivers at once: what is to come is there. */
static void run(void)
{
	static char in[DATAGRAM];
	ssize_t n;

	for (int i = 0; i < 3; i++) {
		td_loop_step(house.loop, 0);
		while ((n = recv(house.fd, in, sizeof(in) - 1, 0)) > 0) {
			in[n] = '\0';
			hear(in);
		}
	}
}

static void throw(const char *data, size_t len)
{
	if (len && send(house.fd, data, len, 0) < 0)
		return;				/* too long for a datagram */
	run();
}

/* ---- playing a part ---- */

static void say(const char *head, const char *rest, size_t rest_len)
{
	static char out[DATAGRAM];
	size_t n = td_strlcpy(out, head, sizeof(out));

	if (n + rest_len + 2 > sizeof(out))
		return;
	memcpy(out + n, rest, rest_len);
	n += rest_len;
	if (!memmem(out, n, "\r\n\r\n", 4)) {
		memcpy(out + n, "\r\n", 2);
		n += 2;
	}
	throw(out, n);
}

static void answer(const struct memory *m, const char *status, const char *rest, size_t len)
{
	static char head[5 * FIELD];

	snprintf(head, sizeof(head),
		 "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n",
		 status, m->via, m->from, m->to, strstr(m->to, "tag=") ? "" : ";tag=fuzz",
		 m->call_id, m->cseq);
	say(head, rest, len);
}

/* In the dialog of the last answer we are its caller; without one, in that of the last request
 * its callee. */
static void in_dialog(const char *method, const char *rest, size_t len)
{
	const struct memory *m = house.answer.call_id[0] ? &house.answer : &house.request;
	bool caller = m == &house.answer;
	bool same = !strcmp(method, "CANCEL") || !strcmp(method, "ACK");
	unsigned int cseq = same ? (unsigned int)strtoul(m->cseq, NULL, 10) : ++house.cseq;
	static char head[5 * FIELD];
	char via[FIELD], rack[160] = "";

	if (!strcmp(method, "PRACK"))
		snprintf(rack, sizeof(rack), "RAck: %s %s\r\n", m->rseq, m->cseq);
	if (same && caller)
		td_strlcpy(via, m->via, sizeof(via));
	else
		snprintf(via, sizeof(via), "SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK-d%u",
			 house.port, cseq);
	snprintf(head, sizeof(head),
		 "%s sip:1002@127.0.0.1:%u SIP/2.0\r\nVia: %s\r\nFrom: %s%s\r\nTo: %s\r\n"
		 "Call-ID: %s\r\nCSeq: %u %s\r\n%s", method, house.config.sip.port, via,
		 caller ? m->from : m->to, caller || strstr(m->to, "tag=") ? "" : ";tag=fuzz",
		 caller ? m->to : m->from, m->call_id, cseq, method, rack);
	say(head, rest, len);
}

static void pass(unsigned long seconds)
{
	td_sip_clock_advance(1000 * (seconds < PATIENCE_S ? seconds : PATIENCE_S));
	run();
}

/* "#A 180 Ringing\n..." */
static void play(const char *part, size_t len)
{
	const char *end = memchr(part, '\n', len);
	size_t line_len = end ? (size_t)(end - part) : len;
	const char *rest = end ? end + 1 : part + len;
	size_t rest_len = len - (size_t)(rest - part);
	char word[64];

	snprintf(word, sizeof(word), "%.*s", line_len > 3 ? (int)(line_len - 3) : 0, part + 3);
	word[strcspn(word, "\r")] = '\0';
	switch (len > 1 ? part[1] : 0) {
	case 'M': throw(rest, rest_len); break;
	case 'A': answer(&house.request, word, rest, rest_len); break;
	case 'I': answer(&house.invite, word, rest, rest_len); break;
	case 'D': in_dialog(word, rest, rest_len); break;
	case 'T': pass(strtoul(word, NULL, 10)); break;
	}
}

static void play_all(const char *text, size_t len)
{
	const char *end = text + len, *next;

	for (; text < end; text = next) {
		next = memmem(text + 1, (size_t)(end - text - 1), "\n#", 2);
		next = next ? next + 1 : end;
		play(text, (size_t)(next - text));
	}
}

/* ---- afterwards ---- */

static void hang_up(void *arg, uint32_t id)
{
	uint32_t *one = arg;

	*one = id;
}

struct left {
	usize_t server, client, dialogs;
};

static struct left of_sofia(void)
{
	struct left l = { 0, 0, 0 };

	nta_agent_get_stats(house.sip->agent, NTATAG_S_IRQ_HASH_USED_REF(l.server),
			    NTATAG_S_ORQ_HASH_USED_REF(l.client),
			    NTATAG_S_LEG_HASH_USED_REF(l.dialogs), TAG_END());
	return l;
}

static bool nothing_is_left(void)
{
	struct left l = of_sofia();

	return !td_core_calls(house.core) && !house.n_media && !l.server && !l.dialogs &&
	       l.client <= house.stuck && (!house.live || td_mem_live() <= house.live);
}

static void end_all(void)
{
	uint32_t id;

	for (size_t n = td_core_calls(house.core); n; n--) {
		id = 0;
		td_core_each_call(house.core, hang_up, &id);
		td_core_hangup(house.core, id);
		run();
	}
	/* BYE and CANCEL that nobody answers, timers of transactions, registrations */
	for (int i = 0; i < 6; i++)
		pass(33);
	pass(PATIENCE_S);
	pass(33);
	/* what is on its way to the disk is memory too */
	for (int i = 0; i < 5000 && !nothing_is_left(); i++) {
		usleep(100);
		run();
	}
}

static void check(void)
{
	struct left l = of_sofia();
	struct td_json j;

	must(!td_core_calls(house.core), "a call is left");
	must(!house.n_media, "media is left");
	td_json_init(&j);
	td_sip_show_stats(house.sip, &j, NULL);
	must(!j.err && strstr(j.text, "\"setups_now\":0"), "a set-up is counted for ever");
	td_json_fini(&j);
	td_json_init(&j);
	td_sip_show_registrations(house.sip, &j, NULL);
	must(!j.err && !strcmp(j.text, "[]"), "a registration is left");
	td_json_fini(&j);
	if (house.live && td_mem_live() > house.live)
		fprintf(stderr, "blocks: %ld, before: %ld\n", td_mem_live(), house.live);
	must(!house.live || td_mem_live() <= house.live, "memory is left");
	must(!l.server, "a server transaction is left");
	if (house.asked_dns)
		house.stuck = l.client;
	must(l.client <= house.stuck, "a client transaction is left");
	must(!l.dialogs, "a dialog is left");
}

/* One call and one registration, so that tables which are made when first needed are there. */
static void warm_up(void)
{
	static const char play_text[] =
		"#M\nINVITE sip:1002@127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-w\r\n"
		"From: <sip:1001@127.0.0.1>;tag=w\r\nTo: <sip:1002@127.0.0.1>\r\nCall-ID: w\r\n"
		"CSeq: 1 INVITE\r\nContact: <sip:1001@127.0.0.1>\r\n\r\n"
		"#M\nREGISTER sip:127.0.0.1 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-v\r\n"
		"From: <sip:1001@127.0.0.1>;tag=w\r\nTo: <sip:1001@127.0.0.1>\r\nCall-ID: v\r\n"
		"CSeq: 1 REGISTER\r\nContact: <sip:1001@127.0.0.1>\r\n\r\n";

	play_all(play_text, sizeof(play_text) - 1);
	must(td_core_calls(house.core) == 1, "the first call was refused");
	end_all();
	for (int i = 0; i < 1000; i++) {		/* until the store has freed its orders */
		usleep(100);
		run();
	}
	house.live = td_mem_live();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!house.live)
		warm_up();
	memset(&house.request, 0, sizeof(house.request));
	memset(&house.invite, 0, sizeof(house.invite));
	memset(&house.answer, 0, sizeof(house.answer));
	house.cseq = 100;
	house.asked_dns = false;
	if (size && data[0] == '#')
		play_all((const char *)data, size);
	else
		throw((const char *)data, size);
	end_all();
	check();
	return 0;
}
