// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GET and HEAD on the table of names, by libmicrohttpd: it parses, keeps connections alive and
 * limits them; here is what may be asked for, and by whom. A name that is not there is 404, after
 * which phones do not ask TFTP for it; so it must be the same table.
 */
#include "userspace/prov/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "config/config.h"
#include "userspace/base/clock.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/mhd.h"
#include "userspace/base/str.h"
#include "userspace/prov/fetch_priv.h"
#include "userspace/prov/book.h"
#include "userspace/prov/guesses.h"
#include "userspace/prov/signed.h"

#define MAX_CONNECTIONS 2048
#define MAX_PER_HOST	16
#define IDLE_S		30
#define HEADER_BYTES	(16 * 1024)

struct td_http {
	struct td_http_args args;
	struct cfg_prefix *allow;
	struct MHD_Daemon *daemon;
	struct td_names_box box;
	const struct td_names *names;	/* the server's thread's */
	struct td_guesses guesses;	/* too */
	struct td_signed signed_files;	/* too */
	struct {
		_Atomic uint64_t requests, served, bytes, not_found, not_holder, refused, limited;
		_Atomic uint32_t running;
	} n;
};

/* bytes from..to of the whole, both included */
struct part {
	uint64_t from, to;
	bool is_range;
};

/* ---- who ---- */

static enum MHD_Result may_connect(void *arg, const struct sockaddr *sa, socklen_t len)
{
	struct td_http *h = arg;
	char text[TD_ADDR_STRLEN];
	struct td_addr a;

	(void)len;
	if (!h->args.n_allow)
		return MHD_YES;
	if (td_addr_from_sockaddr(&a, sa))
		return MHD_NO;
	if (td_config_among(h->allow, h->args.n_allow, &a))
		return MHD_YES;
	h->n.refused++;
	td_log_limited(TD_LOG_PROV, TD_WARN, "http host=%s may not connect (http_allow)",
		       td_addr_ip(&a, text));
	return MHD_NO;
}

/* ---- what ---- */

/* "bytes=0-99", "bytes=100-", "bytes=-5" (RFC 9110 14); several parts are answered by the whole. */
static bool read_range(const char *text, uint64_t len, struct part *p)
{
	char *end;
	uint64_t n;

	*p = (struct part){ .to = len ? len - 1 : 0 };
	if (!text || strncmp(text, "bytes=", 6) || strchr(text, ','))
		return true;
	text += 6;
	n = strtoull(text, &end, 10);
	if (*text == '-') {
		n = strtoull(text + 1, &end, 10);
		if (*end || !n)
			return false;
		p->from = n < len ? len - n : 0;
	} else if (end == text || *end != '-') {
		return true;
	} else {
		p->from = n;
		text = end + 1;
		n = strtoull(text, &end, 10);
		if (end != text && n < p->to)
			p->to = n;
		if (*end)
			return true;
	}
	p->is_range = true;
	return len && p->from <= p->to;
}

static void unref_names(void *names)
{
	td_names_unref(names);
}

/* Content stays where it is until the last byte is sent. */
static struct MHD_Response *content(const struct td_names *names, const struct td_name *file,
				    const struct part *p, uint64_t n)
{
	int fd;

	if (file->data || !file->len)
		return MHD_create_response_from_buffer_with_free_callback_cls(
			(size_t)n, (char *)(uintptr_t)file->data + p->from, unref_names,
			(void *)(uintptr_t)td_names_ref(names));
	fd = td_name_open(names, file);
	return fd < 0 ? NULL : MHD_create_response_from_fd_at_offset64(n, fd, p->from);
}

/* ---- signed ---- */

#define SIGNED_BLOCK 16384

/* A header and the content behind it, as one. */
struct signed_body {
	const struct td_names *names;
	const uint8_t *data;
	int fd;
	size_t head_len;
	uint64_t from;			/* of the part that is wanted */
	uint8_t head[TD_TRUST_HEAD];
};

static ssize_t read_signed(void *arg, uint64_t pos, char *buf, size_t max)
{
	struct signed_body *s = arg;
	ssize_t n;

	pos += s->from;
	if (pos < s->head_len) {
		n = (ssize_t)(s->head_len - pos < max ? s->head_len - pos : max);
		memcpy(buf, s->head + pos, (size_t)n);
		return n;
	}
	pos -= s->head_len;
	if (s->fd < 0) {
		memcpy(buf, s->data + pos, max);	/* no more is asked for than there is */
		return (ssize_t)max;
	}
	n = pread(s->fd, buf, max, (off_t)pos);
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_signed(void *arg)
{
	struct signed_body *s = arg;

	if (s->fd >= 0)
		close(s->fd);
	td_names_unref(s->names);
	td_free(s);
}

static struct MHD_Response *signed_content(const struct td_names *names, const struct td_name *file,
					   const uint8_t *head, size_t head_len, const struct part *p,
					   uint64_t n)
{
	struct signed_body *s = td_zalloc(sizeof(*s));
	struct MHD_Response *r;

	if (!s)
		return NULL;
	s->fd = -1;
	s->names = td_names_ref(names);
	s->data = file->data;
	s->head_len = head_len;
	s->from = p->from;
	memcpy(s->head, head, head_len);
	if (!file->data && file->len)
		s->fd = td_name_open(names, file);
	r = !file->data && file->len && s->fd < 0 ? NULL :
	    MHD_create_response_from_callback(n, SIGNED_BLOCK, read_signed, s, free_signed);
	if (!r)
		free_signed(s);
	return r;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned int status, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result send_file(struct td_http *h, struct MHD_Connection *c,
				 const struct td_name *file, bool is_signed)
{
	const char *range = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_RANGE);
	char text[96], etag[24];
	struct MHD_Response *r;
	enum MHD_Result result;
	const uint8_t *head = NULL;
	struct part p;
	uint64_t n, len = file->len;
	int head_len = is_signed ? td_signed_head(&h->signed_files, h->names, file, &head) : 0;

	if (head_len < 0)
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the file cannot be signed\n");
	len += (uint64_t)head_len;
	if (!read_range(range, len, &p))
		return say(c, MHD_HTTP_RANGE_NOT_SATISFIABLE, "no such part\n");
	n = len ? p.to - p.from + 1 : 0;
	r = is_signed ? signed_content(h->names, file, head, (size_t)head_len, &p, n) :
			content(h->names, file, &p, n);
	if (!r)
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the file cannot be read\n");
	snprintf(etag, sizeof(etag), "\"%016llx%s\"", (unsigned long long)file->stamp,
		 is_signed ? "s" : "");
	MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, etag);
	MHD_add_response_header(r, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	if (file->type)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, file->type);
	if (p.is_range) {
		snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)p.from,
			 (unsigned long long)p.to, (unsigned long long)len);
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, text);
	}
	result = MHD_queue_response(c, p.is_range ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	if (result == MHD_YES) {
		h->n.served++;
		h->n.bytes += n;
	}
	return result;
}

static void tell(struct td_http *h, const struct td_addr *peer, const char *name,
		 const struct td_name *file, enum td_fetch_end end)
{
	struct td_fetch f = { .host = *peer, .http = true, .end = end };

	if (end == TD_FETCH_SENT)
		f.bytes = file->len;
	td_fetch_tell(h->args.fetched, h->args.fetched_arg, &f, td_str_of(name), file);
}

/* Who has come so far by TCP has an address that is his own: the packet filter may hear of it. */
static void miss(struct td_http *h, const struct td_addr *peer, const char *name,
		 const struct td_name *file, enum td_fetch_end end)
{
	tell(h, peer, name, file, end);
	if (td_guesses_miss(&h->guesses, peer, td_clock_ms(CLOCK_MONOTONIC)))
		tell(h, peer, name, file, TD_FETCH_GUESSES);
}

static enum MHD_Result not_holder(struct td_http *h, struct MHD_Connection *c,
				  const struct td_addr *peer, const struct td_name *file)
{
	char host[TD_ADDR_STRLEN];

	h->n.not_holder++;
	miss(h, peer, file->name, file, TD_FETCH_FOREIGN);
	td_log_limited(TD_LOG_PROV, TD_WARN,
		       "http host=%s refused file=%s: it does not hold the MAC of phone %s",
		       td_addr_ip(peer, host), file->name, file->phone);
	return say(c, MHD_HTTP_FORBIDDEN, "this file is another phone's\n");
}

/* ---- the telephone book ---- */

static const char *argument(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
}

static void free_text(void *text)
{
	td_free(text);
}

/* For everybody, as its pages are. */
static enum MHD_Result search(struct td_http *h, struct MHD_Connection *c, const struct td_book *book)
{
	const char *page = argument(c, "p");
	struct MHD_Response *r;
	enum MHD_Result result;
	uint32_t number = 1;
	size_t len = 0;
	char *text;

	if (page && (td_parse_u32(td_str_of(page), &number) || !number))
		number = 1;
	text = td_book_find(book, argument(c, "n"), argument(c, "t"), number - 1, &len);
	if (!text)
		return MHD_NO;
	r = MHD_create_response_from_buffer_with_free_callback(len, text, free_text);
	if (!r) {
		td_free(text);
		return MHD_NO;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/xml");
	result = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	h->n.served++;
	h->n.bytes += len;
	return result;
}

static enum MHD_Result answer(struct td_http *h, struct MHD_Connection *c, const char *url)
{
	const char *name = *url == '/' ? url + 1 : url;
	enum td_identity_is is = TD_IS_HOLDER;
	const struct td_name *file;
	enum MHD_Result result;
	struct td_addr peer;
	bool is_signed = false;

	td_mhd_peer(c, &peer);
	if (td_guesses_is_over(&h->guesses, &peer, td_clock_ms(CLOCK_MONOTONIC))) {
		h->n.limited++;
		return say(c, MHD_HTTP_TOO_MANY_REQUESTS, "too many files that are not there\n");
	}
	if (h->names && td_names_book(h->names) && !strcmp(name, TD_FILE_FIND))
		return search(h, c, td_names_book(h->names));
	file = h->names && *url == '/' ?
	       td_signed_find(&h->signed_files, h->names, name, strlen(name), &is_signed) : NULL;
	if (!file) {
		h->n.not_found++;
		miss(h, &peer, name, NULL, TD_FETCH_MISSING);
		return say(c, MHD_HTTP_NOT_FOUND, "there is no such file\n");
	}
	if (file->phone && h->args.holds)
		is = h->args.holds(h->args.arg, &peer, file);
	if (is == TD_IS_UNKNOWN)
		return say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "who are you? Ask again\n");
	if (is == TD_IS_NOT)
		return not_holder(h, c, &peer, file);
	result = send_file(h, c, file, is_signed);
	if (result == MHD_YES)
		tell(h, &peer, file->name, file, TD_FETCH_SENT);
	return result;
}

/* Called for the header, then for each piece of a body (which nobody may send), then at its end. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *body,
				  size_t *body_len, void **state)
{
	const struct td_names *fresh;
	struct td_http *h = arg;
	static const char seen;

	(void)version;
	(void)body;
	if (!*state) {
		*state = (void *)(uintptr_t)&seen;
		h->n.requests++;
		h->n.running++;
		td_mhd_mark(c, h->args.dscp);
		return MHD_YES;
	}
	if (*body_len) {
		*body_len = 0;
		return MHD_YES;
	}
	fresh = td_names_take(&h->box);
	if (fresh) {
		td_signed_clear(&h->signed_files);
		td_names_unref(h->names);
		h->names = fresh;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "files are only read here\n");
	return answer(h, c, url);
}

/* Also when its connection broke. */
static void on_end(void *arg, struct MHD_Connection *c, void **state,
		   enum MHD_RequestTerminationCode how)
{
	struct td_http *h = arg;

	(void)c;
	(void)how;
	if (*state)
		h->n.running--;
	*state = NULL;
}

/* ---- start and stop ---- */

static struct MHD_Daemon *listen_on(struct td_http *h, unsigned int family)
{
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | family, h->args.port, may_connect, h,
				on_request, h, MHD_OPTION_NOTIFY_COMPLETED, on_end, h,
				MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
				MHD_OPTION_PER_IP_CONNECTION_LIMIT, MAX_PER_HOST,
				MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
				MHD_OPTION_END);
}

int td_http_start(struct td_http **out, const struct td_http_args *args)
{
	struct td_http *h = td_zalloc(sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->args = *args;
	td_signed_init(&h->signed_files, args->trust);
	h->allow = td_calloc(args->n_allow + 1, sizeof(*h->allow));
	if (!h->allow) {
		td_free(h);
		return -ENOMEM;
	}
	if (args->n_allow)
		memcpy(h->allow, args->allow, args->n_allow * sizeof(*h->allow));
	err = td_guesses_init(&h->guesses);
	if (err) {
		td_http_stop(h);
		return err;
	}
	errno = 0;
	h->daemon = listen_on(h, MHD_USE_DUAL_STACK);
	if (!h->daemon && errno == EAFNOSUPPORT)
		h->daemon = listen_on(h, 0);
	if (!h->daemon) {
		err = errno ? -errno : -EIO;
		td_http_stop(h);
		return err;
	}
	*out = h;
	return 0;
}

void td_http_post(struct td_http *h, const struct td_names *names)
{
	td_names_post(&h->box, names);
}

void td_http_stats(const struct td_http *h, struct td_http_stats *out)
{
	*out = (struct td_http_stats){
		.requests = h->n.requests, .served = h->n.served, .bytes = h->n.bytes,
		.not_found = h->n.not_found, .not_holder = h->n.not_holder,
		.refused = h->n.refused, .limited = h->n.limited, .running = h->n.running,
	};
}

void td_http_stop(struct td_http *h)
{
	if (!h)
		return;
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	td_names_unref(td_names_take(&h->box));
	td_signed_clear(&h->signed_files);
	td_names_unref(h->names);
	td_free(h->allow);
	td_free(h);
}
