/* SPDX-License-Identifier: MIT */
/*
 * What every defsync plugin shares: cells, rows, relations, options, result
 * codes and the services of the host.  A source includes source.h, a transform
 * transform.h; both include this file.  Nothing here needs a library: a plugin
 * links with -z defs against its own client library only.
 *
 * Rules of the border
 *
 *   - Nobody writes a struct that the other side allocated.  Out-parameters
 *     are scalars and pointers, named ret_x, and are untouched on failure.
 *   - Structs that may grow begin with struct_size; the reader looks at no byte
 *     beyond it.  Arrays of structs carry the element's size as their stride.
 *     Members are only appended.
 *   - Only fixed-width integers, double, size_t and pointers cross.
 *   - Strings are UTF-8.  `const char *` alone is NUL-terminated; a pointer
 *     with a length is not.
 *   - A function that takes flags refuses a bit it does not know with
 *     DEFSYNC_E_BUG.  Today all flags are 0.
 *
 * The header is C99 and C++11.  All of it is since ABI 1.0, but for what says
 * otherwise.
 */

#ifndef DEFSYNC_PLUGIN_H
#define DEFSYNC_PLUGIN_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <defsync/version.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DEFSYNC_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define DEFSYNC_EXPORT __attribute__((visibility("default")))
#define DEFSYNC_UNUSED __attribute__((unused))
#else
#define DEFSYNC_PRINTF(fmt, first)
#define DEFSYNC_EXPORT
#define DEFSYNC_UNUSED
#endif

/*
 * Is `member` inside the struct that the other side gave us?  For optional
 * members that were appended after ABI 1.0.
 */
#define DEFSYNC_HAS(ptr, type, member)                                                             \
	((ptr)->struct_size >= offsetof(type, member) + sizeof((ptr)->member))

/* ---- Results ----------------------------------------------------------- */

/*
 * Every callback returns an int32_t: 0 or more is success, below 0 one of the
 * error classes.  Before it returns an error, a callback calls host->fail once.
 * A class that the host does not know counts as DEFSYNC_E_PERMANENT.
 */
#define DEFSYNC_OK 0
#define DEFSYNC_ROW 1	    /* next: *ret_row is a row */
#define DEFSYNC_END 2	    /* next: nothing more in this cursor */
#define DEFSYNC_IDLE 3	    /* next: a streaming cursor has nothing at present */
#define DEFSYNC_PASS 10	    /* apply: the row goes on as it is, not copied */
#define DEFSYNC_FILTERED 11 /* apply: deliberately left out, and counted */
#define DEFSYNC_EMITTED 12  /* apply: replaced by what was given to emit */

#define DEFSYNC_E_TRANSIENT (-1)	/* passes by itself: server gone, locked, time-out */
#define DEFSYNC_E_CONFIG (-2)		/* an option, table or column is wrong or missing */
#define DEFSYNC_E_AUTH (-3)		/* log-in, grants, TLS: an operator has to act */
#define DEFSYNC_E_PERMANENT (-4)	/* will fail again: damaged file, unsupported server */
#define DEFSYNC_E_BAD_ROW (-5)		/* this row only; the cursor stays usable */
#define DEFSYNC_E_STALE_CHECKPOINT (-6) /* of another source, or no longer there */
#define DEFSYNC_E_CANCELLED (-7)	/* cancel was called */
#define DEFSYNC_E_NOMEM (-8)
#define DEFSYNC_E_BUG (-9) /* the caller or the plugin broke a rule of this file */

/* ---- Cells ------------------------------------------------------------- */

/*
 * Types of a cell.  The type is per cell, since SQLite and CSV are typed per
 * value; a column declares the type that its cells have, or DEFSYNC_ANY.
 *
 *   type             member      meaning
 *   NULL             -           no value
 *   BOOL             v.i64       0 or 1
 *   INT64            v.i64
 *   UINT64           v.u64       sent as a JSON string, whatever the value
 *   DOUBLE           v.f64       NaN and infinities are allowed here; the host
 *                                sends them as null and counts them
 *   DECIMAL          v.data      digits: [-]digits[.digits], no exponent
 *   TEXT             v.data      UTF-8; what is not goes to the dead letters
 *   BYTES            v.data      sent as base64
 *   DATE             v.i64       days since 1970-01-01, proleptic Gregorian
 *   TIME             v.i64       microseconds since midnight; may be negative
 *                                or over 24 hours (MySQL)
 *   TIMESTAMP        v.i64       microseconds since 1970-01-01T00:00:00Z
 *   TIMESTAMP_LOCAL  v.i64       the same count of a clock without a zone
 *   JSON             v.data      one JSON text, embedded as it is after a check
 *   UUID             v.data      16 bytes
 */
#define DEFSYNC_NULL 0
#define DEFSYNC_BOOL 1
#define DEFSYNC_INT64 2
#define DEFSYNC_UINT64 3
#define DEFSYNC_DOUBLE 4
#define DEFSYNC_DECIMAL 5
#define DEFSYNC_TEXT 6
#define DEFSYNC_BYTES 7
#define DEFSYNC_DATE 8
#define DEFSYNC_TIME 9
#define DEFSYNC_TIMESTAMP 10
#define DEFSYNC_TIMESTAMP_LOCAL 11
#define DEFSYNC_JSON 12
#define DEFSYNC_UUID 13
#define DEFSYNC_ANY 255 /* columns only: each cell says its own type */

/*
 * One value, 24 bytes on LP64.  Owner and lifetime: those of the row.  The
 * pointer of an empty text may be NULL; with a length it may not.
 */
struct defsync_cell {
	uint32_t type;	   /* DEFSYNC_NULL ... */
	uint32_t reserved; /* 0 */
	union {
		int64_t i64;
		uint64_t u64;
		double f64;
		struct {
			const void *ptr;
			size_t len; /* bytes */
		} data;
	} v;
};

/* ---- Relations --------------------------------------------------------- */

#define DEFSYNC_COLUMN_KEY 1u	    /* part of the key that identifies a row */
#define DEFSYNC_COLUMN_WATERMARK 2u /* the column that orders the changes */
#define DEFSYNC_COLUMN_NULLABLE 4u
#define DEFSYNC_COLUMN_GENERATED 8u /* computed by the database */
/* Transforms, since ABI 1.3: what the source has is hidden in it.  Later ones keep it. */
#define DEFSYNC_COLUMN_MASKED 16u

struct defsync_column {
	const char *name;	 /* as the source spells it, not quoted */
	const char *native_type; /* the source's own words, "numeric(12,2)" */
	uint32_t type;		 /* DEFSYNC_INT64 ... or DEFSYNC_ANY */
	uint32_t flags;		 /* DEFSYNC_COLUMN_x */
	/*
	 * TIME and TIMESTAMP types: digits of the fraction that are printed, 0
	 * to 6, always all of them.  Others: 0.
	 */
	uint32_t digits;
	/*
	 * Since ABI 1.3, "reserved" before.  Sources: 0.  In what a transform makes of a
	 * relation: 1 + the place of the input's column that these cells are of, whatever
	 * its name, also when their type is changed; 0: the transform made or hid them.
	 * From a row that a transform refuses the host shows only columns that the
	 * transforms which were still to come would all have carried on.
	 */
	uint32_t from;
};

/*
 * The shape of rows.  A relation is never changed: when columns change, rows
 * point to a new one.  Lives until disconnect (source) or destroy (transform).
 */
struct defsync_relation {
	uint32_t struct_size;
	uint32_t column_size; /* stride of columns */
	const char *schema;   /* "" where the source has none */
	const char *name;
	const struct defsync_column *columns;
	uint32_t n_columns;
	uint32_t flags; /* 0 */
};

static inline const struct defsync_column *defsync_column_at(
    const struct defsync_relation *relation, uint32_t i)
{
	return (const struct defsync_column *)((const char *)relation->columns +
					       (size_t)i * relation->column_size);
}

/* ---- Rows -------------------------------------------------------------- */

#define DEFSYNC_OP_READ 1   /* seen by reading the table: new, changed or as before */
#define DEFSYNC_OP_INSERT 2 /* the log says what happened */
#define DEFSYNC_OP_UPDATE 3
#define DEFSYNC_OP_DELETE 4 /* key columns filled, others may be NULL */
/*
 * No row at all: only a checkpoint, at a place where there is no row to carry
 * it (end of the first load, heartbeat of a log).  n_cells is 0.
 */
#define DEFSYNC_OP_CHECKPOINT 5

/*
 * DEFSYNC_ROW_REREAD: a later run will read this row again though it is
 * delivered now, since it lies at or above the ceiling or in the look-back.
 * The host keeps a hash of the row and leaves the repeat out.
 */
#define DEFSYNC_ROW_REREAD 1u
/*
 * DEFSYNC_ROW_SWEEP, on DEFSYNC_OP_CHECKPOINT only: this cursor has now read
 * again every row that was marked REREAD before it began and that still is in
 * the window.  The host forgets the hashes that it did not see again.
 */
#define DEFSYNC_ROW_SWEEP 2u

#define DEFSYNC_TIME_NONE INT64_MIN

/*
 * A row.  It and all it points to belong to the plugin and stay as they are
 * until the next call of next, end or disconnect for that instance, so that the
 * client library's own buffers can be handed over without a copy.
 */
struct defsync_row {
	uint32_t struct_size;
	uint32_t op; /* DEFSYNC_OP_x */
	const struct defsync_relation *relation;
	const struct defsync_cell *cells; /* one a column, in its order */
	uint32_t n_cells;
	uint32_t cell_size; /* stride of cells */
	uint32_t flags;	    /* DEFSYNC_ROW_x */
	uint32_t reserved;  /* 0 */
	/*
	 * Where to go on when all rows up to and with this one are delivered:
	 * printable ASCII, at most 4096 bytes, made and understood by the plugin
	 * alone.  Length 0: not a safe point.
	 */
	const char *checkpoint;
	size_t checkpoint_len;
	/* When the source changed or read it, UTC microseconds, or DEFSYNC_TIME_NONE. */
	int64_t source_time_us;
	/* For messages: "id=17", "line 9".  Length 0: none.  At most 512 bytes. */
	const char *position;
	size_t position_len;
};

static inline const struct defsync_cell *defsync_cell_at(const struct defsync_row *row, uint32_t i)
{
	return (const struct defsync_cell *)((const char *)row->cells + (size_t)i * row->cell_size);
}

/* ---- Options ----------------------------------------------------------- */

/*
 * Options are declared as tables.  The host reads the configuration, checks
 * type and range, fills in defaults and prints help from the same table; the
 * plugin asks with the getters of the host, which cannot fail for a declared
 * name.  The text forms are those of defsync.yaml(5).
 */
#define DEFSYNC_OPTION_STRING 1
#define DEFSYNC_OPTION_INT 2	     /* int64_t, min and max apply */
#define DEFSYNC_OPTION_BOOL 3	     /* 0 or 1 */
#define DEFSYNC_OPTION_DURATION 4    /* "90s", "15m": milliseconds, min and max apply */
#define DEFSYNC_OPTION_SIZE 5	     /* "4MB", "64KiB": bytes, min and max apply */
#define DEFSYNC_OPTION_ENUM 6	     /* one of `values`; read as a string */
#define DEFSYNC_OPTION_LIST 7	     /* list of strings, or one string */
#define DEFSYNC_OPTION_MAP 8	     /* "name: text" pairs, read as items "name=text" */
#define DEFSYNC_OPTION_PATH 9	     /* string; relative to the configuration's folder */
#define DEFSYNC_OPTION_SECRET 10     /* string; removed from every message by its value */
#define DEFSYNC_OPTION_IDENTIFIER 11 /* string; name of a table or column, not empty */
#define DEFSYNC_OPTION_DOUBLE 12

#define DEFSYNC_OPTION_REQUIRED 1u
#define DEFSYNC_OPTION_DEPRECATED 2u
#define DEFSYNC_OPTION_ADVANCED 4u /* left out of the short help */

struct defsync_option {
	const char *name; /* lower case, [a-z][a-z0-9_]* */
	uint32_t type;	  /* DEFSYNC_OPTION_x */
	uint32_t flags;
	const char *default_text; /* as in the configuration; NULL: not set */
	int64_t min, max;	  /* both 0: no range */
	const char *values;	  /* ENUM: "require|prefer|off" */
	const char *help;	  /* one line, no full stop */
};

/* A set of option values.  Opaque; lives as long as the call's description says. */
struct defsync_options;

/* ---- Services of the host ---------------------------------------------- */

#define DEFSYNC_LOG_ERROR 1
#define DEFSYNC_LOG_WARN 2
#define DEFSYNC_LOG_INFO 3
#define DEFSYNC_LOG_DEBUG 4

/* Names for host->report. */
#define DEFSYNC_REPORT_CEILING "ceiling"	     /* proven | heuristic | none */
#define DEFSYNC_REPORT_CEILING_VALUE "ceiling_value" /* the bound itself, as text */
/*
 * load | incremental | stream | snapshot | done: a snapshot was read to its end,
 * from this checkpoint the next run begins anew.
 */
#define DEFSYNC_REPORT_PHASE "phase"

/* Names for host->about. */
#define DEFSYNC_ABOUT_SOURCE "source" /* its name in the configuration */
#define DEFSYNC_ABOUT_TABLE "table"   /* the table's from */
#define DEFSYNC_ABOUT_TARGET "target" /* the table's to */
#define DEFSYNC_ABOUT_RUN_ID "run_id" /* a UUID; NULL where nothing is run, as in check */
#define DEFSYNC_ABOUT_VERSION "version"

/*
 * Given to load and create.  The table and ctx live until destroy returns
 * (load's: for ever).  Each function takes ctx as its first argument and may be
 * called from any thread that is inside a call of the host into the plugin.
 * Plugins write neither to stdout, stderr nor syslog.
 */
struct defsync_host {
	uint32_t struct_size;
	uint32_t abi_minor; /* of the host */
	void *ctx;

	/*
	 * One line for the operator; the host adds the source's name and takes
	 * secrets out.  Levels are DEFSYNC_LOG_x.
	 */
	void (*log)(void *ctx, uint32_t level, const char *text);
	/* Non-zero when that level is printed: to avoid costly texts. */
	int32_t (*log_enabled)(void *ctx, uint32_t level);

	/*
	 * The reason of the error that the running callback is about to return.
	 * The first one of a call wins.  vendor_code: the client library's number
	 * or 0; sqlstate: five characters or NULL; text: what failed, subject in
	 * single quotes, then the library's words, then "; what to do".
	 */
	void (*fail)(void *ctx, int32_t error_class, int64_t vendor_code, const char *sqlstate,
		     const char *text);

	/* Non-zero when the run is to end: return DEFSYNC_E_CANCELLED soon. */
	int32_t (*cancelled)(void *ctx);
	/* Sleeps; DEFSYNC_OK after ms, DEFSYNC_E_CANCELLED at once on cancel. */
	int32_t (*wait)(void *ctx, int64_t ms);

	int64_t (*now_mono_us)(void *ctx); /* never goes back */
	int64_t (*now_wall_us)(void *ctx); /* UTC since 1970 */

	/*
	 * Values of declared options; asking for another name is a bug that
	 * create's caller reports.  Strings live as long as the option set.
	 * option_string: NULL when not set.  option_int: INT, BOOL, DURATION in
	 * ms, SIZE in bytes; 0 when not set.  LIST and MAP: option_count, then
	 * option_item of 0 to count-1.
	 */
	int32_t (*option_is_set)(void *ctx, const struct defsync_options *options,
				 const char *name);
	const char *(*option_string)(void *ctx, const struct defsync_options *options,
				     const char *name);
	int64_t (*option_int)(void *ctx, const struct defsync_options *options, const char *name);
	double (*option_double)(void *ctx, const struct defsync_options *options, const char *name);
	uint32_t (*option_count)(void *ctx, const struct defsync_options *options,
				 const char *name);
	const char *(*option_item)(void *ctx, const struct defsync_options *options,
				   const char *name, uint32_t i);

	/*
	 * Takes these bytes out of every message from now on: for passwords that
	 * a plugin finds inside a DSN.  Fewer than 4 bytes are ignored.
	 */
	void (*secret)(void *ctx, const char *ptr, size_t len);

	/* A fact about this run, DEFSYNC_REPORT_x; the last value counts. */
	void (*report)(void *ctx, const char *name, const char *value);
	/* Adds n to a counter of this run, printed at its end: "zero_dates". */
	void (*count)(void *ctx, const char *name, uint64_t n);

	/*
	 * Since ABI 1.3, see DEFSYNC_HAS.  What is synced, DEFSYNC_ABOUT_x: a text that
	 * lives as long as the instance, NULL where it is not known.
	 */
	const char *(*about)(void *ctx, const char *name);
};

/* What is longer than this is cut by the helpers below, at 1 KiB. */
#define DEFSYNC_TEXT_MAX 1024

/* host->log with a format. */
DEFSYNC_PRINTF(3, 4)
static inline void DEFSYNC_UNUSED defsync_log(const struct defsync_host *host, uint32_t level,
					      const char *fmt, ...)
{
	char text[DEFSYNC_TEXT_MAX];
	va_list ap;

	if (!host->log_enabled(host->ctx, level))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	host->log(host->ctx, level, text);
}

/* host->fail with a format, without vendor code; returns error_class. */
DEFSYNC_PRINTF(3, 4)
static inline int32_t DEFSYNC_UNUSED defsync_fail(const struct defsync_host *host,
						  int32_t error_class, const char *fmt, ...)
{
	char text[DEFSYNC_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(host->fail)(host->ctx, error_class, 0, NULL, text); /* cmocka has a macro fail */
	return error_class;
}

/* The same with the client library's number and SQLSTATE (or NULL). */
DEFSYNC_PRINTF(5, 6)
static inline int32_t DEFSYNC_UNUSED defsync_fail_vendor(const struct defsync_host *host,
							 int32_t error_class, int64_t vendor_code,
							 const char *sqlstate, const char *fmt, ...)
{
	char text[DEFSYNC_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(host->fail)(host->ctx, error_class, vendor_code, sqlstate, text);
	return error_class;
}

#ifdef __cplusplus
}
#endif

#endif
