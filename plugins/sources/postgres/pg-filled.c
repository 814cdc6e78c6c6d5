/* SPDX-License-Identifier: MIT */
/*
 * Which clock fills a column, by its default and by the triggers that set it.  Only
 * now() and its kin, the start of the transaction, are what the ceiling is made of, and
 * only as they are: now() - '1 day' is another value.  What is not understood as a whole
 * is no proof.
 */

#include <string.h>

#include "pg.h"

/* What an expression gives: a point in time, or what a clock on the wall shows of it. */
enum value {
	NO_VALUE,
	IS_INSTANT,
	IS_LOCAL, /* by the session's zone */
	IS_UTC,
	IS_LOCAL_DATE,
	IS_UTC_DATE,
	IS_NOW_TEXT, /* 'now'::text, as servers before version 10 write their words */
};

static bool take(struct pg_token *t, const char *what)
{
	if (!pg_token_is(t, what))
		return false;
	pg_token_next(t);
	return true;
}

/* "(3)", or nothing. */
static bool take_digits(struct pg_token *t)
{
	if (!take(t, "("))
		return true;
	pg_token_next(t);
	return take(t, ")");
}

static void take_schema(struct pg_token *t)
{
	if (take(t, "pg_catalog"))
		(void)take(t, ".");
}

/* ---- Types ---------------------------------------------------------------------------- */

/* DEFSYNC_NULL: a type that says nothing of a time; TEXT for text. */
static uint32_t take_type(struct pg_token *t)
{
	bool with;

	take_schema(t);
	if (take(t, "text"))
		return DEFSYNC_TEXT;
	if (take(t, "date"))
		return DEFSYNC_DATE;
	if (take(t, "timestamptz"))
		return take_digits(t) ? DEFSYNC_TIMESTAMP : DEFSYNC_NULL;
	if (!take(t, "timestamp") || !take_digits(t))
		return DEFSYNC_NULL;
	with = take(t, "with");
	if (!with && !take(t, "without"))
		return DEFSYNC_TIMESTAMP_LOCAL;
	if (!take(t, "time") || !take(t, "zone"))
		return DEFSYNC_NULL;
	return with ? DEFSYNC_TIMESTAMP : DEFSYNC_TIMESTAMP_LOCAL;
}

/*
 * Without a zone it cannot be made a point in time again: that is done by the session's
 * zone, and its clock shows some hours twice.  The midnight of a date is long ago.
 */
static enum value cast(enum value v, uint32_t type)
{
	bool utc = v == IS_UTC || v == IS_UTC_DATE;

	switch (type) {
	case DEFSYNC_TIMESTAMP:
		return v == IS_INSTANT || v == IS_NOW_TEXT ? IS_INSTANT : NO_VALUE;
	case DEFSYNC_TIMESTAMP_LOCAL:
		if (v == NO_VALUE || v == IS_LOCAL_DATE || v == IS_UTC_DATE)
			return NO_VALUE;
		return utc ? IS_UTC : IS_LOCAL;
	case DEFSYNC_DATE:
		return v == NO_VALUE ? NO_VALUE : utc ? IS_UTC_DATE : IS_LOCAL_DATE;
	default:
		return NO_VALUE;
	}
}

/* ---- Expressions ------------------------------------------------------------------------ */

static enum value take_expression(struct pg_token *t, int depth);

static bool take_utc(struct pg_token *t)
{
	if (!take(t, "'utc'"))
		return false;
	return !take(t, "::") || take_type(t) == DEFSYNC_TEXT;
}

/* Behind "timezone". */
static enum value take_timezone(struct pg_token *t, int depth)
{
	if (!take(t, "(") || !take_utc(t) || !take(t, ",") ||
	    take_expression(t, depth + 1) != IS_INSTANT || !take(t, ")"))
		return NO_VALUE;
	return IS_UTC;
}

static enum value take_simple(struct pg_token *t, int depth)
{
	enum value v;

	if (take(t, "(")) {
		v = take_expression(t, depth + 1);
		return take(t, ")") ? v : NO_VALUE;
	}
	if (take(t, "'now'"))
		return take(t, "::") && take_type(t) == DEFSYNC_TEXT ? IS_NOW_TEXT : NO_VALUE;
	if (take(t, "current_date"))
		return IS_LOCAL_DATE;
	if (take(t, "current_timestamp"))
		return take_digits(t) ? IS_INSTANT : NO_VALUE;
	if (take(t, "localtimestamp"))
		return take_digits(t) ? IS_LOCAL : NO_VALUE;
	take_schema(t);
	if (take(t, "timezone"))
		return take_timezone(t, depth);
	if (take(t, "now") || take(t, "transaction_timestamp"))
		return take(t, "(") && take(t, ")") ? IS_INSTANT : NO_VALUE;
	return NO_VALUE;
}

static enum value take_expression(struct pg_token *t, int depth)
{
	enum value v = depth > 20 ? NO_VALUE : take_simple(t, depth);

	while (v != NO_VALUE) {
		if (take(t, "::"))
			v = cast(v, take_type(t));
		else if (!take(t, "at"))
			break;
		else if (v != IS_INSTANT || !take(t, "time") || !take(t, "zone") || !take_utc(t))
			v = NO_VALUE;
		else
			v = IS_UTC;
	}
	return v;
}

/* What a column of this type has when it is set to the expression. */
static struct pg_filler take_filler(struct pg_token *t, uint32_t type)
{
	enum value v = cast(take_expression(t, 0), type);

	return (struct pg_filler){
	    .clock = v == NO_VALUE ? PG_CLOCK_OTHER : PG_CLOCK_TRANSACTION,
	    .utc = v == IS_UTC || v == IS_UTC_DATE,
	};
}

struct pg_filler pg_filled_by_default(const char *sql, uint32_t type)
{
	struct pg_token t = pg_token_first(sql ? sql : "");
	struct pg_filler f = {.clock = PG_CLOCK_NONE};

	if (!sql)
		return f;
	f = take_filler(&t, type);
	return t.kind == PG_TOKEN_END ? f : (struct pg_filler){.clock = PG_CLOCK_OTHER};
}

/* ---- Triggers ------------------------------------------------------------------------------ */

struct scan {
	struct pg_token t;
	const char *name;
	uint32_t type;
	bool begins; /* a statement */
	bool into;   /* behind INTO */
	struct pg_filler found;
};

static void find(struct scan *s, struct pg_filler f)
{
	struct pg_filler *to = &s->found;

	if (to->clock == PG_CLOCK_NONE)
		*to = f;
	else if (f.clock == PG_CLOCK_OTHER)
		to->clock = PG_CLOCK_OTHER;
	to->utc = to->utc && f.utc && to->clock == PG_CLOCK_TRANSACTION;
}

static void find_other(struct scan *s)
{
	find(s, (struct pg_filler){.clock = PG_CLOCK_OTHER});
}

/* Behind NEW, or NEW.column. */
static void take_assignment(struct scan *s, bool whole)
{
	struct pg_filler f;

	if (s->into) {
		find_other(s);
	} else if (s->begins && (take(&s->t, ":=") || take(&s->t, "="))) {
		f = take_filler(&s->t, s->type);
		if (whole || !pg_token_is(&s->t, ";"))
			f = (struct pg_filler){.clock = PG_CLOCK_OTHER};
		find(s, f);
	}
}

static void take_new(struct scan *s)
{
	bool named;

	if (!take(&s->t, ".")) {
		take_assignment(s, true);
		return;
	}
	named = pg_token_names(&s->t, s->name);
	if (s->t.kind != PG_TOKEN_END)
		pg_token_next(&s->t);
	if (named)
		take_assignment(s, false);
}

/* The row that is returned is the one that is stored. */
static void take_return(struct scan *s)
{
	if (!pg_token_is(&s->t, "new") && !pg_token_is(&s->t, "null") && !pg_token_is(&s->t, "old"))
		find_other(s);
}

static bool ends_before_statement(const struct pg_token *t)
{
	static const char *const words[] = {";", "begin", "then", "else", "loop", ">"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (pg_token_is(t, words[i]))
			return true;
	}
	return false;
}

static bool is_other_clock(const struct pg_token *t)
{
	return pg_token_is(t, "clock_timestamp") || pg_token_is(t, "statement_timestamp") ||
	       pg_token_is(t, "timeofday");
}

static void take_token(struct scan *s)
{
	const struct pg_token was = s->t;

	pg_token_next(&s->t);
	if (was.kind == PG_TOKEN_WORD && pg_token_is(&was, "new"))
		take_new(s);
	else if (s->begins && pg_token_is(&was, "return"))
		take_return(s);
	else if (is_other_clock(&was))
		find_other(s);
	s->begins = ends_before_statement(&was);
	s->into = pg_token_is(&was, "into") || (s->into && pg_token_is(&was, "strict"));
}

struct pg_filler pg_filled_by_triggers(const char *body, const char *name, uint32_t type)
{
	struct scan s = {.t = pg_token_first(body ? body : ""), .name = name, .type = type};

	s.begins = true;
	while (s.t.kind != PG_TOKEN_END)
		take_token(&s);
	return s.found;
}

/* ---- Together -------------------------------------------------------------------------- */

static bool is_given_by_function(const char *sql)
{
	return sql && (strstr(sql, "nextval(") || strstr(sql, "_timestamp()"));
}

/*
 * A trigger has the last word; where there is none for INSERT, the default has.  An
 * UPDATE that leaves the column as it was is not seen by any reading.
 */
struct pg_filling pg_filling_of(const char *given, const char *on_insert, const char *on_update,
				const char *name, uint32_t type)
{
	const struct pg_filler by[] = {
	    pg_filled_by_triggers(on_insert, name, type),
	    pg_filled_by_triggers(on_update, name, type),
	    pg_filled_by_default(given, type),
	};
	const struct pg_filler *first = by[0].clock != PG_CLOCK_NONE ? &by[0] : &by[2];
	struct pg_filling f = {.name = "unknown"};

	if (by[0].clock != PG_CLOCK_NONE || by[1].clock != PG_CLOCK_NONE)
		f.name = "trigger";
	else if (by[2].clock == PG_CLOCK_TRANSACTION || is_given_by_function(given))
		f.name = "default";
	if (first->clock == PG_CLOCK_NONE)
		first = &by[1];
	f.transaction = first->clock == PG_CLOCK_TRANSACTION && by[1].clock != PG_CLOCK_OTHER;
	f.utc = f.transaction && first->utc && (by[1].clock == PG_CLOCK_NONE || by[1].utc);
	return f;
}
