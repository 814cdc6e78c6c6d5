/* SPDX-License-Identifier: MIT */
/* The names of types, and which way leads from one to the other. */

#include <string.h>

#include "ct.h"

/* ---- Names --------------------------------------------------------------------------------- */

static const char *const names[CT_TYPES] = {
    [CT_SAME] = "same",
    [DEFSYNC_BOOL] = "bool",
    [DEFSYNC_INT64] = "int",
    [DEFSYNC_UINT64] = "uint",
    [DEFSYNC_DOUBLE] = "double",
    [DEFSYNC_DECIMAL] = "decimal",
    [DEFSYNC_TEXT] = "text",
    [DEFSYNC_BYTES] = "bytes",
    [DEFSYNC_DATE] = "date",
    [DEFSYNC_TIME] = "time",
    [DEFSYNC_TIMESTAMP] = "timestamp",
    [DEFSYNC_TIMESTAMP_LOCAL] = "timestamp_local",
    [DEFSYNC_JSON] = "json",
    [DEFSYNC_UUID] = "uuid",
};

bool ct_type_from_name(const char *name, uint32_t *ret)
{
	uint32_t i;

	for (i = 0; i < CT_TYPES; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

const char *ct_type_name(uint32_t type)
{
	return type < CT_TYPES ? names[type] : "any";
}

/* ---- Ways ----------------------------------------------------------------------------------- */

static const ct_convert routes[CT_TYPES][CT_TYPES] = {
    [DEFSYNC_BOOL] =
	{
	    [DEFSYNC_INT64] = ct_bool_to_whole,
	    [DEFSYNC_UINT64] = ct_bool_to_whole,
	    [DEFSYNC_TEXT] = ct_to_text,
	    [DEFSYNC_JSON] = ct_to_text,
	},
    [DEFSYNC_INT64] =
	{
	    [DEFSYNC_BOOL] = ct_int_to_bool,
	    [DEFSYNC_UINT64] = ct_int_to_uint,
	    [DEFSYNC_DOUBLE] = ct_int_to_double,
	    [DEFSYNC_DECIMAL] = ct_to_text,
	    [DEFSYNC_TEXT] = ct_to_text,
	    [DEFSYNC_TIMESTAMP] = ct_int_to_stamp,
	    [DEFSYNC_JSON] = ct_to_text,
	},
    [DEFSYNC_UINT64] =
	{
	    [DEFSYNC_BOOL] = ct_int_to_bool,
	    [DEFSYNC_INT64] = ct_uint_to_int,
	    [DEFSYNC_DOUBLE] = ct_uint_to_double,
	    [DEFSYNC_DECIMAL] = ct_to_text,
	    [DEFSYNC_TEXT] = ct_to_text,
	    [DEFSYNC_TIMESTAMP] = ct_uint_to_stamp,
	    [DEFSYNC_JSON] = ct_to_text,
	},
    [DEFSYNC_DOUBLE] =
	{
	    [DEFSYNC_INT64] = ct_double_to_int,
	    [DEFSYNC_UINT64] = ct_double_to_uint,
	    [DEFSYNC_DECIMAL] = ct_double_to_decimal,
	    [DEFSYNC_TEXT] = ct_to_text,
	    [DEFSYNC_TIMESTAMP] = ct_double_to_stamp,
	    [DEFSYNC_JSON] = ct_double_to_json,
	},
    [DEFSYNC_DECIMAL] =
	{
	    [DEFSYNC_INT64] = ct_digits_to_int,
	    [DEFSYNC_UINT64] = ct_digits_to_uint,
	    [DEFSYNC_DOUBLE] = ct_digits_to_double,
	    [DEFSYNC_TEXT] = ct_as_it_is,
	    [DEFSYNC_TIMESTAMP] = ct_digits_to_stamp,
	    [DEFSYNC_JSON] = ct_digits_to_decimal,
	},
    [DEFSYNC_TEXT] =
	{
	    [DEFSYNC_BOOL] = ct_text_to_bool,
	    [DEFSYNC_INT64] = ct_digits_to_int,
	    [DEFSYNC_UINT64] = ct_digits_to_uint,
	    [DEFSYNC_DOUBLE] = ct_digits_to_double,
	    [DEFSYNC_DECIMAL] = ct_digits_to_decimal,
	    [DEFSYNC_BYTES] = ct_text_to_bytes,
	    [DEFSYNC_DATE] = ct_text_to_date,
	    [DEFSYNC_TIME] = ct_text_to_time,
	    [DEFSYNC_TIMESTAMP] = ct_text_to_stamp,
	    [DEFSYNC_TIMESTAMP_LOCAL] = ct_text_to_local,
	    [DEFSYNC_JSON] = ct_as_it_is,
	    [DEFSYNC_UUID] = ct_text_to_uuid,
	},
    [DEFSYNC_BYTES] = {[DEFSYNC_TEXT] = ct_bytes_to_text, [DEFSYNC_UUID] = ct_bytes_to_uuid},
    [DEFSYNC_DATE] =
	{
	    [DEFSYNC_TEXT] = ct_date_to_text,
	    [DEFSYNC_TIMESTAMP] = ct_date_to_stamp,
	    [DEFSYNC_TIMESTAMP_LOCAL] = ct_date_to_local,
	},
    [DEFSYNC_TIME] = {[DEFSYNC_TEXT] = ct_time_to_text},
    [DEFSYNC_TIMESTAMP] =
	{
	    [DEFSYNC_INT64] = ct_stamp_to_int,
	    [DEFSYNC_UINT64] = ct_stamp_to_uint,
	    [DEFSYNC_TEXT] = ct_stamp_to_text,
	    [DEFSYNC_DATE] = ct_stamp_to_date,
	    [DEFSYNC_TIME] = ct_stamp_to_time,
	    [DEFSYNC_TIMESTAMP_LOCAL] = ct_stamp_to_local,
	},
    [DEFSYNC_TIMESTAMP_LOCAL] =
	{
	    [DEFSYNC_TEXT] = ct_local_to_text,
	    [DEFSYNC_DATE] = ct_local_to_date,
	    [DEFSYNC_TIME] = ct_local_to_time,
	    [DEFSYNC_TIMESTAMP] = ct_local_to_stamp,
	},
    [DEFSYNC_JSON] = {[DEFSYNC_TEXT] = ct_as_it_is},
    [DEFSYNC_UUID] = {[DEFSYNC_TEXT] = ct_to_text, [DEFSYNC_BYTES] = ct_as_it_is},
};

/* ---- What the options leave of them ------------------------------------------------------------ */

static bool is_date(uint32_t type)
{
	return type == DEFSYNC_DATE || type == DEFSYNC_TIMESTAMP || type == DEFSYNC_TIMESTAMP_LOCAL;
}

static bool is_number(uint32_t type)
{
	return type == DEFSYNC_INT64 || type == DEFSYNC_UINT64 || type == DEFSYNC_DOUBLE ||
	       type == DEFSYNC_DECIMAL;
}

/* A part that the type has not cannot be printed, and one that it needs must be read. */
static const char *check_format(unsigned has, uint32_t from, uint32_t to)
{
	uint32_t type = from == DEFSYNC_TEXT ? to : from;

	if (type == DEFSYNC_TIME && has & (CT_HAS_DATE | CT_HAS_ZONE))
		return "the format has a date or a zone";
	if (to == DEFSYNC_TIME && !(has & CT_HAS_HOUR))
		return "the format has no hour";
	if (from == DEFSYNC_TEXT && is_date(to) && (has & CT_HAS_DATE) != CT_HAS_DATE)
		return "the format has no whole date";
	return NULL;
}

static const char *why_not(const struct cast *c, uint32_t from, uint32_t to)
{
	bool unit = (to == DEFSYNC_TIMESTAMP && is_number(from)) ||
		    (from == DEFSYNC_TIMESTAMP && is_number(to));

	if (!routes[from][to])
		return "there is no such conversion";
	if (unit && !c->unit)
		return "unix is not set, s, ms or us";
	if (to == DEFSYNC_TIME && is_date(from) && !c->lossy)
		return "it would lose the date; set lossy";
	if (c->format.has && (from == DEFSYNC_TEXT || to == DEFSYNC_TEXT))
		return check_format(c->format.has, from, to);
	return NULL;
}

ct_convert ct_route(const struct cast *c, uint32_t from, uint32_t to, const char **ret_why)
{
	*ret_why = NULL;
	if (to == CT_SAME || from == to)
		return ct_as_it_is;
	if (from == DEFSYNC_NULL || from >= CT_TYPES)
		*ret_why = "there is no such conversion";
	else
		*ret_why = why_not(c, from, to);
	return *ret_why ? NULL : routes[from][to];
}
