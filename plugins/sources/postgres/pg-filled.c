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

#define NESTED_MAX 64

/* Where a mention of NEW is no reading of it. */
enum targets {
	NO_TARGETS,
	TARGET_LIST, /* behind INTO, FOR and ALIAS FOR */
	TARGETS_ALL, /* of CALL and GET DIAGNOSTICS, up to their end */
};

struct scan {
	struct pg_token t, before;
	const char *name;
	uint32_t type;
	bool begins;   /* a statement */
	bool declares; /* between DECLARE and BEGIN */
	enum targets targets;
	/* What is open: 'b'egin, 'i'f, 'c'ase, 'l'oop. */
	char nested[NESTED_MAX];
	int n_nested;
	bool left;	  /* it may have ended before */
	bool caught;	  /* an EXCEPTION clause: any statement may be the last one */
	bool other_clock; /* is used for something */
	struct pg_filler body, found;
};

/* The worst of all that is done; a column that is not always set is set at times. */
static void find(struct pg_filler *to, struct pg_filler f)
{
	bool utc = f.utc && (to->clock == PG_CLOCK_NONE || to->utc);

	if (f.clock == PG_CLOCK_NONE)
		return;
	if (f.clock > to->clock)
		to->clock = f.clock;
	to->utc = utc && to->clock != PG_CLOCK_OTHER;
}

static void find_other(struct scan *s)
{
	find(&s->body, (struct pg_filler){.clock = PG_CLOCK_OTHER});
}

/* Under IF, CASE or in a loop, or behind what may have left before. */
static bool is_conditional(const struct scan *s)
{
	int i = 0;

	while (i < s->n_nested && s->nested[i] == 'b')
		i++;
	return s->left || i < s->n_nested;
}

/* Behind NEW, or NEW.column. */
static void take_assignment(struct scan *s, bool whole)
{
	struct pg_filler f;

	/* label.NEW, too. */
	if (s->targets != NO_TARGETS || pg_token_is(&s->before, ".") || (s->declares && whole)) {
		find_other(s);
	} else if (s->begins && (take(&s->t, ":=") || take(&s->t, "="))) {
		f = take_filler(&s->t, s->type);
		if (whole || !pg_token_is(&s->t, ";"))
			f = (struct pg_filler){.clock = PG_CLOCK_OTHER};
		if (f.clock == PG_CLOCK_TRANSACTION && is_conditional(s))
			f.clock = PG_CLOCK_SOMETIMES;
		find(&s->body, f);
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
	/* U&"\0061t" may be any name. */
	if (take(&s->t, "u")) {
		if (pg_token_is(&s->t, "&"))
			find_other(s);
	} else if (s->t.kind != PG_TOKEN_END) {
		pg_token_next(&s->t);
	}
	if (named)
		take_assignment(s, false);
}

/* The row that is returned is the one that is stored; a NULL or OLD stores none. */
static void take_return(struct scan *s)
{
	struct pg_token t = s->t;
	bool is_new = take(&t, "new");

	if ((!is_new && !take(&t, "null") && !take(&t, "old")) || !pg_token_is(&t, ";"))
		find_other(s);
	s->left = s->left || is_new;
}

static void open_nested(struct scan *s, char kind)
{
	if (s->n_nested == NESTED_MAX)
		find_other(s);
	else
		s->nested[s->n_nested++] = kind;
}

/* Behind END: IF and LOOP have their word behind it, CASE has it as a statement. */
static void close_nested(struct scan *s)
{
	char kind = s->n_nested ? s->nested[--s->n_nested] : 0;

	if (kind == 'c')
		(void)take(&s->t, "case");
	else if (!kind || (kind == 'i' && !take(&s->t, "if")) ||
		 (kind == 'l' && !take(&s->t, "loop")))
		find_other(s);
}

static void take_structure(struct scan *s, const struct pg_token *was)
{
	if (pg_token_is(was, "begin"))
		open_nested(s, 'b');
	else if (s->begins && pg_token_is(was, "if"))
		open_nested(s, 'i');
	else if (pg_token_is(was, "case"))
		open_nested(s, 'c');
	else if (pg_token_is(was, "loop"))
		open_nested(s, 'l');
	else if (pg_token_is(was, "end"))
		close_nested(s);
	else if (s->begins && pg_token_is(was, "exit"))
		s->left = true;
	else if (s->begins && pg_token_is(was, "exception"))
		s->caught = true;
	else if (s->begins && pg_token_is(was, "return"))
		take_return(s);
	s->declares = pg_token_is(was, "declare") || (s->declares && !pg_token_is(was, "begin"));
}

static bool is_one_of(const struct pg_token *t, const char *const *words)
{
	while (*words && !pg_token_is(t, *words))
		words++;
	return *words != NULL;
}

static enum targets targets_behind(const struct scan *s, const struct pg_token *was)
{
	static const char *const list_ends[] = {";", "from", "(", "using", "in", NULL};

	if (pg_token_is(was, "into") && !pg_token_is(&s->before, "insert") &&
	    !pg_token_is(&s->before, "merge"))
		return TARGET_LIST;
	if (s->begins && (pg_token_is(was, "call") || pg_token_is(was, "get")))
		return TARGETS_ALL;
	if ((s->begins && (pg_token_is(was, "for") || pg_token_is(was, "foreach"))) ||
	    (pg_token_is(was, "for") && pg_token_is(&s->before, "alias")))
		return TARGET_LIST;
	if (pg_token_is(was, ";") || (s->targets == TARGET_LIST && is_one_of(was, list_ends)))
		return NO_TARGETS;
	return s->targets;
}

/* One trigger's is over; each begins and ends by itself. */
static void end_body(struct scan *s)
{
	if (s->body.clock == PG_CLOCK_TRANSACTION && s->caught)
		s->body.clock = PG_CLOCK_SOMETIMES;
	if (s->body.clock != PG_CLOCK_NONE && s->other_clock)
		find_other(s);
	find(&s->found, s->body);
	*s = (struct scan){.t = s->t, .name = s->name, .type = s->type, .found = s->found};
	s->begins = true;
}

static void take_token(struct scan *s)
{
	static const char *const ends[] = {";",	   "begin", "then",    "else",
					   "loop", ">",	    "declare", NULL};
	static const char *const clocks[] = {"clock_timestamp", "statement_timestamp", "timeofday",
					     NULL};
	const struct pg_token was = s->t;

	pg_token_next(&s->t);
	if (pg_token_is(&was, PG_BODY_END)) {
		end_body(s);
		return;
	}
	if (pg_token_names(&was, "new"))
		take_new(s);
	else if (!pg_token_is(&s->before, "."))
		take_structure(s, &was);
	s->other_clock = s->other_clock || is_one_of(&was, clocks);
	s->targets = targets_behind(s, &was);
	s->begins = is_one_of(&was, ends);
	s->before = was;
}

struct pg_filler pg_filled_by_triggers(const char *body, const char *name, uint32_t type)
{
	struct scan s = {.t = pg_token_first(body ? body : ""), .name = name, .type = type};

	s.begins = true;
	while (s.t.kind != PG_TOKEN_END)
		take_token(&s);
	end_body(&s);
	return s.found;
}

/* ---- Together -------------------------------------------------------------------------- */

static bool is_given_by_function(const char *sql)
{
	return sql && (strstr(sql, "nextval(") || strstr(sql, "_timestamp()"));
}

static bool is_utc(const struct pg_filler *f)
{
	return f->clock == PG_CLOCK_NONE || f->utc;
}

/*
 * A row comes in by INSERT: a trigger that always sets the column has the last word
 * there; else it has its default, or what the application gives.  Without a default the
 * application has to give something.  An UPDATE that leaves the column as it was is not
 * seen by any reading.
 */
struct pg_filling pg_filling_of(const char *given, const char *on_insert, const char *on_update,
				const char *name, uint32_t type)
{
	const struct pg_filler inserted = pg_filled_by_triggers(on_insert, name, type),
			       updated = pg_filled_by_triggers(on_update, name, type),
			       by_default = pg_filled_by_default(given, type);
	bool always = inserted.clock == PG_CLOCK_TRANSACTION;
	struct pg_filling f = {.name = "unknown"};

	if (inserted.clock != PG_CLOCK_NONE || updated.clock != PG_CLOCK_NONE)
		f.name = "trigger";
	else if (by_default.clock == PG_CLOCK_TRANSACTION || is_given_by_function(given))
		f.name = "default";
	f.transaction = inserted.clock != PG_CLOCK_OTHER && updated.clock != PG_CLOCK_OTHER &&
			(always || by_default.clock == PG_CLOCK_TRANSACTION);
	f.utc =
	    f.transaction && is_utc(&inserted) && is_utc(&updated) && (always || by_default.utc);
	return f;
}
