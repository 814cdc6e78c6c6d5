/* SPDX-License-Identifier: MIT */
/* PostgreSQL's types: how each is sent, and what it may be used for. */

#include <string.h>

#include "pg.h"

#define OID_TEXT 25
#define OID_JSON 114
#define OID_BIT 1560

#define IS_FLOAT "is a floating-point number, which is not exact"
#define NO_ORDER "has no order that can be compared"
#define NOT_TIME "is not a point in time"

/* clang-format off */
static const struct pg_type types[] = {
    {16, "boolean", PG_BOOL, PG_AS_IS, READER_NONE, "has two values only", NULL},
    {21, "smallint", PG_INT2, PG_AS_IS, READER_INTEGER, NULL, NULL},
    {23, "integer", PG_INT4, PG_AS_IS, READER_INTEGER, NULL, NULL},
    {20, "bigint", PG_INT8, PG_AS_IS, READER_INTEGER, NULL, NULL},
    {26, "oid", PG_OID, PG_AS_IS, READER_INTEGER, NULL, NULL},
    {700, "real", PG_FLOAT4, PG_AS_IS, READER_NONE, IS_FLOAT, IS_FLOAT},
    {701, "double precision", PG_FLOAT8, PG_AS_IS, READER_NONE, IS_FLOAT, IS_FLOAT},
    {1700, "numeric", PG_NUMERIC, PG_AS_IS, READER_TEXT, NULL, NULL},
    {790, "money", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is money, which is sent as text", "is money"},
    {25, "text", PG_TEXT, PG_AS_IS, READER_TEXT, NULL, NULL},
    {1043, "character varying", PG_TEXT, PG_AS_IS, READER_TEXT, NULL, NULL},
    {1042, "character", PG_TEXT, PG_AS_IS, READER_NONE, "is padded with blanks", NULL},
    {19, "name", PG_TEXT, PG_AS_IS, READER_TEXT, NULL, NULL},
    {18, "\"char\"", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is a single byte", NULL},
    {17, "bytea", PG_BYTEA, PG_AS_IS, READER_NONE, "is binary", NULL},
    {1082, "date", PG_DATE, PG_AS_IS, READER_TIME, NULL, NULL},
    {1083, "time", PG_TIME, PG_AS_IS, READER_NONE, "begins anew each day", NULL},
    {1266, "time with time zone", PG_TEXT, PG_CAST_TEXT, READER_NONE, NOT_TIME, "has a time zone"},
    {1114, "timestamp", PG_TIMESTAMP, PG_AS_IS, READER_TIME, NULL, NULL},
    {1184, "timestamp with time zone", PG_TIMESTAMPTZ, PG_AS_IS, READER_TIME, NULL, NULL},
    {1186, "interval", PG_TEXT, PG_CAST_TEXT, READER_NONE, NOT_TIME, "is an interval"},
    {2950, "uuid", PG_UUID, PG_AS_IS, READER_TEXT, NULL, NULL},
    {114, "json", PG_JSON, PG_AS_IS, READER_NONE, NO_ORDER, NO_ORDER},
    {3802, "jsonb", PG_JSONB, PG_AS_IS, READER_NONE, "is JSON", "is JSON"},
    {142, "xml", PG_TEXT, PG_CAST_TEXT, READER_NONE, NO_ORDER, NO_ORDER},
    {869, "inet", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is an address", NULL},
    {650, "cidr", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is an address", NULL},
    {829, "macaddr", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is an address", NULL},
    {774, "macaddr8", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is an address", NULL},
    {1562, "bit varying", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is a string of bits", "is a string of bits"},
    {0, "citext", PG_TEXT, PG_AS_IS, READER_NONE, "compares without case", NULL},
    /* Those behind here have no OID and no name of the catalog's. */
    {0, "bit(1)", PG_BIT1, PG_AS_IS, READER_NONE, "is a bit", "is a bit"},
    {0, "bit(2) to bit(64)", PG_BIT, PG_AS_IS, READER_NONE, "is a string of bits", "is a string of bits"},
    {0, "longer bit strings", PG_TEXT, PG_CAST_TEXT, READER_NONE, "is a string of bits", "is a string of bits"},
    {0, "arrays", PG_JSON, PG_CAST_JSON, READER_NONE, "is an array", "is an array"},
    {0, "composite types", PG_JSON, PG_CAST_JSON, READER_NONE, "is a row", "is a row"},
    {0, "enumerations", PG_TEXT, PG_AS_IS, READER_NONE, "is an enumeration", NULL},
    {0, "all others", PG_TEXT, PG_CAST_TEXT, READER_NONE, NO_ORDER, "is sent as the server's text"},
};
/* clang-format on */

enum {
	N_TYPES = sizeof(types) / sizeof(types[0]),
	TYPE_OTHER = N_TYPES - 1,
	TYPE_ENUM = N_TYPES - 2,
	TYPE_ROW = N_TYPES - 3,
	TYPE_ARRAY = N_TYPES - 4,
	TYPE_LONG_BITS = N_TYPES - 5,
	TYPE_BITS = N_TYPES - 6,
	TYPE_BIT = N_TYPES - 7,
	TYPE_CITEXT = N_TYPES - 8,
};

const struct pg_type *pg_type_at(size_t i)
{
	return i < N_TYPES ? &types[i] : NULL;
}

/* By what makes it, where the OID does not tell. */
static size_t made_type(const struct pg_catalog_type *t)
{
	if (t->array)
		return TYPE_ARRAY;
	if (t->oid == OID_BIT)
		return t->modifier == 1			      ? TYPE_BIT
		       : t->modifier > 1 && t->modifier <= 64 ? TYPE_BITS
							      : TYPE_LONG_BITS;
	switch (t->kind) {
	case 'c':
	case 'p': /* record, of a query */
		return TYPE_ROW;
	case 'e':
		return TYPE_ENUM;
	default:
		return t->name && strcmp(t->name, "citext") == 0 ? TYPE_CITEXT : TYPE_OTHER;
	}
}

const struct pg_type *pg_type_find(const struct pg_catalog_type *t)
{
	size_t i;

	for (i = 0; i < TYPE_CITEXT; i++) {
		if (types[i].oid == t->oid)
			return &types[i];
	}
	return &types[made_type(t)];
}

uint32_t pg_type_result(const struct pg_catalog_type *t)
{
	switch (pg_type_find(t)->cast) {
	case PG_CAST_TEXT:
		return OID_TEXT;
	case PG_CAST_JSON:
		return OID_JSON;
	case PG_AS_IS:
		break;
	}
	return t->oid;
}

uint32_t pg_wire_type(enum pg_wire wire)
{
	static const uint32_t cells[] = {
	    [PG_BOOL] = DEFSYNC_BOOL,
	    [PG_INT2] = DEFSYNC_INT64,
	    [PG_INT4] = DEFSYNC_INT64,
	    [PG_INT8] = DEFSYNC_INT64,
	    [PG_OID] = DEFSYNC_INT64,
	    [PG_FLOAT4] = DEFSYNC_DOUBLE,
	    [PG_FLOAT8] = DEFSYNC_DOUBLE,
	    [PG_NUMERIC] = DEFSYNC_DECIMAL,
	    [PG_TEXT] = DEFSYNC_TEXT,
	    [PG_BYTEA] = DEFSYNC_BYTES,
	    [PG_DATE] = DEFSYNC_DATE,
	    [PG_TIME] = DEFSYNC_TIME,
	    [PG_TIMESTAMP] = DEFSYNC_TIMESTAMP_LOCAL,
	    [PG_TIMESTAMPTZ] = DEFSYNC_TIMESTAMP,
	    [PG_UUID] = DEFSYNC_UUID,
	    [PG_JSON] = DEFSYNC_JSON,
	    [PG_JSONB] = DEFSYNC_JSON,
	    [PG_BIT] = DEFSYNC_UINT64,
	    [PG_BIT1] = DEFSYNC_BOOL,
	};

	return cells[wire];
}

uint32_t pg_type_digits(const struct pg_type *type, int32_t modifier)
{
	if (type->wire != PG_TIME && type->wire != PG_TIMESTAMP && type->wire != PG_TIMESTAMPTZ)
		return 0;
	return modifier < 0 || modifier > 6 ? 6 : (uint32_t)modifier;
}
