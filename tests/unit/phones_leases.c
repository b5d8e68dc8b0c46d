/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lease files: lines of dnsmasq and odhcpd, what is no lease, and a file that changes while it
 * is watched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/phones/leases.h"

static void is_lease(const char *line, const char *addr, const char *mac, uint64_t until)
{
	char text[TD_ADDR_STRLEN], hex[13];
	struct td_lease l;

	assert_int_equal(td_lease_read(td_str_of(line), &l), 0);
	assert_string_equal(td_addr_ip(&l.addr, text), addr);
	td_hex(hex, l.mac, 6);
	assert_string_equal(hex, mac);
	assert_int_equal(l.until, until);
}

static void is_not(const char *line, int err)
{
	struct td_lease l;

	assert_int_equal(td_lease_read(td_str_of(line), &l), err);
}

static void lines(void **state)
{
	(void)state;
	is_lease("1795745471 00:11:22:33:44:5A 10.1.0.77 SEP00112233445A 01:00:11:22:33:44:5a",
		 "10.1.0.77", "00112233445a", 1795745471);
	is_lease("0 00:11:22:33:44:5a 10.1.0.77 * *", "10.1.0.77", "00112233445a", 0);
	is_lease("86400 00:11:22:33:44:5a 10.1.0.77 * *\r", "10.1.0.77", "00112233445a", 0);
	is_lease("1795745471 7 2001:db8::7 * 00:01:00:01:2c:1e:7b:00:00:11:22:33:44:5a",
		 "2001:db8::7", "00112233445a", 1795745471);
	is_lease("1795745471 T7 2001:db8::7 * 00:03:00:01:00:11:22:33:44:5a", "2001:db8::7",
		 "00112233445a", 1795745471);
	is_lease("# br-lan 00112233445a ipv4 - 1795745471 a01004d 32 10.1.0.77/32", "10.1.0.77",
		 "00112233445a", 1795745471);
}

static void odhcpd6(void **state)
{
	(void)state;
	is_lease("# br-lan 00030001001122334455 1 phone -1 7 128 2001:db8::7/128", "2001:db8::7",
		 "001122334455", 0);
	is_not("# br-lan 00030001001122334455 1 phone -1 7 64 2001:db8:1::/64", -ENOENT);
	is_not("# br-lan 00020001001122334455 1 phone -1 7 128 2001:db8::7/128", -ENOENT);
}

static void not_leases(void **state)
{
	(void)state;
	is_not("", -ENOENT);
	is_not("   ", -ENOENT);
	is_not("duid 00:01:00:01:2c:1e:7b:00:00:11:22:33:44:5a", -ENOENT);
	is_not("#comment", -ENOENT);
	is_not("10.1.0.77 phone", -ENOENT);		/* odhcpd's file is a hosts file, too */
	is_not("1795745471 06-00:11:22:33:44:5a 10.1.0.77 * *", -ENOENT);
	is_not("1795745471 00:11:22:33:44 10.1.0.77 * *", -EBADMSG);
	is_not("1795745471 00:11:22:33:44:5a:6b 10.1.0.77 * *", -EBADMSG);
	is_not("1795745471 00:11:22:33:44:5g 10.1.0.77 * *", -EBADMSG);
	is_not("1795745471 00:11:22:33:44:5a 10.1.0.777 * *", -EBADMSG);
	is_not("1795745471 00:11:22:33:44:5a 10.1.0.77:5060 * *", -EBADMSG);
	is_not("1795745471 00:11:22:33:44:5a 0.0.0.0 * *", -EBADMSG);
	is_not("soon 00:11:22:33:44:5a 10.1.0.77 * *", -EBADMSG);
	is_not("1795745471 7 2001:db8::7 *", -EBADMSG);
	is_not("1 2 3", -EBADMSG);
}

/* ---- a file ---- */

static void put(const char *path, const char *text, bool rename_it)
{
	char other[256];
	FILE *f;

	snprintf(other, sizeof(other), "%s%s", path, rename_it ? ".new" : "");
	f = fopen(other, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	if (rename_it)
		assert_int_equal(rename(other, path), 0);
}

static bool has(struct td_leases *l, const char *addr, uint8_t last)
{
	const struct td_lease *lease;
	struct td_addr a;

	assert_int_equal(td_addr_parse(&a, addr), 0);
	for (int i = 0; i < 300; i++) {		/* it is not read again at once */
		lease = td_leases_by_addr(l, &a);
		if (last ? lease && lease->mac[5] == last : !lease)
			return true;
		usleep(10000);
	}
	return false;
}

static void watched(void **state)
{
	const uint8_t five[6] = { 0, 0, 0, 0, 0, 5 };
	char folder[] = "/tmp/td-leases.XXXXXX", path[80], sub[64], text[512];
	const char *files[] = { path };
	long live = td_mem_live();
	struct td_leases *l;
	unsigned long now = (unsigned long)time(NULL);

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(sub, sizeof(sub), "%s/later", folder);
	snprintf(path, sizeof(path), "%s/leases", sub);
	assert_int_equal(td_leases_open(&l, files, 1), 0);
	assert_true(has(l, "10.1.0.5", 0));
	assert_false(td_leases_any(l));
	/* the folder comes later than we */
	assert_int_equal(mkdir(sub, 0755), 0);
	put(path, "0 00:00:00:00:00:05 10.1.0.5 * *\nrubbish here and there\n", false);
	assert_true(has(l, "10.1.0.5", 5));
	assert_true(td_leases_any(l));
	assert_non_null(td_leases_by_mac(l, five));
	/* the last line of an address counts; what is over does not */
	snprintf(text, sizeof(text), "0 00:00:00:00:00:05 10.1.0.5 * *\n0 00:00:00:00:00:06 10.1.0.5 * *\n"
		 "%lu 00:00:00:00:00:08 10.1.0.8 * *\n%lu 00:00:00:00:00:09 10.1.0.9 * *", now - 10,
		 now + 100);
	put(path, text, true);
	assert_true(has(l, "10.1.0.5", 6));
	assert_null(td_leases_by_mac(l, five));
	assert_true(has(l, "10.1.0.8", 0));
	assert_true(has(l, "10.1.0.9", 9));
	/* anybody may write it: it says nothing */
	assert_int_equal(chmod(path, 0666), 0);
	assert_true(has(l, "10.1.0.9", 0));
	assert_int_equal(chmod(path, 0644), 0);
	assert_true(has(l, "10.1.0.9", 9));
	/* no way through a link */
	snprintf(text, sizeof(text), "%s/else", folder);
	assert_int_equal(rename(path, text), 0);
	assert_int_equal(symlink(text, path), 0);
	assert_true(has(l, "10.1.0.9", 0));
	unlink(path);
	unlink(text);
	rmdir(sub);
	rmdir(folder);
	td_leases_close(l);
	assert_int_equal(td_mem_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(odhcpd6),
		cmocka_unit_test(not_leases),
		cmocka_unit_test(watched),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
