/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the other router tells of registrations, after its proof was right: bodies of frames, one
 * after the other (type, length in two bytes, body), and the records in them when they are taken
 * over. An id is taken once; a record that is taken makes sense.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/cluster/cluster_priv.h"
#include "userspace/sip/sip_registrations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

static int adopt(void *arg, struct td_buf *record, uint32_t age_s)
{
	struct sip_binding b;
	char phone[CFG_ID_LEN];
	uint32_t left_s;
	size_t *taken = arg;

	must(age_s == 0);
	if (td_sip_move_read(record, phone, &b, &left_s))
		return -EBADMSG;
	must(memchr(phone, 0, sizeof(phone)) && memchr(b.aor, 0, sizeof(b.aor)) &&
	     memchr(b.uri, 0, sizeof(b.uri)) && memchr(b.instance, 0, sizeof(b.instance)) &&
	     memchr(b.call_id, 0, sizeof(b.call_id)));
	must(!strpbrk(b.uri, " \r\n<>\""));
	++*taken;
	return 0;
}

static void feed(struct cluster_follower *fw, const uint8_t *data, size_t size)
{
	while (size >= 3) {
		static const uint8_t types[] = { CLUSTER_THING, CLUSTER_NO_THING, CLUSTER_THINGS_ANEW,
						 CLUSTER_THINGS_WHOLE, CLUSTER_CALL };
		size_t len = (size_t)(data[1] & 0x0f) << 8 | data[2], before = fw->things.count;
		struct cluster_frame f = { .type = types[data[0] % 5] };
		uint8_t *copy;
		bool fine;

		len = len < size - 3 ? len : size - 3;
		copy = malloc(len + 1);	/* of its own, so that a byte too many is seen */
		memcpy(copy, data + 3, len);
		f.body = copy;
		f.len = len;
		fine = cluster_things_heard(fw, &f);
		must(fine || fw->things.count == before);
		must(f.type != CLUSTER_CALL || !fine);
		must(fw->things.count <= before + 1);
		free(copy);
		data += 3 + len;
		size -= 3 + len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct td_cluster c;
	size_t taken = 0, first;

	memset(&c, 0, sizeof(c));
	c.loop = td_loop_new_epoll();
	c.mine = (struct td_cluster_things){ .adopt = adopt, .arg = &taken };
	c.follower.c = &c;
	td_map_init(&c.follower.things);
	feed(&c.follower, data, size);
	first = cluster_copies_take(&c.follower.things, &c.mine, td_loop_now_ms(c.loop));
	must(first == taken && first <= c.follower.things.count);
	must(cluster_copies_take(&c.follower.things, &c.mine, td_loop_now_ms(c.loop)) == 0);
	cluster_copies_give_back(&c.follower.things);
	must(cluster_copies_take(&c.follower.things, &c.mine, td_loop_now_ms(c.loop)) == first);
	cluster_copies_fini(&c.follower.things);
	td_loop_free(c.loop);
	return 0;
}
