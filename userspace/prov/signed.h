/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: signed files on request. "NAME.sgn" is the file NAME with a header in front, which is
 * made when it is asked for first and kept as long as the table of names is the same. One for each
 * server's thread.
 */
#ifndef TD_PROV_SIGNED_H
#define TD_PROV_SIGNED_H

#include "userspace/base/map.h"
#include "userspace/prov/trust.h"

struct td_signed {
	const struct td_trust *trust;	/* NULL: nothing is signed */
	struct td_map heads;
	size_t n;
};

void td_signed_init(struct td_signed *s, const struct td_trust *trust);
/** Another table of names, or the end. */
void td_signed_clear(struct td_signed *s);
/**
 * td_signed_find - the file of that name, or of the name without .sgn. NULL: there is none.
 */
const struct td_name *td_signed_find(struct td_signed *s, const struct td_names *names,
				     const char *name, size_t len, bool *is_signed);
/**
 * The header of a file that was found signed, valid until the table is another; its bytes, or a
 * negative errno. To be asked for when it is known that the host may have the file.
 */
int td_signed_head(struct td_signed *s, const struct td_names *names, const struct td_name *file,
		   const uint8_t **head);

#endif
