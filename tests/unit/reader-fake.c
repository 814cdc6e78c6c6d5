/* SPDX-License-Identifier: MIT */
/* A source on the common reader for its tests, see reader-fake.h. */

#include "reader-fake.h"

static const struct {
	const char *declared;
	uint32_t type;
	enum reader_kind kind;
} types[] = {
    {"INTEGER", DEFSYNC_INT64, READER_INTEGER},
    {"INT_BOOL", DEFSYNC_BOOL, READER_NONE},
    {"INT_DATE", DEFSYNC_DATE, READER_TIME},
    {"INT_TIME", DEFSYNC_TIME, READER_NONE},
    {"INT_STAMP", DEFSYNC_TIMESTAMP, READER_TIME},
    {"INT_LOCAL", DEFSYNC_TIMESTAMP_LOCAL, READER_TIME},
    {"TEXT", DEFSYNC_TEXT, READER_TEXT},
    {"TEXT_U64", DEFSYNC_UINT64, READER_INTEGER},
    {"TEXT_DECIMAL", DEFSYNC_DECIMAL, READER_TEXT},
    {"BLOB", DEFSYNC_BYTES, READER_NONE},
    {"BLOB_UUID", DEFSYNC_UUID, READER_TEXT},
    {"REAL", DEFSYNC_DOUBLE, READER_NONE},
};

/* ---- The table -------------------------------------------------------------------- */

static void fill_column(struct pool *pool, sqlite3_stmt *stmt, struct reader_column *c)
{
	const char *declared = (const char *)sqlite3_column_text(stmt, 2);
	size_t i;

	c->name = pool_strdup(pool, (const char *)sqlite3_column_text(stmt, 1));
	c->native_type = pool_strdup(pool, declared);
	c->nullable = sqlite3_column_int(stmt, 3) == 0;
	c->pk = sqlite3_column_int(stmt, 5);
	c->nullable = c->nullable && !c->pk;
	c->quoted = pool_printf(pool, "\"%s\"", c->name);
	c->filled = "default";
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].declared, declared) != 0)
			continue;
		c->type = types[i].type;
		c->kind = types[i].kind;
	}
	assert_true(c->type != DEFSYNC_NULL);
	c->refusal = c->type == DEFSYNC_DOUBLE ? "is a float" : NULL;
	c->key_refusal = c->refusal;
	if (strncmp(c->name, "nc_", 3) == 0)
		c->order_exact = pool_printf(pool, "%s COLLATE BINARY", c->quoted);
	if (strncmp(c->name, "inf_", 4) == 0) {
		c->missing = pool_printf(pool, "%s IS NULL OR %s = 9223372036854775807", c->quoted,
					 c->quoted);
		c->present = pool_printf(pool, "%s <> 9223372036854775807", c->quoted);
	}
	if (strncmp(c->name, "odd_", 4) == 0)
		c->order = pool_printf(pool, "-%s", c->quoted);
	c->server_time = strncmp(c->name, "ts_", 3) == 0;
}

static int32_t load_table(struct reader_source *s, struct pool *pool,
			  const struct defsync_request *request, struct reader_table *ret)
{
	struct fake *k = (struct fake *)s;
	struct reader_column *columns = pool_alloc(pool, 32, sizeof(*columns));
	sqlite3_stmt *stmt;
	int n = 0;

	assert_null(k->stmt);
	assert_int_equal(
	    sqlite3_prepare_v2(k->db, "SELECT * FROM pragma_table_info(?1)", -1, &stmt, NULL),
	    SQLITE_OK);
	sqlite3_bind_text(stmt, 1, request->table, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		fill_column(pool, stmt, &columns[n++]);
	sqlite3_finalize(stmt);
	if (n == 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG, "no table '%s'", request->table);
	*ret = (struct reader_table){
	    .schema = "main",
	    .name = pool_strdup(pool, request->table),
	    .kind = "table",
	    .from = pool_strdup(pool, request->table),
	    .sql = pool_printf(pool, "main.\"%s\"", request->table),
	    .identity = k->table_identity ? k->table_identity : request->table,
	    .columns = columns,
	    .n_columns = n,
	    .row_estimate = -1,
	    .no_snapshots = k->no_snapshots,
	};
	return 0;
}

static int32_t is_unique(struct reader_source *s, const struct reader_table *t, const int *columns,
			 int n, bool *ret)
{
	int i, in_key = 0, whole = 0;

	assert_true(n > 0);
	for (i = 0; i < t->n_columns; i++)
		whole += t->columns[i].pk > 0;
	for (i = 0; i < n; i++)
		in_key += t->columns[columns[i]].pk > 0;
	*ret = ((struct fake *)s)->unique || (whole && in_key == whole);
	return 0;
}

static int32_t is_indexed(struct reader_source *s, const struct reader_table *t, int column,
			  bool *ret)
{
	assert_true(column >= 0 && column < t->n_columns);
	*ret = ((struct fake *)s)->indexed;
	return 0;
}

/* Numbers as they are, for all that is stored as one; texts. */
static int32_t parse(struct reader_source *s, const struct reader_column *column,
		     const struct defsync_cell *given, struct reader_value *ret)
{
	struct defsync_cell cell = {.type = column->type};
	char text[64], *end;

	(void)s;
	if (given->type == DEFSYNC_TEXT && column->type == DEFSYNC_TEXT)
		return reader_value_set(ret, given) ? 0 : DEFSYNC_E_NOMEM;
	if (given->type == DEFSYNC_INT64 && column->type == DEFSYNC_INT64)
		return reader_value_set(ret, given) ? 0 : DEFSYNC_E_NOMEM;
	if (given->type != DEFSYNC_TEXT || given->v.data.len > 60)
		return DEFSYNC_E_CONFIG;
	memcpy(text, given->v.data.ptr, given->v.data.len);
	text[given->v.data.len] = '\0';
	cell.v.i64 = strtoll(text, &end, 10);
	return *end || !reader_value_set(ret, &cell) ? DEFSYNC_E_CONFIG : 0;
}

static int32_t ceiling(struct reader_source *s, const struct reader_table *t,
		       const struct reader_column *watermark, struct reader_ceiling *ret)
{
	struct fake *k = (struct fake *)s;

	(void)t;
	assert_false(k->in_snapshot);
	assert_int_equal(watermark->kind, READER_TIME);
	*ret = k->ceiling;
	return 0;
}

/* ---- Statements ----------------------------------------------------------------------- */

static void give_back(struct fake *k)
{
	while (k->n_lent)
		free(k->lent[--k->n_lent]);
}

static int32_t begin(struct reader_source *s)
{
	struct fake *k = (struct fake *)s;

	assert_false(k->in_snapshot);
	assert_null(k->stmt);
	/* The snapshot is that of now. */
	assert_int_equal(
	    sqlite3_exec(k->db, "BEGIN; SELECT 1 FROM sqlite_schema", NULL, NULL, NULL), SQLITE_OK);
	k->in_snapshot = true;
	k->begun++;
	return 0;
}

static void close_statement(struct reader_source *s)
{
	struct fake *k = (struct fake *)s;

	give_back(k);
	assert_non_null(k->stmt);
	k->aborted = k->aborted || (k->stream && !k->over && k->in_snapshot);
	k->abandoned += k->stream && !k->over;
	sqlite3_finalize(k->stmt);
	k->stmt = NULL;
}

static void rollback(struct reader_source *s)
{
	struct fake *k = (struct fake *)s;

	assert_true(k->in_snapshot);
	assert_null(k->stmt);
	assert_int_equal(sqlite3_exec(k->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	k->in_snapshot = k->aborted = false;
}

static void param(struct text *out, unsigned n, unsigned column, void *ctx)
{
	const struct reader_column *const *columns = ctx;

	assert_non_null(columns[column]->name);
	text_char(out, '?');
	text_int(out, n);
}

static void bind(sqlite3_stmt *stmt, int i, const struct defsync_cell *v)
{
	char text[32];

	switch (v->type) {
	case DEFSYNC_UINT64:
		(void)snprintf(text, sizeof(text), "%020" PRIu64, v->v.u64);
		sqlite3_bind_text(stmt, i, text, -1, SQLITE_TRANSIENT);
		break;
	case DEFSYNC_TEXT:
	case DEFSYNC_DECIMAL:
		sqlite3_bind_text(stmt, i, v->v.data.len ? v->v.data.ptr : "", (int)v->v.data.len,
				  SQLITE_TRANSIENT);
		break;
	case DEFSYNC_BYTES:
	case DEFSYNC_UUID:
		sqlite3_bind_blob(stmt, i, v->v.data.len ? v->v.data.ptr : "", (int)v->v.data.len,
				  SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_bind_int64(stmt, i, v->v.i64);
	}
}

static int32_t open_statement(struct reader_source *s, const struct reader_statement *st)
{
	struct fake *k = (struct fake *)s;
	char *log = NULL;
	unsigned i;

	assert_null(k->stmt);
	assert_false(k->aborted);
	if (sqlite3_prepare_v2(k->db, st->sql, -1, &k->stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", st->sql, sqlite3_errmsg(k->db));
	assert_int_equal(sqlite3_bind_parameter_count(k->stmt), (int)st->n_params);
	assert_int_equal(sqlite3_column_count(k->stmt), (int)st->n_columns);
	for (i = 0; i < st->n_params; i++) {
		assert_non_null(st->param_columns[i]);
		assert_int_equal(st->params[i]->type, st->param_columns[i]->type);
		bind(k->stmt, (int)i + 1, st->params[i]);
	}
	assert_true(!st->stream || k->in_snapshot || strstr(st->sql, " = ?"));
	assert_true(asprintf(&log, "%s%s\n", k->log ? k->log : "", st->sql) > 0);
	free(k->log);
	k->log = log;
	k->columns = st->columns;
	k->n_columns = st->n_columns;
	k->opened++;
	k->over = false;
	k->stream = st->stream;
	return 0;
}

static void lend(struct fake *k, struct defsync_cell *cell, const void *ptr, int len)
{
	/* A block of its own for each, so that a use behind its life is seen. */
	void *copy = malloc((size_t)len + 1);

	assert_non_null(copy);
	if (len)
		memcpy(copy, ptr, (size_t)len);
	k->lent[k->n_lent++] = copy;
	cell->v.data.ptr = copy;
	cell->v.data.len = (size_t)len;
}

static void read_cell(struct fake *k, int i, struct defsync_cell *cell, int *ret_bad)
{
	const struct reader_column *c = k->columns[i];
	const char *text;

	*cell = (struct defsync_cell){.type = c ? c->type : DEFSYNC_INT64};
	if (sqlite3_column_type(k->stmt, i) == SQLITE_NULL) {
		cell->type = DEFSYNC_NULL;
		return;
	}
	switch (cell->type) {
	case DEFSYNC_UINT64:
		cell->v.u64 = strtoull((const char *)sqlite3_column_text(k->stmt, i), NULL, 10);
		break;
	case DEFSYNC_DOUBLE:
		cell->v.f64 = sqlite3_column_double(k->stmt, i);
		break;
	case DEFSYNC_TEXT:
	case DEFSYNC_DECIMAL:
		text = (const char *)sqlite3_column_text(k->stmt, i);
		lend(k, cell, text, sqlite3_column_bytes(k->stmt, i));
		if (strcmp(text, "BAD") == 0 && *ret_bad < 0) {
			*ret_bad = i;
			(void)defsync_fail(k->base.host, DEFSYNC_E_BAD_ROW, "column '%s' is bad",
					   c->name);
		}
		break;
	case DEFSYNC_BYTES:
	case DEFSYNC_UUID:
		text = sqlite3_column_blob(k->stmt, i);
		lend(k, cell, text, sqlite3_column_bytes(k->stmt, i));
		break;
	default:
		cell->v.i64 = sqlite3_column_int64(k->stmt, i);
	}
}

static int32_t fetch(struct reader_source *s, struct defsync_cell *cells, int *ret_bad)
{
	struct fake *k = (struct fake *)s;
	unsigned i;
	int step;

	assert_non_null(k->stmt);
	assert_false(k->over);
	assert_int_equal(*ret_bad, -1);
	give_back(k);
	if (k->fail_at && --k->fail_at == 0)
		return defsync_fail(s->host, DEFSYNC_E_TRANSIENT, "the server has gone");
	step = sqlite3_step(k->stmt);
	if (step == SQLITE_DONE) {
		k->over = true;
		return DEFSYNC_END;
	}
	if (step != SQLITE_ROW)
		fail_msg("%s", sqlite3_errmsg(k->db));
	for (i = 0; i < k->n_columns; i++)
		read_cell(k, (int)i, &cells[i], ret_bad);
	return DEFSYNC_ROW;
}

static int32_t findings(struct reader_source *s, const struct reader_table *t,
			const struct reader_column *watermark, void *list)
{
	(void)s;
	(void)watermark;
	reader_find(list, DEFSYNC_FINDING_NOTE, "of-its-own", NULL, "'%s' is a fake", t->name);
	return 0;
}

static const struct reader_dialect fake_dialect = {
    .format = "fake1",
    .quote = '"',
    .keyset = {.param = param, .row_values = true, .numbered = true},
    .load_table = load_table,
    .is_unique = is_unique,
    .is_indexed = is_indexed,
    .parse = parse,
    .ceiling = ceiling,
    .begin = begin,
    .rollback = rollback,
    .open = open_statement,
    .fetch = fetch,
    .close = close_statement,
    .findings = findings,
};

void fake_kind(struct fake *k, int kind)
{
	k->dialect.keyset.row_values = kind == 0;
	k->dialect.keyset.numbered = kind != 2;
}

void fake_forget(struct fake *k)
{
	free(k->log);
	k->log = NULL;
	k->opened = k->begun = k->abandoned = 0;
}

/* ---- The plugin ------------------------------------------------------------------------- */

static int32_t fake_create(const struct defsync_host *host, const struct defsync_options *options,
			   uint32_t flags, void **ret_instance)
{
	struct fake *k = calloc(1, sizeof(*k));

	(void)flags;
	assert_non_null(k);
	k->dialect = fake_dialect;
	k->path = host->option_string(host->ctx, options, "database");
	k->identity = "server-1/shop";
	reader_init(&k->base, host, &k->dialect);
	k->base.max_snapshot_ms = host->option_int(host->ctx, options, "max_snapshot");
	k->ceiling.standing = READER_PROVEN;
	*ret_instance = k;
	return 0;
}

static int32_t fake_connect(void *instance, uint32_t flags)
{
	struct fake *k = instance;

	(void)flags;
	assert_int_equal(sqlite3_open(k->path, &k->db), SQLITE_OK);
	return reader_connected(&k->base, k->identity);
}

static void fake_disconnect(void *instance)
{
	struct fake *k = instance;

	assert_false(k->in_snapshot);
	reader_disconnected(&k->base);
	sqlite3_close(k->db);
	k->db = NULL;
}

static void fake_destroy(void *instance)
{
	struct fake *k = instance;

	fake_disconnect(k);
	free(k->log);
	free(k);
}

static int32_t fake_describe(void *instance, const struct defsync_request *request, uint32_t flags,
			     const struct defsync_table **ret_table)
{
	(void)flags;
	return reader_describe(instance, request, ret_table);
}

static int32_t fake_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			    void **ret_cursor)
{
	struct fake *k = instance;
	struct reader_cursor *c = NULL;
	int32_t rc = reader_extract(&k->base, request, &c);

	(void)flags;
	if (rc == 0)
		*ret_cursor = k->cursor = c;
	else
		assert_false(k->in_snapshot);
	return rc;
}

static int32_t fake_next(void *instance, void *cursor, uint32_t flags,
			 const struct defsync_row **ret_row)
{
	(void)flags;
	return reader_next(instance, cursor, ret_row);
}

static void fake_end(void *instance, void *cursor)
{
	struct fake *k = instance;

	reader_end(&k->base, cursor);
	assert_false(k->in_snapshot);
	assert_null(k->stmt);
}

static int32_t fake_pause(void *instance, void *cursor, uint32_t flags)
{
	(void)flags;
	return reader_pause(instance, cursor);
}

static void fake_cancel(void *instance)
{
	atomic_store(&((struct fake *)instance)->base.cancelled, 1);
}

static const struct defsync_source fake_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .name = "fake",
    .create = fake_create,
    .destroy = fake_destroy,
    .connect = fake_connect,
    .disconnect = fake_disconnect,
    .describe = fake_describe,
    .extract = fake_extract,
    .next = fake_next,
    .end = fake_end,
    .cancel = fake_cancel,
    .pause = fake_pause,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &fake_source;
}
