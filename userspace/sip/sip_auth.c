/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate: one place decides who sends a request. Digest (RFC 7616, and RFC 2617 for
 * clients without qop) with exactly one challenge, in the algorithm that the configuration
 * names for the phone; with "authenticate auto" the host is proof as well: the fixed
 * address, or the one that holds the phone's MAC (an identity is proven, not claimed).
 *
 * A stranger learns nothing: an unknown user is challenged like a known one, its digest is
 * computed against nothing, and the answer is the one that a wrong password gets.
 */
#include "userspace/sip/sip_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sofia-sip/auth_common.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/su_tagarg.h>

#include "config/config.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/failures.h"
#include "userspace/sip/nonce.h"
#include "userspace/sip/sip_clock.h"

#define HEX_LEN 65			/* of SHA-256, with the end */

struct sip_auth {
	struct td_nonce nonce;
	struct td_failures failures;
	EVP_MD_CTX *ctx;
	const EVP_MD *md[2];		/* by enum cfg_digest */
	uint8_t request_key[16];
};

/* What the client says, unquoted. */
struct credentials {
	char username[CFG_TEXT_LEN], realm[CFG_TEXT_LEN], nonce[128], uri[512];
	char response[HEX_LEN], algorithm[16], cnonce[128], qop[16], nc[16];
};

enum verdict { GATE_OK, GATE_CHALLENGE, GATE_STALE, GATE_REFUSE };

int td_sip_auth_init(struct td_sip *sip)
{
	struct sip_auth *a = td_zalloc(sizeof(*a));
	uint8_t key[32];

	if (!a)
		return -ENOMEM;
	sip->auth = a;
	td_failures_init(&a->failures);
	a->ctx = EVP_MD_CTX_new();
	a->md[CFG_DIGEST_MD5] = EVP_md5();
	a->md[CFG_DIGEST_SHA256] = EVP_sha256();
	if (!a->ctx || RAND_bytes(key, sizeof(key)) != 1 ||
	    RAND_bytes(a->request_key, sizeof(a->request_key)) != 1)
		return -ENOMEM;
	td_nonce_init(&a->nonce, key);
	return 0;
}

void td_sip_auth_fini(struct td_sip *sip)
{
	if (!sip->auth)
		return;
	td_failures_fini(&sip->auth->failures);
	EVP_MD_CTX_free(sip->auth->ctx);
	td_free(sip->auth);
	sip->auth = NULL;
}

const char *td_sip_realm(const struct td_sip *sip)
{
	const struct td_config *cfg = sip->config;

	return cfg->sip.realm[0] ? cfg->sip.realm : cfg->global.hostname;
}

/* ---- digests ---- */

/* H(part:part:...) in hex; NULL ends the parts. */
static void hash_parts(struct sip_auth *a, enum cfg_digest digest, char hex[HEX_LEN],
		       const char *const *parts)
{
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	hex[0] = '\0';
	if (EVP_DigestInit_ex(a->ctx, a->md[digest], NULL) != 1)
		return;
	for (size_t i = 0; parts[i]; i++) {
		if (i)
			EVP_DigestUpdate(a->ctx, ":", 1);
		EVP_DigestUpdate(a->ctx, parts[i], strlen(parts[i]));
	}
	if (EVP_DigestFinal_ex(a->ctx, out, &len) == 1)
		td_hex(hex, out, len);
}

void td_sip_auth_ha1(struct td_sip *sip, enum cfg_digest digest, const char *user,
		     const char *password, char ha1[HEX_LEN])
{
	const char *const parts[] = { user, td_sip_realm(sip), password, NULL };

	hash_parts(sip->auth, digest, ha1, parts);
}

static bool same_hex(const char *a, const char *b)
{
	size_t n = strlen(b);
	unsigned int diff = strlen(a) != n;

	for (size_t i = 0; i < n && a[i]; i++)	/* in the same time wherever they differ */
		diff |= ((unsigned char)a[i] | 0x20u) ^ (unsigned char)b[i];
	return n && !diff;
}

static bool response_is_right(struct td_sip *sip, enum cfg_digest digest, const char *ha1,
			      const struct credentials *c, const char *method)
{
	const char *const a2[] = { method, c->uri, NULL };
	char ha2[HEX_LEN] = "", want[HEX_LEN] = "";
	const char *const with_qop[] = { ha1, c->nonce, c->nc, c->cnonce, c->qop, ha2, NULL };
	const char *const without[] = { ha1, c->nonce, ha2, NULL };

	hash_parts(sip->auth, digest, ha2, a2);
	hash_parts(sip->auth, digest, want, c->qop[0] ? with_qop : without);
	return same_hex(c->response, want);
}

/* ---- reading ---- */

/* "name=" -> value without quotes; false when it is too long to be ours. */
static bool param(const msg_auth_t *au, const char *name, char *dst, size_t size)
{
	const char *p = msg_params_find((msg_param_t const *)au->au_params, name);
	size_t n = 0;

	dst[0] = '\0';
	if (!p)
		return true;
	if (*p != '"')
		return td_strlcpy(dst, p, size) < size;
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		if (n + 1 >= size)
			return false;
		dst[n++] = *p;
	}
	dst[n] = '\0';
	return true;
}

static bool read_credentials(const msg_auth_t *au, struct credentials *c)
{
	return au->au_scheme && su_casematch(au->au_scheme, "Digest") && au->au_params &&
	       param(au, "username=", c->username, sizeof(c->username)) &&
	       param(au, "realm=", c->realm, sizeof(c->realm)) &&
	       param(au, "nonce=", c->nonce, sizeof(c->nonce)) &&
	       param(au, "uri=", c->uri, sizeof(c->uri)) &&
	       param(au, "response=", c->response, sizeof(c->response)) &&
	       param(au, "algorithm=", c->algorithm, sizeof(c->algorithm)) &&
	       param(au, "cnonce=", c->cnonce, sizeof(c->cnonce)) &&
	       param(au, "qop=", c->qop, sizeof(c->qop)) && param(au, "nc=", c->nc, sizeof(c->nc));
}

/* Credentials for our realm; a client may carry those of other realms too. */
static bool find_credentials(const struct td_sip *sip, const sip_t *s, struct credentials *c)
{
	const msg_auth_t *lists[] = { s->sip_authorization, s->sip_proxy_authorization };
	const char *realm = td_sip_realm(sip);

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const msg_auth_t *au = lists[i]; au; au = au->au_next)
			if (read_credentials(au, c) && !strcmp(c->realm, realm))
				return true;
	return false;
}

static int nonce_count(const struct credentials *c, uint32_t *nc)
{
	*nc = 0;
	if (!c->qop[0])
		return 0;
	if (!su_casematch(c->qop, "auth") || strlen(c->nc) != 8 ||
	    strspn(c->nc, "0123456789abcdefABCDEF") != 8 || !c->cnonce[0])
		return -EINVAL;
	return sscanf(c->nc, "%8x", nc) == 1 && *nc ? 0 : -EINVAL;
}

static bool algorithm_fits(enum cfg_digest digest, const struct credentials *c)
{
	if (digest == CFG_DIGEST_SHA256)
		return su_casematch(c->algorithm, "SHA-256");
	return !c->algorithm[0] || su_casematch(c->algorithm, "MD5");
}

/* ---- judging ---- */

static uint64_t request_id(const struct sip_auth *a, const sip_t *s)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "%u %s %.200s", (unsigned int)s->sip_cseq->cs_seq,
			 s->sip_request->rq_method_name, s->sip_call_id->i_id);

	return td_siphash(a->request_key, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static uint32_t now_s(void)
{
	return (uint32_t)(td_sip_clock_ms() / 1000);
}

/* Of a stranger too, so that the algorithm does not tell who is there. */
static enum cfg_digest digest_of(const struct td_sip *sip, const struct sip_phone *phone)
{
	return (enum cfg_digest)(phone ? phone->digest : sip->config->sip.digest);
}

/* Who the request claims to come from. */
static const char *claimed_user(const sip_t *s)
{
	const url_t *url = s->sip_request->rq_method == sip_method_register ?
				   s->sip_to->a_url : s->sip_from->a_url;

	return url->url_user ? url->url_user : "";
}

/* Who has not said its username yet is asked as the first phone of that number. Of phones that
 * share the number the one with another algorithm is asked again when it has; that says "stale", or
 * it would take its password for wrong. */
static struct sip_phone *phone_asked(struct td_sip *sip, const sip_t *s)
{
	return td_sip_phone_by_aor(sip, claimed_user(s), NULL, NULL);
}

/* An answer to a nonce that is not ours, not fresh or not this host's is worth nothing, right or
 * wrong: it gets the same new challenge, so that guesses tell nothing unless they can be counted
 * against the host that makes them. (RFC 7616 3.3: stale needs no valid digest. After a restart
 * every phone gets one such challenge.) */
static enum verdict judge(struct td_sip *sip, struct sip_phone *phone, const struct credentials *c,
			  const sip_t *s, const struct td_addr *source)
{
	static const char nobody[] = "00000000000000000000000000000000";
	enum cfg_digest digest = digest_of(sip, phone);
	struct td_nonce_id id;
	uint32_t nc;
	bool right;

	if (!algorithm_fits(digest, c))
		return digest == digest_of(sip, phone_asked(sip, s)) ? GATE_CHALLENGE : GATE_STALE;
	right = response_is_right(sip, digest, phone ? phone->ha1 : nobody, c,
				  s->sip_request->rq_method_name);
	if (td_nonce_check(&sip->auth->nonce, source, c->nonce, now_s(),
			   sip->config->sip.nonce_lifetime, &id))
		return GATE_STALE;
	if (!right || !phone || !phone->has_password)
		return GATE_REFUSE;
	if (nonce_count(c, &nc))
		return GATE_CHALLENGE;
	if (!phone->replay)
		phone->replay = td_zalloc(sizeof(*phone->replay));
	if (!phone->replay || td_nonce_use(phone->replay, &id, nc, request_id(sip->auth, s)))
		return GATE_STALE;
	return GATE_OK;
}

/* ---- without digest: the host is the proof ---- */

struct host {
	struct td_sip *sip;
	const struct td_addr *source;
};

static bool is_at(const struct sip_phone *phone, void *arg)
{
	const struct host *h = arg;

	return h->sip->config->sip.authenticate == CFG_AUTH_AUTO &&
	       td_identity_is(h->sip->identity, h->source, phone->mac, &phone->address) ==
		       TD_IS_HOLDER;
}

/* ---- answering ---- */

/* Phone: who has said its username, or NULL. */
static void challenge(struct td_sip *sip, msg_t *msg, const sip_t *s, const struct td_addr *source,
		      const struct sip_phone *phone, bool stale)
{
	char realm[CFG_TEXT_LEN + 16], nonce[TD_NONCE_LEN + 16], text[TD_NONCE_LEN];
	msg_param_t params[6];
	sip_www_authenticate_t auth[1];
	size_t n = 0;

	if (!phone)
		phone = phone_asked(sip, s);
	sip->n.gate_challenged++;
	if (s->sip_request->rq_method == sip_method_register) {
		sip->n.register_challenged++;
		if (phone && sip->guard && sip->guard->challenged)
			sip->guard->challenged(sip->guard_arg, source, phone->id);
	}
	td_nonce_make(&sip->auth->nonce, source, now_s(), text);
	snprintf(realm, sizeof(realm), "realm=\"%s\"", td_sip_realm(sip));
	snprintf(nonce, sizeof(nonce), "nonce=\"%s\"", text);
	params[n++] = realm;
	params[n++] = nonce;
	params[n++] = digest_of(sip, phone) == CFG_DIGEST_SHA256 ? "algorithm=SHA-256" :
								  "algorithm=MD5";
	params[n++] = "qop=\"auth\"";
	if (stale)
		params[n++] = "stale=true";
	params[n] = NULL;
	sip_www_authenticate_init(auth);
	auth->au_scheme = "Digest";
	auth->au_params = params;
	nta_msg_treply(sip->agent, msg, SIP_401_UNAUTHORIZED, SIPTAG_WWW_AUTHENTICATE(auth),
		       TAG_END());
}

/* A password that was wrong, in answer to a challenge that went to this very host. */
static void count_failure(struct td_sip *sip, const struct td_addr *source)
{
	const struct cfg_sip *cfg = &sip->config->sip;

	if (sip->guard && cfg->ban_after &&
	    td_failures_note(&sip->auth->failures, source, td_sip_clock_ms(), cfg->ban_after,
			     cfg->ban_window * 1000ull))
		sip->guard->failing(sip->guard_arg, source, cfg->ban_after);
}

static void refuse(struct td_sip *sip, msg_t *msg, const sip_t *s, const struct td_addr *source,
		   const struct credentials *c, struct sip_phone *phone)
{
	char text[TD_ADDR_STRLEN];

	sip->n.gate_refused++;
	if (s->sip_request->rq_method == sip_method_register) {
		sip->n.register_refused++;
		if (sip->guard && sip->guard->wrong)
			sip->guard->wrong(sip->guard_arg, source, phone ? phone->id : NULL,
					  c->username);
		if (phone && phone->ep->state != TD_EP_REGISTERED)
			td_endpoint_set_state(sip->core, phone->ep, TD_EP_REJECTED, source, NULL);
	}
	td_log_limited(TD_LOG_SIP, TD_WARN, "%s refused from=%s user=\"%.40s\": wrong name or password",
		       s->sip_request->rq_method_name, td_addr_str(source, text), c->username);
	nta_msg_treply(sip->agent, msg, SIP_403_FORBIDDEN, TAG_END());
	count_failure(sip, source);
}

/* The packet filter drops what it sends already; it may be off, or not be there. */
static bool is_shut_out(const struct td_sip *sip, const struct td_addr *source)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	char text[TD_ADDR_STRLEN];

	if (!cfg->trusted_only || td_sip_trunk_at(sip, source))
		return false;
	if (td_config_among(cfg->trusted, cfg->n_trusted, source))
		return false;
	td_log_limited(TD_LOG_SIP, TD_WARN, "dropped from=%s: not within sip.trusted",
		       td_addr_str(source, text));
	return true;
}

struct sip_phone *td_sip_gate_registered(struct td_sip *sip, msg_t *msg, const sip_t *s,
					 const struct td_addr *source, bool tcp)
{
	struct sip_phone *phone = td_sip_registered_at(sip, source);

	if (phone && (tcp || phone->cisco) && td_sip_phone_owns(phone, claimed_user(s)))
		return phone;
	return td_sip_gate(sip, msg, s, source, NULL);
}

struct sip_phone *td_sip_gate(struct td_sip *sip, msg_t *msg, const sip_t *s,
			      const struct td_addr *source, const struct sip_phone *named)
{
	struct host host = { sip, source };
	struct sip_phone *phone;
	struct credentials c;
	enum verdict v;

	if (named && is_at(named, &host))
		return td_sip_phone_by_id(sip, named->id);
	phone = td_sip_phone_by_aor(sip, claimed_user(s), is_at, &host);
	if (phone)
		return phone;
	if (is_shut_out(sip, source)) {
		sip->n.strangers++;
		nta_msg_discard(sip->agent, msg);
		return NULL;
	}
	if (!find_credentials(sip, s, &c)) {
		challenge(sip, msg, s, source, NULL, false);
		return NULL;
	}
	phone = td_sip_phone_by_user(sip, c.username);
	v = judge(sip, phone, &c, s, source);
	if (v == GATE_OK)
		return phone;
	if (v == GATE_REFUSE)
		refuse(sip, msg, s, source, &c, phone);
	else
		challenge(sip, msg, s, source, phone, v == GATE_STALE);
	return NULL;
}
