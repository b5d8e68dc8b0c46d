/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does not end by itself: --watch (ask again and again), monitor and debug (the daemon
 * sends). On a terminal a table is drawn over the one before, line by line, so that nothing
 * flickers; elsewhere each is printed below the last. With --json each value is one line.
 *
 * Ctrl-C ends it. The signals are let in only while ppoll() waits, so that none is lost
 * between looking at the flag and going to sleep.
 */
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "tools/tandem/cli.h"
#include "userspace/base/clock.h"

#define HOME	     "\033[H"
#define CLEAR_EOL    "\033[K"
#define CLEAR_BELOW  "\033[J"
#define CLEAR_ALL    "\033[2J"
#define HIDE_CURSOR  "\033[?25l"
#define SHOW_CURSOR  "\033[?25h"

static volatile sig_atomic_t stopped;
static sigset_t while_waiting;		/* the mask with our signals let in */

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void on_resize(int sig)
{
	(void)sig;	/* only to wake what waits */
}

void td_cli_catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_stop }, resize = { .sa_handler = on_resize };
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGWINCH);
	sigprocmask(SIG_BLOCK, &ours, &while_waiting);
	sigdelset(&while_waiting, SIGINT);
	sigdelset(&while_waiting, SIGTERM);
	sigdelset(&while_waiting, SIGHUP);
	sigdelset(&while_waiting, SIGWINCH);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGHUP, &stop, NULL);
	sigaction(SIGWINCH, &resize, NULL);
	signal(SIGPIPE, SIG_DFL);
}

bool td_cli_is_stopped(void)
{
	return stopped;
}

static struct winsize terminal_size(void)
{
	struct winsize ws = { 0 };

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws))
		memset(&ws, 0, sizeof(ws));
	return ws;
}

struct cli_layout td_cli_layout(json_object *answer)
{
	const char *columns = getenv("COLUMNS");
	struct cli_layout l = {
		.columns = td_cli_text(answer, "columns"),
		.command = td_cli_text(answer, "command"),
		.width = terminal_size().ws_col,
		.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	};

	/* said by hand: "COLUMNS=80 tandem show calls | less" */
	if (!l.width && columns && atoi(columns) > 0)
		l.width = (size_t)atoi(columns);
	l.now_ms = (int64_t)td_clock_ms(CLOCK_REALTIME);
	return l;
}

/* ---- drawing ---- */

struct screen {
	const struct cli_options *opt;
	bool tty, json, drawn;
	char title[160];
};

static void screen_init(struct screen *s, const struct cli_options *opt)
{
	size_t i, len = 0;

	memset(s, 0, sizeof(*s));
	s->opt = opt;
	s->json = opt->json;
	s->tty = isatty(STDOUT_FILENO) && !opt->json;
	for (i = 0; i < opt->n_words && len < sizeof(s->title) - 1; i++) {
		int n = snprintf(s->title + len, sizeof(s->title) - len, "%s%s", i ? " " : "",
				 opt->words[i]);

		if (n < 0 || (size_t)n >= sizeof(s->title) - len)
			break;
		len += n;
	}
	if (s->tty)
		fputs(HIDE_CURSOR CLEAR_ALL, stdout);
}

static void screen_fini(const struct screen *s)
{
	if (s->tty)
		fputs(SHOW_CURSOR, stdout);
	fflush(stdout);
}

/* Draw over what is there; lines beyond the terminal's height would scroll it away. */
static void paint(const struct screen *s, const char *text, long long now_ms)
{
	size_t left = terminal_size().ws_row;
	time_t t = now_ms / 1000;
	struct tm tm;
	char clock[16];

	localtime_r(&t, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf(HOME "%s  %s  (Ctrl-C ends)" CLEAR_EOL "\n" CLEAR_EOL "\n", s->title, clock);
	left = left > 3 ? left - 3 : 0;
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (left == 1 && strchr(text + len, '\n') && text[len + 1]) {
			fputs("..." CLEAR_EOL "\n", stdout);
			break;
		}
		fwrite(text, 1, len, stdout);
		fputs(CLEAR_EOL "\n", stdout);
		text += len + (text[len] == '\n');
		left -= left > 0;
	}
	fputs(CLEAR_BELOW, stdout);
}

static void show(struct screen *s, json_object *data, json_object *answer)
{
	struct cli_layout layout = td_cli_layout(answer);
	char *text = NULL;
	size_t len;
	FILE *mem;

	if (s->json) {
		puts(json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	} else if (!s->tty) {
		if (s->drawn)
			putchar('\n');
		td_cli_print(stdout, data, &layout);
	} else {
		mem = open_memstream(&text, &len);
		if (!mem)
			return;
		td_cli_print(mem, data, &layout);
		fclose(mem);
		paint(s, text, layout.now_ms);
		free(text);
	}
	s->drawn = true;
	fflush(stdout);
}

static void show_line(const struct screen *s, const char *line)
{
	json_object *o;

	if (s->json) {
		o = json_object_new_string(line);
		puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
	} else {
		td_cli_print_safe(stdout, line);
		putchar('\n');
	}
	fflush(stdout);
}

/* ---- the daemon sends ---- */

bool td_cli_wait(int fd, double seconds)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec ts = { (time_t)seconds,
			       (long)((seconds - (double)(time_t)seconds) * 1e9) };

	return ppoll(&p, 1, seconds < 0 ? NULL : &ts, &while_waiting) == 1;
}

int td_cli_ended_by_daemon(const struct cli_options *opt)
{
	int fd = td_cli_connect(opt->path);

	if (fd >= 0) {
		close(fd);
		fprintf(stderr, "tandem: ended by the daemon\n");
		return TD_CTL_OK;
	}
	fprintf(stderr, "tandem: the daemon is gone\n");
	return TD_CTL_NO_DAEMON;
}

static int take_one(struct screen *s, int fd, json_object *answer)
{
	json_object *msg, *data;
	const char *line;
	int rc = td_cli_receive(fd, &msg);

	if (rc <= 0)
		return rc;
	line = td_cli_text(msg, "line");
	if (line)
		show_line(s, line);
	else if (json_object_object_get_ex(msg, "data", &data))
		show(s, data, answer);
	json_object_put(msg);
	return 1;
}

int td_cli_stream(const struct cli_options *opt, int fd, json_object *answer)
{
	bool table = td_cli_text(answer, "columns");
	struct screen s;
	json_object *data;
	int rc = 1;

	td_cli_catch_signals();
	screen_init(&s, opt);
	if (!table && s.tty) {	/* lines scroll; only tables are drawn in place */
		screen_fini(&s);
		s.tty = false;
	}
	if (json_object_object_get_ex(answer, "data", &data))
		show(&s, data, answer);
	while (!stopped && rc == 1)
		if (td_cli_wait(fd, -1))
			rc = take_one(&s, fd, answer);
	screen_fini(&s);
	if (stopped)
		return TD_CTL_OK;
	return td_cli_ended_by_daemon(opt);
}

/* ---- we ask ---- */

int td_cli_watch(const struct cli_options *opt)
{
	struct screen s;
	json_object *answer = NULL, *data;
	int fd, rc = TD_CTL_OK;

	td_cli_catch_signals();
	rc = td_cli_ask(opt->path, opt->words, opt->n_words, &fd, &answer);
	if (rc == TD_CTL_OK && json_object_object_get_ex(answer, "stream", &data)) {
		rc = td_cli_stream(opt, fd, answer);
		goto out;
	}
	if (rc != TD_CTL_OK)
		goto refused;
	screen_init(&s, opt);
	while (!stopped && rc == TD_CTL_OK) {
		json_object_object_get_ex(answer, "data", &data);
		show(&s, data, answer);
		td_cli_wait(-1, opt->watch_s);
		if (stopped)
			break;
		close(fd);
		json_object_put(answer);
		rc = td_cli_ask(opt->path, opt->words, opt->n_words, &fd, &answer);
	}
	screen_fini(&s);
refused:
	if (rc != TD_CTL_OK && answer && td_cli_text(answer, "error"))
		fprintf(stderr, "tandem: %s\n", td_cli_text(answer, "error"));
out:
	if (fd >= 0)
		close(fd);
	json_object_put(answer);
	return stopped ? TD_CTL_OK : rc;
}
