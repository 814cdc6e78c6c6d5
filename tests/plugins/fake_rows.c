/* SPDX-License-Identifier: MIT */
/*
 * A source that makes rows up: columns of every type, ties, deletes, bad rows,
 * failures of every class, two shapes in one cursor, rows that are read again, a
 * stream.  Resumes by its checkpoint "v1 TABLE N" and records its calls.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <defsync/source.h>

#define N_COLUMNS 14
#define N_SHORT 2

struct fake {
	const struct defsync_host *host;
	const char *fail_in, *calls_file;
	int32_t fail_class;
	int64_t rows, ties, bad_row_at, delete_at, fail_at, sleep_ms, second_at, reread_from;
	int sweep;

	/* The cursor. */
	const struct defsync_request *request;
	char table[256];
	int64_t at;    /* number of the row to come, from 1 */
	int64_t given; /* rows of this cursor */
	int swept;
	struct defsync_row row;
	struct defsync_cell cells[N_COLUMNS];
	char text[64], decimal[32], json[64], position[32], checkpoint[320];
	unsigned char uuid[16];
	const struct defsync_table *tables[1];
};

/* ---- Shapes ---------------------------------------------------------------- */

static const struct defsync_column columns[N_COLUMNS] = {
    {"id", "bigint", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
    {"updated_at", "timestamptz", DEFSYNC_TIMESTAMP, DEFSYNC_COLUMN_WATERMARK, 6, 0},
    {"flag", "boolean", DEFSYNC_BOOL, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"big", "bigint unsigned", DEFSYNC_UINT64, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"ratio", "double", DEFSYNC_DOUBLE, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"price", "numeric(12,2)", DEFSYNC_DECIMAL, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"name", "text", DEFSYNC_TEXT, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"raw", "bytea", DEFSYNC_BYTES, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"day", "date", DEFSYNC_DATE, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"span", "time", DEFSYNC_TIME, DEFSYNC_COLUMN_NULLABLE, 3, 0},
    {"local", "timestamp", DEFSYNC_TIMESTAMP_LOCAL, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"extra", "jsonb", DEFSYNC_JSON, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"uid", "uuid", DEFSYNC_UUID, DEFSYNC_COLUMN_NULLABLE, 0, 0},
    {"free", "", DEFSYNC_ANY, DEFSYNC_COLUMN_NULLABLE, 0, 0},
};

static const struct defsync_relation full = {
    .struct_size = sizeof(struct defsync_relation),
    .column_size = sizeof(struct defsync_column),
    .schema = "fake",
    .name = "rows",
    .columns = columns,
    .n_columns = N_COLUMNS,
};

/* The shape after the columns have changed. */
static const struct defsync_relation small = {
    .struct_size = sizeof(struct defsync_relation),
    .column_size = sizeof(struct defsync_column),
    .schema = "fake",
    .name = "rows",
    .columns = columns,
    .n_columns = N_SHORT,
};

static const struct defsync_candidate candidates[] = {
    {"updated_at", 1, 0, "trigger", NULL},
};

static const struct defsync_finding findings[] = {
    {DEFSYNC_FINDING_NOTE, 0, "made-up", "the rows are made up", NULL},
};

static const struct defsync_table table = {
    .struct_size = sizeof(struct defsync_table),
    .candidate_size = sizeof(struct defsync_candidate),
    .finding_size = sizeof(struct defsync_finding),
    .n_candidates = 1,
    .relation = &full,
    .kind = "table",
    .from = "fake.rows",
    .row_estimate = -1,
    .candidates = candidates,
    .findings = findings,
    .n_findings = 1,
};

/* ---- Options ------------------------------------------------------------------ */

static const struct defsync_option options[] = {
    {.name = "rows", .type = DEFSYNC_OPTION_INT, .default_text = "10", .help = "Number of rows"},
    {.name = "ties",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "1",
     .min = 1,
     .max = 1000000,
     .help = "Rows that share a watermark; only the last is a safe point"},
    {.name = "bad_row_at", .type = DEFSYNC_OPTION_INT, .help = "This row is a BAD_ROW"},
    {.name = "delete_at", .type = DEFSYNC_OPTION_INT, .help = "This row is a DELETE"},
    {.name = "fail_in",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "none",
     .values = "none|create|connect|discover|describe|extract|next|ack",
     .help = "The call that fails"},
    {.name = "fail_at",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "1",
     .help = "The row at which next fails"},
    {.name = "fail_class",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "-4",
     .help = "The class that the failing call returns, -1 to -9 or another number"},
    {.name = "sleep_ms", .type = DEFSYNC_OPTION_INT, .help = "Wait before each row"},
    {.name = "second_at", .type = DEFSYNC_OPTION_INT, .help = "From this row on fewer columns"},
    {.name = "reread_from", .type = DEFSYNC_OPTION_INT, .help = "From this row on REREAD"},
    {.name = "sweep",
     .type = DEFSYNC_OPTION_BOOL,
     .default_text = "false",
     .help = "End with a checkpoint that sweeps"},
    {.name = "password", .type = DEFSYNC_OPTION_SECRET, .help = "Appears in failures"},
    {.name = "calls_file", .type = DEFSYNC_OPTION_PATH, .help = "A line for each call"},
};

static const struct defsync_option table_options[] = {
    {.name = "note", .type = DEFSYNC_OPTION_STRING, .help = "Ignored"},
};

static void record(const struct fake *f, const char *call)
{
	FILE *out;

	f->host->count(f->host->ctx, call, 1);
	if (!f->calls_file)
		return;
	out = fopen(f->calls_file, "ae");
	if (!out)
		return;
	fprintf(out, "%s\n", call);
	fclose(out);
}

/* Fails when the options say so; OK otherwise. */
static int32_t maybe_fail(const struct fake *f, const char *call)
{
	if (strcmp(f->fail_in, call) != 0)
		return DEFSYNC_OK;
	/* -100: without a reason. */
	if (f->fail_class == -100)
		return DEFSYNC_E_TRANSIENT;
	return defsync_fail_vendor(f->host, f->fail_class, 1234, "57P01", "made-up failure: '%s'",
				   call);
}

/* ---- Life ------------------------------------------------------------------------ */

static int32_t fake_create(const struct defsync_host *host, const struct defsync_options *o,
			   uint32_t flags, void **ret_instance)
{
	struct fake *f;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	f = calloc(1, sizeof(*f));
	if (!f)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	f->host = host;
	f->rows = host->option_int(host->ctx, o, "rows");
	f->ties = host->option_int(host->ctx, o, "ties");
	f->bad_row_at = host->option_int(host->ctx, o, "bad_row_at");
	f->delete_at = host->option_int(host->ctx, o, "delete_at");
	f->fail_in = host->option_string(host->ctx, o, "fail_in");
	f->fail_at = host->option_int(host->ctx, o, "fail_at");
	f->fail_class = (int32_t)host->option_int(host->ctx, o, "fail_class");
	f->sleep_ms = host->option_int(host->ctx, o, "sleep_ms");
	f->second_at = host->option_int(host->ctx, o, "second_at");
	f->reread_from = host->option_int(host->ctx, o, "reread_from");
	f->sweep = (int)host->option_int(host->ctx, o, "sweep");
	f->calls_file = host->option_string(host->ctx, o, "calls_file");
	record(f, "create");
	rc = maybe_fail(f, "create");
	if (rc != DEFSYNC_OK) {
		free(f);
		return rc;
	}
	*ret_instance = f;
	return DEFSYNC_OK;
}

static void fake_destroy(void *instance)
{
	if (instance)
		record(instance, "destroy");
	free(instance);
}

static int32_t fake_connect(void *instance, uint32_t flags)
{
	(void)flags;
	record(instance, "connect");
	return maybe_fail(instance, "connect");
}

static void fake_disconnect(void *instance)
{
	record(instance, "disconnect");
}

static int32_t fake_discover(void *instance, const char *pattern, uint32_t flags,
			     const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct fake *f = instance;
	int32_t rc;

	(void)pattern;
	(void)flags;
	record(f, "discover");
	rc = maybe_fail(f, "discover");
	if (rc != DEFSYNC_OK)
		return rc;
	f->tables[0] = &table;
	*ret_tables = f->tables;
	*ret_n = 1;
	return DEFSYNC_OK;
}

static int32_t check_table(const struct fake *f, const struct defsync_request *request)
{
	if (strcmp(request->table, "missing") == 0)
		return defsync_fail(f->host, DEFSYNC_E_CONFIG, "no such table: '%s'",
				    request->table);
	return DEFSYNC_OK;
}

static int32_t fake_describe(void *instance, const struct defsync_request *request, uint32_t flags,
			     const struct defsync_table **ret_table)
{
	struct fake *f = instance;
	int32_t rc;

	(void)flags;
	record(f, "describe");
	rc = maybe_fail(f, "describe");
	if (rc == DEFSYNC_OK)
		rc = check_table(f, request);
	if (rc == DEFSYNC_OK)
		*ret_table = &table;
	return rc;
}

/* ---- Reading ------------------------------------------------------------------------ */

/* "v1 TABLE N": reading goes on after row N. */
static int32_t resume(struct fake *f, const char *checkpoint, size_t len)
{
	char text[sizeof(f->checkpoint)], head[sizeof(f->checkpoint)];
	char *end;

	f->at = 1;
	if (len == 0)
		return DEFSYNC_OK;
	(void)snprintf(text, sizeof(text), "%.*s", (int)len, checkpoint);
	(void)snprintf(head, sizeof(head), "v1 %s ", f->table);
	if (strncmp(text, head, strlen(head)) != 0)
		return defsync_fail(f->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint of another table: '%s'", text);
	f->at = strtoll(text + strlen(head), &end, 10) + 1;
	if (*end != '\0' || f->at < 1)
		return defsync_fail(f->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint cannot be read: '%s'", text);
	return DEFSYNC_OK;
}

static int32_t fake_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			    void **ret_cursor)
{
	struct fake *f = instance;
	int32_t rc;

	(void)flags;
	record(f, "extract");
	rc = maybe_fail(f, "extract");
	if (rc == DEFSYNC_OK)
		rc = check_table(f, request);
	if (rc != DEFSYNC_OK)
		return rc;
	f->request = request;
	f->given = 0;
	f->swept = 0;
	(void)snprintf(f->table, sizeof(f->table), "%s", request->table);
	rc = resume(f, request->checkpoint, request->checkpoint_len);
	if (rc != DEFSYNC_OK)
		return rc;
	f->host->report(f->host->ctx, DEFSYNC_REPORT_CEILING, "none");
	f->host->report(f->host->ctx, DEFSYNC_REPORT_PHASE,
			request->mode == DEFSYNC_READ_STREAM ? "stream" : "incremental");
	*ret_cursor = f;
	return DEFSYNC_OK;
}

static void set_data(struct defsync_cell *c, uint32_t type, const void *p, size_t n)
{
	c->type = type;
	c->v.data.ptr = p;
	c->v.data.len = n;
}

static void set_i64(struct defsync_cell *c, uint32_t type, int64_t v)
{
	c->type = type;
	c->v.i64 = v;
}

static void fill_cells(struct fake *f, int64_t n)
{
	struct defsync_cell *c = f->cells;
	int64_t wm = INT64_C(1700000000000000) + (n - 1) / f->ties * 1000000;

	memset(f->cells, 0, sizeof(f->cells));
	memset(f->uuid, (int)(n % 256), sizeof(f->uuid));
	(void)snprintf(f->text, sizeof(f->text), "name %" PRId64, n);
	(void)snprintf(f->decimal, sizeof(f->decimal), "%" PRId64 ".%02d", n, (int)(n % 100));
	(void)snprintf(f->json, sizeof(f->json), "{\"n\":%" PRId64 "}", n);
	set_i64(&c[0], DEFSYNC_INT64, n);
	set_i64(&c[1], DEFSYNC_TIMESTAMP, wm);
	if (n == f->delete_at)
		return;
	set_i64(&c[2], DEFSYNC_BOOL, n % 2);
	set_i64(&c[3], DEFSYNC_UINT64, -n);
	c[4].type = DEFSYNC_DOUBLE;
	c[4].v.f64 = (double)n / 4;
	set_data(&c[5], DEFSYNC_DECIMAL, f->decimal, strlen(f->decimal));
	set_data(&c[6], DEFSYNC_TEXT, f->text, strlen(f->text));
	set_data(&c[7], DEFSYNC_BYTES, f->uuid, (size_t)(n % 8));
	set_i64(&c[8], DEFSYNC_DATE, 19000 + n);
	set_i64(&c[9], DEFSYNC_TIME, -n * 1000);
	set_i64(&c[10], DEFSYNC_TIMESTAMP_LOCAL, wm);
	set_data(&c[11], DEFSYNC_JSON, f->json, strlen(f->json));
	set_data(&c[12], DEFSYNC_UUID, f->uuid, sizeof(f->uuid));
	if (n % 3 == 0)
		set_i64(&c[13], DEFSYNC_INT64, n);
	else if (n % 3 == 1)
		set_data(&c[13], DEFSYNC_TEXT, NULL, 0);
}

static void fill_checkpoint(struct fake *f, int64_t n)
{
	(void)snprintf(f->checkpoint, sizeof(f->checkpoint), "v1 %s %" PRId64, f->table, n);
	f->row.checkpoint = f->checkpoint;
	f->row.checkpoint_len = strlen(f->checkpoint);
}

static void fill_row(struct fake *f, int64_t n)
{
	int is_small = f->second_at > 0 && n >= f->second_at;
	int reread = f->reread_from > 0 && n >= f->reread_from;

	fill_cells(f, n);
	(void)snprintf(f->position, sizeof(f->position), "id=%" PRId64, n);
	f->row = (struct defsync_row){
	    .struct_size = sizeof(f->row),
	    .op = n == f->delete_at ? DEFSYNC_OP_DELETE : DEFSYNC_OP_READ,
	    .relation = is_small ? &small : &full,
	    .cells = f->cells,
	    .n_cells = is_small ? N_SHORT : N_COLUMNS,
	    .cell_size = sizeof(f->cells[0]),
	    .flags = reread ? DEFSYNC_ROW_REREAD : 0,
	    .source_time_us = INT64_C(1700000000000000) + n,
	    .position = f->position,
	    .position_len = strlen(f->position),
	};
	if (!reread && (n % f->ties == 0 || n == f->rows))
		fill_checkpoint(f, n);
}

/* What comes behind the last row. */
static int32_t at_end(struct fake *f, const struct defsync_row **ret_row)
{
	if (f->sweep && !f->swept) {
		f->swept = 1;
		f->row = (struct defsync_row){
		    .struct_size = sizeof(f->row),
		    .op = DEFSYNC_OP_CHECKPOINT,
		    .relation = &full,
		    .flags = DEFSYNC_ROW_SWEEP,
		    .source_time_us = DEFSYNC_TIME_NONE,
		};
		fill_checkpoint(f, f->reread_from > 0 ? f->reread_from - 1 : f->rows);
		*ret_row = &f->row;
		return DEFSYNC_ROW;
	}
	if (f->request->mode != DEFSYNC_READ_STREAM)
		return DEFSYNC_END;
	if (f->host->wait(f->host->ctx, f->request->max_wait_ms) != DEFSYNC_OK)
		return defsync_fail(f->host, DEFSYNC_E_CANCELLED, "cancelled");
	return DEFSYNC_IDLE;
}

/* The rows whose id is asked for; with `sweep` they break a rule: a checkpoint. */
static int32_t next_by_key(struct fake *f, const struct defsync_row **ret_row)
{
	const struct defsync_request *q = f->request;

	while (f->given < q->n_lookup) {
		const char *at = (const char *)q->lookup + (size_t)f->given++ * q->cell_size;
		int64_t n = ((const struct defsync_cell *)(const void *)at)->v.i64;

		if (n < 1 || n > f->rows)
			continue;
		fill_row(f, n);
		f->row.checkpoint_len = f->sweep ? f->row.checkpoint_len : 0;
		*ret_row = &f->row;
		return DEFSYNC_ROW;
	}
	return DEFSYNC_END;
}

static int32_t fake_next(void *instance, void *cursor, uint32_t flags,
			 const struct defsync_row **ret_row)
{
	struct fake *f = instance;
	int64_t n = f->at;

	(void)cursor;
	(void)flags;
	f->host->count(f->host->ctx, "next", 1);
	if (f->host->cancelled(f->host->ctx))
		return defsync_fail(f->host, DEFSYNC_E_CANCELLED, "cancelled");
	if (f->sleep_ms > 0 && f->host->wait(f->host->ctx, f->sleep_ms) != DEFSYNC_OK)
		return defsync_fail(f->host, DEFSYNC_E_CANCELLED, "cancelled while waiting");
	if (n == f->fail_at && strcmp(f->fail_in, "next") == 0)
		return maybe_fail(f, "next");
	if (f->request->mode == DEFSYNC_READ_KEYS)
		return next_by_key(f, ret_row);
	if (n > f->rows)
		return at_end(f, ret_row);
	if (f->request->row_limit > 0 && f->given >= f->request->row_limit)
		return DEFSYNC_END;
	f->at++;
	f->given++;
	fill_row(f, n);
	*ret_row = &f->row;
	if (n == f->bad_row_at)
		return defsync_fail(f->host, DEFSYNC_E_BAD_ROW, "value out of form: 'price'");
	return DEFSYNC_ROW;
}

static void fake_end(void *instance, void *cursor)
{
	struct fake *f = instance;

	(void)cursor;
	record(f, "end");
	f->request = NULL;
}

static int32_t fake_ack(void *instance, const char *checkpoint, size_t len, uint32_t flags)
{
	struct fake *f = instance;
	char text[320];

	(void)flags;
	record(f, "ack");
	(void)snprintf(text, sizeof(text), "%.*s", (int)len, checkpoint);
	f->host->report(f->host->ctx, "acknowledged", text);
	return maybe_fail(f, "ack");
}

static void fake_cancel(void *instance)
{
	/* wait() and cancelled() are enough; the counter shows that it was called. */
	struct fake *f = instance;

	f->host->count(f->host->ctx, "cancel", 1);
}

static int32_t fake_load(const struct defsync_host *host, uint32_t flags)
{
	(void)flags;
	host->log(host->ctx, DEFSYNC_LOG_DEBUG, "fake_rows is loaded");
	return DEFSYNC_OK;
}

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME | DEFSYNC_CAP_DELETES | DEFSYNC_CAP_SNAPSHOT | DEFSYNC_CAP_STREAM |
	    DEFSYNC_CAP_CANCEL | DEFSYNC_CAP_DISCOVER | DEFSYNC_CAP_KEYS,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .table_options = table_options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .n_table_options = sizeof(table_options) / sizeof(table_options[0]),
    .name = "fake_rows",
    .version = "1",
    .summary = "Makes rows up",
    .home = "",
    .load = fake_load,
    .create = fake_create,
    .destroy = fake_destroy,
    .connect = fake_connect,
    .disconnect = fake_disconnect,
    .discover = fake_discover,
    .describe = fake_describe,
    .extract = fake_extract,
    .next = fake_next,
    .end = fake_end,
    .ack = fake_ack,
    .cancel = fake_cancel,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
