// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the DHCP server has to tell phones, in its own words: where their files are (option 150,
 * the routers by priority; 66, the first of them for phones of others), what time it is (42) and
 * the VLAN for voice (132, of phones that do not learn it from the switch).
 *
 * For dnsmasq it is a file of the folder that dhcp-optsdir names: that folder is watched, so a
 * change needs no signal, and names that begin with a dot are passed by. For OpenWrt it is a batch
 * for uci, whose section serves dnsmasq there.
 */
#include "userspace/prov/dhcp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/buf.h"
#include "userspace/base/log.h"

#define MAX_TEXT 1024
#define CLASS	 "tandem_phones"

/* ---- the text ---- */

static void option(struct td_buf *b, const struct cfg_provision *p, unsigned int number,
		   const char *value)
{
	if (p->dhcp == CFG_DHCP_UCI)
		td_buf_printf(b, "add_list dhcp." CLASS ".dhcp_option='%u,%s'\n", number, value);
	else if (p->dhcp_tag[0])
		td_buf_printf(b, "tag:%s,%u,%s\n", p->dhcp_tag, number, value);
	else
		td_buf_printf(b, "%u,%s\n", number, value);
}

static void head(struct td_buf *b, const struct cfg_provision *p)
{
	if (p->dhcp == CFG_DHCP_UCI)
		td_buf_printf(b, "set dhcp." CLASS "=vendorclass\n"
			      "set dhcp." CLASS ".networkid='%s'\n"
			      "set dhcp." CLASS ".vendorclass='Cisco Systems'\n"
			      "delete dhcp." CLASS ".dhcp_option\n",
			      p->dhcp_tag[0] ? p->dhcp_tag : "ciscophone");
	else
		td_buf_printf(b, "# made by tandemd: dhcp of section provision\n");
}

static bool is_v4(const char *text)
{
	struct td_addr a;

	return !td_addr_parse(&a, text) && td_addr_is_v4(&a) && !a.port;
}

/* Which protocol decides when each has an address of its own? What phones there are. */
static uint32_t protocol_of(const struct td_config *cfg)
{
	for (size_t i = 0; i < cfg->n_phones; i++)
		if (cfg->phones[i].protocol == CFG_PROTO_SCCP)
			return CFG_PROTO_SCCP;
	return CFG_PROTO_SIP;
}

size_t td_dhcp_text(const struct td_maker *m, char *dst, size_t size)
{
	const struct cfg_provision *p = &m->cfg->provision;
	char router[2][64], both[132] = "", vlan[16];
	struct td_buf b;
	size_t n = td_maker_routers(m, protocol_of(m->cfg), router);

	td_buf_init(&b, dst, size - 1);
	head(&b, p);
	for (size_t i = 0; i < n; i++)
		if (is_v4(router[i]))
			snprintf(both + strlen(both), sizeof(both) - strlen(both), "%s%s",
				 both[0] ? "," : "", router[i]);
	if (both[0]) {
		option(&b, p, 150, both);
		both[strcspn(both, ",")] = '\0';
		option(&b, p, 66, both);
	}
	if (is_v4(m->cfg->sip.ntp_server))
		option(&b, p, 42, m->cfg->sip.ntp_server);
	if (p->voice_vlan) {
		snprintf(vlan, sizeof(vlan), "\"%u\"", p->voice_vlan);
		option(&b, p, 132, vlan);
	}
	dst[b.pos] = '\0';
	return td_buf_err(&b) ? 0 : b.pos;
}

/* ---- the file ---- */

static bool is_there(const char *path, const char *text, size_t len)
{
	char now[MAX_TEXT];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, now, sizeof(now));
	close(fd);
	return n == (ssize_t)len && !memcmp(now, text, len);
}

/* Beside it, under a name that the server does not read, and renamed. */
static int replace(const char *path, const char *text, size_t len)
{
	const char *name = strrchr(path, '/') + 1;
	char fresh[CFG_PATH_LEN + 8];
	int fd, err = 0;

	snprintf(fresh, sizeof(fresh), "%.*s.%s.new", (int)(name - path), path, name);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0644) || write(fd, text, len) != (ssize_t)len)
		err = errno ? -errno : -EIO;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(fresh, path))
		err = -errno;
	if (err)
		unlink(fresh);
	return err;
}

int td_dhcp_write(const struct td_maker *m, char written[CFG_PATH_LEN])
{
	const struct cfg_provision *p = &m->cfg->provision;
	const char *path = p->dhcp == CFG_DHCP_OFF ? "" : p->dhcp_file;
	char text[MAX_TEXT];
	size_t len;
	int err;

	if (written[0] && strcmp(written, path)) {
		if (unlink(written) && errno != ENOENT)
			td_log_warn(TD_LOG_PROV, "dhcp file=%s stays: %s", written,
				    strerror(errno));
		written[0] = '\0';
	}
	if (!path[0])
		return 0;
	len = td_dhcp_text(m, text, sizeof(text));
	if (is_there(path, text, len)) {
		td_strlcpy(written, path, CFG_PATH_LEN);
		return 0;
	}
	err = replace(path, text, len);
	if (err) {
		td_log_err(TD_LOG_PROV, "dhcp file=%s cannot be written: %s; its folder must be "
			   "writable for user tandem", path, strerror(-err));
		return err;
	}
	td_strlcpy(written, path, CFG_PATH_LEN);
	td_log_info(TD_LOG_PROV, "dhcp file=%s written", path);
	return 0;
}
