/* SPDX-License-Identifier: MIT */
/* Which conversions keep different values different, as a key needs it. */

#include "ct.h"

enum apart {
	NEVER,	 /* several may become one */
	EXACTLY, /* what would is an error, unless lossy is set */
	CHECKED, /* one by one, or it is an error */
	ALWAYS,	 /* one by one, never an error */
};

/*
 * Texts may spell one value in several ways, and doubles have two zeros.  Decimals are
 * values here: 1.0 and 1 are equal for the source that has them in a key.
 */
static const unsigned char table[CT_TYPES][CT_TYPES] = {
    [DEFSYNC_BOOL] =
	{
	    [DEFSYNC_INT64] = ALWAYS,
	    [DEFSYNC_UINT64] = ALWAYS,
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_JSON] = ALWAYS,
	},
    [DEFSYNC_INT64] =
	{
	    [DEFSYNC_BOOL] = CHECKED,
	    [DEFSYNC_UINT64] = CHECKED,
	    [DEFSYNC_DOUBLE] = EXACTLY,
	    [DEFSYNC_DECIMAL] = ALWAYS,
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_TIMESTAMP] = CHECKED,
	    [DEFSYNC_JSON] = ALWAYS,
	},
    [DEFSYNC_UINT64] =
	{
	    [DEFSYNC_BOOL] = CHECKED,
	    [DEFSYNC_INT64] = CHECKED,
	    [DEFSYNC_DOUBLE] = EXACTLY,
	    [DEFSYNC_DECIMAL] = ALWAYS,
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_TIMESTAMP] = CHECKED,
	    [DEFSYNC_JSON] = ALWAYS,
	},
    [DEFSYNC_DECIMAL] =
	{
	    [DEFSYNC_INT64] = EXACTLY,
	    [DEFSYNC_UINT64] = EXACTLY,
	    [DEFSYNC_DOUBLE] = EXACTLY,
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_TIMESTAMP] = EXACTLY,
	    [DEFSYNC_JSON] = CHECKED,
	},
    [DEFSYNC_BYTES] = {[DEFSYNC_TEXT] = ALWAYS, [DEFSYNC_UUID] = CHECKED},
    [DEFSYNC_DATE] =
	{
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_TIMESTAMP] = CHECKED,
	    [DEFSYNC_TIMESTAMP_LOCAL] = CHECKED,
	},
    [DEFSYNC_TIME] = {[DEFSYNC_TEXT] = ALWAYS},
    [DEFSYNC_TIMESTAMP] =
	{
	    [DEFSYNC_INT64] = EXACTLY,
	    [DEFSYNC_UINT64] = EXACTLY,
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_DATE] = EXACTLY,
	    [DEFSYNC_TIMESTAMP_LOCAL] = CHECKED,
	},
    [DEFSYNC_TIMESTAMP_LOCAL] =
	{
	    [DEFSYNC_TEXT] = ALWAYS,
	    [DEFSYNC_DATE] = EXACTLY,
	    [DEFSYNC_TIMESTAMP] = CHECKED,
	},
    [DEFSYNC_JSON] = {[DEFSYNC_TEXT] = ALWAYS},
    [DEFSYNC_UUID] = {[DEFSYNC_TEXT] = ALWAYS, [DEFSYNC_BYTES] = ALWAYS},
};

static bool has_clock(uint32_t type)
{
	return type == DEFSYNC_TIME || type == DEFSYNC_TIMESTAMP || type == DEFSYNC_TIMESTAMP_LOCAL;
}

/* Does the format show all that values of the type are told apart by? */
static bool shows_all(unsigned has, uint32_t type, uint32_t digits)
{
	unsigned needed = type == DEFSYNC_TIME ? 0 : CT_HAS_DATE;

	if (has_clock(type))
		needed |= CT_HAS_HOUR | CT_HAS_MINUTE | CT_HAS_SECOND;
	if (has_clock(type) && digits)
		needed |= CT_HAS_FRACTION;
	return (has & needed) == needed;
}

static enum apart by_format(const struct cast *c, uint32_t from, uint32_t digits)
{
	return shows_all(c->format.has, from, digits) ? CHECKED : NEVER;
}

bool ct_keeps_apart(const struct cast *c, uint32_t from, uint32_t to, uint32_t digits)
{
	enum apart apart;

	if (c->n_null_if)
		return false;
	if ((from == DEFSYNC_TEXT || from == DEFSYNC_ANY) && (c->trim || c->empty_as_null))
		return false;
	if (to == CT_SAME || to == from)
		return true;
	if (from >= CT_TYPES)
		return false;
	apart = (enum apart)table[from][to];
	if (c->format.has && to == DEFSYNC_TEXT && (from == DEFSYNC_DATE || has_clock(from)))
		apart = by_format(c, from, digits);
	if (c->null_on_error)
		return apart == ALWAYS;
	return apart > EXACTLY || (apart == EXACTLY && !c->lossy);
}
