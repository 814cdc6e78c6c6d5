/* SPDX-License-Identifier: MIT */
/*
 * One SELECT: prepared, in the binary protocol, without a cursor on the server, its rows
 * fetched as they come.  Buffers are bound once and grow when a value was cut.
 */

#include <stdlib.h>
#include <string.h>

#include "my.h"

#define FIRST_CAP 256
#define MIDDLE_CAP 4096

struct my_statement {
	MYSQL_STMT *stmt;
	char *subject; /* owned */
	const struct reader_column *const *columns;
	struct my_field *fields; /* owned */
	MYSQL_BIND *binds;	 /* owned */
	unsigned n;
	bool at_end;
};

static const char *column_name(const struct my_statement *st, unsigned i)
{
	return st->columns[i] ? st->columns[i]->name : "count";
}

/* ---- Begin and end -------------------------------------------------------------- */

int32_t my_begin(struct reader_source *r)
{
	struct my_source *s = my_source_of(r);
	int32_t rc = my_exec(s, "cannot begin to read with",
			     "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");

	s->in_transaction = rc == 0;
	return rc;
}

void my_rollback(struct reader_source *r)
{
	struct my_source *s = my_source_of(r);

	my_close(r);
	if (s->in_transaction && s->db)
		(void)mysql_rollback(s->db);
	s->in_transaction = false;
}

/* ---- Parameters ------------------------------------------------------------------- */

static int32_t execute(struct my_source *s, struct my_statement *st,
		       const struct reader_statement *q)
{
	size_t n = q->n_params ? q->n_params : 1;
	struct my_param *params = calloc(n, sizeof(*params));
	MYSQL_BIND *binds = calloc(n, sizeof(*binds));
	int32_t rc = params && binds ? 0 : reader_fail_nomem(&s->reader);
	unsigned i;

	for (i = 0; rc == 0 && i < q->n_params; i++) {
		if (!my_param_bind(q->params[i], &params[i], &binds[i]))
			rc = defsync_fail(my_host(s), DEFSYNC_E_BUG,
					  "parameter %u is of type %u, which is not compared",
					  i + 1, q->params[i]->type);
	}
	if (rc == 0 && q->n_params && mysql_stmt_bind_param(st->stmt, binds) != 0)
		rc = my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	if (rc == 0 && mysql_stmt_execute(st->stmt) != 0)
		rc = my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	free(params);
	free(binds);
	return rc;
}

/* ---- Fields ------------------------------------------------------------------------- */

static bool has_buffer(enum my_wire wire)
{
	return wire == MY_WIRE_TEXT || wire == MY_WIRE_BYTES || wire == MY_WIRE_JSON ||
	       wire == MY_WIRE_SET || wire == MY_WIRE_DECIMAL;
}

/* Short texts whole, of long ones a part that most of them fit. */
static bool field_init(struct my_field *f, const struct reader_column *c)
{
	size_t cap = FIRST_CAP;

	f->wire = c ? (enum my_wire)c->wire : MY_WIRE_INT;
	text_init(&f->scratch, MY_VALUE_MAX);
	if (!has_buffer(f->wire))
		return true;
	if (c->wire_detail > FIRST_CAP)
		cap = c->wire_detail < MIDDLE_CAP ? (size_t)c->wire_detail : MIDDLE_CAP;
	f->buffer = malloc(cap);
	f->cap = f->buffer ? cap : 0;
	return f->buffer != NULL;
}

static int32_t bind_fields(struct my_source *s, struct my_statement *st)
{
	unsigned i;

	for (i = 0; i < st->n; i++)
		my_field_bind(&st->fields[i], &st->binds[i]);
	if (mysql_stmt_bind_result(st->stmt, st->binds) != 0)
		return my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	return 0;
}

static int32_t make_fields(struct my_source *s, struct my_statement *st,
			   const struct reader_statement *q)
{
	unsigned i;

	st->fields = calloc(q->n_columns + 1, sizeof(*st->fields));
	st->binds = calloc(q->n_columns + 1, sizeof(*st->binds));
	if (!st->fields || !st->binds)
		return reader_fail_nomem(&s->reader);
	st->columns = q->columns;
	st->n = q->n_columns;
	for (i = 0; i < st->n; i++) {
		if (!field_init(&st->fields[i], q->columns[i]))
			return reader_fail_nomem(&s->reader);
	}
	/* The library would write behind the array. */
	if (mysql_stmt_field_count(st->stmt) != st->n)
		return defsync_fail(my_host(s), DEFSYNC_E_BUG, "'%s': %u columns instead of %u",
				    st->subject, mysql_stmt_field_count(st->stmt), st->n);
	return bind_fields(s, st);
}

/* ---- Open, fetch, close ------------------------------------------------------------------ */

int32_t my_open(struct reader_source *r, const struct reader_statement *q)
{
	struct my_source *s = my_source_of(r);
	struct my_statement *st;
	int32_t rc;

	if (reader_is_cancelled(r))
		return defsync_fail(r->host, DEFSYNC_E_CANCELLED, "cancelled");
	if (s->statement)
		return defsync_fail(r->host, DEFSYNC_E_BUG, "a statement is under way");
	st = calloc(1, sizeof(*st));
	if (!st)
		return reader_fail_nomem(r);
	s->statement = st;
	st->subject = strdup(q->subject);
	st->stmt = mysql_stmt_init(s->db);
	if (!st->subject || !st->stmt)
		rc = reader_fail_nomem(r);
	else if (mysql_stmt_prepare(st->stmt, q->sql, (unsigned long)strlen(q->sql)) != 0)
		rc = my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	/* A question mark in a condition. */
	else if (mysql_stmt_param_count(st->stmt) != q->n_params)
		rc = defsync_fail(r->host, DEFSYNC_E_CONFIG,
				  "'%s': 'where' takes no parameters; write values into it",
				  st->subject);
	else
		rc = execute(s, st, q);
	if (rc == 0)
		rc = make_fields(s, st, q);
	/* Few rows, and other statements come before all of them are fetched. */
	if (rc == 0 && !q->stream && mysql_stmt_store_result(st->stmt) != 0)
		rc = my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	st->at_end = !q->stream;
	if (rc < 0)
		my_close(r);
	return rc;
}

/* Whole, into a buffer that stays. */
static int32_t fetch_rest(struct my_source *s, struct my_statement *st, unsigned i)
{
	struct my_field *f = &st->fields[i];
	size_t cap = f->cap;
	MYSQL_BIND bind;
	char *larger;

	while (cap < f->length)
		cap *= 2;
	larger = realloc(f->buffer, cap);
	if (!larger)
		return reader_fail_nomem(&s->reader);
	f->buffer = larger;
	f->cap = cap;
	my_field_bind(f, &bind);
	if (mysql_stmt_fetch_column(st->stmt, &bind, i, 0) != 0)
		return my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	return 0;
}

static int32_t complete_row(struct my_source *s, struct my_statement *st, int *ret_bad)
{
	bool grown = false;
	int32_t rc = 0;
	unsigned i;

	for (i = 0; rc == 0 && i < st->n; i++) {
		struct my_field *f = &st->fields[i];

		if (!f->cap || f->is_null || f->length <= f->cap)
			continue;
		if (f->length > MY_VALUE_MAX) {
			(void)defsync_fail(my_host(s), DEFSYNC_E_BAD_ROW,
					   "'%s' has %lu bytes, more than can be sent",
					   column_name(st, i), f->length);
			f->is_null = true;
			if (*ret_bad < 0)
				*ret_bad = (int)i;
			continue;
		}
		rc = fetch_rest(s, st, i);
		grown = true;
	}
	/* The library keeps a copy of the binds. */
	return rc == 0 && grown ? bind_fields(s, st) : rc;
}

static int32_t decode_field(struct my_source *s, struct my_statement *st, unsigned i,
			    struct defsync_cell *cell, int *ret_bad)
{
	switch (my_field_decode(&st->fields[i], cell)) {
	case MY_VALUE_OK:
		return 0;
	case MY_VALUE_ZERO_DATE:
		if (!st->columns[i] || st->columns[i]->wire_detail != MY_DETAIL_KEY) {
			s->zero_dates++;
			return 0;
		}
		(void)defsync_fail(my_host(s), DEFSYNC_E_BAD_ROW,
				   "'%s' is part of the key and holds a date with zeros",
				   column_name(st, i));
		break;
	case MY_VALUE_NOMEM:
		return reader_fail_nomem(&s->reader);
	case MY_VALUE_BAD_DATE:
		(void)defsync_fail(my_host(s), DEFSYNC_E_BAD_ROW,
				   "'%s' holds a date that is not in the calendar",
				   column_name(st, i));
		break;
	case MY_VALUE_BAD:
		(void)defsync_fail(my_host(s), DEFSYNC_E_BAD_ROW,
				   "'%s' holds a value that does not fit its declared type",
				   column_name(st, i));
		break;
	}
	*cell = (struct defsync_cell){.type = DEFSYNC_NULL};
	if (*ret_bad < 0)
		*ret_bad = (int)i;
	return 0;
}

int32_t my_fetch(struct reader_source *r, struct defsync_cell *cells, int *ret_bad)
{
	struct my_source *s = my_source_of(r);
	struct my_statement *st = s->statement;
	int status = mysql_stmt_fetch(st->stmt);
	int bad = -1;
	int32_t rc = 0;
	unsigned i;

	if (status == MYSQL_NO_DATA) {
		st->at_end = true;
		return DEFSYNC_END;
	}
	if (status != 0 && status != MYSQL_DATA_TRUNCATED)
		return my_fail_stmt(s, st->stmt, "cannot read", st->subject);
	if (status == MYSQL_DATA_TRUNCATED)
		rc = complete_row(s, st, &bad);
	for (i = 0; rc == 0 && i < st->n; i++) {
		rc = decode_field(s, st, i, &cells[i], &bad);
	}
	if (rc < 0)
		return rc;
	if (bad >= 0)
		*ret_bad = bad;
	return DEFSYNC_ROW;
}

static void statement_free(struct my_statement *st)
{
	unsigned i;

	for (i = 0; st->fields && i < st->n; i++) {
		free(st->fields[i].buffer);
		text_done(&st->fields[i].scratch);
	}
	free(st->fields);
	free(st->binds);
	free(st->subject);
	free(st);
}

/* Is there more to come?  A page whose last row was taken has only its end left. */
static bool has_more(const struct my_source *s, struct my_statement *st)
{
	int status;

	if (st->at_end || !st->fields || reader_is_cancelled(&s->reader) ||
	    mysql_stmt_errno(st->stmt) != 0)
		return false;
	status = mysql_stmt_fetch(st->stmt);
	return status == 0 || status == MYSQL_DATA_TRUNCATED;
}

/*
 * The library reads what is left of a result, which may be gigabytes: the server is told
 * to stop first.  When that came too late it would hit the next statement.  Where it
 * cannot be told, the connection ends: whoever goes on is told to run again.
 */
static void stop(struct my_source *s, struct my_statement *st)
{
	bool more = has_more(s, st), killed = more && my_kill_query(s);

	if (more && !killed) {
		defsync_log(my_host(s), DEFSYNC_LOG_WARN,
			    "'%s': the statement could not be stopped, and its connection is cut; "
			    "let '%s' have two connections",
			    st->subject, s->config.user);
		my_cut(s->db);
	}
	(void)mysql_stmt_close(st->stmt);
	if (killed)
		(void)mysql_query(s->db, "DO 0");
}

void my_close(struct reader_source *r)
{
	struct my_source *s = my_source_of(r);
	struct my_statement *st = s->statement;

	if (s->zero_dates)
		r->host->count(r->host->ctx, "zero_dates", s->zero_dates);
	s->zero_dates = 0;
	if (!st)
		return;
	s->statement = NULL;
	if (st->stmt)
		stop(s, st);
	statement_free(st);
}
