/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How phones outside come in: vpn-group with its gateways, and vpn-profile, both below voice service
 * voip. A phone names one of each; here both are one section vpnprofile.
 */
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

/* "vpn-group 1": its gateways follow */
void td_ios_take_vpn_group(struct ios *in, const char *const *arg, size_t n)
{
	td_strlcpy(in->host, n ? arg[0] : "", sizeof(in->host));
	td_ios_not_needed(in, "gateways stand in the profile");
}

/* "vpn-gateway 1 https://192.0.2.1/phones" */
void td_ios_take_vpn_gateway(struct ios *in, const char *const *arg, size_t n)
{
	if (n < 2) {
		td_ios_not_supported(in, "which gateway?");
		return;
	}
	td_ios_taken(in, "a gateway of group %s", in->host);
	td_ios_later(in, IOS_LATE_GATEWAY, in->host, arg[1], NULL);
}

void td_ios_take_vpn_profile(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_section(in, "vpnprofile", "vpn%s", arg[0]);
	else
		td_ios_not_supported(in, "which profile?");
}

/* Lines of a profile; outside of one they mean nothing. */
static bool in_profile(struct ios *in)
{
	if (!strcmp(in->type, "vpnprofile"))
		return true;
	td_ios_not_supported(in, "a part of a VPN profile, but there is none");
	return false;
}

static void take_value(struct ios *in, const char *option, const char *const *arg, size_t n)
{
	if (n && in_profile(in))
		td_ios_set(in, NULL, NULL, option, arg[0]);
}

static void take_switch(struct ios *in, const char *option, const char *const *arg, size_t n)
{
	if (in_profile(in))
		td_ios_set(in, NULL, NULL, option,
			   in->line->negated || (n && td_ios_is(arg[0], "disable")) ? "0" : "1");
}

void td_ios_take_vpn_keepalive(struct ios *in, const char *const *arg, size_t n)
{
	take_value(in, "keepalive", arg, n);
}

void td_ios_take_vpn_mtu(struct ios *in, const char *const *arg, size_t n)
{
	take_value(in, "mtu", arg, n);
}

void td_ios_take_vpn_time(struct ios *in, const char *const *arg, size_t n)
{
	take_value(in, "fail_connect_time", arg, n);
}

void td_ios_take_vpn_authen(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const certificate[] = { "certificate" };

	take_value(in, "auth", n && td_ios_is(arg[0], certificate[0]) ? certificate : arg, n);
}

void td_ios_take_vpn_detect(struct ios *in, const char *const *arg, size_t n)
{
	take_switch(in, "auto_network_detect", arg, n);
}

void td_ios_take_vpn_host_id(struct ios *in, const char *const *arg, size_t n)
{
	take_switch(in, "host_id_check", arg, n);
}

void td_ios_take_vpn_persistent(struct ios *in, const char *const *arg, size_t n)
{
	take_switch(in, "password_persistent", arg, n);
}

/* ---- of a phone ---- */

void td_ios_take_phone_vpn_profile(struct ios *in, const char *const *arg, size_t n)
{
	char name[64];

	if (!n)
		return;
	td_ios_name(name, sizeof(name), "vpn", arg[0]);
	td_ios_set(in, NULL, NULL, "vpn", name);
}

void td_ios_take_phone_vpn_group(struct ios *in, const char *const *arg, size_t n)
{
	td_ios_not_needed(in, "gateways stand in the profile");
	if (n)
		td_ios_later(in, IOS_LATE_VPN_GROUP, in->name, arg[0], NULL);
}

/* ---- when all lines are read ---- */

static bool has_url(const struct uci_section *s, const char *url)
{
	for (size_t i = 0; i < s->n_options; i++)
		if (!strcmp(s->options[i].name, "url") && !strcmp(s->options[i].value, url))
			return true;
	return false;
}

/* group NULL: of all groups */
static void add_gateways(struct ios *in, struct uci_section *profile, const char *group)
{
	for (size_t i = 0; i < in->n_late; i++) {
		const struct ios_late *l = &in->late[i];

		if (l->kind == IOS_LATE_GATEWAY && (!group || !strcmp(l->name, group)) &&
		    !has_url(profile, l->what))
			in->no_memory |= td_uci_out_put(profile, "url", l->what, true, l->source);
	}
}

void td_ios_settle_vpn(struct ios *in)
{
	for (size_t i = 0; i < in->n_late; i++) {
		const struct ios_late *l = &in->late[i];
		const char *vpn = l->kind != IOS_LATE_VPN_GROUP ? NULL :
				  td_uci_out_get(td_uci_out_find(&in->out, "phone", l->name), "vpn");
		struct uci_section *profile = vpn ? td_uci_out_find(&in->out, "vpnprofile", vpn) : NULL;

		if (profile)
			add_gateways(in, profile, l->what);
	}
	/* profiles whose group no phone has named */
	for (size_t i = 0; i < in->out.n_sections; i++)
		if (!strcmp(in->out.sections[i].type, "vpnprofile") &&
		    !td_uci_out_get(&in->out.sections[i], "url"))
			add_gateways(in, &in->out.sections[i], NULL);
}
