/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sofia's TLS leaves undone: certificates out of files of our choice that a reload reads
 * again, the name in the carrier's certificate (RFC 5922) and the name that we ask for (SNI), the
 * least version, an end for handshakes that never end, a word in the log about why one failed,
 * and the memory of a connection, which it never gives back.
 *
 * The library makes an SSL object for each connection and tells nobody. OpenSSL tells us
 * (SSL_get_ex_new_index), and calls us when the handshake begins: then we know who the other end
 * is, and set all that from our own context. Reading, writing and waiting stay sofia's.
 */
#include "userspace/sip/sip_priv.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "userspace/base/log.h"
#include "userspace/base/loop.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_tls_name.h"

#define HANDSHAKE_MS 10000

struct sip_tls {
	struct td_sip *sip;
	SSL_CTX *ctx;			/* certificate, key and authorities as they were read last */
	bool legacy;
	int index;			/* of struct connection in an SSL object */
	struct td_map by_handle;
	struct td_list young;		/* still in the handshake, oldest first */
	struct connection *newest;	/* made inside tls_init_secondary() just now */
};

struct tls_s;				/* sofia's, and nobody knows what is in it */

struct connection {
	struct td_map_node by_handle;
	struct tls_s *handle;		/* sofia's name for it; NULL: not in by_handle */
	struct td_list node;		/* in sip_tls.young, or nowhere */
	struct sip_tls *tls;
	SSL *ssl;
	SSL_CTX *theirs;		/* that sofia made it from */
	int fd;
	uint64_t since_ms;
	bool young, prepared;
	char name[CFG_TEXT_LEN];	/* what the certificate must say; empty: we were called */
};

/* One per process: sofia's functions below have no argument that leads to it. */
static struct sip_tls *the_tls;

/* ---- files ---- */

static int refused(char *why, size_t len, const char *option, const char *file)
{
	unsigned long e = ERR_peek_error();
	const char *reason = ERR_SYSTEM_ERROR(e) ? strerror(ERR_GET_REASON(e)) :
			     ERR_reason_error_string(e);

	snprintf(why, len, "%s '%s': %s%s", option, file, reason ? reason : "not usable",
		 ERR_SYSTEM_ERROR(e) && ERR_GET_REASON(e) == EACCES ?
			 "; user tandem must be able to read it" : "");
	ERR_clear_error();
	return -EINVAL;
}

static int check_time(SSL_CTX *ctx, const char *file, char *why, size_t len)
{
	const X509 *cert = SSL_CTX_get0_certificate(ctx);

	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		snprintf(why, len, "tls_certificate '%s': it has expired", file);
	else if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
		snprintf(why, len, "tls_certificate '%s': it is not valid yet", file);
	else
		return 0;
	return -EINVAL;
}

static int read_files(SSL_CTX *ctx, const struct cfg_sip *cfg, char *why, size_t len)
{
	const char *key = cfg->tls_key[0] ? cfg->tls_key : cfg->tls_certificate;

	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, cfg->tls_certificate) != 1)
		return refused(why, len, "tls_certificate", cfg->tls_certificate);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return refused(why, len, "tls_key", key);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return refused(why, len, "tls_key", key);
	if (SSL_CTX_load_verify_file(ctx, cfg->tls_ca) != 1)
		return refused(why, len, "tls_ca", cfg->tls_ca);
	return check_time(ctx, cfg->tls_certificate, why, len);
}

static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;			/* or OpenSSL would ask the terminal */
}

static SSL_CTX *context_new(const struct cfg_sip *cfg, char *why, size_t len)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	snprintf(why, len, "TLS cannot be used");
	if (!ctx)
		return NULL;
	if (cfg->tls_legacy)
		SSL_CTX_set_security_level(ctx, 0);	/* its files may be old, too */
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	if (read_files(ctx, cfg, why, len)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

int td_sip_tls_check(const struct cfg_sip *cfg, char *why, size_t len)
{
	SSL_CTX *ctx = cfg->tls ? context_new(cfg, why, len) : NULL;

	SSL_CTX_free(ctx);
	return cfg->tls && !ctx ? -EINVAL : 0;
}

/* ---- the other end's certificate ---- */

static struct connection *connection_of(const SSL *ssl)
{
	return the_tls ? SSL_get_ex_data(ssl, the_tls->index) : NULL;
}

static const char *peer_text(const struct connection *c, char text[TD_ADDR_STRLEN])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct td_addr addr;

	if (getpeername(c->fd, (struct sockaddr *)&ss, &len) ||
	    td_addr_from_sockaddr(&addr, (struct sockaddr *)&ss))
		return "unknown";
	return td_addr_str(&addr, text);
}

/* Sofia would let everything pass that it did not ask for. */
static int on_verify(int good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct connection *c = ssl ? connection_of(ssl) : NULL;
	const X509 *cert = X509_STORE_CTX_get_current_cert(store);
	char text[TD_ADDR_STRLEN], names[256] = "";

	if (!c || !c->name[0]) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	if (!good) {
		td_log_limited(TD_LOG_SIP, TD_WARN, "TLS to %s (%s) refused: its certificate: %s",
			       peer_text(c, text), c->name,
			       X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
		return 0;
	}
	if (X509_STORE_CTX_get_error_depth(store) || td_tls_cert_is_of(cert, c->name))
		return 1;
	td_tls_cert_names(cert, names, sizeof(names));
	td_log_limited(TD_LOG_SIP, TD_WARN, "TLS to %s refused: its certificate is for %s, not for %s",
		       peer_text(c, text), names[0] ? names : "nobody", c->name);
	X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
	return 0;
}

/* ---- handshakes ---- */

static void prepare_client(struct connection *c, SSL *ssl)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct td_addr addr, literal;
	const char *name = NULL;

	if (!getpeername(c->fd, (struct sockaddr *)&ss, &len) &&
	    !td_addr_from_sockaddr(&addr, (struct sockaddr *)&ss))
		name = td_sip_trunk_tls_name(c->tls->sip, &addr);
	td_strlcpy(c->name, name ? name : "", sizeof(c->name));
	/* RFC 6066 3: no addresses */
	if (name && td_addr_parse(&literal, name))
		SSL_set_tlsext_host_name(ssl, name);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, on_verify);
}

static void prepare(struct connection *c, SSL *ssl)
{
	struct sip_tls *tls = c->tls;

	c->prepared = true;
	SSL_set_SSL_CTX(ssl, tls->ctx);
	SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_set_min_proto_version(ssl, tls->legacy ? TLS1_VERSION : TLS1_2_VERSION);
	SSL_set_cipher_list(ssl, tls->legacy ? "ALL:!aNULL:!eNULL@SECLEVEL=0" : "DEFAULT");
	if (SSL_is_server(ssl))
		SSL_set_verify(ssl, SSL_VERIFY_NONE, on_verify);
	else
		prepare_client(c, ssl);
}

static void grown_up(struct connection *c)
{
	if (c->young)
		td_list_del(&c->node);
	c->young = false;
}

static void on_info(const SSL *ssl, int where, int value)
{
	struct connection *c = connection_of(ssl);
	char text[TD_ADDR_STRLEN];

	if (!c)
		return;
	if (where & SSL_CB_HANDSHAKE_START && !c->prepared)
		prepare(c, c->ssl);
	if (where & SSL_CB_HANDSHAKE_DONE)
		grown_up(c);
	/* fatal ones: the warning is close_notify */
	if (where & SSL_CB_ALERT && value >> 8 == SSL3_AL_FATAL)
		td_log_limited(TD_LOG_SIP, TD_INFO, "TLS with %s ended: %s %s", peer_text(c, text),
			       where & SSL_CB_READ ? "it says" : "we say",
			       SSL_alert_desc_string_long(value));
}

void td_sip_tls_sweep(struct td_sip *sip)
{
	uint64_t now = td_loop_now_ms(sip->loop);
	struct connection *c;

	if (!sip->tls)
		return;
	while ((c = td_list_first(&sip->tls->young, struct connection, node)) &&
	       now - c->since_ms > HANDSHAKE_MS) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "TLS handshake that never ended closed fd=%d",
			       c->fd);
		sip->n.silent_closed++;
		grown_up(c);
		shutdown(c->fd, SHUT_RDWR);	/* sofia sees the end and closes it */
	}
}

/* ---- life of a connection ---- */

static void on_new(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
	struct sip_tls *tls = argp;
	struct connection *c = td_zalloc(sizeof(*c));

	(void)ptr;
	(void)argl;
	if (!c)
		return;			/* without it the handshake fails: sofia's context is empty */
	c->tls = tls;
	c->ssl = parent;
	c->fd = -1;
	CRYPTO_set_ex_data(ad, index, c);
	SSL_set_info_callback(parent, on_info);
	tls->newest = c;
}

static void on_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
	struct connection *c = ptr;

	(void)parent;
	(void)ad;
	(void)index;
	(void)argl;
	(void)argp;
	if (!c)
		return;
	grown_up(c);
	if (c->handle)
		td_map_remove(&c->tls->by_handle, &c->by_handle);
	if (c->tls->newest == c)
		c->tls->newest = NULL;
	td_free(c);
}

static struct connection *find(const struct sip_tls *tls, struct tls_s *handle)
{
	struct td_map_node *n = td_map_find(&tls->by_handle, &handle, sizeof(handle));

	return n ? td_container_of(n, struct connection, by_handle) : NULL;
}

struct tls_s *tls_init_secondary(struct tls_s *master, int fd, int accepted);
void tls_free(struct tls_s *tls);

/* These two are the library's; the dynamic linker prefers ours, which call it. */

struct tls_s *tls_init_secondary(struct tls_s *master, int fd, int accepted)
{
	struct tls_s *(*next)(struct tls_s *, int, int) =
		(struct tls_s *(*)(struct tls_s *, int, int))dlsym(RTLD_NEXT, "tls_init_secondary");
	struct sip_tls *tls = the_tls;
	struct tls_s *made;
	struct connection *c;

	if (tls)
		tls->newest = NULL;
	made = next(master, fd, accepted);
	c = made && tls ? tls->newest : NULL;
	if (!c)
		return made;
	c->fd = fd;
	c->theirs = SSL_get_SSL_CTX(c->ssl);
	c->handle = made;
	if (td_map_insert(&tls->by_handle, &c->by_handle, &c->handle, sizeof(c->handle)))
		c->handle = NULL;	/* its memory is lost with it */
	c->since_ms = td_loop_now_ms(tls->sip->loop);
	c->young = true;
	td_list_append(&tls->young, &c->node);
	return made;
}

/* The library frees the BIO, takes a reference from the context that it has none of, and forgets
 * the SSL object that holds both. */
void tls_free(struct tls_s *handle)
{
	void (*next)(struct tls_s *) = (void (*)(struct tls_s *))dlsym(RTLD_NEXT, "tls_free");
	struct connection *c = the_tls ? find(the_tls, handle) : NULL;
	SSL *ssl = c ? c->ssl : NULL;

	if (!ssl) {
		next(handle);
		return;
	}
	SSL_up_ref(ssl);
	BIO_up_ref(SSL_get_rbio(ssl));
	SSL_CTX_up_ref(c->theirs);
	next(handle);
	SSL_free(ssl);
	if (find(the_tls, handle) == c)	/* newer versions of the library free it themselves */
		SSL_free(ssl);
}

/* ---- start, reload, stop ---- */

int td_sip_tls_start(struct td_sip *sip, char *why, size_t len)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	struct sip_tls *tls;

	if (!cfg->tls)
		return 0;
	tls = td_zalloc(sizeof(*tls));
	if (!tls)
		return -ENOMEM;
	tls->sip = sip;
	tls->legacy = cfg->tls_legacy;
	td_map_init(&tls->by_handle);
	td_list_init(&tls->young);
	sip->tls = tls;
	tls->ctx = context_new(cfg, why, len);
	if (!tls->ctx)
		return -EINVAL;
	tls->index = SSL_get_ex_new_index(0, tls, on_new, NULL, on_free);
	if (tls->index < 0)
		return -ENOMEM;
	the_tls = tls;
	return 0;
}

void td_sip_tls_reload(struct td_sip *sip)
{
	struct sip_tls *tls = sip->tls;
	char why[256];
	SSL_CTX *ctx;

	if (!tls || !sip->config->sip.tls)
		return;
	ctx = context_new(&sip->config->sip, why, sizeof(why));
	if (!ctx) {
		td_log_err(TD_LOG_SIP, "TLS goes on with its old files: %s", why);
		return;
	}
	SSL_CTX_free(tls->ctx);
	tls->ctx = ctx;
	tls->legacy = sip->config->sip.tls_legacy;
}

void td_sip_tls_stop(struct td_sip *sip)
{
	struct sip_tls *tls = sip->tls;

	if (!tls)
		return;
	if (the_tls == tls) {
		CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL, tls->index);
		the_tls = NULL;
	}
	SSL_CTX_free(tls->ctx);
	td_map_fini(&tls->by_handle);
	td_free(tls);
	sip->tls = NULL;
}
