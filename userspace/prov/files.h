/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A face of the room: the files of phones. Made from the configuration in small pieces from the
 * loop, published as a whole, then written to the store by a thread of its own. Who serves them
 * gets each table by the event.
 */
#ifndef TD_PROV_FILES_H
#define TD_PROV_FILES_H

#include "config/config.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/prov/name_table.h"
#include "userspace/prov/trust.h"

struct td_files;

struct td_files_args {
	struct td_loop *loop;
	const struct td_config *config;
	struct td_addr ours[2];		/* an address of this router, IPv4 and IPv6; may be unset */
	const struct td_trust *trust;	/* NULL: none; it may become another by td_files_configure() */
	/* A new table; count a reference to keep it. Opt. */
	void (*published)(void *arg, const struct td_names *names);
	/* The phone's file is another one than it was: let it start again. Not at the start. Opt. */
	void (*changed)(void *arg, const struct cfg_phone *phone);
	/* The version that the primary's file of this name has, when this is the secondary; NULL:
	 * as it comes out. Opt. */
	const char *(*version_of)(void *arg, const char *name);
	void *arg;
};

/** A run has ended: err 0, or why the store could not be written. */
typedef void (*td_files_done_fn)(void *arg, int err);

/** Begins the first run. 0, -ENOMEM, or that of eventfd. */
int td_files_start(struct td_files **out, const struct td_files_args *args);
/** Waits for the thread that writes. NULL is fine. */
void td_files_stop(struct td_files *f);
/** The configuration is another; the old one may go after this call. Begins a run. */
void td_files_configure(struct td_files *f, const struct td_config *config,
			const struct td_trust *trust);
/**
 * td_files_create - begin a run now (create profile): what was put into home_path is seen, and
 * the store is written.
 * @done: called once, from the loop, when this run has ended; may be NULL.
 * 0, or -EBUSY: one that was asked for is under way, or the store is being written.
 */
int td_files_create(struct td_files *f, td_files_done_fn done, void *arg);
/** Nobody is told of the run that was asked for. */
void td_files_forget(struct td_files *f, void *arg);
/** The present table, which stays valid until the loop runs again; NULL before the first. */
const struct td_names *td_files_names(const struct td_files *f);
/** Name of a phone's own file: SEP<MAC>.cnf.xml, or SIP<MAC>.cnf. */
void td_files_name_of(const struct td_config *cfg, const struct cfg_phone *phone,
		      char dst[TD_NAME_MAX]);
/** Where files send phones of a protocol to register; how many. */
size_t td_files_routers(const struct td_files *f, uint32_t protocol, char dst[2][64]);
/** Firmware that the phone's file names; "": none. */
void td_files_load(const struct td_config *cfg, const struct cfg_phone *phone,
		   char dst[CFG_TEXT_LEN]);
/** Versions as they stand in files, for phones to compare; "" = the phone has no such file. */
struct td_file_versions {
	char config[64], dialplan[64], softkey[64], feature[64];
};
/** Those of the files of the SIP phone with this MAC, as the present table has them. */
void td_files_versions(const struct td_files *f, const uint8_t mac[6], struct td_file_versions *v);
/** td_files_adopt - version_of says something else now: make files anew, without phones starting
 * again for that. */
void td_files_adopt(struct td_files *f);
/** Version of the i-th file of the table, as it stands in it; false: it has none. *name is the file's,
 * without the folder of a VRF. */
bool td_files_version_at(const struct td_files *f, size_t i, const char **name, char version[64]);
/** Files whose version is the primary's and would be another by what is in them. */
unsigned int td_files_with_versions_of_primary(const struct td_files *f);
/** Where, how many, how far. */
void td_files_show(const struct td_files *f, struct td_json *j, const char *key);
/** Every file: name, owner, size, version. Bindings are what names stand for. */
void td_files_show_names(const struct td_files *f, struct td_json *j, const char *key);

#endif
