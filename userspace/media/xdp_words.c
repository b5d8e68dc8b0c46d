// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What libbpf and libxdp say goes to the log at level debug, and the first warning is kept:
 * it tells the cause, for the sentence that explains a failure. Not in a context, for their print
 * functions get none; the master has one thread.
 */
#include "userspace/media/xdp_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <xdp/libxdp.h>

#include "userspace/base/log.h"

static char first_warning[160];

__attribute__((format(printf, 2, 0)))
static void take(bool warning, const char *fmt, va_list args)
{
	char line[512], *text;

	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	text = line + strspn(line, " ");
	if (warning && !first_warning[0])
		snprintf(first_warning, sizeof(first_warning), "%.150s", text);
	td_log_dbg(TD_LOG_MEDIA, "%s%s", strncmp(text, "lib", 3) ? "libbpf: " : "", text);
}

__attribute__((format(printf, 2, 0)))
static int on_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (level != LIBBPF_DEBUG)
		take(level == LIBBPF_WARN, fmt, args);
	return 0;
}

__attribute__((format(printf, 2, 0)))
static int on_libxdp(enum libxdp_print_level level, const char *fmt, va_list args)
{
	if (level != LIBXDP_DEBUG)
		take(level == LIBXDP_WARN, fmt, args);
	return 0;
}

void td_xdp_listen(void)
{
	first_warning[0] = '\0';
	libbpf_set_print(on_libbpf);
	libxdp_set_print(on_libxdp);
}

const char *td_xdp_words(void)
{
	return first_warning[0] ? first_warning : "no word of the library";
}
