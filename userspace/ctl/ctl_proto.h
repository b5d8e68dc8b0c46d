/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Treaty between the daemon and the CLI: how a request and its answers travel on the
 * unix stream socket <run-dir>/ctl. Data only.
 *
 * A message is a 4-byte length in network order and that many bytes of JSON.
 *   request   {"v":1,"words":["show","calls"]}
 *   answer    {"v":1,"rc":0,"command":"show calls","columns":"id,state,...","data":...}
 *   refusal   {"v":1,"rc":1,"error":"no phone 'x'; nearest is 'y'"}
 *   stream    {"v":1,"line":"..."} or {"v":1,"data":...} until either side closes, after
 *             an answer that says "stream":true
 * rc is the CLI's exit code; command is the one meant by the words (aliases and abbreviations
 * resolved). columns, present for tables, is a list of KEY[=TITLE] parted by commas; KEY is a
 * path into the row ("from.number"), and through an array it names each element's member.
 */
#ifndef TD_CTL_PROTO_H
#define TD_CTL_PROTO_H

#define TD_CTL_VERSION		1
#define TD_CTL_SOCKET		"ctl"
#define TD_CTL_MAX_REQUEST	(64 * 1024)
#define TD_CTL_MAX_ANSWER	(64 * 1024 * 1024)

#define TD_CTL_OK		0
#define TD_CTL_REFUSED		1	/* refused or not found */
#define TD_CTL_USAGE		2
#define TD_CTL_NO_DAEMON	3	/* said by the CLI itself */

#endif
