/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing pcapng (draft-ietf-opsawg-pcapng): one section, in this machine's byte order, times
 * in nanoseconds.
 */
#ifndef TD_TANDEM_PCAPNG_H
#define TD_TANDEM_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

#define PCAPNG_ETHERNET	1	/* link types, as of the registry */
#define PCAPNG_IP	101	/* IPv4 or IPv6 without a link header */

struct pcapng_packet {
	uint32_t interface;		/* number of an interface written before, from 0 */
	uint64_t time_ns;		/* Unix time */
	uint32_t len;			/* as it was on the wire */
	uint32_t copied;
	const uint8_t *data;
	const char *comment;
};

/* What cannot be written is found by ferror(out). */
void td_pcapng_begin(FILE *out, const char *application);
void td_pcapng_interface(FILE *out, uint16_t link_type, const char *name,
			 const char *description);
void td_pcapng_packet(FILE *out, const struct pcapng_packet *p);
/** At the end: how many packets an interface gave, and how many it had lost. */
void td_pcapng_statistics(FILE *out, uint32_t interface, uint64_t time_ns, uint64_t received,
			  uint64_t lost);

#endif
