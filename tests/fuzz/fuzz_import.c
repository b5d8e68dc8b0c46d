/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IOS importer: whatever comes in, each line has a verdict and the result is a good file. */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tools/import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;
	struct td_import *im;
	size_t i, lines = 0;

	if (td_import_ios(&im, (const char *)data, size))
		abort();
	for (i = 0; i < size; i++)
		lines += data[i] == '\n';
	lines += size && data[size - 1] != '\n';
	if (im->n_lines != lines || im->count[0] + im->count[1] + im->count[2] != lines)
		abort();
	td_config_parse(&cfg, "import", im->uci, strlen(im->uci), &faults);
	if (!cfg || faults.n)
		abort();
	td_config_put(cfg);
	td_config_faults_fini(&faults);
	td_import_free(im);
	return 0;
}
