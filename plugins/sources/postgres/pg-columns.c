/* SPDX-License-Identifier: MIT */
/* The columns of a table or query. */

#include <string.h>
#include <strings.h>

#include "common/ident.h"
#include "pg.h"

#define OID_BPCHAR 1042
#define OID_VARCHAR 1043
#define OID_TEXT 25
#define OID_NUMERIC 1700
#define VERSION_NUMERIC_INFINITY 140000

/* ---- What follows from the type ----------------------------------------------------- */

static bool is_citext(const struct pg_catalog_type *t)
{
	return t->kind == 'b' && t->name && strcmp(t->name, "citext") == 0;
}

/* "character" as a cast is of one character, and varchar compares as text. */
static const char *cast_of(const struct pg_catalog_type *t, const char *cast_name)
{
	if (t->oid == OID_BPCHAR)
		return "pg_catalog.bpchar";
	return t->oid == OID_VARCHAR || is_citext(t) ? "pg_catalog.text" : cast_name;
}

static bool set_select(struct pool *pool, const struct pg_type *type, struct reader_column *c)
{
	switch (type->cast) {
	case PG_AS_IS:
		return true;
	case PG_CAST_TEXT:
		c->select = pool_printf(pool, "%s::pg_catalog.text", c->quoted);
		break;
	case PG_CAST_JSON:
		c->select = pool_printf(pool, "pg_catalog.to_json(%s)", c->quoted);
		break;
	}
	return c->select != NULL;
}

/* In which order only equal bytes are equal, and that of the bytes. */
static bool set_order(struct pool *pool, const struct pg_catalog_type *t, bool c_collation,
		      struct reader_column *c)
{
	if (is_citext(t)) {
		c->order = pool_printf(pool, "%s::pg_catalog.text COLLATE \"C\"", c->quoted);
		return c->order != NULL;
	}
	if (c_collation || (t->oid != OID_TEXT && t->oid != OID_VARCHAR && t->oid != OID_BPCHAR))
		return true;
	c->order_exact = pool_printf(pool, "%s COLLATE \"C\"", c->quoted);
	return c->order_exact != NULL;
}

/* Which values are no watermark; the opposite so that an index serves it. */
static bool set_missing(struct pool *pool, const struct pg_catalog_type *t, int version,
			struct reader_column *c)
{
	const char *q = c->quoted, *null = c->nullable ? " IS NULL OR " : "";
	const char *first = c->nullable ? q : "";

	if (c->kind == READER_TIME) {
		c->missing =
		    pool_printf(pool, "%s%s%s = 'infinity' OR %s = '-infinity'", first, null, q, q);
		c->present = pool_printf(pool, "%s > '-infinity' AND %s < 'infinity'", q, q);
	} else if (t->oid != OID_NUMERIC) {
		return true;
	} else if (version < VERSION_NUMERIC_INFINITY) {
		c->missing = pool_printf(pool, "%s%s%s = 'NaN'", first, null, q);
		c->present = pool_printf(pool, "%s < 'NaN'", q);
	} else {
		c->missing =
		    pool_printf(pool, "%s%s%s = 'NaN' OR %s = 'Infinity' OR %s = '-Infinity'",
				first, null, q, q, q);
		c->present = pool_printf(pool, "%s > '-Infinity' AND %s < 'Infinity'", q, q);
	}
	return c->missing && c->present;
}

bool pg_column_set(struct pool *pool, const struct pg_catalog_type *type, int number,
		   const char *cast_name, bool c_collation, int version, struct reader_column *c)
{
	const struct pg_type *t = pg_type_find(type);
	struct pg_column *own = pool_alloc(pool, 1, sizeof(*own));

	if (!own)
		return false;
	own->result = pg_type_result(type);
	own->number = number;
	own->cast = cast_of(type, cast_name);
	own->shown = t->cast == PG_CAST_TEXT ? "::pg_catalog.text" : "";
	c->wire = t->wire;
	c->wire_detail = (int64_t)(intptr_t)own;
	c->type = pg_wire_type(t->wire);
	c->digits = pg_type_digits(t, type->modifier);
	c->kind = t->kind;
	c->refusal = t->refusal;
	c->key_refusal = t->key_refusal;
	if (type->oid == OID_BPCHAR && type->modifier < 0)
		c->key_refusal = "is padded with blanks to no fixed length";
	return set_select(pool, t, c) && set_order(pool, type, c_collation, c) &&
	       set_missing(pool, type, version, c);
}

/* ---- The catalog ----------------------------------------------------------------------- */

#define TYPE_FIELDS                                                                                \
	"t.oid, t.typname, t.typtype, t.typbasetype, t.typtypmod, t.typcategory, t.typelem, "      \
	"t.typlen"

/* The type below all domains, and the modifier on the way that says something. */
#define BASE_TYPE(typid, typmod)                                                                   \
	" CROSS JOIN LATERAL (WITH RECURSIVE d AS (SELECT " TYPE_FIELDS ", " typmod                \
	"::pg_catalog.int4 AS m FROM pg_catalog.pg_type AS t WHERE t.oid = " typid                 \
	" UNION ALL SELECT " TYPE_FIELDS                                                           \
	", CASE WHEN d.m = -1 THEN d.typtypmod ELSE d.m END FROM d JOIN pg_catalog.pg_type AS t "  \
	"ON t.oid = d.typbasetype WHERE d.typtype = 'd') SELECT * FROM d WHERE d.typtype <> 'd') " \
	"AS b "

#define TYPE_RESULT                                                                                \
	"b.oid, b.m, b.typtype, b.typcategory = 'A' AND b.typelem <> 0 AND b.typlen = -1, "        \
	"b.typname, pg_catalog.format_type(b.oid, NULL)"

/* Columns of both results. */
enum {
	AT_NUMBER,
	AT_NAME,
	AT_NATIVE,
	AT_OID,
	AT_MODIFIER,
	AT_KIND,
	AT_ARRAY,
	AT_TYPE_NAME,
	AT_CAST,
	AT_NOT_NULL,
	AT_C_COLLATION,
	AT_PK,
	AT_GENERATED,
	AT_DEFAULT,
	AT_ON_INSERT,
	AT_ON_UPDATE,
	AT_INDEXED,
	AT_INDEXED_EXACT,
};

#define COLLATION(oid)                                                                             \
	"CASE WHEN " oid " IN (0, 950, 951) THEN true WHEN " oid                                   \
	" = 100 THEN (SELECT datcollate IN ('C', 'POSIX') FROM pg_catalog.pg_database WHERE "      \
	"datname = pg_catalog.current_database()) ELSE false END"

#define INDEXED(condition)                                                                         \
	"EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i WHERE i.indrelid = a.attrelid AND "        \
	"i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum " condition ")"

/*
 * What the triggers before this event (a bit of tgtype) do that may set the column: all
 * of their bodies, as what they do may not name it.  One with a WHEN, or for an UPDATE
 * of some columns, is under an IF.  In other languages than PL/pgSQL it may be anything,
 * but for functions of the server's and of contrib whose columns are their arguments.
 */
#define TRIGGERS(event)                                                                            \
	"(SELECT pg_catalog.string_agg(CASE WHEN g.tgqual IS NOT NULL OR (" event " = 16 AND "     \
	"g.tgattr::pg_catalog.text <> '') THEN 'IF true THEN ' ELSE '' END || CASE WHEN "          \
	"l.lanname = 'plpgsql' THEN p.prosrc WHEN p.prosrc = 'moddatetime' AND l.lanname = 'c' "   \
	"AND g.args = a.attname || '\\000' THEN 'NEW.' || pg_catalog.quote_ident(a.attname) || "   \
	"' := now();' ELSE 'NEW := NULL;' END || E'\n\001\n', '' ORDER BY g.tgname) FROM (SELECT " \
	"*, pg_catalog.encode(tgargs, 'escape') AS args FROM pg_catalog.pg_trigger) AS g JOIN "    \
	"pg_catalog.pg_proc AS p ON p.oid = g.tgfoid JOIN pg_catalog.pg_language AS l ON l.oid = " \
	"p.prolang WHERE g.tgrelid = a.attrelid AND NOT g.tgisinternal AND g.tgenabled IN ('O', "  \
	"'A') AND g.tgtype & 3 = 3 AND g.tgtype & " event " <> 0 AND NOT (l.lanname IN ('c', "     \
	"'internal') AND p.prosrc IN ('moddatetime', 'autoinc', 'insert_username', 'lo_manage', "  \
	"'tsvector_update_trigger_byid', 'tsvector_update_trigger_bycolumn', "                     \
	"'suppress_redundant_updates_trigger') AND pg_catalog.strpos(pg_catalog.lower(g.args), "   \
	"pg_catalog.lower(a.attname)) = 0))"

/* The place in the primary key. */
#define PRIMARY                                                                                    \
	"(SELECT k.place FROM pg_catalog.pg_index AS i, pg_catalog.unnest(i.indkey) WITH "         \
	"ORDINALITY AS k(attnum, place) WHERE i.indrelid = a.attrelid AND i.indisprimary AND "     \
	"k.attnum = a.attnum AND k.place <= i.%s)"

/* clang-format off */
static const char table_sql[] =
    "SELECT a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), " TYPE_RESULT
    ", a.attnotnull, " COLLATION("a.attcollation") ", " PRIMARY
    ", %s, pg_catalog.pg_get_expr(f.adbin, f.adrelid), " TRIGGERS("4") ", " TRIGGERS("16")
    ", " INDEXED("") ", " INDEXED("AND i.indcollation[0] IN (950, 951)")
    " FROM pg_catalog.pg_attribute AS a" BASE_TYPE("a.atttypid", "a.atttypmod")
    "LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum "
    "WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "ORDER BY a.attnum";
/* clang-format on */

/* The collation of a result is not told: taken as not C. */
static const char query_sql[] =
    "SELECT 0, NULL, pg_catalog.format_type(a.typid, a.typmod), " TYPE_RESULT
    ", false, b.typcategory <> 'S', NULL, false, NULL, NULL, NULL, false, false "
    "FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), "
    "pg_catalog.unnest($2::pg_catalog.int4[])) WITH ORDINALITY AS a(typid, typmod, n)" BASE_TYPE(
	"a.typid", "a.typmod") "ORDER BY a.n";

static const char *quote(struct pool *pool, const char *name)
{
	struct text t;
	char *copy = NULL;

	text_init(&t, READER_SQL_MAX);
	ident_quote(&t, name, '"');
	if (text_ok(&t))
		copy = pool_strdup(pool, text_get(&t));
	text_done(&t);
	return copy;
}

static struct pg_column *own_of(struct reader_column *c)
{
	return (struct pg_column *)(intptr_t)c->wire_detail;
}

static void set_filled(const PGresult *r, int row, struct reader_column *c)
{
	const struct pg_filling f =
	    pg_filling_of(pg_text(r, row, AT_DEFAULT), pg_text(r, row, AT_ON_INSERT),
			  pg_text(r, row, AT_ON_UPDATE), c->name, c->type);

	c->filled = f.name;
	c->server_time = f.transaction;
	own_of(c)->utc = f.utc;
}

/* name: NULL where the result has it. */
static bool set_column(struct pg_source *s, struct pool *pool, const PGresult *r, int row,
		       const char *name, struct reader_column *c)
{
	const struct pg_catalog_type type = {
	    .oid = (uint32_t)pg_int(r, row, AT_OID, 0),
	    .modifier = (int32_t)pg_int(r, row, AT_MODIFIER, -1),
	    .kind = *PQgetvalue(r, row, AT_KIND),
	    .array = pg_true(r, row, AT_ARRAY),
	    .name = PQgetvalue(r, row, AT_TYPE_NAME),
	};
	const char *cast = pool_strdup(pool, PQgetvalue(r, row, AT_CAST));

	c->name = pool_strdup(pool, name ? name : PQgetvalue(r, row, AT_NAME));
	c->native_type = pool_strdup(pool, PQgetvalue(r, row, AT_NATIVE));
	c->quoted = c->name ? quote(pool, c->name) : NULL;
	c->nullable = !pg_true(r, row, AT_NOT_NULL);
	c->generated = pg_true(r, row, AT_GENERATED);
	c->pk = (int)pg_int(r, row, AT_PK, 0);
	if (!cast || !c->name || !c->native_type || !c->quoted)
		return false;
	if (!pg_column_set(pool, &type, (int)pg_int(r, row, AT_NUMBER, 0), cast,
			   pg_true(r, row, AT_C_COLLATION), s->version, c))
		return false;
	set_filled(r, row, c);
	/* In the order of a language an index does not serve that of the bytes. */
	own_of(c)->indexed =
	    pg_true(r, row, c->order_exact ? AT_INDEXED_EXACT : AT_INDEXED) && !c->order;
	return true;
}

static int32_t set_columns(struct pg_source *s, struct pool *pool, const PGresult *r,
			   const PGresult *names, struct reader_table *t)
{
	struct reader_column *list = pool_alloc(pool, (size_t)PQntuples(r) + 1, sizeof(*list));
	int i;

	if (!list)
		return reader_fail_nomem(&s->reader);
	for (i = 0; i < PQntuples(r); i++) {
		if (!set_column(s, pool, r, i, names ? PQfname(names, i) : NULL, &list[i]))
			return reader_fail_nomem(&s->reader);
	}
	t->columns = list;
	t->n_columns = PQntuples(r);
	return 0;
}

int32_t pg_load_columns(struct pg_source *s, struct pool *pool, struct reader_table *t)
{
	const struct pg_table *own = t->own;
	const char *sql =
	    pool_printf(pool, table_sql, s->version >= 110000 ? "indnkeyatts" : "indnatts",
			s->version >= 120000 ? "a.attgenerated <> ''" : "false");
	const char *oid = pool_printf(pool, "%u", (unsigned)own->oid);
	PGresult *r;
	int32_t rc;

	if (!sql || !oid)
		return reader_fail_nomem(&s->reader);
	rc = pg_query(s, "reading the catalog for", t->from, false, sql, 1, &oid, &r);
	if (rc < 0)
		return rc;
	rc = set_columns(s, pool, r, NULL, t);
	PQclear(r);
	if (rc == 0 && t->n_columns == 0)
		return defsync_fail(s->reader.host, DEFSYNC_E_CONFIG, "'%s' has no columns",
				    t->from);
	return rc;
}

/* ---- Queries ------------------------------------------------------------------------------ */

static int32_t check_names(struct pg_source *s, const PGresult *r, const char *from)
{
	int i, j;

	for (i = 0; i < PQnfields(r); i++) {
		for (j = 0; j < i; j++) {
			if (strcmp(PQfname(r, i), PQfname(r, j)) == 0)
				return defsync_fail(s->reader.host, DEFSYNC_E_CONFIG,
						    "'%s': the query has two columns '%s'; name "
						    "one of them by AS",
						    from, PQfname(r, i));
		}
	}
	if (PQnfields(r) == 0)
		return defsync_fail(s->reader.host, DEFSYNC_E_CONFIG,
				    "'%s': the query has no columns", from);
	return 0;
}

static int32_t load_types(struct pg_source *s, struct pool *pool, const PGresult *names,
			  struct reader_table *t)
{
	struct text oids, modifiers;
	const char *params[2];
	PGresult *r = NULL;
	int32_t rc;
	int i;

	text_init(&oids, READER_SQL_MAX);
	text_init(&modifiers, READER_SQL_MAX);
	for (i = 0; i < PQnfields(names); i++) {
		text_char(&oids, i ? ',' : '{');
		text_int(&oids, PQftype(names, i));
		text_char(&modifiers, i ? ',' : '{');
		/* Of a time or bit string it is the number itself; others are not looked at. */
		text_int(&modifiers, PQfmod(names, i));
	}
	text_char(&oids, '}');
	text_char(&modifiers, '}');
	params[0] = text_get(&oids);
	params[1] = text_get(&modifiers);
	rc = text_ok(&oids) && text_ok(&modifiers)
		 ? pg_query(s, "reading the catalog for", t->from, false, query_sql, 2, params, &r)
		 : reader_fail_nomem(&s->reader);
	if (rc == 0 && PQntuples(r) != PQnfields(names))
		rc = defsync_fail(s->reader.host, DEFSYNC_E_TRANSIENT,
				  "'%s': the types of the query's columns changed; run again",
				  t->from);
	if (rc == 0)
		rc = set_columns(s, pool, r, names, t);
	PQclear(r);
	text_done(&modifiers);
	text_done(&oids);
	return rc;
}

/* The server says what the query gives, without running it. */
static int32_t describe_query(struct pg_source *s, const struct reader_table *t, PGresult **ret)
{
	struct text sql;
	PGresult *r = NULL;
	int32_t rc = pg_usable(s, "reading", t->from);

	if (rc < 0)
		return rc;
	text_init(&sql, READER_SQL_MAX);
	text_str(&sql, "SELECT * FROM ");
	text_str(&sql, t->sql);
	if (!text_ok(&sql))
		rc = reader_fail_nomem(&s->reader);
	else if (!PQsendPrepare(s->conn, "", text_get(&sql), 0, NULL) || pg_await(s, &r) < 0)
		rc = pg_fail_connection(s, "reading", t->from);
	else if (PQresultStatus(r) != PGRES_COMMAND_OK)
		rc = pg_fail_result(s, "reading", t->from, r);
	PQclear(r);
	text_done(&sql);
	if (rc < 0)
		return rc;
	r = NULL;
	if (!PQsendDescribePrepared(s->conn, "") || pg_await(s, &r) < 0)
		return pg_fail_connection(s, "reading", t->from);
	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		*ret = r;
		return 0;
	}
	rc = pg_fail_result(s, "reading", t->from, r);
	PQclear(r);
	return rc;
}

/* Of the text: another query is another table. */
static uint64_t hash_text(const char *p)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return h;
}

int32_t pg_load_query(struct pg_source *s, struct pool *pool, const struct defsync_request *request,
		      const char *query, struct reader_table *ret)
{
	struct pg_table *own = pool_alloc(pool, 1, sizeof(*own));
	size_t len = strlen(query);
	PGresult *r = NULL;
	int32_t rc;

	while (len && strchr("; \t\r\n", query[len - 1]))
		len--;
	*ret = (struct reader_table){
	    .schema = "",
	    .name = pool_strdup(pool, request->table),
	    .kind = "query",
	    .sql = pool_printf(pool, "(%.*s\n) AS q", (int)len, query),
	    .identity = pool_printf(pool, "query=%016llx", (unsigned long long)hash_text(query)),
	    .row_estimate = -1,
	    .own = own,
	};
	ret->from = ret->name;
	if (!own || !ret->name || !ret->sql || !ret->identity)
		return reader_fail_nomem(&s->reader);
	*own = (struct pg_table){
	    .kind = 'q', .schema = "", .name = ret->name, .role = "", .unique = ""};
	rc = describe_query(s, ret, &r);
	if (rc == 0)
		rc = check_names(s, r, ret->from);
	if (rc == 0)
		rc = load_types(s, pool, r, ret);
	PQclear(r);
	return rc;
}
