// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of phones, joined with the rest: what they call this router, and that a phone whose file
 * has changed starts again, and no other; the TFTP server that they are fetched from.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"
#include "userspace/prov/files.h"
#include "userspace/prov/http.h"
#include "userspace/prov/tftp.h"
#include "userspace/prov/trust.h"

#define PHONES_HTTP_PORT 6970		/* in their firmware */

/* How well an address may stand for this router: 0 = not at all. */
static int rank(const struct td_config *cfg, const struct ifaddrs *i, const struct td_addr *a)
{
	if (!(i->ifa_flags & IFF_UP) || (i->ifa_flags & IFF_LOOPBACK) || a->scope ||
	    td_addr_is_link_local(a))
		return 0;
	for (size_t k = 0; k < cfg->global.n_interface; k++)
		if (!strcmp(cfg->global.interface[k], i->ifa_name))
			return 2;
	return 1;
}

/* An address of each family, of the phones' own networks when they are configured. */
static void our_addresses(const struct td_config *cfg, struct td_addr ours[2])
{
	struct ifaddrs *all, *i;
	int best[2] = { 0 };

	memset(ours, 0, 2 * sizeof(*ours));
	if (getifaddrs(&all))
		return;
	for (i = all; i; i = i->ifa_next) {
		struct td_addr a;
		int r, six;

		if (!i->ifa_addr || td_addr_from_sockaddr(&a, i->ifa_addr))
			continue;
		six = !td_addr_is_v4(&a);
		r = rank(cfg, i, &a);
		if (r <= best[six])
			continue;
		best[six] = r;
		ours[six] = a;
		ours[six].port = 0;
	}
	freeifaddrs(all);
}

static void on_changed(void *arg, const struct cfg_phone *phone)
{
	struct tandem *t = arg;
	int n = 0;

	if (phone->protocol == CFG_PROTO_SCCP)
		n = td_sccp_reset(t->sccp, phone->id, false);
	else
		n = td_sip_file_changed(t->sip, phone->id);
	td_log_info(TD_LOG_APP, "phone=%s file changed%s", phone->id,
		    n > 0 ? ", it restarts" : ", it is read at its next start");
}

/* For the SIP driver. Before the files are there nothing is known of them. */
void td_provision_versions(void *arg, const uint8_t mac[6], struct td_sip_versions *v)
{
	const struct tandem *t = arg;
	struct td_file_versions files = { 0 };

	if (t->files)
		td_files_versions(t->files, mac, &files);
	td_strlcpy(v->config, files.config, sizeof(v->config));
	td_strlcpy(v->dialplan, files.dialplan, sizeof(v->dialplan));
	td_strlcpy(v->softkey, files.softkey, sizeof(v->softkey));
	td_strlcpy(v->feature, files.feature, sizeof(v->feature));
}

/* ---- whom phones trust ---- */

/* Without a key files are served as ever, and not signed. */
static void trust_configure(struct tandem *t)
{
	char why[600];

	if (t->config->provision.trust && !t->trust) {
		if (td_trust_open(&t->trust, t->opt.state_dir, why, sizeof(why)))
			td_log_err(TD_LOG_APP, "phones get no signed files: %s", why);
	} else if (!t->config->provision.trust) {
		td_trust_close(t->trust);
		t->trust = NULL;
	}
}

/* ---- TFTP ---- */

/* On a server's thread, with sockets and lease files of its own. */
static enum td_identity_is holds(void *arg, const struct td_addr *host, const struct td_name *file)
{
	return td_identity_is(arg, host, file->mac, &file->address);
}

static bool is_wanted(const struct td_config *cfg, uint32_t option)
{
	size_t i;

	if (option != CFG_ENABLE_AUTO)
		return option == CFG_ENABLE_ON;
	for (i = 0; i < cfg->n_phones; i++)
		if (cfg->phones[i].has_mac)
			return true;
	return false;
}

static int port_from_master(struct tandem *t, uint32_t family)
{
	struct td_master_msg msg = { .mode = family };
	int fd = -1, err = td_app_ask_master(t, TD_MASTER_TFTP, &msg, &fd);

	if (err && err != -EAFNOSUPPORT)
		td_log_err(TD_LOG_APP, "tftp: port 69 for IPv%u: %s; who has it: ss -lnup sport = 69",
			   family, strerror(-err));
	return err ? -1 : fd;
}

/* Phones can do without for a while: what goes wrong here is told, and is not the end. */
static void tftp_start(struct tandem *t)
{
	struct td_tftp_args args = {
		.fds = { port_from_master(t, 4), port_from_master(t, 6) },
		.dscp = t->config->global.dscp[TD_DSCP_SERVICE], .holds = holds,
		.trust = t->trust, .fetched = td_fetches_tftp, .fetched_arg = t,
	};
	int err;

	if (args.fds[0] < 0 && args.fds[1] < 0)
		return;
	err = td_identity_open(&t->tftp_identity, t->config);
	args.arg = t->tftp_identity;
	if (!err)
		err = td_tftp_start(&t->tftp, &args);
	if (err) {
		td_log_err(TD_LOG_APP, "tftp: %s", strerror(-err));
		td_identity_close(t->tftp_identity);
		t->tftp_identity = NULL;
	} else if (td_files_names(t->files)) {
		td_tftp_post(t->tftp, td_files_names(t->files));
	}
}

static void tftp_stop(struct tandem *t)
{
	td_tftp_stop(t->tftp);
	td_identity_close(t->tftp_identity);
	t->tftp = NULL;
	t->tftp_identity = NULL;
}

/* ---- HTTP ---- */

static void http_start(struct tandem *t)
{
	const struct cfg_provision *p = &t->config->provision;
	struct td_http_args args = {
		.port = (uint16_t)p->http_port, .allow = p->http_allow, .n_allow = p->n_http_allow,
		.dscp = t->config->global.dscp[TD_DSCP_SERVICE], .holds = holds,
		.trust = t->trust, .fetched = td_fetches_http, .fetched_arg = t,
	};
	int err = td_identity_open(&t->http_identity, t->config);

	args.arg = t->http_identity;
	if (!err)
		err = td_http_start(&t->http, &args);
	if (err == -EADDRINUSE)
		td_log_err(TD_LOG_APP, "http: invalid port number or port in use by other "
			   "application: %u; phones ask TFTP; who has it: ss -lntp sport = %u",
			   p->http_port, p->http_port);
	else if (err)
		td_log_err(TD_LOG_APP, "http: %s", strerror(-err));
	else if (td_files_names(t->files))
		td_http_post(t->http, td_files_names(t->files));
	if (!err && p->http_port != PHONES_HTTP_PORT)
		td_log_warn(TD_LOG_APP, "http: port %u; phones ask port %u and no other", p->http_port,
			    PHONES_HTTP_PORT);
	if (err) {
		td_identity_close(t->http_identity);
		t->http_identity = NULL;
	}
}

static void http_stop(struct tandem *t)
{
	td_http_stop(t->http);
	td_identity_close(t->http_identity);
	t->http = NULL;
	t->http_identity = NULL;
}

static bool http_differs(const struct cfg_provision *a, const struct cfg_provision *b)
{
	return a->http_port != b->http_port || a->n_http_allow != b->n_http_allow ||
	       memcmp(a->http_allow, b->http_allow, sizeof(a->http_allow)) != 0;
}

static bool leases_differ(const struct cfg_provision *a, const struct cfg_provision *b)
{
	return a->n_lease_file != b->n_lease_file ||
	       memcmp(a->lease_file, b->lease_file, sizeof(a->lease_file)) != 0;
}

static void on_published(void *arg, const struct td_names *names)
{
	struct tandem *t = arg;

	if (t->tftp)
		td_tftp_post(t->tftp, names);
	if (t->http)
		td_http_post(t->http, names);
	td_sync_files_made(t->sync);
}

/* Of the primary, when we are the secondary. */
static const char *version_of(void *arg, const char *name)
{
	const struct tandem *t = arg;

	return t->sync ? td_sync_version_of(t->sync, name) : NULL;
}

static void serve(struct tandem *t)
{
	bool tftp = is_wanted(t->config, t->config->provision.tftp);
	bool http = is_wanted(t->config, t->config->provision.http_enable);

	if (tftp && !t->tftp)
		tftp_start(t);
	else if (!tftp && t->tftp)
		tftp_stop(t);
	if (http && !t->http)
		http_start(t);
	else if (!http && t->http)
		http_stop(t);
}

void td_provision_configure(struct tandem *t, const struct td_config *old)
{
	if (old->provision.trust != t->config->provision.trust) {
		tftp_stop(t);		/* each thread signs by itself */
		http_stop(t);
	}
	/* nothing reads the old one's key any more: a run that is under way begins anew */
	trust_configure(t);
	td_files_configure(t->files, t->config, t->trust);
	if (leases_differ(&old->provision, &t->config->provision)) {
		if (td_identity_configure(t->identity, t->config))
			td_log_err(TD_LOG_APP, "the lease files cannot be read");
		tftp_stop(t);		/* each thread has files of its own */
		http_stop(t);
	}
	if (t->http && http_differs(&old->provision, &t->config->provision))
		http_stop(t);
	serve(t);
}

void td_provision_stop(struct tandem *t)
{
	http_stop(t);
	tftp_stop(t);
	td_fetches_stop(t);
	td_files_stop(t->files);
	td_trust_close(t->trust);
}

int td_provision_start(struct tandem *t)
{
	struct td_files_args args = {
		.loop = t->loop, .config = t->config, .published = on_published,
		.changed = on_changed, .version_of = version_of, .arg = t,
	};
	int err;

	trust_configure(t);
	args.trust = t->trust;
	our_addresses(t->config, args.ours);
	err = td_fetches_start(t);
	if (!err)
		err = td_files_start(&t->files, &args);
	if (!err)
		serve(t);
	return err;
}
