// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs: a few phones each time the loop comes by, then the table is published, then the store
 * is written in a thread, which has the table and copies of where it goes, and no configuration.
 * A configuration that comes meanwhile begins another run when the thread is done.
 */
#include "userspace/prov/files.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/prov/dhcp.h"
#include "userspace/prov/files_priv.h"
#include "userspace/prov/store_files.h"

#define PHONES_A_STEP 8			/* some 2 ms of the signalling thread */
#define STEP_MS	      1

enum state { IDLE, MAKING, STORING };

struct td_files {
	struct td_files_args args;
	const struct td_config *config;
	enum state state;
	bool again;			/* another run when this one is done */
	bool adopts, quiet;		/* one for the primary's versions; this is that one */
	unsigned int n_theirs;
	struct td_maker maker;
	size_t next;			/* phone that is made next */
	struct td_timer step;
	const struct td_names *names;	/* the present table */
	struct td_file_versions shared;	/* of files that all phones have; config unused */
	char keys[64];			/* version of the dial templates of phones that dial key by key */
	const struct td_names *stored;	/* what the store holds, when that is known */
	struct td_storing storing;
	pthread_t thread;
	int event_fd;
	unsigned int runs, failed;
	uint64_t began_ms, took_ms;
	char dhcp_path[CFG_PATH_LEN];	/* file_dhcp.c has written it */
	int dhcp_err;
	int err;			/* of the last run */
	char why[512];
	td_files_done_fn done;
	void *done_arg;
};

static void begin(struct td_files *f);

/* ---- the end of a run ---- */

static void ended(struct td_files *f, int err)
{
	td_files_done_fn done = f->done;

	f->state = IDLE;
	f->err = err;
	f->runs++;
	f->took_ms = td_loop_now_ms(f->args.loop) - f->began_ms;
	f->done = NULL;
	if (err)
		td_log_err(TD_LOG_PROV, "files of phones: %s", f->why);
	else
		td_log_info(TD_LOG_PROV, "files of phones made files=%zu took_ms=%llu",
			    f->names ? td_names_count(f->names) : 0,
			    (unsigned long long)f->took_ms);
	if (done)
		done(f->done_arg, err);
	if (f->again || f->adopts) {
		f->quiet = !f->again;
		begin(f);
	}
}

/* ---- the store ---- */

static void *store_thread(void *arg)
{
	struct td_files *f = arg;
	uint64_t one = 1;

	pthread_setname_np(pthread_self(), "td-files");
	td_store_files(&f->storing);
	if (write(f->event_fd, &one, sizeof(one)) < 0)
		f->storing.err = f->storing.err ? f->storing.err : -errno;
	return NULL;
}

static void storing_fini(struct td_files *f)
{
	td_names_unref(f->storing.old);
	td_names_unref(f->storing.names);
	f->storing.old = f->storing.names = NULL;
}

static void on_stored(void *arg, int fd, unsigned int events)
{
	struct td_files *f = arg;
	uint64_t n;
	int err;

	(void)events;
	if (read(fd, &n, sizeof(n)) != (ssize_t)sizeof(n) || f->state != STORING)
		return;
	pthread_join(f->thread, NULL);
	err = f->storing.err;
	td_names_unref(f->stored);
	/* after a failure it is not known what is there */
	f->stored = err ? NULL : td_names_ref(f->storing.names);
	snprintf(f->why, sizeof(f->why), "%s", f->storing.why);
	storing_fini(f);
	ended(f, err);
}

static void store(struct td_files *f)
{
	const struct cfg_provision *p = &f->config->provision;
	struct td_storing *s = &f->storing;
	int err;

	*s = (struct td_storing){ .store = p->store, .vrf = p->vrf };
	memcpy(s->path, p->path, sizeof(s->path));
	memcpy(s->url, p->url, sizeof(s->url));
	s->names = td_names_ref(f->names);
	s->old = f->stored ? td_names_ref(f->stored) : NULL;
	f->state = STORING;
	err = -pthread_create(&f->thread, NULL, store_thread, f);
	if (!err)
		return;
	snprintf(f->why, sizeof(f->why), "no thread: %s", strerror(-err));
	storing_fini(f);
	ended(f, err);
}

/* ---- the table ---- */

static const struct td_name *file_of(const struct td_names *names, const struct td_config *cfg,
				     const struct cfg_phone *phone)
{
	char name[TD_NAME_MAX];

	td_maker_file_name(cfg, phone, name);
	return td_names_find(names, name, strlen(name));
}

/* Phones whose file is another now. One that had none was not up, or asks by itself. */
static void tell_changes(struct td_files *f, const struct td_names *old)
{
	for (size_t i = 0; f->args.changed && !f->quiet && i < f->config->n_phones; i++) {
		const struct cfg_phone *phone = &f->config->phones[i];
		const struct td_name *was, *now;

		if (!phone->has_mac)
			continue;
		was = file_of(old, f->config, phone);
		now = file_of(f->names, f->config, phone);
		if (was && now && was->stamp != now->stamp)
			f->args.changed(f->args.arg, phone);
	}
}

static void publish(struct td_files *f)
{
	const struct td_names *old = f->names;

	f->failed = f->maker.failed;
	f->n_theirs = f->maker.n_theirs;
	td_strlcpy(f->shared.dialplan, f->maker.dial_stamp, sizeof(f->shared.dialplan));
	td_strlcpy(f->keys, f->maker.keys_stamp, sizeof(f->keys));
	td_strlcpy(f->shared.softkey, f->maker.softkey_stamp, sizeof(f->shared.softkey));
	td_strlcpy(f->shared.feature, f->maker.policy_stamp, sizeof(f->shared.feature));
	f->dhcp_err = td_dhcp_write(&f->maker, f->dhcp_path);
	f->names = td_maker_end(&f->maker);
	if (f->args.published)
		f->args.published(f->args.arg, f->names);
	if (old)
		tell_changes(f, old);
	td_names_unref(old);
	f->quiet = false;
	if (f->config->provision.store != CFG_FILES_MEMORY)
		store(f);
	else
		ended(f, 0);
}

static void on_step(void *arg)
{
	struct td_files *f = arg;
	const struct td_config *cfg = f->config;

	if (!f->next)
		td_maker_shared(&f->maker);
	for (size_t i = 0; i < PHONES_A_STEP && f->next < cfg->n_phones; i++)
		td_maker_phone(&f->maker, &cfg->phones[f->next++]);
	if (f->next < cfg->n_phones)
		td_loop_timer_start(f->args.loop, &f->step, STEP_MS, on_step, f);
	else
		publish(f);
}

static void begin(struct td_files *f)
{
	int err;

	f->again = f->adopts = false;
	f->began_ms = td_loop_now_ms(f->args.loop);
	f->next = 0;
	f->state = MAKING;
	err = td_maker_begin(&f->maker, f->config, f->args.ours);
	f->maker.version_of = f->args.version_of;
	f->maker.version_arg = f->args.arg;
	f->maker.trust = f->args.trust;
	if (!err)
		err = td_loop_timer_start(f->args.loop, &f->step, STEP_MS, on_step, f);
	if (err) {
		snprintf(f->why, sizeof(f->why), "%s", strerror(-err));
		ended(f, err);
	}
}

static void stop_making(struct td_files *f)
{
	if (f->state != MAKING)
		return;
	td_loop_timer_stop(f->args.loop, &f->step);
	td_names_unref(td_maker_end(&f->maker));
	f->state = IDLE;
}

/* ---- the face ---- */

int td_files_start(struct td_files **out, const struct td_files_args *args)
{
	struct td_files *f = td_zalloc(sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->args = *args;
	f->config = args->config;
	f->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = f->event_fd < 0 ? -errno :
	      td_loop_watch(args->loop, f->event_fd, TD_READ, on_stored, f);
	if (err) {
		if (f->event_fd >= 0)
			close(f->event_fd);
		td_free(f);
		return err;
	}
	begin(f);
	*out = f;
	return 0;
}

void td_files_stop(struct td_files *f)
{
	if (!f)
		return;
	stop_making(f);
	if (f->state == STORING) {
		atomic_store(&f->storing.stop, true);
		pthread_join(f->thread, NULL);
		storing_fini(f);
	}
	td_loop_unwatch(f->args.loop, f->event_fd);
	close(f->event_fd);
	td_names_unref(f->stored);
	td_names_unref(f->names);
	td_free(f);
}

void td_files_configure(struct td_files *f, const struct td_config *config,
			const struct td_trust *trust)
{
	bool moved = memcmp(&f->config->provision, &config->provision, sizeof(config->provision));

	stop_making(f);
	f->config = config;
	f->args.trust = trust;
	if (moved) {
		td_names_unref(f->stored);
		f->stored = NULL;
	}
	f->quiet = false;
	if (f->state == STORING)
		f->again = true;
	else
		begin(f);
}

int td_files_create(struct td_files *f, td_files_done_fn done, void *arg)
{
	if (f->done || f->state == STORING)
		return -EBUSY;
	f->done = done;
	f->done_arg = arg;
	stop_making(f);
	begin(f);
	return 0;
}

void td_files_forget(struct td_files *f, void *arg)
{
	if (f->done && f->done_arg == arg)
		f->done = NULL;
}

const struct td_names *td_files_names(const struct td_files *f)
{
	return f->names;
}

void td_files_name_of(const struct td_config *cfg, const struct cfg_phone *phone,
		      char dst[TD_NAME_MAX])
{
	td_maker_file_name(cfg, phone, dst);
}

size_t td_files_routers(const struct td_files *f, uint32_t protocol, char dst[2][64])
{
	struct td_maker m = { .cfg = f->config, .ours = { f->args.ours[0], f->args.ours[1] } };

	return td_maker_routers(&m, protocol, dst);
}

void td_files_load(const struct td_config *cfg, const struct cfg_phone *phone,
		   char dst[CFG_TEXT_LEN])
{
	td_maker_load(cfg, phone, td_config_phonetype(cfg, phone->type), phone->protocol, dst);
}

void td_files_adopt(struct td_files *f)
{
	f->adopts = true;
	if (f->state == IDLE) {
		f->quiet = true;
		begin(f);
	} else if (f->state == MAKING) {
		stop_making(f);
		begin(f);
	}
}

bool td_files_version_at(const struct td_files *f, size_t i, const char **name, char version[64])
{
	const struct td_name *file = td_names_at(f->names, i);
	const char *folder = strrchr(file->name, '/');

	*name = folder ? folder + 1 : file->name;
	version[0] = '\0';
	if (file->data && !file->alias_of)
		td_maker_version_in((struct td_str){ file->data, file->len }, version);
	return version[0] != '\0';
}

unsigned int td_files_with_versions_of_primary(const struct td_files *f)
{
	return f->n_theirs;
}

static bool has(const struct td_name *file, const char *element)
{
	return memmem(file->data, file->len, element, strlen(element)) != NULL;
}

void td_files_versions(const struct td_files *f, const uint8_t mac[6], struct td_file_versions *v)
{
	static const char own[] = "<softKeyFile>" TD_FILE_SOFTKEYS_OF;
	const struct td_name *file;
	char name[TD_NAME_MAX];
	const char *softkeys;

	*v = (struct td_file_versions){ 0 };
	td_maker_sep_name(mac, name);
	file = f->names ? td_names_find(f->names, name, strlen(name)) : NULL;
	if (!file || !file->data)
		return;
	td_maker_version_in((struct td_str){ file->data, file->len }, v->config);
	td_strlcpy(v->dialplan, has(file, TD_FILE_KEYS) ? f->keys : f->shared.dialplan,
		   sizeof(v->dialplan));
	softkeys = memmem(file->data, file->len, own, sizeof(own) - 1);
	if (softkeys)
		td_str_copy(v->softkey, TD_STAMP_LEN,
			    (struct td_str){ softkeys + sizeof(own) - 1, TD_STAMP_LEN - 1 });
	else if (has(file, "<softKeyFile>"))
		td_strlcpy(v->softkey, f->shared.softkey, sizeof(v->softkey));
	if (has(file, "<featurePolicyFile>"))
		td_strlcpy(v->feature, f->shared.feature, sizeof(v->feature));
}

/* ---- show ---- */

static const char *const scopes[] = { "system", "phonetype", "phone" };
static const char *const stores[] = { "memory", "path", "tftp" };
static const char *const states[] = { "idle", "making", "storing" };

void td_files_show(const struct td_files *f, struct td_json *j, const char *key)
{
	const struct cfg_provision *p = &f->config->provision;
	size_t files = f->names ? td_names_count(f->names) : 0;
	size_t aliases = f->names ? td_names_aliases(f->names) : 0;

	td_json_object(j, key);
	td_json_str(j, "scope", scopes[p->scope]);
	td_json_str(j, "store", stores[p->store]);
	td_json_str(j, "path", p->store == CFG_FILES_PATH ? p->path :
		    p->store == CFG_FILES_TFTP ? p->url : NULL);
	td_json_str(j, "home_path", p->home_path[0] ? p->home_path : NULL);
	td_json_u64(j, "files", files - aliases);
	td_json_u64(j, "aliases", aliases);
	td_json_u64(j, "failed", f->failed);
	td_json_str(j, "state", states[f->state]);
	td_json_u64(j, "phones_done", f->state == MAKING ? f->next : f->config->n_phones);
	td_json_u64(j, "phones", f->config->n_phones);
	td_json_u64(j, "runs", f->runs);
	td_json_u64(j, "took_ms", f->took_ms);
	td_json_u64(j, "written", atomic_load(&f->storing.written));
	td_json_u64(j, "unchanged", atomic_load(&f->storing.unchanged));
	td_json_u64(j, "removed", atomic_load(&f->storing.removed));
	td_json_str(j, "dhcp_file", f->dhcp_path[0] ? f->dhcp_path : NULL);
	td_json_str(j, "dhcp_error", f->dhcp_err ? strerror(-f->dhcp_err) : NULL);
	td_json_str(j, "error", f->err ? f->why : NULL);
	td_json_end_object(j);
}

void td_files_show_names(const struct td_files *f, struct td_json *j, const char *key)
{
	char version[TD_STAMP_LEN];

	td_json_array(j, key);
	for (size_t i = 0; f->names && i < td_names_count(f->names); i++) {
		const struct td_name *n = td_names_at(f->names, i);

		snprintf(version, sizeof(version), "%016llx", (unsigned long long)n->stamp);
		td_json_object(j, NULL);
		td_json_str(j, "name", n->name);
		td_json_str(j, "phone", n->phone);
		td_json_str(j, "alias_of", n->alias_of);
		td_json_str(j, "file", n->path);
		td_json_u64(j, "bytes", n->len);
		td_json_str(j, "version", version);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}
