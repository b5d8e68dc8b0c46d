/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the kinds of values that only what is told to phones has. See value.c for the
 * table that they are rows of.
 */
#ifndef TD_CONFIG_VALUE_PHONE_H
#define TD_CONFIG_VALUE_PHONE_H

#include "config/value.h"

int td_value_read_zone(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault);
int td_value_read_url(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault);
int td_value_read_folder(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault);
int td_value_read_button(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault);
void td_value_print_button(const struct schema_option *o, const void *src, char *dst, size_t size);
int td_value_read_vendor(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault);
void td_value_print_vendor(const struct schema_option *o, const void *src, char *dst, size_t size);
int td_value_read_change(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault);
void td_value_print_change(const struct schema_option *o, const void *src, char *dst, size_t size);
int td_value_read_hours(const struct schema_option *o, const struct uci_value *v, void *dst,
			struct value_fault *fault);
void td_value_print_hours(const struct schema_option *o, const void *src, char *dst, size_t size);
int td_value_read_keys(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault);
void td_value_print_keys(const struct schema_option *o, const void *src, char *dst, size_t size);

#endif
