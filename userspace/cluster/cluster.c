/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which routers there are, who may connect, take-over, and what is shown. Of two routers, each
 * listens and connects: over the one connection it gives the records of its calls, over the other it
 * gets copies. More than two meet at a Redis (cluster_group.h).
 */
#include "userspace/cluster/cluster_pair.h"
#include "userspace/cluster/cluster_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/clock.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define LISTEN_AGAIN_MS 1000
#define BACKLOG		4
#define TAKING_MS	5000

static void on_knock(void *arg, int fd, unsigned int events)
{
	struct td_cluster *c = arg;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char text[TD_ADDR_STRLEN];
	struct td_addr from;
	int one = accept4(fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (one < 0)
		return;
	if (td_addr_from_sockaddr(&from, (struct sockaddr *)&ss) ||
	    !td_addr_same_ip(&from, &c->other)) {
		td_log_limited(TD_LOG_CLUSTER, TD_WARN, "connection from %s refused: not the other "
			       "router", td_addr_ip(&from, text));
		close(one);
		return;
	}
	cluster_leader_accept(c, one);
}

static void unlisten(struct td_cluster *c)
{
	td_loop_timer_stop(c->loop, &c->listen_again);
	if (c->listen_fd < 0)
		return;
	td_loop_unwatch(c->loop, c->listen_fd);
	close(c->listen_fd);
	c->listen_fd = -1;
}

static int open_listener(const struct td_addr *at)
{
	bool six = !td_addr_is_v4(at);
	struct sockaddr_storage ss;
	unsigned int len = td_addr_to_sockaddr(at, &ss, six);
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, err = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&ss, len) || listen(fd, BACKLOG))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void listen_now(void *arg)
{
	struct td_cluster *c = arg;
	char text[TD_ADDR_STRLEN];
	int fd = open_listener(&c->own), err;

	err = fd < 0 ? fd : td_loop_watch(c->loop, fd, TD_READ, on_knock, c);
	if (!err) {
		c->listen_fd = fd;
		return;
	}
	if (fd >= 0)
		close(fd);
	td_log_limited(TD_LOG_CLUSTER, TD_WARN, "cannot listen at %s for the other router: %s",
		       td_addr_str(&c->own, text), strerror(-err));
	td_loop_timer_start(c->loop, &c->listen_again, LISTEN_AGAIN_MS, listen_now, c);
}

/* Which of the two we are; both unset: neither, or there is a Redis. */
static void find_routers(struct td_cluster *c)
{
	const struct cfg_cluster *cfg = &c->config->cluster;

	memset(&c->own, 0, sizeof(c->own));
	memset(&c->other, 0, sizeof(c->other));
	if (!cfg->replicate_secret[0] || cfg->n_redis)
		return;
	if (!cluster_pair_find(cfg, c->is_local, c->arg, &c->own, &c->other)) {
		if (td_addr_is_set(&cfg->primary) && td_addr_is_set(&cfg->secondary))
			td_log_warn(TD_LOG_CLUSTER, "no address of this host is that of the primary "
				    "or the secondary: no copies of calls are kept");
		return;
	}
	c->own.port = c->other.port = (uint16_t)cfg->replicate_port;
}

static void configure_group(struct td_cluster *c, const struct td_config *config)
{
	if (!memcmp(&c->used, &config->cluster, sizeof(c->used)) &&
	    !strcmp(c->used_hostname, config->global.hostname)) {
		cluster_group_use(&c->group, config);
		return;
	}
	c->used = config->cluster;
	td_strlcpy(c->used_hostname, config->global.hostname, sizeof(c->used_hostname));
	cluster_group_configure(&c->group, config, c->key);
}

static void configure_pair(struct td_cluster *c)
{
	unlisten(c);
	cluster_leader_close(c);
	cluster_follower_close(c);
	if (!td_addr_is_set(&c->own))
		return;
	listen_now(c);
	cluster_follower_dial(c);
}

void cluster_addresses_stay(struct td_cluster *c, bool stay)
{
	c->stay = stay;
	c->n_asked = 0;
}

/* For the core: is that address ours? */
static bool ours(void *arg, const struct td_addr *a)
{
	struct td_cluster *c = arg;
	bool here;

	for (size_t i = 0; i < c->n_asked; i++)
		if (td_addr_same_ip(&c->asked[i].addr, a))
			return c->asked[i].here;
	here = c->is_local(c->arg, a);
	if (c->stay && c->n_asked < CLUSTER_ASKED) {
		c->asked[c->n_asked].addr = *a;
		c->asked[c->n_asked++].here = here;
	}
	return here;
}

/* Has one of SIP's own addresses (sip.source_address) come since the last time? */
static bool has_come(struct td_cluster *c)
{
	const struct cfg_sip *sip = &c->config->sip;
	bool come = false;

	for (size_t i = 0; i < sip->n_listen; i++) {
		bool here = c->is_local(c->arg, &sip->listen[i]);

		come |= here && !c->was_here[i];
		c->was_here[i] = here;
	}
	return come;
}

void td_cluster_configure(struct td_cluster *c, const struct td_config *config)
{
	const struct td_addr own = c->own, other = c->other;
	uint8_t key[CLUSTER_KEY];

	memcpy(key, c->key, sizeof(key));
	c->config = config;
	find_routers(c);
	has_come(c);			/* what is here already is no news */
	cluster_key_of_secret(c->key, config->cluster.replicate_secret);
	if (!td_addr_equal(&own, &c->own) || !td_addr_equal(&other, &c->other) ||
	    memcmp(key, c->key, sizeof(key)))
		configure_pair(c);
	configure_group(c, config);
	td_core_own_addresses(c->core, td_cluster_is_paired(c) ? ours : NULL, c);
}

static void on_kept(void *arg, uint32_t place)
{
	struct td_cluster *c = arg;

	if (cluster_group_is_on(&c->group))
		cluster_group_changed(&c->group, place);
	else
		cluster_leader_changed(&c->leader, place);
}

int td_cluster_start(struct td_cluster **out, const struct td_cluster_args *args)
{
	struct td_cluster *c = td_zalloc(sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->loop = args->loop;
	c->core = args->core;
	c->is_local = args->is_local;
	c->arg = args->arg;
	c->mine = args->things;
	c->listen_fd = -1;
	cluster_leader_init(c);
	cluster_group_init(&c->group, c);
	td_core_watch_kept(c->core, on_kept, c);
	err = cluster_follower_init(c, args->copy_path);
	if (err) {
		td_core_watch_kept(c->core, NULL, NULL);
		td_cluster_stop(c);
		return err;
	}
	td_cluster_configure(c, args->config);
	*out = c;
	return 0;
}

void td_cluster_stop(struct td_cluster *c)
{
	if (!c)
		return;
	td_loop_undefer(c->loop, &c->look);
	unlisten(c);
	cluster_leader_close(c);
	cluster_follower_fini(c);
	cluster_group_fini(&c->group);
	td_free(c);
}

void td_cluster_things_changed(struct td_cluster *c)
{
	if (cluster_group_is_on(&c->group))
		cluster_group_send(&c->group);
	else
		cluster_leader_send(&c->leader);
}

bool td_cluster_is_paired(const struct td_cluster *c)
{
	return td_addr_is_set(&c->own) || cluster_group_is_on(&c->group);
}

/* ---- take-over ---- */

static void take_over(struct td_cluster *c, struct td_cluster_moved *moved)
{
	uint64_t began = td_clock_ms(CLOCK_MONOTONIC);

	memset(moved, 0, sizeof(*moved));
	cluster_addresses_stay(c, true);
	if (cluster_group_is_on(&c->group))
		group_take_over(&c->group, moved);
	else
		cluster_follower_take_over(c, moved);
	cluster_addresses_stay(c, false);
	td_log(TD_LOG_CLUSTER, moved->failed ? TD_WARN : TD_INFO,
	       "taken over calls=%zu failed=%zu elsewhere=%zu registrations=%zu took_ms=%llu",
	       moved->taken, moved->failed, moved->elsewhere, moved->things,
	       (unsigned long long)(td_clock_ms(CLOCK_MONOTONIC) - began));
}

void td_cluster_take_over(struct td_cluster *c, struct td_cluster_moved *moved)
{
	c->taking_until_ms = td_loop_now_ms(c->loop) + TAKING_MS;
	take_over(c, moved);
}

void td_cluster_stand_by(struct td_cluster *c)
{
	c->taking_until_ms = 0;
	cluster_copies_give_back(&c->follower.things);
	group_given_back(&c->group);
}

void cluster_take_more(struct td_cluster *c)
{
	struct td_cluster_moved moved;

	if (td_loop_now_ms(c->loop) < c->taking_until_ms)
		take_over(c, &moved);
}

/* The kernel is faster than a script: where the addresses that move are known, nobody waits for one. */
static void look_around(void *arg)
{
	struct td_cluster *c = arg;
	struct td_cluster_moved moved;

	if (has_come(c))
		td_cluster_take_over(c, &moved);
	else
		cluster_take_more(c);
}

void td_cluster_addresses_changed(struct td_cluster *c)
{
	if (td_cluster_is_paired(c))
		td_loop_defer(c->loop, &c->look, look_around, c);	/* they come in bursts */
}

/* ---- show ---- */

void td_cluster_show(const struct td_cluster *c, struct td_json *j, const char *key)
{
	const struct cluster_leader *ld = &c->leader;
	const struct cluster_follower *fw = &c->follower;
	char text[TD_ADDR_STRLEN];
	bool lives = ld->state == CLUSTER_LIVES;

	td_json_object(j, key);
	if (cluster_group_is_on(&c->group)) {
		cluster_group_show(&c->group, j);
		td_json_end_object(j);
		return;
	}
	td_json_str(j, "other", td_addr_is_set(&c->other) ? td_addr_ip(&c->other, text) : NULL);
	td_json_bool(j, "it_has_copies", lives && ld->whole && ld->things_whole);
	td_json_u64(j, "not_sent", lives ? ld->queue.n : 0);
	td_json_u64(j, "not_confirmed", lives ? ld->link.n_out - ld->link.n_told : 0);
	td_json_bool(j, "we_have_copies", fw->state == CLUSTER_LIVES && fw->whole);
	td_json_u64(j, "copies", fw->n_copies - fw->n_taken);
	td_json_u64(j, "registrations", fw->things.count);
	td_json_u64(j, "taken_over", fw->n_taken);
	td_json_u64(j, "sent", ld->n_sent);
	td_json_u64(j, "received", fw->n_received);
	td_json_u64(j, "given_up", ld->n_given_up);
	td_json_end_object(j);
}
