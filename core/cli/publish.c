/* SPDX-License-Identifier: MIT */
/* The result of a run or a replay: printed, and written to --report. */

#include "cli/publish.h"

#include <inttypes.h>

#include "cli/output.h"
#include "cli/report.h"

static int add_left(int64_t left, struct buf *out)
{
	if (left == 0)
		return buf_add_str(out, "no dead letter is left of those that were meant\n");
	return buf_printf(
	    out, "%" PRId64 " of the dead letters that were meant %s left: defsync dlq list\n",
	    left, left == 1 ? "is" : "are");
}

/* The table or the JSON; on stderr when stdout has the rows. */
static int print_result(const struct job *j, const struct args *args, const json_t *report,
			int64_t left, struct error *err)
{
	FILE *to = args_has(args, "stdout") ? stderr : stdout;
	struct buf b;
	int rc = 0;

	buf_init(&b, OUTPUT_MAX);
	if (args_has(args, "json"))
		rc = report == NULL ? error_nomem(err) : output_json_text(report, &b, err);
	else if (j->run != NULL && !j->context.cli->quiet)
		rc = report_summary(j->run, j->context.secrets, &b, err);
	if (rc == 0 && left >= 0 && !args_has(args, "json") && !j->context.cli->quiet)
		rc = add_left(left, &b) < 0 ? error_nomem(err) : 0;
	if (rc == 0 && b.len > 0)
		rc = output_write_to(to, &b, err);
	buf_done(&b);
	return rc;
}

int publish(const struct job *j, const struct args *args, int64_t started_us, int code,
	    const char *failure, int64_t left, struct error *err)
{
	const char *path = args_value(args, "report");
	json_t *report = report_json(j->run, started_us, code, failure, j->context.secrets);
	int rc = 0;

	if (left >= 0 && output_put(report, "dead_letters_left", json_integer(left)) < 0)
		rc = error_nomem(err);
	if (rc == 0)
		rc = print_result(j, args, report, left, err);
	if (path != NULL && report_write(path, report, err) < 0)
		rc = -1;
	json_decref(report);
	return rc;
}
