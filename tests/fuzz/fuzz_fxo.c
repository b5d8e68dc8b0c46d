/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as messages of the family tandem_fxo, of the kernel's directory, and as errors.
 */
#include <stdlib.h>
#include <string.h>

#include "netlink/fxo_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct nlmsghdr *h)
{
	struct td_fxo_port port;
	struct td_fxo_event ev;
	struct fxo_family family;
	char why[64];

	if (!td_fxo_read_port(h, &port) &&
	    (port.index >= TDFXO_MAX_PORTS || !memchr(port.name, 0, sizeof(port.name)) ||
	     !memchr(port.board, 0, sizeof(port.board))))
		abort();
	if (!td_fxo_read_event(h, &ev) && ev.port >= TDFXO_MAX_PORTS)
		abort();
	if (!td_fxo_read_family(h, &family) &&
	    (!family.id || !memchr(family.name, 0, sizeof(family.name))))
		abort();
	td_fxo_read_why(h, why, sizeof(why));
	if (!memchr(why, 0, sizeof(why)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	const struct nlmsghdr *h = (const void *)copy;
	int left = (int)size;

	memcpy(copy, data, size);
	for (; td_fxo_whole(h, left); h = mnl_nlmsg_next(h, &left))
		read_all(h);
	free(copy);
	return 0;
}
