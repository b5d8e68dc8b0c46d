/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A JSON writer: append-only, grows, keeps its first error. Commas and escaping are
 * its business. Invalid UTF-8 from peers becomes U+FFFD. Reading JSON is not done here.
 */
#ifndef TD_BASE_JSON_H
#define TD_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct td_json {
	char *text;			/* terminated */
	size_t len, cap;
	bool need_comma;
	int err;			/* 0 or -ENOMEM */
};

void td_json_init(struct td_json *j);
void td_json_fini(struct td_json *j);
/** key is NULL inside an array and for the outermost value. */
void td_json_object(struct td_json *j, const char *key);
void td_json_array(struct td_json *j, const char *key);
void td_json_end_object(struct td_json *j);
void td_json_end_array(struct td_json *j);
void td_json_str(struct td_json *j, const char *key, const char *value);	/* NULL: null */
void td_json_strn(struct td_json *j, const char *key, const char *value, size_t len);
void td_json_int(struct td_json *j, const char *key, int64_t value);
void td_json_u64(struct td_json *j, const char *key, uint64_t value);
void td_json_fixed(struct td_json *j, const char *key, double value, int decimals);
/** Null when it is not known. */
void td_json_fixed_or_null(struct td_json *j, const char *key, double value, int decimals,
			   bool known);
void td_json_bool(struct td_json *j, const char *key, bool value);
void td_json_null(struct td_json *j, const char *key);

#endif
