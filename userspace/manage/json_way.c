// SPDX-License-Identifier: GPL-2.0-or-later
/* A way into JSON that was read. */
#include "userspace/manage/json_way.h"

#include <string.h>

#include "userspace/base/str.h"

json_object *td_json_way(json_object *v, const char *path)
{
	char key[64];

	while (v && *path) {
		size_t n = strcspn(path, ".");

		td_str_copy(key, sizeof(key), (struct td_str){ path, n });
		if (!json_object_is_type(v, json_type_object) ||
		    !json_object_object_get_ex(v, key, &v))
			return NULL;
		path += n + (path[n] == '.');
	}
	return v;
}
