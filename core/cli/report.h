/* SPDX-License-Identifier: MIT */
/* What a run has done, as JSON (DESIGN section 11) and as a table. */

#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/secrets.h"
#include "sync/run.h"

/* One table's object; used by the report and by status. NULL without memory. */
json_t *report_table_json(const struct run_table_result *r, struct secrets *secrets);

/* The whole report.  run may be NULL: it ended before; failure may be "". */
json_t *report_json(const struct run *run, int64_t started_us, int exit_code, const char *failure,
		    struct secrets *secrets);
/* Writes it to a file, durably. */
int report_write(const char *path, const json_t *report, struct error *err);

/* A table with a row for each result, and the totals below. */
int report_summary(const struct run *run, struct secrets *secrets, struct buf *out,
		   struct error *err);

#endif
