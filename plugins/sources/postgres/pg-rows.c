/* SPDX-License-Identifier: MIT */
/*
 * Opening statements.  The rows of a table come by COPY in binary form, which
 * costs libpq a fraction of what a result a row does.  COPY takes no parameters and
 * tells no types: the SELECT itself is prepared first, once a transaction, which
 * compares the types, refuses a second statement in `where`, and takes the table's lock,
 * so that nothing can change until the end of the transaction.
 */

#include <stdlib.h>
#include <string.h>

#include "common/ident.h"
#include "pg.h"

/* ---- Parameters ------------------------------------------------------------------ */

/*
 * A place for parameter n, \1n\1::type: becomes $n or a literal.  Not "$n", which may
 * be part of the text of `where`.
 */
void pg_param(struct text *out, unsigned n, unsigned column, void *ctx)
{
	const struct reader_column *const *columns = ctx;

	text_char(out, PG_MARK);
	text_int(out, (int64_t)n);
	text_char(out, PG_MARK);
	text_str(out, "::");
	text_str(out, pg_column_of(columns[column])->cast);
}

/* As texts, which the casts make values of. */
struct params {
	struct pool pool;
	const char **texts; /* n_params */
};

static bool params_make(const struct reader_statement *st, struct params *p)
{
	struct text t;
	unsigned i;
	bool ok = true;

	*p = (struct params){.texts = NULL};
	p->texts = pool_alloc(&p->pool, st->n_params, sizeof(*p->texts));
	text_init(&t, READER_SQL_MAX);
	for (i = 0; i < st->n_params && p->texts && ok; i++) {
		text_clear(&t);
		if (st->params[i]->type == DEFSYNC_BYTES)
			text_str(&t, "\\x");
		reader_value_print(st->params[i], &t);
		p->texts[i] = pool_strdup(&p->pool, text_get(&t));
		ok = text_ok(&t) && p->texts[i];
	}
	text_done(&t);
	return ok && p->texts;
}

/* Standard strings: only the quote is special, and the pinned setting says so. */
static void add_literal(struct text *out, const char *s)
{
	ident_quote(out, s, '\'');
}

/* literals NULL: $n. */
static void write_sql(const char *sql, const char *const *literals, unsigned n_params,
		      struct text *out)
{
	const char *p = sql;

	for (;;) {
		size_t n = strcspn(p, (const char[]){PG_MARK, 0});
		unsigned number = 0;

		text_add(out, p, n);
		p += n;
		if (!*p)
			return;
		for (p++; *p >= '0' && *p <= '9'; p++)
			number = number * 10 + (unsigned)(*p - '0');
		p += *p == PG_MARK;
		if (number == 0 || number > n_params) {
			out->failed = true;
			return;
		}
		if (literals) {
			add_literal(out, literals[number - 1]);
		} else {
			text_char(out, '$');
			text_int(out, number);
		}
	}
}

/* ---- Opening ----------------------------------------------------------------------- */

static int32_t fail_changed(struct pg_source *s, const char *subject)
{
	return defsync_fail(s->reader.host, DEFSYNC_E_TRANSIENT,
			    "reading '%s': its columns changed while it was being read; run again",
			    subject);
}

static int32_t compare_types(struct pg_source *s, const struct reader_statement *st,
			     const PGresult *r)
{
	unsigned i;

	if ((unsigned)PQnfields(r) != st->n_columns)
		return fail_changed(s, st->subject);
	for (i = 0; i < st->n_columns; i++) {
		if (st->columns[i] && PQftype(r, (int)i) != pg_column_of(st->columns[i])->result)
			return fail_changed(s, st->subject);
	}
	return 0;
}

/* Prepared without a name: the next one takes its place. */
static int32_t check_select(struct pg_source *s, const struct reader_statement *st)
{
	PGresult *r = NULL;
	int32_t rc = 0;

	if (!PQsendPrepare(s->conn, "", s->checked, 0, NULL) || pg_await(s, &r) < 0)
		return pg_fail_connection(s, "reading", st->subject);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		rc = pg_fail_result(s, "reading", st->subject, r);
	PQclear(r);
	if (rc < 0)
		return rc;
	if (!PQsendDescribePrepared(s->conn, "") || pg_await(s, &r) < 0)
		return pg_fail_connection(s, "reading", st->subject);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		rc = pg_fail_result(s, "reading", st->subject, r);
	else
		rc = compare_types(s, st, r);
	PQclear(r);
	return rc;
}

static void forget_checked(struct pg_source *s)
{
	free(s->checked);
	s->checked = NULL;
}

static int32_t check_once(struct pg_source *s, const struct reader_statement *st, const char *sql)
{
	int32_t rc;

	if (s->checked && strcmp(s->checked, sql) == 0)
		return 0;
	forget_checked(s);
	s->checked = strdup(sql);
	if (!s->checked)
		return reader_fail_nomem(&s->reader);
	rc = check_select(s, st);
	/* Outside of a transaction nothing keeps it from changing. */
	if (rc < 0 || PQtransactionStatus(s->conn) != PQTRANS_INTRANS)
		forget_checked(s);
	return rc;
}

static int32_t open_copy(struct pg_source *s, const struct reader_statement *st,
			 const struct params *params)
{
	PGresult *r = NULL;
	struct text sql;
	int32_t rc = 0;

	text_init(&sql, 2 * READER_SQL_MAX);
	text_str(&sql, "COPY (");
	write_sql(st->sql, params->texts, st->n_params, &sql);
	/* A line of its own: the statement may end in a -- comment. */
	text_str(&sql, "\n) TO STDOUT (FORMAT binary)");
	if (!text_ok(&sql))
		rc = reader_fail_nomem(&s->reader);
	else if (!PQsendQueryParams(s->conn, text_get(&sql), 0, NULL, NULL, NULL, NULL, 0) ||
		 pg_await(s, &r) < 0)
		rc = pg_fail_connection(s, "reading", st->subject);
	else if (PQresultStatus(r) != PGRES_COPY_OUT)
		rc = pg_fail_result(s, "reading", st->subject, r);
	PQclear(r);
	text_done(&sql);
	s->rows.copy = rc == 0;
	return rc;
}

static int32_t open_small(struct pg_source *s, const struct reader_statement *st, const char *sql,
			  const struct params *params)
{
	int32_t rc = pg_query(s, "reading", st->subject, true, sql, (int)st->n_params,
			      params->texts, &s->rows.result);

	return rc < 0 ? rc : compare_types(s, st, s->rows.result);
}

int32_t pg_open(struct reader_source *reader, const struct reader_statement *st)
{
	struct pg_source *s = pg_of(reader);
	struct params params;
	struct text sql;
	int32_t rc;

	pg_close(reader);
	s->rows.columns = st->columns;
	s->rows.n_columns = st->n_columns;
	s->rows.open = true;
	rc = pg_usable(s, "reading", st->subject);
	text_init(&sql, READER_SQL_MAX);
	write_sql(st->sql, NULL, st->n_params, &sql);
	if (!params_make(st, &params) || !text_ok(&sql))
		rc = rc < 0 ? rc : reader_fail_nomem(reader);
	if (rc == 0 && st->stream)
		rc = check_once(s, st, text_get(&sql));
	if (rc == 0)
		rc = st->stream ? open_copy(s, st, &params)
				: open_small(s, st, text_get(&sql), &params);
	s->rows.subject = strdup(st->subject);
	if (rc == 0 && !s->rows.subject)
		rc = reader_fail_nomem(reader);
	text_done(&sql);
	pool_done(&params.pool);
	if (rc < 0)
		pg_close(reader);
	return rc;
}

static void tell_counts(struct pg_source *s)
{
	const struct defsync_host *host = s->reader.host;

	if (s->rows.infinite)
		host->count(host->ctx, "infinite_times", s->rows.infinite);
	if (s->rows.not_finite)
		host->count(host->ctx, "non_finite_decimals", s->rows.not_finite);
}

void pg_close(struct reader_source *reader)
{
	struct pg_source *s = pg_of(reader);
	struct pg_rows *r = &s->rows;
	struct pg_scratch scratch = r->scratch;

	if (!r->open)
		return;
	tell_counts(s);
	PQfreemem(r->message);
	PQclear(r->result);
	free(r->subject);
	if (r->copy && !r->ended)
		pg_abandon(s);
	*r = (struct pg_rows){.scratch = scratch};
}

/* ---- Transactions ---------------------------------------------------------------------- */

int32_t pg_begin(struct reader_source *reader)
{
	struct pg_source *s = pg_of(reader);

	forget_checked(s);
	/* BEGIN alone makes no snapshot: the first query does. */
	return pg_command(s, "beginning a transaction in",
			  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1");
}

void pg_rollback(struct reader_source *reader)
{
	struct pg_source *s = pg_of(reader);
	PGTransactionStatusType status;
	PGresult *r = NULL;

	pg_close(reader);
	forget_checked(s);
	pg_abandon(s);
	if (!s->conn || s->broken || reader_is_cancelled(reader))
		return;
	status = PQtransactionStatus(s->conn);
	if (status != PQTRANS_INTRANS && status != PQTRANS_INERROR)
		return;
	if (!PQsendQuery(s->conn, "ROLLBACK") || pg_await(s, &r) < 0)
		s->broken = true;
	PQclear(r);
}

/* ---- Values from outside ------------------------------------------------------------------ */

static bool is_bad_value(const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	return PQresultStatus(r) == PGRES_FATAL_ERROR && state && strncmp(state, "22", 2) == 0;
}

static int32_t take_value(struct pg_source *s, const struct reader_column *column,
			  const PGresult *r, struct reader_value *ret)
{
	struct pg_scratch scratch = {0};
	struct defsync_cell cell;
	int32_t rc = DEFSYNC_E_CONFIG;

	if (PQntuples(r) == 1 && !PQgetisnull(r, 0, 0) &&
	    pg_decode(PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0), (enum pg_wire)column->wire,
		      &scratch, &cell) == PG_OK)
		rc = reader_value_set(ret, &cell) ? 0 : reader_fail_nomem(&s->reader);
	pg_scratch_done(&scratch);
	return rc;
}

/* A failed cast would spoil a transaction. */
static int32_t savepoint(struct pg_source *s, bool inside, const char *sql)
{
	return inside ? pg_command(s, "reading a value in", sql) : 0;
}

int32_t pg_parse(struct reader_source *reader, const struct reader_column *column,
		 const struct defsync_cell *given, struct reader_value *ret)
{
	struct pg_source *s = pg_of(reader);
	bool inside = s->conn && PQtransactionStatus(s->conn) == PQTRANS_INTRANS;
	struct text value, sql;
	const char *params[1];
	PGresult *r = NULL;
	int32_t rc = savepoint(s, inside, "SAVEPOINT defsync"), end;

	if (rc < 0)
		return rc;
	text_init(&value, READER_SQL_MAX);
	text_init(&sql, READER_SQL_MAX);
	reader_value_print(given, &value);
	text_str(&sql, "SELECT $1::");
	text_str(&sql, pg_column_of(column)->cast);
	text_str(&sql, pg_column_of(column)->shown);
	params[0] = text_get(&value);
	rc = text_ok(&value) && text_ok(&sql) ? pg_query_raw(s, true, text_get(&sql), 1, params, &r)
					      : DEFSYNC_E_CONFIG;
	if (rc == 0 && PQresultStatus(r) == PGRES_TUPLES_OK)
		rc = take_value(s, column, r, ret);
	else if (rc == 0)
		rc = is_bad_value(r) ? DEFSYNC_E_CONFIG
				     : pg_fail_result(s, "reading a value for", column->name, r);
	PQclear(r);
	text_done(&sql);
	text_done(&value);
	end = savepoint(s, inside && !s->broken,
			"ROLLBACK TO SAVEPOINT defsync; RELEASE SAVEPOINT defsync");
	return rc < 0 ? rc : end;
}
