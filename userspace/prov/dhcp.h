/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room-private: the file that tells a DHCP server what phones need to hear (file_dhcp.c). */
#ifndef TD_PROV_DHCP_H
#define TD_PROV_DHCP_H

#include "userspace/prov/files_priv.h"

/** What stands in it; bytes, or 0 when size is too small. */
size_t td_dhcp_text(const struct td_maker *m, char *dst, size_t size);
/**
 * td_dhcp_write - bring the file in step with the configuration: written by rename and only when it
 * is another, removed when it is switched off.
 * @written: the path where it lies now, kept by the caller between calls; empty at first.
 * 0 or -errno, which is logged.
 */
int td_dhcp_write(const struct td_maker *m, char written[CFG_PATH_LEN]);

#endif
