// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The relay's thread: waits on all media sockets at once, moves what has come
 * (media_relay.c), obeys signalling's commands. A new socket is added to the epoll
 * set by signalling itself, which is safe; closing is a command, because only this thread
 * knows that it is not reading from that socket right now.
 *
 * Voice is late before it is lost: the thread asks for real-time priority and says in
 * "show stats" whether it got it.
 */
#include "userspace/media/relay_priv.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/media/audio/audio.h"

#define EVENTS_PER_WAIT	64
#define N_COMMANDS	1024
#define N_EVENTS	1024
#define PRIORITY	10
#define COMMAND_PORT	0		/* no media port: the ring has work */
#define AUDIO_PORT	1		/* nor this: a tick is due, or the nodes have orders */

static int watch(struct td_relay *r, int fd, uint16_t port)
{
	struct epoll_event ev = {
		.events = EPOLLIN,
		.data.u64 = (uint64_t)(uint32_t)fd << 32 | port,
	};

	return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

int td_relay_watch(struct td_relay *r, int fd, uint16_t port)
{
	return watch(r, fd, port);
}

/* False: the end. */
static bool obey(struct td_relay *r)
{
	struct relay_command c;

	td_ring_clear_wake(&r->commands);
	while (td_ring_pop(&r->commands, &c)) {
		if (c.type == RELAY_STOP)
			return false;
		if (c.type == RELAY_KEY) {
			td_relay_take_key(r, &c.key);
			continue;
		}
		if (c.type == RELAY_SEAL) {
			td_relay_take_seal(r, c.slot, c.seal);
			continue;
		}
		close(c.fd);
		atomic_fetch_sub(&r->n_sockets, 1);
	}
	return true;
}

static void *run(void *arg)
{
	struct epoll_event ev[EVENTS_PER_WAIT];
	struct td_relay *r = arg;

	for (;;) {
		int n = epoll_wait(r->epoll_fd, ev, EVENTS_PER_WAIT, -1);
		bool command = false;

		for (int i = 0; i < n; i++) {
			uint16_t port = (uint16_t)ev[i].data.u64;

			if (port == COMMAND_PORT)
				command = true;
			else if (port == AUDIO_PORT)
				td_audio_run(r->audio);
			else
				td_relay_move(r, (int)(ev[i].data.u64 >> 32), port);
		}
		/* after the sockets: a command may close one of this round */
		if (command && !obey(r))
			return NULL;
	}
}

int td_relay_run_audio(struct td_relay *r, struct td_audio *a)
{
	int err;

	r->audio = a;
	err = watch(r, td_audio_command_fd(a), AUDIO_PORT);
	return err ? err : watch(r, td_audio_timer_fd(a), AUDIO_PORT);
}

static void ask_for_realtime(struct td_relay *r)
{
	struct sched_param p = { .sched_priority = PRIORITY };
	int err = pthread_setschedparam(r->thread, SCHED_FIFO, &p);

	atomic_store(&r->realtime, !err);
	if (err)
		td_log_info(TD_LOG_MEDIA, "relay runs without real-time priority: %s",
			    strerror(err));
}

/* Signals are the other threads' business. */
static int start_thread(struct td_relay *r)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&r->thread, NULL, run, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return -err;
	r->running = true;
	pthread_setname_np(r->thread, "media");
	ask_for_realtime(r);
	return 0;
}

/* Large, mostly untouched: pages come when slots are used. Page-aligned, as the ring needs. */
static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int find_family(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return AF_INET;
	close(fd);
	return AF_INET6;
}

static int start(struct td_relay *r)
{
	int err;

	r->stats = reserve(TD_MAX_SLOTS * sizeof(*r->stats));
	r->learned = reserve(TD_MAX_SLOTS * sizeof(*r->learned));
	r->seals = reserve(TD_MAX_SLOTS * sizeof(*r->seals));
	r->typing = reserve(TD_MAX_SLOTS * sizeof(*r->typing));
	r->overruns = reserve(TD_MAX_PORTS * sizeof(*r->overruns));
	r->fds = reserve(TD_MAX_PORTS * sizeof(*r->fds));
	if (!r->stats || !r->learned || !r->seals || !r->typing || !r->overruns || !r->fds)
		return -ENOMEM;
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll_fd < 0)
		return -errno;
	err = td_relay_srtp_start();
	if (err)
		return err;
	err = td_ring_init(&r->commands, N_COMMANDS, sizeof(struct relay_command));
	if (!err)
		err = td_ring_init(&r->events, N_EVENTS, sizeof(struct td_event));
	if (!err)
		err = watch(r, r->commands.event_fd, COMMAND_PORT);
	return err ? err : start_thread(r);
}

int td_relay_new(struct td_relay **out, struct td_tables *tables)
{
	struct td_relay *r = reserve(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->tables = tables;
	r->family = find_family();
	r->epoll_fd = -1;
	td_relay_prepare(&r->batch);
	err = start(r);
	if (err) {
		td_relay_free(r);
		return err;
	}
	*out = r;
	return 0;
}

static void stop_thread(struct td_relay *r)
{
	struct relay_command stop = { .type = RELAY_STOP };

	while (!td_ring_push(&r->commands, &stop))
		usleep(1000);
	pthread_join(r->thread, NULL);
	r->running = false;
}

void td_relay_free(struct td_relay *r)
{
	if (!r)
		return;
	if (r->running)
		stop_thread(r);
	for (uint32_t port = 0; r->fds && port < TD_MAX_PORTS; port++)
		if (atomic_load(&r->fds[port]))
			close(atomic_load(&r->fds[port]) - 1);
	if (r->commands.items)
		td_ring_fini(&r->commands);
	if (r->events.items)
		td_ring_fini(&r->events);
	if (r->captured.items)
		td_ring_fini(&r->captured);
	if (r->epoll_fd >= 0)
		close(r->epoll_fd);
	if (r->fds)
		munmap(r->fds, TD_MAX_PORTS * sizeof(*r->fds));
	if (r->stats)
		munmap(r->stats, TD_MAX_SLOTS * sizeof(*r->stats));
	if (r->learned)
		munmap(r->learned, TD_MAX_SLOTS * sizeof(*r->learned));
	if (r->overruns)
		munmap(r->overruns, TD_MAX_PORTS * sizeof(*r->overruns));
	if (r->seals) {
		td_relay_srtp_stop(r);
		munmap(r->seals, TD_MAX_SLOTS * sizeof(*r->seals));
	}
	if (r->typing)
		munmap(r->typing, TD_MAX_SLOTS * sizeof(*r->typing));
	munmap(r, sizeof(*r));
}

void td_relay_close_pair(struct td_relay *r, uint16_t port)
{
	for (uint32_t p = port; p <= port + 1u; p++) {
		int fd = atomic_exchange(&r->fds[p], 0) - 1;
		struct relay_command c = { .type = RELAY_CLOSE_FD, .fd = fd };

		if (fd < 0)
			continue;
		while (!td_ring_push(&r->commands, &c))
			usleep(100);	/* a thousand sockets at once: after a reload only */
	}
}

int td_relay_press(struct td_relay *r, const struct td_relay_key *key)
{
	struct relay_command c = { .type = RELAY_KEY, .key = *key };

	return td_ring_push(&r->commands, &c) ? 0 : -EBUSY;
}

struct td_flow_stats *td_relay_stats(struct td_relay *r, uint32_t slot)
{
	return &r->stats[slot];
}

const struct td_relay_counts *td_relay_counts(const struct td_relay *r)
{
	return &r->counts;
}

struct td_ring *td_relay_events(struct td_relay *r)
{
	return &r->events;
}

uint32_t td_relay_sockets(const struct td_relay *r)
{
	return atomic_load(&r->n_sockets);
}

bool td_relay_is_realtime(const struct td_relay *r)
{
	return atomic_load(&r->realtime);
}
