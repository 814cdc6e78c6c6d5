/* SPDX-License-Identifier: MIT */
/*
 * Rows per second of the sqlite source's next() against a bare sqlite3_step loop
 * that reads the same columns.  Prints the medians and their ratio.
 *
 *	bench-sqlite [ROWS [ROUNDS]]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "../unit/plugin-host.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int make_table(const char *path, long rows)
{
	char sql[1024];
	sqlite3 *db;
	int rc;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		return -1;
	(void)snprintf(sql, sizeof(sql),
		       "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER, "
		       "updated_at TEXT NOT NULL, status TEXT, total REAL, note TEXT);"
		       "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<%ld) "
		       "INSERT INTO orders SELECT i, i * 7919 %% 100003, "
		       "datetime(1700000000 + i / 5, 'unixepoch'), 'shipped', i * 1.25, "
		       "printf('note of order %%d, some words long', i) FROM n;"
		       "CREATE INDEX orders_updated ON orders(updated_at, id);",
		       rows);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return rc == SQLITE_OK ? 0 : -1;
}

/* What any reader has to do: the type, then the value of each cell. */
static uint64_t touch(sqlite3_stmt *stmt, int n)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < n; i++) {
		switch (sqlite3_column_type(stmt, i)) {
		case SQLITE_INTEGER:
			sum += (uint64_t)sqlite3_column_int64(stmt, i);
			break;
		case SQLITE_FLOAT:
			sum += (uint64_t)sqlite3_column_double(stmt, i);
			break;
		case SQLITE_TEXT:
			sum += sqlite3_column_text(stmt, i)[0];
			sum += (uint64_t)sqlite3_column_bytes(stmt, i);
			break;
		default:
			break;
		}
	}
	return sum;
}

static volatile uint64_t sink;

static double raw_loop(const char *path, const char *order)
{
	char sql[256];
	sqlite3_stmt *stmt;
	sqlite3 *db;
	double begin;
	uint64_t sum = 0;

	(void)snprintf(
	    sql, sizeof(sql),
	    "SELECT id, customer, updated_at, status, total, note FROM orders ORDER BY %s", order);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != 0 ||
	    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != 0)
		return -1;
	begin = now();
	while (sqlite3_step(stmt) == SQLITE_ROW)
		sum += touch(stmt, 6);
	begin = now() - begin;
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	sink = sum;
	return begin;
}

struct bench {
	struct plugin_host host;
	const struct defsync_source *source;
	void *instance;
	double extract; /* seconds of the last extract: checks and ceiling */
};

/* Reads all; returns the seconds of next alone and keeps the last checkpoint. */
static double plugin_loop(struct bench *b, const char *watermark, char *checkpoint)
{
	const struct defsync_request q = {
	    .struct_size = sizeof(q),
	    .mode = watermark ? DEFSYNC_READ_INCREMENTAL : DEFSYNC_READ_SNAPSHOT,
	    .table = "orders",
	    .watermark = watermark,
	    .lookback = -1,
	    .null_watermark = DEFSYNC_NULLS_ERROR,
	    .checkpoint = checkpoint,
	    .checkpoint_len = checkpoint ? strlen(checkpoint) : 0,
	};
	const struct defsync_row *row;
	double begin = now();
	uint64_t sum = 0;
	void *cursor;

	if (b->source->extract(b->instance, &q, 0, &cursor) < 0) {
		fprintf(stderr, "bench-sqlite: %s\n", b->host.text);
		return -1;
	}
	b->extract = now() - begin;
	begin = now();
	while (b->source->next(b->instance, cursor, 0, &row) == DEFSYNC_ROW)
		sum += row->checkpoint_len + row->n_cells;
	begin = now() - begin;
	b->source->end(b->instance, cursor);
	sink = sum;
	return begin;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), compare);
	return v[n / 2];
}

/* An incremental position below all rows: that of an empty first load. */
static int empty_position(struct bench *b, char *ret, size_t size)
{
	const struct defsync_request q = {.struct_size = sizeof(q),
					  .mode = DEFSYNC_READ_INCREMENTAL,
					  .table = "orders",
					  .watermark = "updated_at",
					  .filter = "0",
					  .lookback = -1,
					  .null_watermark = DEFSYNC_NULLS_ERROR};
	const struct defsync_row *row;
	void *cursor;
	int rc = -1;

	if (b->source->extract(b->instance, &q, 0, &cursor) < 0)
		return -1;
	if (b->source->next(b->instance, cursor, 0, &row) == DEFSYNC_ROW &&
	    row->checkpoint_len < size) {
		memcpy(ret, row->checkpoint, row->checkpoint_len);
		ret[row->checkpoint_len] = '\0';
		rc = 0;
	}
	b->source->end(b->instance, cursor);
	return rc;
}

static void compare_loops(struct bench *b, const char *path, const char *name, const char *order,
			  const char *watermark, char *checkpoint, long rows, int rounds)
{
	double raw[32], plugin[32], ratios[32], extract = 0;
	int i;

	for (i = 0; i < rounds; i++) {
		raw[i] = raw_loop(path, order);
		plugin[i] = plugin_loop(b, watermark, checkpoint);
		ratios[i] = raw[i] / plugin[i];
		extract = b->extract;
	}
	printf("%-12s raw %9.0f rows/s, next %9.0f rows/s, ratio %.2f, extract %.3f s\n", name,
	       (double)rows / median(raw, rounds), (double)rows / median(plugin, rounds),
	       median(ratios, rounds), extract);
}

int main(int argc, char **argv)
{
	char path[] = "/tmp/defsync-bench-XXXXXX", checkpoint[4097];
	long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
	struct plugin_host_option options[] = {
	    {"database", path}, {"busy_timeout", "1000"}, {"max_snapshot", "60000"}, {NULL, NULL}};
	struct bench b = {.source = defsync_source_v1()};
	int fd = mkstemp(path), failed = 1;

	if (fd < 0 || rounds < 1 || rounds > 32)
		return 1;
	close(fd);
	plugin_host_init(&b.host, options);
	if (make_table(path, rows) == 0 &&
	    b.source->create(&b.host.services, NULL, 0, &b.instance) == 0 &&
	    b.source->connect(b.instance, 0) == 0 &&
	    empty_position(&b, checkpoint, sizeof(checkpoint)) == 0) {
		compare_loops(&b, path, "snapshot", "id", NULL, NULL, rows, rounds);
		compare_loops(&b, path, "load", "id", "updated_at", NULL, rows, rounds);
		compare_loops(&b, path, "incremental", "updated_at, id", "updated_at", checkpoint,
			      rows, rounds);
		failed = 0;
	}
	b.source->destroy(b.instance);
	plugin_host_done(&b.host);
	unlink(path);
	return failed;
}
