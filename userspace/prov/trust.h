/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A face of the room: what lets phones believe this router. A key and certificate of its own, made
 * once and kept in the state folder; the lists of certificates that phones ask for before their
 * file (ITLFile.tlv, CTLFile.tlv), and the headers that make a file a signed one (NAME.sgn). A phone
 * that has such a list takes no unsigned files any more, and TLS only from who is in it.
 *
 * Layout of both: tags of a byte, lengths of two, big endian; as the tools of usecallmanager.nz
 * (tlvfile, sgnfile) write and read them. Signatures are RSA with SHA-1, since the 79xx know no
 * other; the key signs nothing else.
 */
#ifndef TD_PROV_TRUST_H
#define TD_PROV_TRUST_H

#include <stddef.h>
#include <stdint.h>
#include "userspace/prov/name_table.h"

struct td_trust;

#define TD_TRUST_FILE "trust.pem"
#define TD_TRUST_HEAD 1024		/* bytes that a signed file's header may have */
#define TD_TRUST_END  ".sgn"

/**
 * td_trust_open - read FOLDER/trust.pem (key and certificate), or make it: 0600, whole or not at all.
 * Making takes some tenths of a second, once. 0, or a negative errno with the reason in why; a file
 * that is there and is not usable stays as it is.
 */
int td_trust_open(struct td_trust **out, const char *folder, char *why, size_t len);
/** NULL is fine. */
void td_trust_close(struct td_trust *t);

/**
 * td_trust_list - a list of certificates that phones are to trust: ours for signed files, and those
 * that TLS of this router shows, from PEM files (unreadable ones are told in the log and left out).
 * @name: that stands in it, "ITLFile.tlv".
 * Memory of td_zalloc(), the caller's; NULL: no memory. The same input gives the same bytes.
 */
uint8_t *td_trust_list(const struct td_trust *t, const char *name, const char *const *pem, size_t n,
		       size_t *len);

/**
 * td_trust_head - what stands in front of a file's content when it is signed.
 * @name: as it is asked for, with .sgn.
 * Bytes, or a negative errno: -ENOMEM, or that of reading the content. From any thread.
 */
int td_trust_head(const struct td_trust *t, const char *name, const struct td_names *names,
		  const struct td_name *file, uint8_t dst[TD_TRUST_HEAD]);

#endif
