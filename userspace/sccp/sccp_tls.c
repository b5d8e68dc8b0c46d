/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections through TLS (port 2443): OpenSSL over the same non-blocking sockets, behind the two
 * calls that recv(2) and send(2) are elsewhere. Who a phone is is proven as without TLS; what TLS
 * gives is that nobody reads along. What OpenSSL knows of a connection cannot be handed on: it ends
 * with the process, and its phone registers again.
 *
 * Old phones have TLS 1.0 and SHA-1 only: tls_legacy, for those who must.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static const char *why_not(void)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;

	return text ? text : "unknown reason";
}

static bool set_up(SSL_CTX *ctx, const struct cfg_sccp *cfg)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (!SSL_CTX_set_min_proto_version(ctx, cfg->tls_legacy ? TLS1_VERSION : TLS1_2_VERSION))
		return false;
	if (cfg->tls_legacy && !SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0"))
		return false;
	return SSL_CTX_use_certificate_chain_file(ctx, cfg->certificate) == 1 &&
	       SSL_CTX_use_PrivateKey_file(ctx, cfg->private_key, SSL_FILETYPE_PEM) == 1 &&
	       SSL_CTX_check_private_key(ctx) == 1;
}

int td_sccp_tls_configure(struct td_sccp *sccp)
{
	const struct cfg_sccp *cfg = &sccp->config->sccp;
	SSL_CTX *ctx;

	if (cfg->security_mode == CFG_SECURITY_NONE) {
		td_sccp_tls_fini(sccp);
		return 0;
	}
	ERR_clear_error();
	ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx)
		return -ENOMEM;
	if (!set_up(ctx, cfg)) {
		td_log_err(TD_LOG_SCCP, "no TLS with certificate=%s private_key=%s: %s",
			   cfg->certificate, cfg->private_key, why_not());
		SSL_CTX_free(ctx);
		return -EINVAL;
	}
	td_sccp_tls_fini(sccp);		/* connections that are there keep what they have */
	sccp->tls = ctx;
	return 0;
}

void td_sccp_tls_fini(struct td_sccp *sccp)
{
	SSL_CTX_free(sccp->tls);
	sccp->tls = NULL;
}

int td_sccp_tls_open(struct sccp_session *s)
{
	SSL *ssl = s->sccp->tls ? SSL_new(s->sccp->tls) : NULL;

	if (!ssl || !SSL_set_fd(ssl, s->fd)) {
		SSL_free(ssl);
		return -ENOMEM;
	}
	SSL_set_accept_state(ssl);
	s->tls = ssl;
	return 0;
}

void td_sccp_tls_close(struct sccp_session *s)
{
	if (!s->tls)
		return;
	ERR_clear_error();
	if (SSL_is_init_finished(s->tls))
		SSL_shutdown(s->tls);	/* says goodbye; does not wait for theirs */
	SSL_free(s->tls);
	s->tls = NULL;
}

bool td_sccp_tls_is_open(const struct sccp_session *s)
{
	return SSL_is_init_finished(s->tls);
}

/* As the system calls do: -1 with errno, 0 when the other side has ended it. */
static ssize_t result(struct sccp_session *s, int n)
{
	int err = errno;

	switch (SSL_get_error(s->tls, n)) {
	case SSL_ERROR_NONE:
		return n;
	case SSL_ERROR_WANT_READ:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		s->tls_wants_write = true;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		errno = err ? err : ECONNRESET;
		return -1;
	default:
		td_log_limited(TD_LOG_SCCP, TD_INFO, "TLS: %s", why_not());
		s->sccp->n.closed_tls++;
		errno = EPROTO;
		return -1;
	}
}

ssize_t td_sccp_tls_recv(struct sccp_session *s, void *data, size_t len)
{
	s->tls_wants_write = false;
	ERR_clear_error();
	errno = 0;
	return result(s, SSL_read(s->tls, data, (int)len));
}

ssize_t td_sccp_tls_send(struct sccp_session *s, const void *data, size_t len)
{
	s->tls_wants_write = false;
	ERR_clear_error();
	errno = 0;
	return result(s, SSL_write(s->tls, data, (int)len));
}
