/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the room needs of its loop beyond base/loop.h. td_sip_loop_new() is in sip.h.
 */
#ifndef TD_SIP_LOOP_SU_H
#define TD_SIP_LOOP_SU_H

struct td_loop;
struct su_root_s;

/** Sofia's root below a loop made by td_sip_loop_new(). */
struct su_root_s *td_sip_loop_root(struct td_loop *loop);

#endif
