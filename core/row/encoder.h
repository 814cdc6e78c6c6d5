/* SPDX-License-Identifier: MIT */
/*
 * Rows to JSON objects, straight into a batch's buffer.
 *
 *	encoder_create(&policy) -> encoder_relation(rel) -> encoder_row(row) ...
 *
 * The column names are escaped once a relation; a row reserves its space once
 * and is written without an allocation.  A row that cannot be sent leaves the
 * buffer as it was.  One encoder belongs to one thread.
 *
 * Forms (DESIGN sections 6 and 14): integers as numbers; UINT64 and DECIMAL as
 * strings; doubles always with a fraction or exponent; NaN and infinities null;
 * bytes base64; dates 2024-01-31; timestamps 2024-01-31T10:00:00.000000 with Z
 * when zoned and as many digits as the column says; times [-]HH:MM:SS.ffffff;
 * JSON embedded; UUID as text.  Every column is in every row, nulls too.
 */

#ifndef ROW_ENCODER_H
#define ROW_ENCODER_H

#include <defsync/plugin.h>

#include "base/buf.h"
#include "base/error.h"
#include "row/fault.h"

enum encoder_decimals {
	DECIMALS_STRING,
	DECIMALS_NUMBER
};

struct encoder_policy {
	enum encoder_decimals decimals;
	size_t max_row;	  /* bytes of one row's object */
	size_t max_field; /* bytes of one value as JSON */
	int max_depth;	  /* the row object is level 1 */
	/*
	 * For the dead letters: never refuse.  Text that is not UTF-8 becomes
	 * {"$base64":"..."}, JSON that is none and digits out of form become a
	 * string, other bad values a number or null; no size limits but the
	 * buffer's.
	 */
	int lenient;
};

/* What was changed on the way in the rows that were appended, for the run's report. */
struct encoder_counts {
	uint64_t non_finite;   /* NaN, infinity -> null */
	uint64_t out_of_range; /* years outside 0001..9999, sent with a sign: "+12345-01-01" */
};

struct encoder;

struct encoder *encoder_create(const struct encoder_policy *policy);
void encoder_destroy(struct encoder *e);

/*
 * Prepares for rows of this relation; cheap when it is the one before.  Until
 * the next call the relation must live.  -1: no memory.
 */
int encoder_relation(struct encoder *e, const struct defsync_relation *relation, struct error *err);

/* The relation of before has changed in place, or is no more. */
void encoder_forget(struct encoder *e);

/*
 * Appends one object.  0; -1 with a fault (buffer unchanged, go on with the next
 * row); -1 with fault->reason ROW_OK when the buffer could not grow.  A row that
 * fits into the buffer's maximum is never refused for want of room.
 */
int encoder_row(struct encoder *e, const struct defsync_row *row, struct buf *out,
		struct row_fault *fault);

const struct encoder_counts *encoder_counts(const struct encoder *e);

/* A JSON string with quotes, for envelopes; replaces what is not UTF-8 by U+FFFD. */
int json_add_string(struct buf *out, const char *p, size_t n);

#endif
