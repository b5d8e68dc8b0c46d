/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: what people and their monitoring look at, by HTTP, read-only: the status page,
 * a page for each phone, and the counters in Prometheus' text format. A thread of its own speaks
 * HTTP and writes the pages; it asks the loop for what they are made of, once for all who wait.
 */
#ifndef TD_MANAGE_MANAGE_H
#define TD_MANAGE_MANAGE_H

#include "config/model.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"

struct td_manage;

enum td_manage_ask { TD_ASK_METRICS, TD_ASK_STATUS, TD_ASK_PHONE };

struct td_manage_args {
	const struct cfg_management *config;	/* only during td_manage_start() */
	uint32_t dscp;			/* of what we send */
	struct td_loop *loop;
	/**
	 * On the loop: write one JSON object with what the page needs; name: of a phone.
	 * 0, or -ENOENT.
	 */
	int (*answer)(void *arg, enum td_manage_ask what, const char *name, struct td_json *j);
	void *arg;
};

/** 0; -EADDRINUSE, -EADDRNOTAVAIL and other negative errno. */
int td_manage_start(struct td_manage **out, const struct td_manage_args *args);
/** Connections end. NULL is fine. */
void td_manage_stop(struct td_manage *m);

#endif
