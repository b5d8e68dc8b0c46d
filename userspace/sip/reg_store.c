/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "userspace/sip/reg_store.h"

#include <string.h>

#include "userspace/base/str.h"

enum {
	ID, PHONE, AOR, URI, INSTANCE, CALL_ID, CALL_HASH, CSEQ, PEER, LOCAL, TRANSPORT, EXPIRES_MS,
	REGISTERED_MS, N_COLUMNS
};

static const struct td_store_column columns[N_COLUMNS] = {
	[ID] = { "id", TD_STORE_INT },
	[PHONE] = { "phone", TD_STORE_TEXT },
	[AOR] = { "aor", TD_STORE_TEXT },
	[URI] = { "uri", TD_STORE_TEXT },
	[INSTANCE] = { "instance", TD_STORE_TEXT },
	[CALL_ID] = { "call_id", TD_STORE_TEXT },
	[CALL_HASH] = { "call_hash", TD_STORE_INT },
	[CSEQ] = { "cseq", TD_STORE_INT },
	[PEER] = { "peer", TD_STORE_TEXT },
	[LOCAL] = { "local", TD_STORE_TEXT },
	[TRANSPORT] = { "tcp", TD_STORE_INT },	/* enum sip_transport */
	[EXPIRES_MS] = { "expires_ms", TD_STORE_INT },
	[REGISTERED_MS] = { "registered_ms", TD_STORE_INT },
};

const struct td_store_table td_reg_table = { "registration", columns, N_COLUMNS };

bool td_reg_row_read(struct reg_row *row, const struct td_store_value *v)
{
	struct sip_binding *b = &row->b;

	memset(row, 0, sizeof(*row));
	b->id = (uint64_t)v[ID].num;
	td_strlcpy(row->phone, v[PHONE].text, sizeof(row->phone));
	td_strlcpy(b->aor, v[AOR].text, sizeof(b->aor));
	td_strlcpy(b->uri, v[URI].text, sizeof(b->uri));
	td_strlcpy(b->instance, v[INSTANCE].text, sizeof(b->instance));
	td_strlcpy(b->call_id, v[CALL_ID].text, sizeof(b->call_id));
	b->call_hash = (uint64_t)v[CALL_HASH].num;
	b->cseq = (uint32_t)v[CSEQ].num;
	b->transport = v[TRANSPORT].num <= SIP_TLS ? (enum sip_transport)v[TRANSPORT].num : SIP_TCP;
	row->expires_wall_ms = (uint64_t)v[EXPIRES_MS].num;
	b->registered_ms = (uint64_t)v[REGISTERED_MS].num;
	return !td_addr_parse(&b->peer, v[PEER].text) && !td_addr_parse(&b->local, v[LOCAL].text) &&
	       b->id && row->phone[0] && b->uri[0];
}

int64_t td_reg_row_put(struct td_store *st, int table, const char *phone,
		       const struct sip_binding *b, uint64_t expires_wall_ms)
{
	char peer[TD_ADDR_STRLEN], local[TD_ADDR_STRLEN];
	const struct td_store_value row[N_COLUMNS] = {
		[ID] = { .num = (int64_t)b->id },
		[PHONE] = { .text = phone },
		[AOR] = { .text = b->aor },
		[URI] = { .text = b->uri },
		[INSTANCE] = { .text = b->instance },
		[CALL_ID] = { .text = b->call_id },
		[CALL_HASH] = { .num = (int64_t)b->call_hash },
		[CSEQ] = { .num = b->cseq },
		[PEER] = { .text = td_addr_str(&b->peer, peer) },
		[LOCAL] = { .text = td_addr_str(&b->local, local) },
		[TRANSPORT] = { .num = b->transport },
		[EXPIRES_MS] = { .num = (int64_t)expires_wall_ms },
		[REGISTERED_MS] = { .num = (int64_t)b->registered_ms },
	};

	return td_store_put(st, table, row);
}
