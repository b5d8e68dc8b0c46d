/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sip_trunk_digest.h. */
#include "userspace/sip/sip_trunk_digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>
#include <sofia-sip/msg_header.h>

#include "userspace/base/str.h"

#define HEX_LEN 65			/* of SHA-256, with the end */

/* ---- the challenge ---- */

/* What stands in the quotes of name="..." as it is, or a bare token. Parameters that are not
 * there are empty; false: longer than anybody needs, or with control characters. */
static bool param(const msg_auth_t *au, const char *name, char *dst, size_t size)
{
	const char *p = msg_params_find((msg_param_t const *)au->au_params, name);
	size_t n = 0;

	dst[0] = '\0';
	if (!p)
		return true;
	if (*p != '"') {
		if (td_strlcpy(dst, p, size) >= size)
			return false;
	} else {
		for (p++; *p && *p != '"'; p++) {
			if (n + 2 >= size)
				return false;
			if (*p == '\\' && p[1])
				dst[n++] = *p++;
			dst[n++] = *p;
		}
		dst[n] = '\0';
	}
	for (p = dst; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return true;
}

/* "auth" in a list like "auth-int, auth" */
static bool offers_auth(const char *qop)
{
	while (*qop) {
		size_t n;

		qop += strspn(qop, " ,\t");
		n = strcspn(qop, " ,\t");
		if (n == 4 && !strncasecmp(qop, "auth", 4))
			return true;
		qop += n;
	}
	return false;
}

static int read_one(struct td_challenge *c, const msg_auth_t *au)
{
	char algorithm[32], qop[64], stale[16];

	memset(c, 0, sizeof(*c));
	if (!param(au, "nonce=", c->nonce, sizeof(c->nonce)) ||
	    !param(au, "opaque=", c->opaque, sizeof(c->opaque)) ||
	    !param(au, "algorithm=", algorithm, sizeof(algorithm)) ||
	    !param(au, "qop=", qop, sizeof(qop)) || !param(au, "stale=", stale, sizeof(stale)))
		return -EMSGSIZE;
	c->sha256 = !strcasecmp(algorithm, "SHA-256");
	c->qop = offers_auth(qop);
	c->stale = !strcasecmp(stale, "true");
	if (!c->nonce[0] || (qop[0] && !c->qop) ||
	    (!c->sha256 && algorithm[0] && strcasecmp(algorithm, "MD5") != 0))
		return -ENOTSUP;
	return 0;
}

int td_challenge_read(struct td_challenge *c, const msg_auth_t *list, bool proxy,
		      const char *realm, char other[CFG_TEXT_LEN])
{
	struct td_challenge one;
	char name[CFG_TEXT_LEN];
	int err = -ENOENT, e;

	other[0] = '\0';
	for (const msg_auth_t *au = list; au; au = au->au_next) {
		if (!au->au_scheme || strcasecmp(au->au_scheme, "Digest") != 0 || !au->au_params ||
		    !param(au, "realm=", name, sizeof(name)))
			continue;
		if (strcmp(name, realm) != 0) {
			td_strlcpy(other, name, CFG_TEXT_LEN);
			continue;
		}
		e = read_one(&one, au);
		/* RFC 8760 2.4 leaves the order to the server; a better hash is better anyway */
		if (e || (err == 0 && (c->sha256 || !one.sha256))) {
			if (err)
				err = e ? e : err;
			continue;
		}
		err = 0;
		one.proxy = proxy;
		*c = one;
	}
	return err;
}

/* ---- the answer ---- */

/* H(part:part:...) in hex; NULL ends the parts. */
static int hash_parts(bool sha256, char hex[HEX_LEN], const char *const *parts)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	int err = -EIO;

	if (ctx && EVP_DigestInit_ex(ctx, sha256 ? EVP_sha256() : EVP_md5(), NULL) == 1) {
		for (size_t i = 0; parts[i]; i++) {
			if (i)
				EVP_DigestUpdate(ctx, ":", 1);
			EVP_DigestUpdate(ctx, parts[i], strlen(parts[i]));
		}
		if (EVP_DigestFinal_ex(ctx, out, &len) == 1) {
			td_hex(hex, out, len);
			err = 0;
		}
	}
	EVP_MD_CTX_free(ctx);
	return err;
}

static int response(const struct td_challenge *c, const struct td_account *account,
		    const char *method, const char *uri, const char *nc, const char *cnonce,
		    char out[HEX_LEN])
{
	const char *const a1[] = { account->username, account->realm, account->password, NULL };
	const char *const a2[] = { method, uri, NULL };
	char ha1[HEX_LEN], ha2[HEX_LEN];
	const char *const with_qop[] = { ha1, c->nonce, nc, cnonce, "auth", ha2, NULL };
	const char *const without[] = { ha1, c->nonce, ha2, NULL };
	int err = hash_parts(c->sha256, ha1, a1);

	if (!err)
		err = hash_parts(c->sha256, ha2, a2);
	return err ? err : hash_parts(c->sha256, out, c->qop ? with_qop : without);
}

int td_challenge_answer(struct td_challenge *c, const struct td_account *account,
			const char *method, const char *uri, const char *cnonce,
			char dst[SIP_CREDENTIALS_LEN])
{
	char nc[9], hex[HEX_LEN], more[512] = "";
	size_t len = 0;
	int err, n;

	snprintf(nc, sizeof(nc), "%08x", ++c->nc);
	err = response(c, account, method, uri, nc, cnonce, hex);
	if (err)
		return err;
	if (c->qop)
		len = (size_t)snprintf(more, sizeof(more), ", qop=auth, nc=%s, cnonce=\"%s\"", nc,
				       cnonce);
	if (c->opaque[0] && len < sizeof(more))
		len += (size_t)snprintf(more + len, sizeof(more) - len, ", opaque=\"%s\"",
					c->opaque);
	if (len >= sizeof(more))
		return -EMSGSIZE;
	n = snprintf(dst, SIP_CREDENTIALS_LEN,
		     "%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		     "response=\"%s\", algorithm=%s%s",
		     c->proxy ? "Proxy-Authorization" : "Authorization", account->username,
		     account->realm, c->nonce, uri, hex, c->sha256 ? "SHA-256" : "MD5", more);
	return n < 0 || n >= SIP_CREDENTIALS_LEN ? -EMSGSIZE : 0;
}
