/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs and the store: pieces from the loop, progress, a folder written by rename and cleaned up,
 * another server by TFTP with lost packets, and who is told that a phone's file has changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/prov/files.h"
#include "userspace/prov/store_files.h"

static struct td_config *parse(const char *text)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;

	td_config_parse(&cfg, "t", text, strlen(text), &faults);
	if (!cfg)
		fail_msg("line %u, %s: %s", faults.v[0].line, faults.v[0].option,
			 faults.v[0].reason);
	td_config_faults_fini(&faults);
	return cfg;
}

/* ---- a run ---- */

struct house {
	struct td_loop *loop;
	struct td_files *files;
	struct td_config *config;
	unsigned int published, done;
	int err;
	char changed[256];
};

static void on_published(void *arg, const struct td_names *names)
{
	(void)names;
	((struct house *)arg)->published++;
}

static void on_changed(void *arg, const struct cfg_phone *phone)
{
	strcat(((struct house *)arg)->changed, phone->id);
}

static void on_done(void *arg, int err)
{
	struct house *h = arg;

	h->done++;
	h->err = err;
}

static void house_init(struct house *h, const char *text)
{
	struct td_files_args args = { .published = on_published, .changed = on_changed, .arg = h };

	*h = (struct house){ .loop = td_loop_new_epoll(), .config = parse(text) };
	args.loop = h->loop;
	args.config = h->config;
	td_addr_parse(&args.ours[0], "192.0.2.1");
	assert_int_equal(td_files_start(&h->files, &args), 0);
}

static void house_fini(struct house *h)
{
	td_files_stop(h->files);
	td_loop_free(h->loop);
	td_config_put(h->config);
}

static void until_runs(struct house *h, const char *want)
{
	for (int i = 0; i < 100; i++) {
		struct td_json j;
		bool there;

		td_json_init(&j);
		td_files_show(h->files, &j, NULL);
		there = strstr(j.text, want) && strstr(j.text, "\"state\":\"idle\"");
		td_json_fini(&j);
		if (there)
			return;
		td_loop_step(h->loop, 100);
	}
	struct td_json now;

	td_json_init(&now);
	td_files_show(h->files, &now, NULL);
	fail_msg("never %s: %s", want, now.text);
}

static void configure(struct house *h, const char *text)
{
	struct td_config *now = parse(text);

	td_files_configure(h->files, now, NULL);
	td_config_put(h->config);
	h->config = now;
}

static const char two[] =
	"config phone a\n option type '7970'\n option mac '001122334401'\n option number '1'\n"
	" option password 'secret-of-a'\n"
	"config phone b\n option type '7970'\n option mac '001122334402'\n option number '2'\n"
	" option password 'secret-of-b'\n";

static void only_what_changed_restarts(void **state)
{
	struct house h;
	char text[1024];

	(void)state;
	house_init(&h, two);
	assert_null(td_files_names(h.files));
	until_runs(&h, "\"runs\":1,");
	assert_int_equal(h.published, 1);
	assert_string_equal(h.changed, "");
	snprintf(text, sizeof(text), "# a comment changes nothing\n%s", two);
	configure(&h, text);
	until_runs(&h, "\"runs\":2,");
	assert_string_equal(h.changed, "");
	strcpy(strstr(text, "number '2'"), "number '7'\n option password 'secret-of-b'\n");
	configure(&h, text);
	until_runs(&h, "\"runs\":3,");
	assert_string_equal(h.changed, "b");
	house_fini(&h);
}

static void a_run_that_is_asked_for(void **state)
{
	struct house h;

	(void)state;
	house_init(&h, two);
	assert_int_equal(td_files_create(h.files, on_done, &h), 0);
	assert_int_equal(td_files_create(h.files, on_done, &h), -EBUSY);
	until_runs(&h, "\"runs\":1,");
	assert_int_equal(h.done, 1);
	assert_int_equal(h.err, 0);
	assert_string_equal(h.changed, "");
	house_fini(&h);
}

/* A thousand phones do not hold the loop: it comes by between pieces. */
static void goes_in_pieces(void **state)
{
	char *text = malloc(1000 * 300);
	unsigned int steps = 0;
	struct house h;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		len += (size_t)sprintf(text + len, "config phone 'p%d'\n option type '7970'\n"
				       " option mac '00112233%04x'\n option number '%d'\n"
				       " option password 'secret-of-%d'\n", i, i, 2000 + i, i);
	house_init(&h, text);
	while (!h.published) {
		td_loop_step(h.loop, 100);
		steps++;
	}
	assert_true(steps > 100);
	house_fini(&h);
	free(text);
}

/* What a phone is told to compare is what stands in the file that its own one names. */
static void versions_of_soft_keys(void **state)
{
	static const uint8_t own[6] = { 0, 0x11, 0x22, 0x33, 0x44, 0x01 };
	static const uint8_t none[6] = { 0, 0x11, 0x22, 0x33, 0x44, 0x02 };
	struct td_file_versions v;
	const struct td_name *f;
	char name[TD_NAME_MAX];
	struct house h;

	(void)state;
	house_init(&h, "config phone a\n option type '7970'\n option mac '001122334401'\n"
		   " option number '1'\n option password 'secret-of-a'\n"
		   " option softkeys_idle 'newcall'\n"
		   "config phone b\n option type '7970'\n option mac '001122334402'\n"
		   " option number '2'\n option password 'secret-of-b'\n");
	while (!h.published)
		td_loop_step(h.loop, 100);
	td_files_versions(h.files, none, &v);
	assert_string_equal(v.softkey, "");
	td_files_versions(h.files, own, &v);
	snprintf(name, sizeof(name), "softkeys-%s.xml", v.softkey);
	f = td_names_find(td_files_names(h.files), name, strlen(name));
	assert_non_null(f);
	snprintf(name, sizeof(name), "<versionStamp>%s</versionStamp>", v.softkey);
	assert_non_null(memmem(f->data, f->len, name, strlen(name)));
	house_fini(&h);
}

/* ---- a folder ---- */

static char folder[] = "/tmp/prov_store.XXXXXX";

static bool on_disk(const char *name, struct stat *st)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !stat(path, st);
}

static void clean(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

static void writes_a_folder(void **state)
{
	char text[2048], path[64];
	struct stat a, a2, b;
	struct house h;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "config provision\n option store 'path'\n option path '%s'\n%s",
		 folder, two);
	house_init(&h, text);
	until_runs(&h, "\"runs\":1,");
	assert_true(on_disk("SEP001122334401.cnf.xml", &a));
	assert_true(on_disk("XMLDefault.cnf.xml", &b));
	assert_int_equal(a.st_mode & 07777, 0640);
	/* only what differs is written, in a new file beside the old one */
	strcpy(strstr(text, "number '2'"), "number '7'\n option password 'secret-of-b'\n");
	assert_true(on_disk("SEP001122334402.cnf.xml", &b));
	configure(&h, text);
	until_runs(&h, "\"runs\":2,");
	until_runs(&h, "\"written\":3,");	/* b, and the two dial templates */
	assert_true(on_disk("SEP001122334401.cnf.xml", &a2));
	assert_true(a.st_ino == a2.st_ino);
	assert_true(on_disk("SEP001122334402.cnf.xml", &a2));
	assert_true(b.st_ino != a2.st_ino);
	/* a phone that is gone leaves nothing */
	*strstr(text, "config phone b") = '\0';
	configure(&h, text);
	until_runs(&h, "\"runs\":3,");
	assert_false(on_disk("SEP001122334402.cnf.xml", &b));
	assert_true(on_disk("SEP001122334401.cnf.xml", &a));
	/* a folder that cannot be written is told, and the files are served all the same */
	clean();
	assert_int_equal(td_files_create(h.files, on_done, &h), 0);
	until_runs(&h, "\"runs\":4,");
	assert_int_equal(h.err, -ENOENT);
	assert_non_null(td_files_names(h.files));
	snprintf(path, sizeof(path), "No such file");
	until_runs(&h, path);
	house_fini(&h);
}

/* ---- another server ---- */

/* Routers' names from several VRFs lie side by side. */
static void names_of_a_vrf(void **state)
{
	char text[2048];
	struct stat st;
	struct house h;

	(void)state;
	strcpy(folder, "/tmp/prov_store.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "config provision\n option store 'path'\n option path '%s'\n"
		 " option vrf '7'\n%s", folder, two);
	house_init(&h, text);
	until_runs(&h, "\"runs\":1,");
	assert_true(on_disk("vrf7_SEP001122334401.cnf.xml", &st));
	assert_true(on_disk("vrf7_XMLDefault.cnf.xml", &st));
	assert_false(on_disk("SEP001122334401.cnf.xml", &st));
	house_fini(&h);
	clean();
}

struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	atomic_bool stop;
	unsigned int files, lost;
	bool refuse;
	char names[1024];
	size_t bytes;
};

static void answer(int fd, const struct sockaddr_in *to, uint16_t op, uint16_t n)
{
	uint8_t b[5] = { 0, (uint8_t)op, (uint8_t)(n >> 8), (uint8_t)n, 0 };

	sendto(fd, b, op == 5 ? 5 : 4, 0, (const struct sockaddr *)to, sizeof(*to));
}

/* One file, from a port of its own; the first block's acknowledgement is lost once. */
static void receive(struct server *s, const struct sockaddr_in *from)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in us = { .sin_family = AF_INET };
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint16_t expect = 1;
	bool lost = s->lost > 0;

	us.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (struct sockaddr *)&us, sizeof(us));
	answer(fd, from, 4, 0);
	while (poll(&pfd, 1, 3000) > 0) {
		uint8_t b[600];
		ssize_t n = recv(fd, b, sizeof(b), 0);

		if (n < 4 || b[1] != 3)
			continue;
		if ((b[2] << 8 | b[3]) == expect) {
			s->bytes += (size_t)n - 4;
			expect++;
			if (!lost) {
				lost = true;
				s->lost++;
				continue;
			}
		}
		answer(fd, from, 4, (uint16_t)(b[2] << 8 | b[3]));
		if (n < 516)
			break;
	}
	s->files++;
	close(fd);
}

static void *serve(void *arg)
{
	struct server *s = arg;
	struct pollfd pfd = { .fd = s->fd, .events = POLLIN };

	while (!atomic_load(&s->stop)) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		char b[600] = "";

		if (poll(&pfd, 1, 20) <= 0 ||
		    recvfrom(s->fd, b, sizeof(b) - 1, 0, (struct sockaddr *)&from, &len) < 4)
			continue;
		if (b[1] != 2 || s->refuse) {
			answer(s->fd, &from, 5, 2);
			continue;
		}
		strcat(strcat(s->names, b + 2), " ");
		receive(s, &from);
	}
	return NULL;
}

static void server_init(struct server *s)
{
	struct sockaddr_in us = { .sin_family = AF_INET };
	socklen_t len = sizeof(us);

	*s = (struct server){ .fd = socket(AF_INET, SOCK_DGRAM, 0) };
	us.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&us, sizeof(us)), 0);
	getsockname(s->fd, (struct sockaddr *)&us, &len);
	s->port = ntohs(us.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_fini(struct server *s)
{
	atomic_store(&s->stop, true);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static void sends_to_a_server(void **state)
{
	struct server s;
	struct house h;
	char text[2048];

	(void)state;
	server_init(&s);
	snprintf(text, sizeof(text), "config provision\n option store 'tftp'\n"
		 " option url 'tftp://127.0.0.1:%u/cnf'\n%s", s.port, two);
	house_init(&h, text);
	until_runs(&h, "\"runs\":1,");
	assert_int_equal(s.lost, 1);
	assert_non_null(strstr(s.names, "cnf/SEP001122334401.cnf.xml "));
	assert_non_null(strstr(s.names, "cnf/XMLDefault.cnf.xml "));
	s.names[0] = '\0';
	strcpy(strstr(text, "number '2'"), "number '7'\n option password 'secret-of-b'\n");
	configure(&h, text);
	until_runs(&h, "\"runs\":2,");
	assert_null(strstr(s.names, "SEP001122334401"));
	assert_non_null(strstr(s.names, "cnf/SEP001122334402.cnf.xml "));
	house_fini(&h);
	server_fini(&s);
}

static void sends_every_length(void **state)
{
	static const size_t lengths[] = { 0, 1, 511, 512, 513, 1024, 70000 };
	struct td_addr to = { 0 };
	char text[32], *data = calloc(1, 70000);
	struct server s;

	(void)state;
	server_init(&s);
	s.lost = 1;
	snprintf(text, sizeof(text), "127.0.0.1:%u", s.port);
	td_addr_parse(&to, text);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		s.bytes = 0;
		assert_int_equal(td_tftp_put(&to, "x", data, lengths[i]), 0);
		assert_int_equal(s.bytes, lengths[i]);
	}
	s.refuse = true;
	assert_int_equal(td_tftp_put(&to, "x", data, 1), -EACCES);
	server_fini(&s);
	free(data);
}

static void leaves_while_it_works(void **state)
{
	struct house h;
	long live = td_mem_live();

	(void)state;
	house_init(&h, two);
	house_fini(&h);
	assert_int_equal(td_mem_live(), live);
	td_files_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_changed_restarts),
		cmocka_unit_test(a_run_that_is_asked_for),
		cmocka_unit_test(goes_in_pieces),
		cmocka_unit_test(versions_of_soft_keys),
		cmocka_unit_test(writes_a_folder),
		cmocka_unit_test(names_of_a_vrf),
		cmocka_unit_test(sends_to_a_server),
		cmocka_unit_test(sends_every_length),
		cmocka_unit_test(leaves_while_it_works),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
