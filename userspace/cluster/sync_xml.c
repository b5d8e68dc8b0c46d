// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. Documents of the XML interface. Requests are CME's (XML API: ISexecCLI, bare or in a SOAP
 * envelope), and one of ours for what CME does not publish: ISsetVersionStamps.
 *
 *	<request><ISsetVersionStamps>
 *	  <config version="16 hex digits"/>
 *	  <section type="phone" version="16 hex digits"/> ...
 *	  <files from="0" last="true"/>
 *	  <file name="SEP001122334455.cnf.xml" version="0123456789012345"/> ...
 *	</ISsetVersionStamps></request>
 *
 * The answer is the same of the secondary in <response><ISVersionStamps>, where <files held="..."/>
 * says which versions it has been told so far.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/map.h"
#include "userspace/cluster/sync_priv.h"

uint64_t sync_hash(const char *name, const char *version)
{
	static const uint8_t key[16] = "files' versions";
	char text[2 * TD_SYNC_TEXT];
	int n = snprintf(text, sizeof(text), "%s %s", name, version);

	return td_siphash(key, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* ---- reading ---- */

static bool read_stamp(const struct td_xml_node *node, const char *name, uint64_t *out)
{
	char text[24];

	if (!td_xml_attr_value(node, name, text, sizeof(text)) || strlen(text) != 16 ||
	    strspn(text, "0123456789abcdef") != 16)
		return false;
	*out = strtoull(text, NULL, 16);
	return true;
}

static bool read_part(struct sync_versions *v, const struct td_xml_node *node)
{
	if (v->n_parts == CFG_MAX_PARTS ||
	    !td_xml_attr_value(node, "type", v->parts[v->n_parts].type, SYNC_TYPE) ||
	    !read_stamp(node, "version", &v->parts[v->n_parts].stamp))
		return false;
	v->n_parts++;
	return true;
}

static bool read_file(struct sync_versions *v, const struct td_xml_node *node)
{
	if (v->n_files == SYNC_FILES ||
	    !td_xml_attr_value(node, "name", v->files[v->n_files].name, TD_SYNC_TEXT) ||
	    !td_xml_attr_value(node, "version", v->files[v->n_files].version, TD_SYNC_TEXT) ||
	    !v->files[v->n_files].name[0] || !v->files[v->n_files].version[0])
		return false;
	v->n_files++;
	return true;
}

/* Of a request: from and last; of an answer: held. */
static bool read_files(struct sync_versions *v, const struct td_xml_node *node)
{
	char text[16];

	v->has_files = true;
	if (td_xml_attr_value(node, "held", text, sizeof(text)) && !text[0]) {
		td_xml_attr_value(node, "last", text, sizeof(text));
		v->last = !strcmp(text, "true");
		return td_xml_attr_value(node, "from", text, sizeof(text)) &&
		       !td_parse_u32(td_str_of(text), &v->from);
	}
	return read_stamp(node, "held", &v->held);
}

/* Elements that we do not know are of a later version. */
static bool read_versions(struct sync_versions *v, const struct td_xml_node *node)
{
	const struct td_xml_node *n;
	bool fine = true;

	memset(v, 0, sizeof(*v));
	for (n = td_xml_first(node); n && fine; n = td_xml_next(n)) {
		if (td_xml_is(n, "config"))
			fine = read_stamp(n, "version", &v->config);
		else if (td_xml_is(n, "section"))
			fine = read_part(v, n);
		else if (td_xml_is(n, "files"))
			fine = read_files(v, n);
		else if (td_xml_is(n, "file"))
			fine = read_file(v, n);
	}
	return fine && v->config && (v->has_files || !v->n_files);
}

static bool read_commands(struct sync_request *req, const struct td_xml_node *node)
{
	const struct td_xml_node *n;

	for (n = td_xml_first(node); n; n = td_xml_next(n)) {
		if (!td_xml_is(n, "CLI") || req->n_commands == SYNC_COMMANDS ||
		    !td_xml_value(n, req->command[req->n_commands], SYNC_COMMAND))
			return false;
		req->n_commands++;
	}
	return req->n_commands > 0;
}

/* What is inside of the envelope, if there is one. */
static const struct td_xml_node *in_envelope(const struct td_xml_node *root, bool *soap)
{
	*soap = td_xml_is(root, "Envelope");
	return *soap ? td_xml_first(td_xml_child(td_xml_child(root, "Body"), "axl")) : root;
}

int sync_read_request(struct sync_request *req, struct td_str text, const char **why)
{
	struct td_xml_doc *doc = td_xml_read(text, why);
	const struct td_xml_node *node, *what;

	req->n_commands = 0;
	if (!doc)
		return -EBADMSG;
	node = in_envelope(td_xml_root(doc), &req->soap);
	what = td_xml_is(node, "request") ? td_xml_first(node) : NULL;
	if (td_xml_is(what, "ISexecCLI")) {
		req->what = SYNC_RUN;
		*why = read_commands(req, what) ? NULL : "no commands, or too many, or too long";
	} else if (td_xml_is(what, "ISsetVersionStamps")) {
		req->what = SYNC_VERSIONS;
		*why = read_versions(&req->versions, what) ? NULL : "versions that cannot be read";
	} else {
		*why = "no request that is known here: ISexecCLI, ISsetVersionStamps";
	}
	td_xml_free(doc);
	return *why ? -EBADMSG : 0;
}

int sync_read_answer(struct sync_versions *v, struct td_str text, const char **why)
{
	struct td_xml_doc *doc = td_xml_read(text, why);
	const struct td_xml_node *node;

	if (!doc)
		return -EBADMSG;
	node = td_xml_child(td_xml_root(doc), "ISVersionStamps");
	*why = node && read_versions(v, node) ? NULL : "no versions";
	td_xml_free(doc);
	return *why ? -EBADMSG : 0;
}

/* One line and headers, of which only the end matters: we have asked for no pieces (HTTP/1.0). */
int sync_read_http(struct sync_http *h, struct td_str text)
{
	const char *end = text.len ? memmem(text.p, text.len, "\r\n\r\n", 4) : NULL;

	memset(h, 0, sizeof(*h));
	if (!end || text.len < 12 || memcmp(text.p, "HTTP/1.", 7) || text.p[8] != ' ')
		return -EBADMSG;
	for (int i = 9; i < 12; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -EBADMSG;
		h->status = h->status * 10 + (unsigned int)(text.p[i] - '0');
	}
	end += 4;
	h->body = (struct td_str){ end, (size_t)(text.p + text.len - end) };
	return 0;
}

/* ---- writing ---- */

static void put_stamp(struct td_xml *x, const char *name, uint64_t stamp)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, stamp);
	td_xml_attr(x, name, text);
}

static void put_versions(struct td_xml *x, const struct sync_versions *v, bool is_answer)
{
	td_xml_open(x, "config");
	put_stamp(x, "version", v->config);
	td_xml_close(x);
	for (size_t i = 0; i < v->n_parts; i++) {
		td_xml_open(x, "section");
		td_xml_attr(x, "type", v->parts[i].type);
		put_stamp(x, "version", v->parts[i].stamp);
		td_xml_close(x);
	}
	if (!v->has_files)
		return;
	td_xml_open(x, "files");
	if (is_answer) {
		put_stamp(x, "held", v->held);
	} else {
		td_xml_attr_u32(x, "from", v->from);
		td_xml_attr(x, "last", v->last ? "true" : "false");
	}
	td_xml_close(x);
	for (size_t i = 0; i < v->n_files; i++) {
		td_xml_open(x, "file");
		td_xml_attr(x, "name", v->files[i].name);
		td_xml_attr(x, "version", v->files[i].version);
		td_xml_close(x);
	}
}

char *sync_write_request(const struct sync_versions *v, size_t *len)
{
	struct td_xml x;

	td_xml_begin(&x);
	td_xml_open(&x, "request");
	td_xml_open(&x, "ISsetVersionStamps");
	put_versions(&x, v, false);
	return td_xml_end(&x, len);
}

static void begin_response(struct td_xml *x, const struct sync_request *req, const char *type)
{
	td_xml_begin(x);
	if (req->soap) {
		td_xml_open(x, "SOAP-ENV:Envelope");
		td_xml_attr(x, "xmlns:SOAP-ENV", "http://schemas.xmlsoap.org/soap/envelope/");
		td_xml_open(x, "SOAP-ENV:Body");
		td_xml_open(x, "axl");
		td_xml_attr(x, "xmlns", "http://www.cisco.com/AXL/1.0");
	}
	td_xml_open(x, "response");
	td_xml_attr(x, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
	td_xml_attr(x, "xsi:type", type);
}

char *sync_write_versions(const struct sync_request *req, const struct sync_versions *v,
			  size_t *len)
{
	struct td_xml x;

	begin_response(&x, req, "ISVersionStamps");
	td_xml_open(&x, "ISVersionStamps");
	put_versions(&x, v, true);
	return td_xml_end(&x, len);
}

/* CME's two elements, and what the commands said: there, only configuration commands are meant. */
char *sync_write_ran(const struct sync_request *req, size_t failed, const char *error,
		     char *const *outputs, size_t n, size_t *len)
{
	struct td_xml x;

	begin_response(&x, req, "ISexecCLIResponse");
	td_xml_u32(&x, "ISexecCLIResponse", (uint32_t)failed);
	td_xml_text(&x, "ISexecCLIError", error);
	for (size_t i = 0; i < n; i++)
		td_xml_text(&x, "ISexecCLIOutput", outputs[i]);
	return td_xml_end(&x, len);
}

char *sync_write_error(const char *error, size_t *len)
{
	struct td_xml x;

	td_xml_begin(&x);
	td_xml_open(&x, "response");
	td_xml_text(&x, "ISError", error);
	return td_xml_end(&x, len);
}
