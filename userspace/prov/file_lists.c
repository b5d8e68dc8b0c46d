// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of certificates. All phones that know of them ask for ITLFile.tlv (after one of their own
 * name, which they can do without); CTL files are asked for by every phone, and those of the first
 * generation know no other, so a phone that signals by TLS gets one by its own name.
 */
#include "userspace/prov/files_priv.h"

#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

bool td_make_is_secure(const struct td_config *cfg, const struct cfg_phone *phone)
{
	return phone->protocol == CFG_PROTO_SIP ? phone->transport == CFG_TRANSPORT_TLS :
	       cfg->sccp.security_mode == CFG_SECURITY_ENCRYPTED;
}

static void make_list(struct td_maker *m, const char *name)
{
	const struct td_config *cfg = m->cfg;
	const char *pem[2];
	uint8_t *data;
	size_t n = 0, len = 0;

	if (cfg->sip.tls)
		pem[n++] = cfg->sip.tls_certificate;
	if (cfg->sccp.security_mode != CFG_SECURITY_NONE &&
	    (!n || strcmp(pem[0], cfg->sccp.certificate) != 0))
		pem[n++] = cfg->sccp.certificate;
	data = td_trust_list(m->trust, name, pem, n, &len);
	td_maker_add(m, name, (char *)data, len, NULL, "application/octet-stream");
}

void td_make_lists(struct td_maker *m)
{
	if (!m->trust)
		return;
	make_list(m, TD_FILE_ITL);
	make_list(m, TD_FILE_CTL);
}
