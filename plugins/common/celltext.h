/* SPDX-License-Identifier: MIT */
/*
 * A cell as the text that is sent for it, without quotes: what transforms compare,
 * hash and put together.  Numbers, dates and times as JSON has them, bytes base64,
 * doubles the shortest text that reads back as the same.  Pure.
 */

#ifndef COMMON_CELLTEXT_H
#define COMMON_CELLTEXT_H

#include <defsync/plugin.h>

#include "common/text.h"

/*
 * Adds it to `out`; nothing for NULL.  digits: of the fraction of a timestamp or time,
 * as the column says, 6 for others.
 */
void celltext_add(struct text *out, const struct defsync_cell *cell, uint32_t digits);

/* Are the cell's bytes its text: TEXT, DECIMAL, JSON? */
static inline int celltext_is_text(uint32_t type)
{
	return type == DEFSYNC_TEXT || type == DEFSYNC_DECIMAL || type == DEFSYNC_JSON;
}

#endif
