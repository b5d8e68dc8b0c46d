/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes at the control socket. Once as the body of a request (JSON, words, the search
 * for a command), once as a byte stream of a connected client, cut into pieces at places
 * that the input itself chooses. Whatever comes in, each answer is one whole message and
 * nothing is left when the client has gone. Build with clang -fsanitize=fuzzer,...
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/ctl/ctl_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static int echo(struct td_ctl_request *req, void *arg)
{
	(void)arg;
	td_json_array(td_ctl_data(req), "data");
	for (size_t i = 0; td_ctl_arg(req, i); i++)
		td_json_str(td_ctl_data(req), NULL, td_ctl_arg(req, i));
	td_json_end_array(td_ctl_data(req));
	return TD_CTL_OK;
}

static void on_word(void *arg, const char *word, bool placeholder)
{
	(void)placeholder;
	td_json_str(arg, NULL, word);
}

static int complete(struct td_ctl_request *req, void *arg)
{
	const char *words[CTL_MAX_WORDS];
	size_t n = 0;

	(void)arg;
	for (; td_ctl_arg(req, n); n++)
		words[n] = td_ctl_arg(req, n);
	td_json_array(td_ctl_data(req), "data");
	td_ctl_complete(td_ctl_of(req), words, n, on_word, td_ctl_data(req));
	td_json_end_array(td_ctl_data(req));
	return TD_CTL_OK;
}

static int follow(struct td_ctl_request *req, void *arg)
{
	struct td_ctl_stream *s = td_ctl_stream(req, NULL, NULL);

	(void)arg;
	if (!s)
		return td_ctl_refuse(req, "no stream");
	td_ctl_stream_line(s, "line");
	return TD_CTL_OK;
}

static const struct td_ctl_command table[] = {
	{ .words = "show phones", .alias = "show ephone|show voice register pool", .run = echo,
	  .help = "h", .columns = "a" },
	{ .words = "show phone", .alias = "show ephone", .args = "PHONE", .run = echo,
	  .help = "h" },
	{ .words = "call", .args = "FROM TO", .run = echo, .help = "h", .root_only = true },
	{ .words = "debug", .args = "TOPIC [on|off]", .run = follow, .help = "h" },
	{ .words = "complete", .args = "[WORD...]", .run = complete },
};

static struct td_ctl ctl = {
	.tables = { { table, sizeof(table) / sizeof(table[0]), NULL } }, .n_tables = 1,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	td_log_set_levels("error");
	ctl.loop = td_loop_new_epoll();
	td_list_init(&ctl.clients);
	return ctl.loop ? 0 : 1;
}

static void as_body(const uint8_t *data, size_t size)
{
	struct td_json j;

	td_json_init(&j);
	td_ctl_serve(&ctl, NULL, size & 1, (const char *)data, size, &j);
	if (j.err || j.len < 2 || j.text[0] != '{' || j.text[j.len - 1] != '}')
		abort();
	td_json_fini(&j);
}

/* Take what was answered; every message must be whole and of a sane length. */
static void check_answers(const uint8_t *p, size_t len)
{
	uint32_t n;

	while (len >= sizeof(n)) {
		memcpy(&n, p, sizeof(n));
		n = be32toh(n);
		if (!n || n > TD_CTL_MAX_ANSWER)
			abort();
		if (n > len - sizeof(n))
			return;		/* the rest did not fit into the socket */
		if (p[sizeof(n)] != '{' || p[sizeof(n) + n - 1] != '}')
			abort();
		p += sizeof(n) + n;
		len -= sizeof(n) + n;
	}
}

static void settle(void)
{
	for (int i = 0; i < 4; i++)
		td_loop_step(ctl.loop, 0);
}

static void as_stream(const uint8_t *data, size_t size)
{
	static uint8_t heard[1 << 20];
	size_t len = 0;
	ssize_t n;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd))
		return;
	if (td_ctl_client_new(&ctl, fd[1], size & 2))
		abort();
	for (size_t at = 0; at < size;) {
		size_t piece = size - at, cut = data[at] % 61u + 1;

		if (data[at] & 0x80 && piece > cut)
			piece = cut;
		if (send(fd[0], data + at, piece, MSG_NOSIGNAL) <= 0)
			break;
		at += piece;
		settle();
		n = recv(fd[0], heard + len, sizeof(heard) - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	check_answers(heard, len);
	close(fd[0]);
	settle();
	if (ctl.n_clients)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	long live = td_mem_live();

	as_body(data, size);
	as_stream(data, size);
	if (td_mem_live() > live + 2)	/* the loop's own tables may have grown */
		abort();
	return 0;
}
