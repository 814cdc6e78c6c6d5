/* SPDX-License-Identifier: MIT */
/* One cell to JSON: the forms of DESIGN sections 6 and 14, by type. */

#ifndef ROW_CELL_H
#define ROW_CELL_H

#include <stddef.h>

#include <defsync/plugin.h>

#include "row/encoder.h"
#include "row/fault.h"

/* Does v.data hold the value? */
static inline int cell_has_data(const struct defsync_cell *cell)
{
	const uint32_t types = 1u << DEFSYNC_DECIMAL | 1u << DEFSYNC_TEXT | 1u << DEFSYNC_BYTES |
			       1u << DEFSYNC_JSON | 1u << DEFSYNC_UUID;

	return cell->type < 32 && (types >> cell->type & 1) != 0;
}

/*
 * Room that cell_write needs for n bytes of data (0 where there are none),
 * whatever it makes of them: each byte escaped as \u0000, or
 * {"$base64":"..."}, or the longest number or time; and what whole blocks of 32
 * bytes write beyond the end.
 */
#define CELL_ROOM(n) (6 * (size_t)(n) + 64)

/* What a row's cells share while they are written. */
struct cell_context {
	const struct encoder_policy *policy;
	struct row_fault *fault;
	struct encoder_counts counts;
};

/*
 * The value at p, unchecked against the size limits; its end, or NULL with the
 * fault set (never when lenient).
 */
char *cell_write(char *p, const struct defsync_cell *cell, const struct defsync_column *column,
		 struct cell_context *row);

/* Sets the fault of a text that is UTF-8 up to `at`; always NULL. */
char *cell_fault_utf8(struct row_fault *fault, const struct defsync_column *column,
		      const struct defsync_cell *cell, size_t at);

/* {"$base64":"..."} */
#define CELL_BASE64_ROOM(n) (base64_size(n) + 16)
char *cell_write_base64_object(char *p, const struct defsync_cell *cell);

#endif
