/* SPDX-License-Identifier: MIT */
/* JSON Lines on stdout. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conform.h"

static int put(const struct buf *b, struct error *err)
{
	if (fwrite(b->data, 1, b->len, stdout) != b->len || putchar('\n') == EOF)
		return error_set(err, ERR_INTERNAL, "cannot write to stdout");
	return 0;
}

void print_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)putchar('\n');
	(void)fflush(stdout);
}

/* ,"name":"text"; an empty or missing text is left out. */
static int member(struct buf *b, const char *name, const char *text, size_t len)
{
	if (text == NULL || len == 0)
		return 0;
	return buf_printf(b, ",\"%s\":", name) < 0 ? -1 : json_add_string(b, text, len);
}

static int member_str(struct buf *b, const char *name, const char *text)
{
	return member(b, name, text, text != NULL ? strlen(text) : 0);
}

/* ---- Rows ---------------------------------------------------------------------------- */

static const char *op_name(uint32_t op)
{
	static const char *const names[] = {
	    [DEFSYNC_OP_READ] = "read",
	    [DEFSYNC_OP_INSERT] = "insert",
	    [DEFSYNC_OP_UPDATE] = "update",
	    [DEFSYNC_OP_DELETE] = "delete",
	    [DEFSYNC_OP_CHECKPOINT] = "checkpoint",
	};

	return op < sizeof(names) / sizeof(names[0]) && names[op] != NULL ? names[op] : "unknown";
}

static int head(struct buf *b, const struct defsync_row *row)
{
	int rc = buf_printf(b, "{\"op\":\"%s\"", op_name(row->op));

	if (row->flags & DEFSYNC_ROW_REREAD)
		rc |= buf_add_str(b, ",\"reread\":true");
	if (row->flags & DEFSYNC_ROW_SWEEP)
		rc |= buf_add_str(b, ",\"sweep\":true");
	rc |= member(b, "position", row->position, row->position_len);
	return rc | member(b, "checkpoint", row->checkpoint, row->checkpoint_len);
}

static int encode(struct encoder *e, const struct defsync_row *row, struct buf *out,
		  struct row_fault *fault, struct error *err)
{
	if (encoder_relation(e, row->relation, err) < 0)
		return -1;
	return encoder_row(e, row, out, fault);
}

int row_json(struct conform *c, const struct defsync_row *row, struct buf *out, struct error *err)
{
	struct row_fault fault = {.reason = ROW_OK};

	if (row->op == DEFSYNC_OP_CHECKPOINT)
		return 0;
	if (encode(c->encoder, row, out, &fault, err) == 0)
		return 0;
	if (fault.reason == ROW_OK)
		return error_nomem(err);
	if (buf_printf(out, "{\"$refused\":\"%s\"}", row_reason_name(fault.reason)) < 0)
		return error_nomem(err);
	return 0;
}

int print_row(struct conform *c, const struct defsync_row *row, struct error *err)
{
	struct buf *b = &c->line;

	buf_reset(b);
	if (head(b, row) < 0)
		return error_nomem(err);
	if (row->op != DEFSYNC_OP_CHECKPOINT &&
	    (buf_add_str(b, ",\"row\":") < 0 || row_json(c, row, b, err) < 0))
		return error_nomem(err);
	return buf_add_char(b, '}') < 0 ? error_nomem(err) : put(b, err);
}

int print_bad_row(struct conform *c, const struct defsync_row *row, struct error *err)
{
	struct row_fault fault = {.reason = ROW_OK};
	const char *reason = source_reason(c->source);
	struct buf *b = &c->line;
	int rc;

	buf_reset(b);
	rc = buf_add_str(b, "{\"op\":\"bad\"") | member_str(b, "reason", reason);
	if (row != NULL) {
		rc |= member(b, "position", row->position, row->position_len);
		rc |= member(b, "checkpoint", row->checkpoint, row->checkpoint_len);
		rc |= buf_add_str(b, ",\"row\":");
		rc |= encode(c->lenient, row, b, &fault, err);
	}
	rc |= buf_add_char(b, '}');
	return rc < 0 ? error_nomem(err) : put(b, err);
}

/* ---- The end of a read ------------------------------------------------------------------ */

static void add_counter(void *ctx, const char *name, uint64_t n)
{
	struct buf *b = ctx;

	/* What does not fit shows at the end. */
	(void)buf_printf(b, "%s\"%s\":%" PRIu64, b->data[b->len - 1] == '{' ? "" : ",", name, n);
}

int print_end(struct conform *c, struct error *err)
{
	const struct host *host = source_host(c->source);
	struct buf *b = &c->line;
	int rc;

	buf_reset(b);
	rc = buf_printf(b, "{\"end\":true,\"rows\":%" PRIu64, c->n_rows);
	rc |= member_str(b, "phase", host_fact(host, DEFSYNC_REPORT_PHASE));
	rc |= member_str(b, "ceiling", host_fact(host, DEFSYNC_REPORT_CEILING));
	rc |= member_str(b, "ceiling_value", host_fact(host, DEFSYNC_REPORT_CEILING_VALUE));
	rc |= member(b, "last", c->checkpoint.data, c->checkpoint.len);
	rc |= buf_add_str(b, ",\"counts\":{");
	if (rc == 0)
		host_counters(host, add_counter, b);
	rc |= buf_add_str(b, "}}");
	if (rc < 0)
		return error_nomem(err);
	rc = put(b, err);
	(void)fflush(stdout);
	return rc;
}

void print_failure(struct conform *c, struct error *err)
{
	struct buf *b = &c->line;
	const char *class = c->spy != NULL ? spy_class(c->spy) : "USAGE";

	buf_reset(b);
	if (buf_printf(b, "{\"error\":\"%s\",\"rows\":%" PRIu64, class, c->n_rows) < 0 ||
	    member_str(b, "text", error_text(err)) < 0 || buf_add_char(b, '}') < 0 ||
	    put(b, NULL) < 0)
		print_line("{\"error\":\"NOMEM\"}");
	(void)fflush(stdout);
	error_done(err);
	*err = (struct error)ERROR_INIT;
}

/* ---- Tables ------------------------------------------------------------------------------ */

static int add_column(struct buf *b, const struct defsync_column *col, int first)
{
	int rc = buf_printf(
	    b, "%s{\"type\":%" PRIu32 ",\"key\":%s,\"watermark\":%s,\"nullable\":%s",
	    first ? "" : ",", col->type, col->flags & DEFSYNC_COLUMN_KEY ? "true" : "false",
	    col->flags & DEFSYNC_COLUMN_WATERMARK ? "true" : "false",
	    col->flags & DEFSYNC_COLUMN_NULLABLE ? "true" : "false");

	rc |= member_str(b, "name", col->name) | member_str(b, "native", col->native_type);
	return rc | buf_add_char(b, '}');
}

static int add_findings(struct buf *b, const struct defsync_table *t)
{
	int rc = buf_add_str(b, ",\"findings\":[");

	for (uint32_t i = 0; i < t->n_findings; i++) {
		const struct defsync_finding *f =
		    (const void *)((const char *)t->findings + (size_t)i * t->finding_size);

		rc |= buf_printf(b, "%s{\"level\":%" PRIu32, i == 0 ? "" : ",", f->level);
		rc |= member_str(b, "code", f->code) | member_str(b, "text", f->text);
		rc |= member_str(b, "hint", f->hint) | buf_add_char(b, '}');
	}
	return rc | buf_add_char(b, ']');
}

static int add_candidates(struct buf *b, const struct defsync_table *t)
{
	int rc = buf_add_str(b, ",\"candidates\":[");

	for (uint32_t i = 0; i < t->n_candidates; i++) {
		const struct defsync_candidate *d =
		    (const void *)((const char *)t->candidates + (size_t)i * t->candidate_size);

		rc |= buf_printf(b, "%s{\"indexed\":%" PRIu32, i == 0 ? "" : ",", d->indexed);
		rc |= member_str(b, "column", d->column) | member_str(b, "filled", d->filled);
		rc |= buf_add_char(b, '}');
	}
	return rc | buf_add_char(b, ']');
}

int print_table(struct conform *c, const struct defsync_table *table, struct error *err)
{
	const struct defsync_relation *r = table->relation;
	struct buf *b = &c->line;
	int rc;

	buf_reset(b);
	rc = buf_printf(b, "{\"estimate\":%" PRId64, table->row_estimate);
	rc |= member_str(b, "from", table->from) | member_str(b, "kind", table->kind);
	rc |= member_str(b, "schema", r->schema) | member_str(b, "name", r->name);
	rc |= buf_add_str(b, ",\"columns\":[");
	for (uint32_t i = 0; i < r->n_columns; i++)
		rc |= add_column(b, defsync_column_at(r, i), i == 0);
	rc |= buf_add_char(b, ']') | add_candidates(b, table) | add_findings(b, table);
	rc |= buf_add_char(b, '}');
	return rc < 0 ? error_nomem(err) : put(b, err);
}
