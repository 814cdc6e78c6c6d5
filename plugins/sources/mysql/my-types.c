/* SPDX-License-Identifier: MIT */
/*
 * What the declared type of a column means: type of its cells, how it is decoded,
 * whether it can be a watermark or part of a key, and its SQL.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my.h"

static const char is_float[] = "is a float, which is not compared exactly";
static const char is_names[] = "is ordered by the server's list of its names";
static const char is_document[] = "has no order";
static const char is_long[] = "may be longer than the server sorts by";
static const char own_order[] = "is ordered by the server in a way of its own";

/* What is special about a type, see special(). */
enum nature {
	PLAIN,
	WHOLE,	/* integers: unsigned, bigint */
	BITS,	/* bit(n) */
	TEXTS,	/* with a collation */
	LABELS, /* enum and set */
	DATES,	/* may be zero */
	SHAPE,	/* geometry */
	VECTOR,
};

struct type {
	const char *name;
	uint32_t type;
	enum my_wire wire;
	enum reader_kind kind;
	const char *refusal;	 /* as a watermark */
	const char *key_refusal; /* in a key */
	enum nature nature;
};

#define NUMBER(name)                                                                               \
	{                                                                                          \
		name, DEFSYNC_INT64, MY_WIRE_INT, READER_INTEGER, NULL, NULL, WHOLE                \
	}
#define FLOATING(name, wire)                                                                       \
	{                                                                                          \
		name, DEFSYNC_DOUBLE, wire, READER_NONE, is_float, is_float, PLAIN                 \
	}
#define DIGITS(name)                                                                               \
	{                                                                                          \
		name, DEFSYNC_DECIMAL, MY_WIRE_DECIMAL, READER_TEXT, NULL, NULL, PLAIN             \
	}
#define CHARACTERS(name)                                                                           \
	{                                                                                          \
		name, DEFSYNC_TEXT, MY_WIRE_TEXT, READER_TEXT, NULL, NULL, TEXTS                   \
	}
#define BINARY(name)                                                                               \
	{                                                                                          \
		name, DEFSYNC_BYTES, MY_WIRE_BYTES, READER_NONE, "is binary", NULL, PLAIN          \
	}
#define GEOMETRY(name)                                                                             \
	{                                                                                          \
		name, DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, is_document, is_document, SHAPE     \
	}
#define ADDRESS(name)                                                                              \
	{                                                                                          \
		name, DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, own_order, NULL, PLAIN              \
	}

/* The manual's table of types holds the same names. */
static const struct type types[] = {
    NUMBER("tinyint"),
    NUMBER("smallint"),
    NUMBER("mediumint"),
    NUMBER("int"),
    NUMBER("bigint"),
    {"year", DEFSYNC_INT64, MY_WIRE_SMALLER, READER_INTEGER, NULL, NULL, PLAIN},
    {"bit", DEFSYNC_UINT64, MY_WIRE_UINT, READER_NONE, "is a set of bits", NULL, BITS},
    DIGITS("decimal"),
    FLOATING("float", MY_WIRE_FLOAT),
    FLOATING("double", MY_WIRE_DOUBLE),
    CHARACTERS("char"),
    CHARACTERS("varchar"),
    CHARACTERS("tinytext"),
    CHARACTERS("text"),
    CHARACTERS("mediumtext"),
    CHARACTERS("longtext"),
    {"enum", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, is_names, NULL, LABELS},
    {"set", DEFSYNC_JSON, MY_WIRE_SET, READER_NONE, is_names, is_document, LABELS},
    {"json", DEFSYNC_JSON, MY_WIRE_JSON, READER_NONE, is_document, is_document, PLAIN},
    BINARY("binary"),
    BINARY("varbinary"),
    BINARY("tinyblob"),
    BINARY("blob"),
    BINARY("mediumblob"),
    BINARY("longblob"),
    {"date", DEFSYNC_DATE, MY_WIRE_DATE, READER_TIME, NULL, NULL, DATES},
    {"datetime", DEFSYNC_TIMESTAMP_LOCAL, MY_WIRE_DATETIME, READER_TIME, NULL, NULL, DATES},
    {"timestamp", DEFSYNC_TIMESTAMP, MY_WIRE_TIMESTAMP, READER_TIME, NULL, NULL, DATES},
    {"time", DEFSYNC_TIME, MY_WIRE_TIME, READER_NONE, "is a time without a date", NULL, PLAIN},
    ADDRESS("uuid"),
    ADDRESS("inet4"),
    ADDRESS("inet6"),
    GEOMETRY("geometry"),
    GEOMETRY("point"),
    GEOMETRY("linestring"),
    GEOMETRY("polygon"),
    GEOMETRY("multipoint"),
    GEOMETRY("multilinestring"),
    GEOMETRY("multipolygon"),
    GEOMETRY("geometrycollection"),
    GEOMETRY("geomcollection"),
    {"vector", DEFSYNC_TEXT, MY_WIRE_TEXT, READER_NONE, is_document, is_document, VECTOR},
};

static const struct type *find_type(const struct my_declared *d)
{
	static const struct type unknown = ADDRESS("");
	static const struct type json = {"json",      DEFSYNC_JSON, MY_WIRE_JSON, READER_NONE,
					 is_document, is_document,  PLAIN};
	size_t i;

	if (d->json)
		return &json;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcasecmp(types[i].name, d->data_type) == 0)
			return &types[i];
	}
	return &unknown;
}

/* The number behind the parenthesis of "bit(8)"; 0: none. */
static unsigned long width_of(const char *column_type)
{
	const char *open = strchr(column_type, '(');

	return open ? strtoul(open + 1, NULL, 10) : 0;
}

static void apply_whole(const struct my_declared *d, struct reader_column *c)
{
	if (d->tinyint1_bool && strcasecmp(d->data_type, "tinyint") == 0 &&
	    width_of(d->column_type) == 1) {
		c->type = DEFSYNC_BOOL;
		c->wire = MY_WIRE_BOOL;
		c->kind = READER_NONE;
		c->refusal = "is a boolean";
		return;
	}
	if (!strstr(d->column_type, "unsigned"))
		return;
	c->wire = MY_WIRE_SMALLER;
	if (strcasecmp(d->data_type, "bigint") != 0)
		return;
	c->type = DEFSYNC_UINT64;
	c->wire = MY_WIRE_UINT;
}

static void apply_bits(const struct my_declared *d, struct reader_column *c)
{
	if (width_of(d->column_type) > 1)
		return;
	c->type = DEFSYNC_BOOL;
	c->wire = MY_WIRE_BOOL;
}

/* Bytes in UTF-8, whatever the column's own character set takes. */
static void apply_size(const struct my_declared *d, struct reader_column *c)
{
	bool text = c->wire == MY_WIRE_TEXT || c->wire == MY_WIRE_SET;

	if (d->octets >= 0 && d->octets < MY_VALUE_MAX)
		c->wire_detail = d->octets * (text ? 4 : 1);
}

/*
 * A zero date lies below all others, so that an index finds it.  One with a month or day
 * of zero in a year lies among them: it ends the reading when it comes, see my-findings.c.
 */
static bool apply_dates(struct pool *pool, struct reader_column *c)
{
	const char *first = c->type == DEFSYNC_TIMESTAMP ? "1970-01-01 00:00:01" : "0001-01-01";

	c->missing = pool_printf(pool, "(%s IS NULL OR %s < '%s')", c->quoted, c->quoted, first);
	c->present = pool_printf(pool, "%s >= '%s'", c->quoted, first);
	return c->missing && c->present;
}

/* NULL: without memory. */
static const char *select_of(const struct my_declared *d, enum nature nature, struct pool *pool,
			     const struct reader_column *c)
{
	switch (nature) {
	case BITS:
		return pool_printf(pool, "CAST(%s AS UNSIGNED)", c->quoted);
	case SHAPE:
		return pool_printf(pool, "ST_AsText(%s)", c->quoted);
	case VECTOR:
		return pool_printf(pool, d->mariadb ? "VEC_ToText(%s)" : "VECTOR_TO_STRING(%s)",
				   c->quoted);
	default:
		return c->quoted;
	}
}

static bool is_bytewise(const struct my_declared *d)
{
	static const char *const collations[] = {"utf8mb4_0900_bin", "utf8mb4_nopad_bin",
						 "utf8mb3_nopad_bin", "ascii_nopad_bin"};
	size_t i;

	for (i = 0; d->collation && i < sizeof(collations) / sizeof(collations[0]); i++) {
		if (strcasecmp(collations[i], d->collation) == 0)
			return true;
	}
	return false;
}

/*
 * The order by the bytes in UTF-8.  Names of an enum always have it: the server sorts
 * them by number, but compares them as texts.
 */
static bool apply_order(const struct my_declared *d, enum nature nature, struct pool *pool,
			struct reader_column *c)
{
	const char *order;

	if ((nature != TEXTS && nature != LABELS) || is_bytewise(d))
		return true;
	order = pool_printf(pool, "CAST(CONVERT(%s USING utf8mb4) AS BINARY)", c->quoted);
	if (nature == LABELS)
		c->order = order;
	else
		c->order_exact = order;
	return order != NULL;
}

/* Compared as UTF-8: up to four bytes for each of the column's own. */
static void refuse_long(const struct my_declared *d, enum nature nature, struct reader_column *c)
{
	bool text = nature == TEXTS || nature == LABELS;

	if (d->octets < 0 || d->octets <= MY_SORT_MAX / (text ? 4 : 1))
		return;
	c->kind = READER_NONE;
	if (!c->refusal)
		c->refusal = is_long;
	if (!c->key_refusal)
		c->key_refusal = is_long;
}

bool my_type_apply(const struct my_declared *d, struct pool *pool, struct reader_column *ret)
{
	const struct type *t = find_type(d);

	ret->type = t->type;
	ret->wire = t->wire;
	ret->kind = t->kind;
	ret->refusal = t->refusal;
	ret->key_refusal = t->key_refusal;
	if (t->nature == DATES || t->type == DEFSYNC_TIME)
		ret->digits = d->digits;
	if (t->nature == WHOLE)
		apply_whole(d, ret);
	else if (t->nature == BITS)
		apply_bits(d, ret);
	apply_size(d, ret);
	refuse_long(d, t->nature, ret);
	ret->select = select_of(d, t->nature, pool, ret);
	return ret->select && apply_order(d, t->nature, pool, ret) &&
	       (t->nature != DATES || apply_dates(pool, ret));
}
