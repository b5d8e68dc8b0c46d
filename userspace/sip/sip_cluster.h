/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/sip: two routers as Cisco's phones know them. Phones register with the primary
 * and probe the other (sip_register.c answers); when the primary is back they ask it for leave to
 * return, and come at a pace that it can serve. The routers ask each other by OPTIONS whether they
 * are there and have the same configuration: with another one, phones that change over would start
 * again.
 */
#ifndef TD_SIP_CLUSTER_H
#define TD_SIP_CLUSTER_H

#include "userspace/sip/sip_priv.h"

enum sip_role { SIP_ROLE_ALONE, SIP_ROLE_PRIMARY, SIP_ROLE_SECONDARY };

void td_sip_cluster_stop(struct td_sip *sip);
/** At the start, and when the configuration or an address of ours is another. */
void td_sip_cluster_configure(struct td_sip *sip);
enum sip_role td_sip_role(const struct td_sip *sip);
/** May a phone return now? 0, or seconds after which it shall ask again; -1: not to us. */
int td_sip_cluster_token(struct td_sip *sip);
/** Somebody has asked by OPTIONS whether we are there. */
void td_sip_cluster_asked(struct td_sip *sip, const struct td_addr *source);
/** What our configuration is, for the other router alone; NULL: who asks is not it. */
const char *td_sip_cluster_stamp(struct td_sip *sip, const struct td_addr *source, char dst[48]);

#endif
