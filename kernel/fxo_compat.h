/* SPDX-License-Identifier: GPL-2.0-only */
/* What newer kernels call otherwise than 6.1. */
#ifndef TDFXO_COMPAT_H
#define TDFXO_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define TDFXO_DEVNODE_CONST
#define genl_split_ops		genl_ops	/* what pre_doit() and post_doit() are given */
#else
#define TDFXO_DEVNODE_CONST	const
#endif

#endif
