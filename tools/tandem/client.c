/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's side of the control treaty (userspace/ctl/ctl_proto.h): connect, send words,
 * take messages. Blocking, since the tool does one thing at a time. The daemon is trusted
 * more than a peer on the network, yet lengths and depths are bounded all the same.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "tools/tandem/cli.h"
#include "userspace/base/json.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_DEPTH 32
#define PATIENCE_S 30	/* for a daemon that is there and says nothing */

int td_cli_connect(const char *path)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, err;

	if (td_strlcpy(sa.sun_path, path, sizeof(sa.sun_path)) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int send_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= n;
	}
	return 0;
}

int td_cli_send(int fd, const char *const *words, size_t n)
{
	struct td_json j;
	uint32_t len;
	size_t i;
	int err;

	td_json_init(&j);
	td_json_object(&j, NULL);
	td_json_int(&j, "v", TD_CTL_VERSION);
	td_json_array(&j, "words");
	for (i = 0; i < n; i++)
		td_json_str(&j, NULL, words[i]);
	td_json_end_array(&j);
	td_json_end_object(&j);
	len = htobe32(j.len);
	err = j.err;
	if (!err && j.len > TD_CTL_MAX_REQUEST)
		err = -EMSGSIZE;
	if (!err)
		err = send_all(fd, &len, sizeof(len));
	if (!err)
		err = send_all(fd, j.text, j.len);
	td_json_fini(&j);
	return err;
}

/* All of len bytes: 1, 0 at a clean end, -EINTR only when nothing was read. */
static int receive_all(int fd, void *data, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = recv(fd, (char *)data + got, len - got, 0);

		if (n < 0 && errno == EINTR && got)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return got ? -EBADMSG : 0;
		got += n;
	}
	return 1;
}

static json_object *parse(const char *text, size_t len)
{
	json_tokener *tok = json_tokener_new_ex(MAX_DEPTH);
	json_object *o;

	if (!tok)
		return NULL;
	o = json_tokener_parse_ex(tok, text, (int)len);
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tok);
	return o;
}

int td_cli_receive(int fd, json_object **out)
{
	uint32_t be_len;
	size_t len;
	char *text;
	int rc = receive_all(fd, &be_len, sizeof(be_len));

	*out = NULL;
	if (rc <= 0)
		return rc;
	len = be32toh(be_len);
	if (!len || len > TD_CTL_MAX_ANSWER)
		return -EBADMSG;
	text = td_zalloc(len);
	if (!text)
		return -ENOMEM;
	do
		rc = receive_all(fd, text, len);
	while (rc == -EINTR);
	if (rc == 1)
		*out = parse(text, len);
	td_free(text);
	return *out ? 1 : rc < 0 ? rc : -EBADMSG;
}

int td_cli_rc(json_object *answer)
{
	json_object *rc;

	if (json_object_object_get_ex(answer, "rc", &rc) && json_object_is_type(rc, json_type_int))
		return json_object_get_int(rc);
	return TD_CTL_REFUSED;
}

const char *td_cli_text(json_object *o, const char *key)
{
	json_object *v;

	if (json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string))
		return json_object_get_string(v);
	return NULL;
}

static int say_not_there(const char *path, int err)
{
	if (err == -EACCES)
		fprintf(stderr, "tandem: no permission for %s: use sudo, or join group tandem\n",
			path);
	else if (err == -ENOENT || err == -ECONNREFUSED)
		fprintf(stderr, "tandem: no daemon at %s "
			"(is tandemd running? -n names an instance)\n", path);
	else
		fprintf(stderr, "tandem: %s: %s\n", path, strerror(-err));
	return TD_CTL_NO_DAEMON;
}

int td_cli_ask(const char *path, const char *const *words, size_t n, int *fd, json_object **out)
{
	int err;

	*out = NULL;
	*fd = td_cli_connect(path);
	if (*fd < 0)
		return say_not_there(path, *fd);
	/* When sending fails the daemon may have refused us at the door, and says why. */
	err = td_cli_send(*fd, words, n);
	if (err == -EMSGSIZE) {
		fprintf(stderr, "tandem: the request is too long\n");
		goto close_fd;
	}
	do
		err = td_cli_receive(*fd, out);
	while (err == -EINTR);
	if (err == 1)
		return td_cli_rc(*out);
	fprintf(stderr, "tandem: the daemon did not answer: %s\n",
		err == -EAGAIN ? "it is busy or hangs" :
		err ? strerror(-err) : "it closed the connection");
	err = -ENOTCONN;
close_fd:
	close(*fd);
	*fd = -1;
	return err == -EMSGSIZE ? TD_CTL_USAGE : TD_CTL_NO_DAEMON;
}

void td_cli_print_error(const struct cli_options *opt, json_object *answer)
{
	const char *error = td_cli_text(answer, "error");

	if (opt->json)
		puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	fputs("tandem: ", stderr);
	td_cli_print_safe(stderr, error ? error : "refused");
	fputc('\n', stderr);
}
