/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. TFTP packets as a server that only reads files sees them: RFC 1350, options of RFC 2347,
 * 2348 (blksize), 2349 (timeout, tsize) and 7440 (windowsize).
 */
#ifndef TD_PROV_TFTP_CODEC_H
#define TD_PROV_TFTP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/base/buf.h"
#include "userspace/base/str.h"

#define TFTP_HEADER	  4		/* of DATA: opcode and block */
#define TFTP_BLOCK	  512		/* bytes, unless blksize is agreed */
#define TFTP_REQUEST_MAX  1024		/* bytes of a request that we read */

enum tftp_op { TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };
enum tftp_error {
	TFTP_UNDEFINED, TFTP_NOT_FOUND, TFTP_ACCESS, TFTP_DISK_FULL, TFTP_ILLEGAL, TFTP_UNKNOWN_TID,
	TFTP_EXISTS, TFTP_NO_USER, TFTP_BAD_OPTION
};

/* 0: not asked for. Options that make no sense are as if they had not been sent (RFC 2347). */
struct tftp_request {
	enum tftp_op op;		/* TFTP_RRQ or TFTP_WRQ */
	struct td_str file;		/* in the packet */
	bool netascii;
	bool tsize;
	uint32_t blksize;		/* 8..65464 */
	uint32_t timeout_s;		/* 1..255 */
	uint32_t windowsize;		/* 1..65535 */
};

/** 0; -EBADMSG: no request; -EOPNOTSUPP: a mode that is not octet or netascii. */
int td_tftp_read_request(struct tftp_request *r, const void *data, size_t len);
/** The number that is acknowledged; -EBADMSG: another packet. */
int td_tftp_read_ack(uint16_t *block, const void *data, size_t len);
/** True: the other side gives up. */
bool td_tftp_is_error(const void *data, size_t len);

/** What was agreed on, the options of r that are not 0; tsize is the file's length. */
void td_tftp_put_oack(struct td_buf *b, const struct tftp_request *r, uint64_t tsize);
void td_tftp_put_error(struct td_buf *b, enum tftp_error code, const char *text);
void td_tftp_put_data_header(uint8_t header[TFTP_HEADER], uint16_t block);

#endif
