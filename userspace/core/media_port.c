/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include "userspace/core/media_port.h"

const char *td_media_path_word(enum td_media_path path)
{
	switch (path) {
	case TD_PATH_XDP:
		return "xdp";
	case TD_PATH_RELAY:
		return "relay";
	case TD_PATH_LOCAL:
		return "local";
	case TD_PATH_AROUND:
		return "around";
	case TD_PATH_NONE:
		break;
	}
	return NULL;
}
