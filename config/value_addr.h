/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the kinds of values that are addresses. See value.c for the table that they are
 * rows of.
 */
#ifndef TD_CONFIG_VALUE_ADDR_H
#define TD_CONFIG_VALUE_ADDR_H

#include "config/value.h"

int td_value_read_peer(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault);
int td_value_read_ip(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault);
int td_value_read_address(const struct schema_option *o, const struct uci_value *v, void *dst,
			  struct value_fault *fault);
int td_value_read_group(const struct schema_option *o, const struct uci_value *v, void *dst,
			struct value_fault *fault);
int td_value_read_rtp(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault);
void td_value_print_ip(const struct schema_option *o, const void *src, char *dst, size_t size);
void td_value_print_address(const struct schema_option *o, const void *src, char *dst, size_t size);
int td_value_read_prefix(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault);
void td_value_print_prefix(const struct schema_option *o, const void *src, char *dst, size_t size);
int td_value_read_mac(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault);
void td_value_print_mac(const struct schema_option *o, const void *src, char *dst, size_t size);

#endif
