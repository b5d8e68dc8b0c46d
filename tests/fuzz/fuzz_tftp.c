/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TFTP packets from anybody: what is read lies in the packet, and is within its limits. */
#include <stdlib.h>

#include "userspace/prov/tftp_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftp_request r;
	uint8_t oack[128];
	struct td_buf b;
	uint16_t block;

	if (!td_tftp_read_request(&r, data, size)) {
		if (r.file.p < (const char *)data || r.file.p + r.file.len >= (const char *)data + size)
			abort();
		if (r.blksize > 65464 || (r.blksize && r.blksize < 8) || r.timeout_s > 255 ||
		    r.windowsize > 65535)
			abort();
		td_buf_init(&b, oack, sizeof(oack));
		td_tftp_put_oack(&b, &r, UINT64_MAX);
		if (td_buf_err(&b))
			abort();
	}
	td_tftp_read_ack(&block, data, size);
	td_tftp_is_error(data, size);
	return 0;
}
