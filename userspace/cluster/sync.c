// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who of the two routers tells and who hears. The primary tells what its configuration is every
 * half minute, and, when its files have been made or the secondary does not have them, the version
 * of each file, some in each request. The secondary takes them when the last ones have come.
 */
#include "userspace/cluster/sync_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/clock.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/timerdef.h"

#define KNOWN_MAX 65536			/* of a primary that has gone mad */
#define MAX_WORDS 32
#define HTTP_OK	  200

static const struct td_timerdef tell_def = {
	"sync-tell", 30000, "how often the primary says which configuration it has"
};
static const struct td_timerdef serve_def = {
	"sync-serve", 1000, "when an interface that could not be opened is tried again"
};

struct known {
	struct td_map_node node;
	char name[TD_SYNC_TEXT], version[TD_SYNC_TEXT];
};

static void tell(void *arg);

/* ---- the secondary's ---- */

static struct known *find(const struct td_map *map, const char *name)
{
	struct td_map_node *n = td_map_find_str(map, name);

	return n ? td_container_of(n, struct known, node) : NULL;
}

static int add(struct td_map *map, const char *name, const char *version)
{
	struct known *k = find(map, name);
	int err = 0;

	if (k) {
		td_strlcpy(k->version, version, sizeof(k->version));
		return 0;
	}
	k = map->count < KNOWN_MAX ? td_zalloc(sizeof(*k)) : NULL;
	if (!k)
		return -ENOMEM;
	td_strlcpy(k->name, name, sizeof(k->name));
	td_strlcpy(k->version, version, sizeof(k->version));
	err = td_map_insert_str(map, &k->node, k->name);
	if (err)
		td_free(k);
	return err;
}

static void clear(struct td_map *map)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, map) {
		td_map_remove(map, n);
		td_free(td_container_of(n, struct known, node));
	}
	td_map_fini(map);
	td_map_init(map);
}

static uint64_t hash_of(const struct td_map *map)
{
	struct td_map_node *n, *next;
	uint64_t sum = 0;

	td_map_for_each_safe(n, next, map) {
		const struct known *k = td_container_of(n, struct known, node);

		sum += sync_hash(k->name, k->version);
	}
	return sum;
}

/* All have come: what differs from before is kept on disk, and files are made with them. */
static void take_coming(struct td_sync *s)
{
	struct td_map_node *n, *next;
	struct td_map old = s->versions;
	bool differs = false;

	td_map_for_each_safe(n, next, &old) {
		const struct known *was = td_container_of(n, struct known, node);

		if (find(&s->coming, was->name))
			continue;
		s->args.heard(s->args.arg, was->name, NULL);
		differs = true;
	}
	td_map_for_each_safe(n, next, &s->coming) {
		const struct known *k = td_container_of(n, struct known, node);
		const struct known *was = find(&old, k->name);

		if (was && !strcmp(was->version, k->version))
			continue;
		s->args.heard(s->args.arg, k->name, k->version);
		differs = true;
	}
	s->versions = s->coming;
	td_map_init(&s->coming);
	clear(&old);
	s->held = hash_of(&s->versions);
	if (!differs)
		return;
	td_log_info(TD_LOG_CLUSTER, "xml versions of %zu files heard of the primary", s->versions.count);
	s->args.all_heard(s->args.arg);
}

/* -EBADMSG: they do not go on where the last ones ended. */
static int take_files(struct td_sync *s, const struct sync_versions *v)
{
	if (!v->from)
		clear(&s->coming);
	if (v->from != s->coming.count)
		return -EBADMSG;
	for (size_t i = 0; i < v->n_files; i++) {
		int err = add(&s->coming, v->files[i].name, v->files[i].version);

		if (err)
			return err;
	}
	if (v->last)
		take_coming(s);
	return 0;
}

/* ---- both ---- */

static void say_ours(const struct td_sync *s, struct sync_versions *v)
{
	const char *type;

	memset(v, 0, sizeof(*v));
	v->config = s->config->stamp;
	for (size_t i = 0; v->n_parts < CFG_MAX_PARTS; i++) {
		uint64_t stamp = td_config_part(s->config, i, &type);

		if (!type)
			break;
		if (!stamp)
			continue;
		td_strlcpy(v->parts[v->n_parts].type, type, SYNC_TYPE);
		v->parts[v->n_parts++].stamp = stamp;
	}
}

static uint64_t part_of(const struct sync_versions *v, const char *type)
{
	for (size_t i = 0; i < v->n_parts; i++)
		if (!strcmp(v->parts[i].type, type))
			return v->parts[i].stamp;
	return 0;
}

static void hear_theirs(struct td_sync *s, const struct sync_versions *v)
{
	bool differed = s->has_theirs && s->theirs.config != s->config->stamp;

	s->theirs = *v;
	s->has_theirs = true;
	s->theirs_ms = td_clock_ms(CLOCK_REALTIME);
	if (v->config != s->config->stamp && !differed)
		td_log_warn(TD_LOG_CLUSTER, "xml the other router's configuration differs: see show "
			    "cluster");
}

/* ---- requests ---- */

static char *answer_versions(struct td_sync *s, unsigned int *status, size_t *len)
{
	struct sync_versions ours;
	const struct sync_versions *v = &s->request.versions;

	if (s->config->cluster.xml_level < SYNC_LEVEL_ALL) {
		*status = 403;
		return sync_write_error("versions take level 15", len);
	}
	if (s->role != PAIR_SECONDARY) {
		*status = 409;
		return sync_write_error("this router is not the secondary", len);
	}
	hear_theirs(s, v);
	if (v->has_files && take_files(s, v)) {
		*status = 409;
		return sync_write_error("tell all files again", len);
	}
	say_ours(s, &ours);
	ours.has_files = true;
	ours.held = s->held;
	return sync_write_versions(&s->request, &ours, len);
}

/* Runs one line; its answer in *output. */
static int run_line(struct td_sync *s, char *line, char **output, char *why, size_t why_len)
{
	const char *words[MAX_WORDS];
	struct td_json j;
	char *at, *word;
	size_t n = 0;
	int err;

	for (word = strtok_r(line, " \t\r\n", &at); word && n < MAX_WORDS;
	     word = strtok_r(NULL, " \t\r\n", &at))
		words[n++] = word;
	td_json_init(&j);
	err = s->args.run(s->args.arg, s->config->cluster.xml_level, words, n, &j, why, why_len);
	if (!err && j.err)
		err = j.err;
	*output = err ? NULL : td_strndup(j.text ? j.text : "", j.len);
	td_json_fini(&j);
	return err;
}

static char *answer_commands(struct td_sync *s, size_t *len)
{
	struct sync_request *req = &s->request;
	char *outputs[SYNC_COMMANDS] = { 0 }, why[256] = "", *text;
	size_t n = 0, failed = 0;

	while (n < req->n_commands && !failed) {
		if (run_line(s, req->command[n], &outputs[n], why, sizeof(why)) || !outputs[n])
			failed = n + 1;
		else
			n++;
	}
	text = sync_write_ran(req, failed, why, outputs, n, len);
	for (size_t i = 0; i < n; i++)
		td_free(outputs[i]);
	return text;
}

char *sync_answer(struct td_sync *s, struct td_str text, unsigned int *status, size_t *len)
{
	const char *why;

	if (sync_read_request(&s->request, text, &why)) {
		td_log_limited(TD_LOG_CLUSTER, TD_WARN, "xml request refused: %s", why);
		*status = 400;
		return sync_write_error(why, len);
	}
	if (s->request.what == SYNC_VERSIONS)
		return answer_versions(s, status, len);
	return answer_commands(s, len);
}

/* ---- the primary's ---- */

static void rest(struct td_sync *s, enum sync_state state)
{
	s->state = state;
	td_loop_timer_start(s->args.loop, &s->again, tell_def.ms, tell, s);
}

static void fail(struct td_sync *s, const char *why)
{
	if (strcmp(s->error, why))
		td_log_warn(TD_LOG_CLUSTER, "xml versions cannot be told to the secondary: %s", why);
	td_strlcpy(s->error, why, sizeof(s->error));
	s->all = false;
	s->knows = false;
	rest(s, SYNC_FAILED);
}

static void put_files(struct td_sync *s, struct sync_versions *v)
{
	size_t n = s->args.n_files(s->args.arg);
	const char *name;

	v->has_files = true;
	v->from = (uint32_t)s->sent;
	for (; s->next < n && v->n_files < SYNC_FILES; s->next++) {
		char *version = v->files[v->n_files].version;

		if (!s->args.file(s->args.arg, s->next, &name, version) ||
		    strlen(name) >= TD_SYNC_TEXT)
			continue;
		td_strlcpy(v->files[v->n_files++].name, name, TD_SYNC_TEXT);
		s->sum += sync_hash(name, version);
	}
	s->sent += v->n_files;
	s->last = v->last = s->next >= n;
}

static void tell(void *arg)
{
	struct sync_versions ours;
	struct td_sync *s = arg;
	size_t len = 0;
	char *body;

	say_ours(s, &ours);
	if (s->all)
		put_files(s, &ours);
	s->state = SYNC_TELLS;
	body = sync_write_request(&ours, &len);
	sync_client_post(&s->client, &s->own, &s->other, body, len);
}

static void tell_all(struct td_sync *s)
{
	s->all = s->made;
	s->next = s->sent = 0;
	s->sum = 0;
	s->last = false;
	tell(s);
}

static const char *status_words(unsigned int status)
{
	switch (status) {
	case 401: return "wrong user or password";
	case 403: return "its xml_level is less than 15";
	case 409: return "it is not the secondary, or wants all files again";
	case 429: return "too many wrong passwords";
	case 503: return "it has too many requests";
	default:  return "it does not understand";
	}
}

static void on_answer(struct td_sync *s, int err, const struct sync_http *h)
{
	struct sync_versions theirs;
	bool told_all = s->all;
	const char *why;

	if (err)
		why = err == -EBADMSG ? "no answer of HTTP" : strerror(-err);
	else if (h->status != HTTP_OK)
		why = status_words(h->status);
	else
		err = sync_read_answer(&theirs, h->body, &why);
	if (err || h->status != HTTP_OK) {
		fail(s, why);
		return;
	}
	s->error[0] = '\0';
	hear_theirs(s, &theirs);
	if (s->all && !s->last) {
		tell(s);
		return;
	}
	s->all = false;
	if (told_all)
		s->told = s->sum;
	s->knows |= told_all;
	if (!s->made)
		rest(s, SYNC_WAITS);
	else if (s->knows && theirs.held == s->told)
		rest(s, SYNC_AGREED);
	else if (told_all)
		fail(s, "it has not taken the versions");
	else
		tell_all(s);
}

void td_sync_files_made(struct td_sync *s)
{
	s->made = true;
	if (s->role == PAIR_PRIMARY)
		tell_all(s);
}

/* ---- life ---- */

static void serve(void *arg)
{
	struct td_sync *s = arg;
	struct td_addr at = s->own;
	char text[TD_ADDR_STRLEN];
	int err;

	td_loop_timer_stop(s->args.loop, &s->serve_again);
	if (s->server || !td_addr_is_set(&s->own) || !s->config->cluster.xml_user[0])
		return;
	err = sync_server_start(&s->server, s, &at);
	if (!err)
		return;
	s->server = NULL;
	td_log_limited(TD_LOG_CLUSTER, TD_WARN, "xml cannot listen at %s: %s", td_addr_str(&at, text),
		       strerror(-err));
	td_loop_timer_start(s->args.loop, &s->serve_again, serve_def.ms, serve, s);
}

static void find_role(struct td_sync *s)
{
	const struct cfg_cluster *cfg = &s->config->cluster;

	s->role = cluster_pair_find(cfg, s->args.is_local, s->args.arg, &s->own, &s->other);
	if (!s->role)
		return;
	s->own.port = s->other.port = (uint16_t)cfg->xml_port;
	if (!(s->role == PAIR_SECONDARY ? cfg->xml_user[0] : cfg->standby_user[0]))
		s->role = PAIR_NONE;
}

static void shut(struct td_sync *s)
{
	td_loop_timer_stop(s->args.loop, &s->again);
	td_loop_timer_stop(s->args.loop, &s->serve_again);
	sync_client_stop(&s->client);
	sync_server_stop(s->server);
	s->server = NULL;
	s->state = SYNC_OFF;
}

static void open_all(void *arg)
{
	struct td_sync *s = arg;

	shut(s);
	find_role(s);
	if (!td_addr_is_set(&s->own) &&
	    (s->config->cluster.xml_user[0] || s->config->cluster.standby_user[0]))
		td_log_warn(TD_LOG_CLUSTER, "xml no address of this host is that of the primary or the "
			    "secondary: versions are neither told nor heard");
	serve(s);
	s->knows = false;
	if (s->role == PAIR_PRIMARY)
		tell_all(s);
}

/* A command that came by the server may be what brings this about: its end is not in its middle. */
static void reopen(struct td_sync *s)
{
	td_loop_defer(s->args.loop, &s->reopen, open_all, s);
}

void td_sync_configure(struct td_sync *s, const struct td_config *config)
{
	bool same = !memcmp(&s->config->cluster, &config->cluster, sizeof(config->cluster));

	s->config = config;
	if (!same)
		s->has_theirs = false;
	if (!same || s->role == PAIR_PRIMARY)	/* files that are made anew are told again */
		reopen(s);
}

void td_sync_addresses_changed(struct td_sync *s)
{
	const struct cfg_cluster *cfg = &s->config->cluster;
	bool here = td_addr_is_set(&s->own) && s->args.is_local(s->args.arg, &s->own);

	if (!td_addr_is_set(&cfg->secondary))
		return;
	if (!here || (s->role != PAIR_SECONDARY && s->args.is_local(s->args.arg, &cfg->secondary) &&
		      !td_addr_same_ip(&s->own, &cfg->secondary)))
		reopen(s);
}

void td_sync_restore(struct td_sync *s, const char *name, const char *version)
{
	if (strlen(name) < TD_SYNC_TEXT && strlen(version) < TD_SYNC_TEXT)
		add(&s->versions, name, version);
	s->held = hash_of(&s->versions);
}

const char *td_sync_version_of(const struct td_sync *s, const char *name)
{
	const struct known *k = s->role == PAIR_SECONDARY ? find(&s->versions, name) : NULL;

	return k ? k->version : NULL;
}

int td_sync_start(struct td_sync **out, const struct td_sync_args *args)
{
	struct td_sync *s = td_zalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->args = *args;
	s->config = args->config;
	s->args.config = NULL;
	td_map_init(&s->versions);
	td_map_init(&s->coming);
	sync_client_init(&s->client, s, on_answer);
	open_all(s);
	*out = s;
	return 0;
}

void td_sync_stop(struct td_sync *s)
{
	if (!s)
		return;
	td_loop_undefer(s->args.loop, &s->reopen);
	shut(s);
	clear(&s->versions);
	clear(&s->coming);
	td_free(s);
}

/* ---- show ---- */

static void show_differences(const struct td_sync *s, struct td_json *j)
{
	const char *type;

	if (!s->has_theirs) {
		td_json_null(j, "differs");
		return;
	}
	td_json_array(j, "differs");
	for (size_t i = 0;; i++) {
		uint64_t ours = td_config_part(s->config, i, &type);

		if (!type)
			break;
		if (ours != part_of(&s->theirs, type))
			td_json_str(j, NULL, type);
	}
	td_json_end_array(j);
}

void td_sync_show(const struct td_sync *s, struct td_json *j)
{
	static const char *const states[] = { "off", "waits", "tells", "agreed", "failed" };

	td_json_str(j, "versions", s->role == PAIR_PRIMARY ? states[s->state] :
		    s->role == PAIR_SECONDARY ? s->has_theirs ? "heard" : "not heard" : "off");
	td_json_str(j, "versions_error", s->error[0] ? s->error : NULL);
	td_json_u64(j, "versions_told", s->role == PAIR_PRIMARY ? s->sent : 0);
	td_json_u64(j, "versions_heard", s->versions.count);
	if (s->has_theirs)
		td_json_u64(j, "versions_ms", s->theirs_ms);
	else
		td_json_null(j, "versions_ms");
	show_differences(s, j);
	td_json_bool(j, "xml_open", s->server != NULL);
	td_json_u64(j, "xml_requests", s->n.requests);
	td_json_u64(j, "xml_wrong_passwords", s->n.wrong_passwords);
	td_json_u64(j, "xml_refused", s->n.refused);
	td_json_u64(j, "xml_busy", s->n.busy);
}
