/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XML interface of two routers: a request as anybody with the password may post it, an answer
 * as the other router may give it, with its HTTP around. What was read can be written, and is read
 * back the same.
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/cluster/sync_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int fine)
{
	if (!fine)
		abort();
}

static void check_versions(const struct sync_versions *v)
{
	must(v->n_parts <= CFG_MAX_PARTS && v->n_files <= SYNC_FILES);
	for (size_t i = 0; i < v->n_files; i++)
		must(memchr(v->files[i].name, 0, TD_SYNC_TEXT) && v->files[i].name[0]);
}

static void read_back(const struct sync_versions *v)
{
	static struct sync_request again;
	const char *why;
	size_t len = 0;
	char *text = sync_write_request(v, &len);

	must(text != NULL);
	if (len <= TD_XML_MAX_READ) {	/* names of references only become longer */
		must(!sync_read_request(&again, (struct td_str){ text, len }, &why));
		must(again.what == SYNC_VERSIONS && again.versions.n_files == v->n_files &&
		     again.versions.config == v->config);
	}
	td_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sync_request req;
	static struct sync_versions v;
	struct td_str text = { (const char *)data, size };
	struct sync_http h;
	const char *why = NULL;

	if (sync_read_request(&req, text, &why)) {
		must(why != NULL);
	} else if (req.what == SYNC_VERSIONS) {
		check_versions(&req.versions);
		read_back(&req.versions);
	} else {
		must(req.n_commands > 0 && req.n_commands <= SYNC_COMMANDS);
	}
	if (!sync_read_http(&h, text)) {
		must(h.body.p >= text.p && h.body.p + h.body.len == text.p + text.len);
		must(h.status < 1000);
		text = h.body;
	}
	if (!sync_read_answer(&v, text, &why))
		check_versions(&v);
	return 0;
}
