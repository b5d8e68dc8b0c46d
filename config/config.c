/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: from a file or text to a complete model, or to all that is wrong with
 * it. uci.c reads the grammar, build.c makes the model by schema.c's table.
 */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/build.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_FILE_BYTES (64u << 20)

/* What follows from other options comes later: td_build_derive(). */
static struct td_config *model_new(void)
{
	struct td_config *cfg = td_zalloc(sizeof(*cfg));

	if (!cfg)
		return NULL;
	td_schema_defaults(td_schema_find("global"), &cfg->global);
	td_schema_defaults(td_schema_find("sip"), &cfg->sip);
	td_schema_defaults(td_schema_find("sccp"), &cfg->sccp);
	td_schema_defaults(td_schema_find("moh"), &cfg->moh);
	td_schema_defaults(td_schema_find("fac"), &cfg->fac);
	td_schema_defaults(td_schema_find("provision"), &cfg->provision);
	td_schema_defaults(td_schema_find("cluster"), &cfg->cluster);
	td_schema_defaults(td_schema_find("dst"), &cfg->dst);
	td_schema_defaults(td_schema_find("management"), &cfg->management);
	return cfg;
}

struct td_config *td_config_defaults(void)
{
	struct td_config *cfg = model_new();

	if (cfg)
		td_build_derive(cfg);
	return cfg;
}

void td_config_put(struct td_config *cfg)
{
	if (!cfg)
		return;
	for (size_t i = 0; i < cfg->n_phones; i++) {
		td_free(cfg->phones[i].lines);
		td_free(cfg->phones[i].buttons);
		td_free(cfg->phones[i].vendors);
	}
	for (size_t i = 0; i < cfg->n_phonetypes; i++)
		td_free(cfg->phonetypes[i].vendors);
	td_free(cfg->phonetypes);
	td_free(cfg->locales);
	td_free(cfg->vpns);
	td_free(cfg->phones);
	td_free(cfg->dns);
	td_free(cfg->huntgroups);
	td_free(cfg->parks);
	td_free(cfg->conferences);
	td_free(cfg->pagings);
	td_free(cfg->corlists);
	td_free(cfg->translations);
	td_free(cfg->profiles);
	td_free(cfg->trunks);
	td_free(cfg->voiceports);
	td_free(cfg->registrars);
	td_free(cfg->mwis);
	td_free(cfg->mediaclasses);
	td_free(cfg->dialpeers);
	td_free(cfg->interfaces);
	td_free(cfg);
}

const struct cfg_phone *td_config_phone(const struct td_config *cfg, const char *id)
{
	for (size_t i = 0; i < cfg->n_phones; i++)
		if (!strcmp(cfg->phones[i].id, id))
			return &cfg->phones[i];
	return NULL;
}

static void stamp_word(uint64_t *stamp, const char *word)
{
	uint8_t key[16] = "configuration";	/* the same on every router */

	memcpy(key, stamp, sizeof(*stamp));
	*stamp = td_siphash(key, word, strlen(word) + 1);
}

/*
 * Of two routers on one telephone line each answers it at its own ring: that is no difference. Nor is
 * that CME's primary has the one half of an account, and its secondary the other.
 */
static bool is_of_one_router(const struct uci_section *s, const struct uci_option *o)
{
	if (!strcmp(s->type, "voiceport"))
		return !strcmp(o->name, "ring_number");
	return !strcmp(s->type, "cluster") &&
	       (!strncmp(o->name, "standby_", 8) || !strncmp(o->name, "xml_", 4));
}

static void stamp_section(uint64_t *stamp, const struct uci_section *s)
{
	const struct uci_option *o;
	const struct uci_value *v;

	stamp_word(stamp, s->type);
	stamp_word(stamp, s->name);
	td_list_for_each(o, &s->options, const struct uci_option, node) {
		if (is_of_one_router(s, o))
			continue;
		stamp_word(stamp, o->name);
		td_list_for_each(v, &o->values, const struct uci_value, node)
			stamp_word(stamp, v->text);
	}
}

/* Of what the configuration says: comments and blanks do not count. */
static void make_stamps(struct td_config *cfg, const struct uci_file *file)
{
	const struct schema_section *type;
	const struct uci_section *s;

	td_list_for_each(s, &file->sections, const struct uci_section, node) {
		type = td_schema_find(s->type);
		stamp_section(&cfg->stamp, s);
		if (type)
			stamp_section(&cfg->part_stamp[td_schema_place(type)], s);
	}
}

uint64_t td_config_part(const struct td_config *cfg, size_t i, const char **type)
{
	*type = i < td_schema_sections ? td_schema[i]->type : NULL;
	return *type ? cfg->part_stamp[i] : 0;
}

int td_config_parse(struct td_config **out, const char *name, const char *text, size_t len,
		    struct td_config_faults *faults)
{
	struct fault_list list = { .out = faults, .file = name };
	struct td_config *cfg = model_new();
	struct uci_file file;
	int err;

	*out = NULL;
	if (!cfg)
		return -ENOMEM;
	err = td_uci_parse(&file, text, len, &list);
	if (err)
		list.err = err;
	else if (!file.is_cut)
		td_build(cfg, &file, &list);
	make_stamps(cfg, &file);
	td_uci_fini(&file);
	err = td_fault_end(&list);
	if (err) {
		td_config_put(cfg);
		return err;
	}
	*out = cfg;
	return 0;
}

/* ---- files ---- */

static int read_fd(int fd, char **text, size_t *len)
{
	struct stat st;
	size_t used = 0, size;
	ssize_t n = 0;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((uint64_t)st.st_size > MAX_FILE_BYTES)
		return -EFBIG;
	size = (size_t)st.st_size + 1;
	*text = td_zalloc(size);
	if (!*text)
		return -ENOMEM;
	while (used < size && (n = read(fd, *text + used, size - used)) > 0)
		used += (size_t)n;
	*len = used;
	return n < 0 ? -errno : 0;
}

static int read_file(const char *path, char **text, size_t *len)
{
	/* a pipe is no file either, and must not make us wait for its writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	err = read_fd(fd, text, len);
	close(fd);
	return err;
}

static const char *in_folder(const char *path, char *dst, size_t size)
{
	struct stat st;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return path;
	snprintf(dst, size, "%s/tandem", path);
	return dst;
}

int td_config_load(struct td_config **out, const char *path, struct td_config_faults *faults)
{
	struct fault_list list = { .out = faults };
	char below[256], *text = NULL;
	size_t len = 0;
	int err;

	*out = NULL;
	path = in_folder(path, below, sizeof(below));
	list.file = path;
	err = read_file(path, &text, &len);
	if (err)
		td_fault_add(&list, SECTION_HERE, "file", NULL, "%s%s",
			     err == -EINVAL ? "not a file" : strerror(-err),
			     err == -EACCES ? TD_CONFIG_OWNER_HINT : "");
	else
		err = td_config_parse(out, path, text, len, faults);
	td_free(text);
	return err;
}

bool td_config_among(const struct cfg_prefix *nets, size_t n, const struct td_addr *host)
{
	for (size_t i = 0; i < n; i++)
		if (td_addr_in_net(host, &nets[i].addr, nets[i].len))
			return true;
	return false;
}
