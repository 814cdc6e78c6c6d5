/* SPDX-License-Identifier: MIT */
/*
 * The cast transform.  cast.c owns an instance: ct-options.c reads it, ct-relation.c
 * finds the way from each column's type to the one that is asked for, ct-routes.c has
 * the ways, ct-apart.c says which of them keys may go, ct-apply.c takes rows along them.
 *
 * A conversion answers NULL or the reason why it cannot be, and never has the value in
 * it: a transform behind this one may hide it.
 */

#ifndef CAST_CT_H
#define CAST_CT_H

#include "common/iso.h"
#include "common/number.h"
#include "common/reshape.h"
#include "common/text.h"

#define CT_SECOND INT64_C(1000000)
#define CT_DAY (86400 * CT_SECOND)
#define CT_TYPES 14	     /* of cells, DEFSYNC_NULL to DEFSYNC_UUID */
#define CT_SAME DEFSYNC_NULL /* a wish: as it is */
#define CT_TEXT_MAX ((size_t)1 << 30)
#define CT_FORMAT_MAX 64

enum ct_bytes {
	CT_BASE64,
	CT_HEX,
	CT_UTF8,
};

/* ---- Formats of dates and times --------------------------------------------------------- */

#define CT_HAS_YEAR 1u
#define CT_HAS_MONTH 2u
#define CT_HAS_DAY 4u
#define CT_HAS_HOUR 8u
#define CT_HAS_MINUTE 16u
#define CT_HAS_SECOND 32u
#define CT_HAS_FRACTION 64u
#define CT_HAS_ZONE 128u
#define CT_HAS_HALF 256u /* AM or PM */
#define CT_HAS_12 512u	 /* hours of half a day */
#define CT_HAS_DATE (CT_HAS_YEAR | CT_HAS_MONTH | CT_HAS_DAY)

/* Steps: a byte as it is, or CT_FIELD | the letter behind the percent sign. */
#define CT_FIELD 256

struct ct_format {
	unsigned short steps[CT_FORMAT_MAX];
	unsigned n;
	unsigned has; /* CT_HAS_x; 0: there is no format */
};

/* NULL, or what is wrong with it. */
const char *ct_format_compile(const char *text, struct ct_format *ret);
const char *ct_format_read(const struct ct_format *f, const char *ptr, size_t len, struct iso *ret);
/* us: of the clock that is shown; offset: of that clock, in minutes. */
const char *ct_format_print(const struct ct_format *f, int64_t us, int offset, struct text *out);

/* ISO 8601, or the format's if there is one. */
const char *ct_moment_read(const struct ct_format *f, const char *ptr, size_t len, struct iso *ret);
/* [-]HH:MM[:SS[.ffffff]], hours of two digits or three; or the format's. */
const char *ct_clock_read(const struct ct_format *f, const char *ptr, size_t len, int64_t *ret_us,
			  bool *ret_finer);

/* ---- An instance ------------------------------------------------------------------------- */

struct ct_wish {
	const char *name;
	uint32_t type;
};

struct ct_span {
	const char *ptr;
	size_t len;
};

struct cast {
	const struct defsync_host *host;
	struct reshape reshape;
	struct ct_wish *wishes;
	uint32_t n_wishes;
	struct ct_span *null_if;
	uint32_t n_null_if;
	bool trim, empty_as_null, lossy, null_on_error;
	struct ct_format format;
	int offset;   /* minutes east of UTC: of clocks that have no zone */
	int64_t unit; /* of whole numbers as times: microseconds; 0: there is none */
	int shift;    /* the same as a power of ten */
	enum ct_bytes bytes;
	struct text scratch;
};

/* One cell on its way. */
struct ct_job {
	struct cast *cast;
	uint32_t digits;  /* of the input's column */
	struct text *out; /* empty: for a text that is made */
};

typedef const char *(*ct_convert)(struct ct_job *j, const struct defsync_cell *in,
				  struct defsync_cell *out);

/* One column of a relation that is cast. */
struct ct_column {
	const char *name;
	uint32_t at, from, to; /* `to` may be CT_SAME */
	uint32_t digits;       /* of the input's column */
	struct text out;
};

struct ct_plan {
	bool same; /* the relation stays as it is */
	uint32_t n;
	struct ct_column columns[];
};

int32_t ct_options_read(struct cast *c, const struct defsync_options *o);

/* CT_SAME for "same"; false: there is no such type. */
bool ct_type_from_name(const char *name, uint32_t *ret);
const char *ct_type_name(uint32_t type);

/* The way, or NULL and why there is none with these options. */
ct_convert ct_route(const struct cast *c, uint32_t from, uint32_t to, const char **ret_why);

/*
 * Do different values of a column stay different, but for those that are errors?  No,
 * when it may be otherwise.  digits: of the input's column.
 */
bool ct_keeps_apart(const struct cast *c, uint32_t from, uint32_t to, uint32_t digits);

int32_t ct_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
		    const struct defsync_relation **ret_out);
int32_t ct_apply(void *instance, const struct defsync_row *row, uint32_t flags, defsync_emit emit,
		 void *emit_ctx);

/* ---- Conversions: FROM_to_TO, "whole" is int and uint -------------------------------------- */

#define CT_CONVERT(name)                                                                           \
	const char *name(struct ct_job *j, const struct defsync_cell *in, struct defsync_cell *out)

/* The reason when there is no memory, by its address. */
extern const char ct_no_memory[];
/* `out` is the job's text, unless that is full. */
const char *ct_give(const struct ct_job *j, struct defsync_cell *out);

/* ct-number.c */
CT_CONVERT(ct_bool_to_whole);
CT_CONVERT(ct_int_to_bool);
CT_CONVERT(ct_int_to_uint);
CT_CONVERT(ct_uint_to_int);
CT_CONVERT(ct_int_to_double);
CT_CONVERT(ct_uint_to_double);
CT_CONVERT(ct_double_to_int);
CT_CONVERT(ct_double_to_uint);
CT_CONVERT(ct_double_to_decimal);
CT_CONVERT(ct_digits_to_int); /* from text and decimal */
CT_CONVERT(ct_digits_to_uint);
CT_CONVERT(ct_digits_to_double);
CT_CONVERT(ct_digits_to_decimal);
CT_CONVERT(ct_double_to_json);
CT_CONVERT(ct_text_to_bool);

/* ct-bytes.c */
CT_CONVERT(ct_as_it_is);
CT_CONVERT(ct_to_text); /* what would be sent for it */
CT_CONVERT(ct_bytes_to_text);
CT_CONVERT(ct_bytes_to_uuid);
CT_CONVERT(ct_text_to_bytes);
CT_CONVERT(ct_text_to_uuid);

/* ct-time.c: "stamp" is timestamp, "local" timestamp_local */
CT_CONVERT(ct_text_to_date);
CT_CONVERT(ct_text_to_time);
CT_CONVERT(ct_text_to_stamp);
CT_CONVERT(ct_text_to_local);
CT_CONVERT(ct_date_to_stamp);
CT_CONVERT(ct_date_to_local);
CT_CONVERT(ct_stamp_to_date);
CT_CONVERT(ct_stamp_to_time);
CT_CONVERT(ct_stamp_to_local);
CT_CONVERT(ct_stamp_to_int);
CT_CONVERT(ct_stamp_to_uint);
CT_CONVERT(ct_local_to_date);
CT_CONVERT(ct_local_to_time);
CT_CONVERT(ct_local_to_stamp);
CT_CONVERT(ct_int_to_stamp);
CT_CONVERT(ct_uint_to_stamp);
CT_CONVERT(ct_double_to_stamp);
CT_CONVERT(ct_digits_to_stamp);

/* ct-print.c: as text, in the format if there is one */
CT_CONVERT(ct_date_to_text);
CT_CONVERT(ct_time_to_text);
CT_CONVERT(ct_stamp_to_text);
CT_CONVERT(ct_local_to_text);

#endif
