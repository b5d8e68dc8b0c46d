/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages as Cisco's chapter "System-Level Parameters" of the CME administrator guide prints
 * them (bulk registration of a 7970, its 200, the combined status update), without what the
 * printing added: blanks inside of tags, lines of a single ">", line breaks in headers.
 */
#ifndef TD_TESTS_CISCO_TEXT_H
#define TD_TESTS_CISCO_TEXT_H

#define GUIDE_PART "--uniqueBoundary\r\n" \
	"Content-Type: application/x-cisco-remotecc-request+xml\r\n" \
	"Content-Disposition: session;handling=optional\r\n\r\n"

#define GUIDE_BULK "<x-cisco-remotecc-request><bulkregisterreq><contact all=\"true\">" \
	"<register></register></contact></bulkregisterreq></x-cisco-remotecc-request>\r\n"

#define GUIDE_OFFER(ways) "<x-cisco-remotecc-request><optionsind>" \
	"<combine max=\"6\"><remotecc><status></status></remotecc>" \
	"<service-control></service-control></combine>" \
	"<dialog usage=\"hook status\">" ways "</dialog>" \
	"<dialog usage=\"shared line\">" ways "</dialog>" \
	"<presence usage=\"blf speed dial\">" ways "</presence>" \
	"<joinreq></joinreq></optionsind></x-cisco-remotecc-request>\r\n"

#define BOTH_WAYS "<unot></unot><sub></sub>"
#define SUB_ONLY  "<sub></sub>"

#define GUIDE_REGISTER_BODY(ways) GUIDE_PART GUIDE_BULK "\r\n" GUIDE_PART GUIDE_OFFER(ways) \
	"\r\n--uniqueBoundary--\r\n"

/* Headers behind Via, From, To, Call-ID and CSeq. mac: twelve digits */
#define GUIDE_REGISTER_HEADERS(user, where, mac) "Max-Forwards: 70\r\n" \
	"Date: Wed, 03 Mar 2010 01:18:34 GMT\r\nUser-Agent: Cisco-CP7970G/8.4.0\r\n" \
	"Contact: <sip:" user "@" where ";transport=tcp>" \
	";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-" mac ">\"" \
	";+u.sip!model.ccm.cisco.com=\"30006\"\r\n" GUIDE_SUPPORTED \
	"Reason: SIP;cause=200;text=\"cisco-alarm:23 Name=SEP001B2A893698 " \
	"Load=SIP70.8-4-2-30S Last=reset-restart\"\r\n" \
	"Expires: 3600\r\n"

#define GUIDE_SUPPORTED "Supported: replaces,join,norefersub,extended-refer,X-cisco-callinfo," \
	"X-cisco-serviceuri,X-cisco-escapecodes,X-cisco-service-control," \
	"X-cisco-srtp-fallback,X-cisco-monrec,X-cisco-config,X-cisco-sis-3.0.0," \
	"X-cisco-xsi-7.0.1\r\n"

#define GUIDE_MULTIPART "Content-Type: multipart/mixed;boundary=uniqueBoundary\r\n" \
	"Mime-Version: 1.0\r\n"

#define GUIDE_GRANT "<x-cisco-remotecc-response><response><code>200</code><optionsind>" \
	"<combine max=\"6\"><remotecc><status/></remotecc><service-control/></combine>" \
	"<dialog usage=\"shared line\"><sub/></dialog>" \
	"<presence usage=\"blf speed dial\"><sub/></presence>" \
	"</optionsind></response></x-cisco-remotecc-response>"

#define STATUS_PART "--uniqueBoundary\r\n" \
	"Content-Type: application/x-cisco-remotecc-request+xml\r\n\r\n"

#define GUIDE_STATUS STATUS_PART "<x-cisco-remotecc-request><cfwdallupdate><fwdaddress/>" \
	"<tovoicemail>off</tovoicemail></cfwdallupdate></x-cisco-remotecc-request>\r\n" \
	STATUS_PART "<x-cisco-remotecc-request><privacyreq><status>true</status></privacyreq>" \
	"</x-cisco-remotecc-request>\r\n" \
	STATUS_PART "<x-cisco-remotecc-request><bulkupdate>" \
	"<contact all=\"true\"><mwi>no</mwi></contact>" \
	"<contact line=\"1\"><mwi>yes</mwi></contact>" \
	"<contact line=\"3\"><mwi>yes</mwi></contact></bulkupdate>" \
	"</x-cisco-remotecc-request>\r\n" \
	"--uniqueBoundary\r\nContent-Type: text/plain\r\n\r\naction=check-version\r\n" \
	"RegisterCallId={001b2a89-3698011e-280209a4-567e339c@28.18.88.33}\r\n" \
	"ConfigVersionStamp={0106514225374329}\r\nDialplanVersionStamp={}\r\n" \
	"SoftkeyVersionStamp={0106514225374329}\r\n\r\n--uniqueBoundary--\r\n"

#endif
