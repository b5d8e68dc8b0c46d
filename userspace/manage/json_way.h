/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room-private: a way into JSON that was read. */
#ifndef TD_MANAGE_JSON_WAY_H
#define TD_MANAGE_JSON_WAY_H

#include <json-c/json.h>

/** What the keys of path, with dots between them, lead to; v's own. NULL: nothing, or null. */
json_object *td_json_way(json_object *v, const char *path);

#endif
