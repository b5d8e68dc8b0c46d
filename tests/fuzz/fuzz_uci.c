/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a configuration: read in bounded time to a model or to faults with places.
 * What was understood can be printed, and what is printed reads as the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "userspace/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static char *printed(const struct td_config *cfg, bool with_secrets, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	require(out != NULL);
	td_config_print(out, cfg, with_secrets);
	fclose(out);
	return text;
}

static struct td_config *parse(const char *text, size_t len)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg;
	int err = td_config_parse(&cfg, "fuzz", text, len, &faults);
	char line[2048];
	FILE *out;

	require(!err == !faults.n);
	require(!err == !!cfg);
	for (size_t i = 0; i < faults.n; i++) {
		require(faults.v[i].line && faults.v[i].column && faults.v[i].reason[0]);
		out = fmemopen(line, sizeof(line), "w");
		require(out != NULL);
		td_config_fault_print(out, &faults.v[i]);
		require(ftell(out) < (long)sizeof(line));
		fclose(out);
		/* nothing that a terminal would obey */
		for (const char *p = line; *p && *p != '\n'; p++)
			require((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
	td_config_faults_fini(&faults);
	return cfg;
}

static void reads_back(const struct td_config *cfg)
{
	const struct td_config_diff_ops ops = { 0 };
	size_t len, again_len;
	char *text = printed(cfg, true, &len), *again_text;
	struct td_config *again = parse(text, len);

	require(again != NULL);
	require(td_config_diff(cfg, again, &ops, NULL) == 0);
	again_text = printed(again, true, &again_len);
	require(len == again_len && !memcmp(text, again_text, len));
	free(text);
	free(again_text);
	td_config_put(again);
	text = printed(cfg, false, &len);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	long live = td_mem_live();
	struct td_config *cfg = parse((const char *)data, size);

	if (cfg)
		reads_back(cfg);
	td_config_put(cfg);
	require(td_mem_live() == live);
	return 0;
}
