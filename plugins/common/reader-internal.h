/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files reader-*.c.  A plan is one table as a request wants to read
 * it; a position is where a reading stands; a cursor reads a plan in pages.
 */

#ifndef COMMON_READER_INTERNAL_H
#define COMMON_READER_INTERNAL_H

#include "common/reader.h"

#define READER_ORDER_MAX (READER_KEYS_MAX + 1) /* the watermark and the key */
#define READER_PLACE_MAX 500		       /* bytes of a row's position text */
#define READER_DAY_US INT64_C(86400000000)

/* ---- Values (reader-value.c, reader-time.c) ------------------------------------ */

/* Has the cell bytes, in v.data? */
static inline bool reader_has_bytes(uint32_t type)
{
	return (type >= DEFSYNC_DECIMAL && type <= DEFSYNC_BYTES) || type == DEFSYNC_JSON ||
	       type == DEFSYNC_UUID;
}

/* Is the value in v.i64? */
static inline bool reader_is_i64(uint32_t type)
{
	return type == DEFSYNC_INT64 || type == DEFSYNC_BOOL ||
	       (type >= DEFSYNC_DATE && type <= DEFSYNC_TIMESTAMP_LOCAL);
}

static inline bool reader_given(const struct reader_value *v)
{
	return v && v->cell.type != DEFSYNC_NULL;
}

/* reader_value_compare, without a call for what most watermarks are. */
static inline int reader_compare(const struct defsync_cell *a, const struct defsync_cell *b)
{
	if (reader_is_i64(a->type))
		return a->v.i64 < b->v.i64 ? -1 : a->v.i64 > b->v.i64;
	return reader_value_compare(a, b);
}

#define READER_FORMAT_MAX 48

enum reader_form {
	READER_FORM_SERVER, /* 2024-01-31 10:00:00, 0044-03-15 BC */
	READER_FORM_EXACT,  /* 2024-01-31T10:00:00, -0043-03-15: no spaces */
};

/* Numbers and times; 0 for other types. */
size_t reader_format(const struct defsync_cell *cell, enum reader_form form,
		     char out[READER_FORMAT_MAX]);
size_t reader_format_time(const struct defsync_cell *cell, enum reader_form form,
			  char out[READER_FORMAT_MAX]);
size_t reader_format_uuid(const unsigned char bytes[16], char out[READER_FORMAT_MAX]);
char *reader_put_digits(char *p, uint64_t v, int at_least);
/* DATE, TIME, TIMESTAMP and TIMESTAMP_LOCAL from READER_FORM_EXACT. */
bool reader_parse_time(const char *ptr, size_t len, uint32_t type, int64_t *ret);

/* ---- Plan (reader-plan.c, reader-relation.c) ------------------------------------- */

struct reader_plan {
	const struct defsync_request *request;
	struct reader_table table;
	int *fields; /* columns that the row shows */
	int n_fields;
	int watermark; /* a column, or -1 in a snapshot and by key */
	int keys[READER_KEYS_MAX];
	int n_keys;
	bool unique; /* the keys tell all rows apart */
	const struct defsync_relation *relation;
	/* The order of the key and of (watermark, key), SQL; the watermark only once. */
	const char *key_order[READER_KEYS_MAX];
	const char *mark_order[READER_ORDER_MAX];
	const struct reader_column *key_columns[READER_KEYS_MAX];
	const struct reader_column *mark_columns[READER_ORDER_MAX];
	int n_mark;
	/* The result of a reading: the fields, then what the order needs besides. */
	const struct reader_column **columns;
	int n_columns;
	int watermark_cell; /* -1: none */
	int key_cells[READER_KEYS_MAX];
};

int32_t reader_plan_make(struct reader_source *s, struct pool *pool,
			 const struct defsync_request *request, struct reader_plan *ret);
/* Has it the key and the watermark that reading needs?  describe does without. */
int32_t reader_plan_complete(struct reader_source *s, const struct reader_plan *p);
const struct reader_column *reader_plan_mark(const struct reader_plan *p);
bool reader_mark_is_key(const struct reader_plan *p);
/* Can a row be without a usable watermark?  The condition, or NULL. */
const char *reader_plan_missing(struct pool *pool, const struct reader_plan *p);
int32_t reader_relation_make(struct reader_source *s, struct pool *pool, struct reader_plan *p);

/* ---- SQL (reader-query.c) --------------------------------------------------------- */

enum reader_from {
	READER_FROM_START,  /* nothing was settled yet */
	READER_FROM_PAST,   /* watermark > mark */
	READER_FROM_BEHIND, /* (order columns) > values */
};

/* One page. */
struct reader_scan {
	bool by_mark; /* in the order of the watermark; else of the key */
	bool nulls;   /* only rows without a watermark */
	enum reader_from from;
	const struct reader_value *values;	    /* of the bound */
	const struct reader_value *initial, *until; /* NULL or type NULL: none */
	int64_t limit;				    /* 0: none */
	int64_t offset;				    /* rows behind the bound to pass over */
};

int32_t reader_scan_open(struct reader_source *s, const struct reader_plan *p,
			 const struct reader_scan *scan);
/* The same list of columns, WHERE key = parameters; opened with these values. */
int32_t reader_key_open(struct reader_source *s, const struct reader_plan *p,
			const struct reader_value *values);
/* "(filter)" behind " AND "; nothing without a filter. */
void reader_add_filter(const struct reader_plan *p, struct text *out);
/* Runs a statement of counts: n values into ret. */
int32_t reader_counts(struct reader_source *s, const struct reader_plan *p, const struct text *sql,
		      int n, int64_t *ret);
/* Exactly, for messages. */
int32_t reader_count(struct reader_source *s, const struct reader_plan *p, const char *condition,
		     int64_t *ret);
/* The newest watermark, below a bound if there is one; type NULL: none. */
int32_t reader_newest(struct reader_source *s, const struct reader_plan *p,
		      const struct reader_value *bound, struct reader_value *ret);

/* ---- Checks and ceiling (reader-checks.c, reader-ceiling.c) --------------------------- */

/* Before a reading: NULL in key columns, rows without a watermark. */
int32_t reader_check(struct reader_source *s, const struct reader_plan *p);
/* `initial` or `until`; not given: type NULL. */
int32_t reader_bound(struct reader_source *s, const struct reader_plan *p, const char *name,
		     const char *given, struct reader_value *ret);

struct reader_limit {
	int standing;		    /* READER_x */
	struct reader_value value;  /* type NULL: nothing is settled */
	int64_t now_us;		    /* time-like: the server's clock; else DEFSYNC_TIME_NONE */
	struct reader_ceiling told; /* time-like: what the dialect said */
};

int32_t reader_limit_make(struct reader_source *s, const struct reader_plan *p,
			  const struct reader_value *until, struct reader_limit *ret);
/* For the operator: why it is not proven, and who holds it back. */
void reader_limit_log(struct reader_source *s, const struct reader_plan *p,
		      const struct reader_limit *limit);
const char *reader_standing_name(int standing);
/* Microseconds of a time-like value; false for others. */
bool reader_mark_us(const struct defsync_cell *cell, int64_t *ret);

/* ---- Positions (reader-checkpoint.c, reader-position.c) ------------------------------- */

enum reader_phase {
	READER_PHASE_LOAD,
	READER_PHASE_INCREMENTAL,
	READER_PHASE_SNAPSHOT,
	READER_PHASE_DONE, /* of a snapshot */
};

struct reader_position {
	enum reader_phase phase;
	/*
	 * Where the incremental phase begins or stands.  In the load phase it is what
	 * the first incremental run will start from; `values` are then of the key and
	 * tell how far the load has come.
	 */
	enum reader_from from;
	struct reader_value mark;
	struct reader_value initial; /* of a load: nothing below it */
	int n_values;		     /* 0: none */
	struct reader_value values[READER_ORDER_MAX];
};

void reader_position_done(struct reader_position *p);
const char *reader_phase_name(enum reader_phase phase);
bool reader_phase_parse(const char *name, enum reader_phase *ret);
void reader_write_value(struct checkpoint_writer *w, const struct defsync_cell *cell);
bool reader_read_value(const char *ptr, size_t len, struct reader_value *ret);
/* The constant part: identity, phase and, for a load, where it leads to. */
bool reader_checkpoint_prefix(struct checkpoint_writer *w, char *buf, const struct reader_source *s,
			      const struct reader_plan *p, const struct reader_position *at);
/* When that does not fit. */
int32_t reader_fail_names(struct reader_source *s, const struct reader_plan *p);
/* The row's part: the values of the order. */
void reader_checkpoint_values(struct checkpoint_writer *w, const struct defsync_cell *const *values,
			      int n);
int32_t reader_checkpoint_read(struct reader_source *s, const struct reader_plan *p,
			       struct reader_position *ret);

/* ---- Reading (reader-extract.c, reader-cursor.c, reader-row.c, reader-keys.c) ---------- */

enum reader_stage {
	READER_STAGE_NULLS, /* rows without a watermark, in every run */
	READER_STAGE_MAIN,
	READER_STAGE_OVER,
};

struct reader_cursor {
	struct pool pool;
	struct reader_plan plan;
	struct reader_position at; /* where it began */
	struct reader_limit limit; /* the ceiling */
	struct reader_value until;
	enum reader_stage stage;
	int64_t rows;
	bool found; /* a row of the main stage */

	/* The page: a statement in a snapshot. */
	bool in_snapshot;
	bool is_open;
	bool on_row; /* the cells are those of a row */
	int64_t page_limit, page_got;
	int64_t snapshot_us; /* when the snapshot began */
	bool rest_wanted;    /* a rest has to wait for the end of a place */

	/* The order of the present stage: into the cells. */
	const struct defsync_cell *order[READER_ORDER_MAX];
	const struct reader_column *order_columns[READER_ORDER_MAX];
	int n_order;
	const struct defsync_cell *mark; /* NULL: no matter in this stage */
	int64_t last_mark;		 /* in its order: where that is a count */

	/* Where the next page of this stage begins; without: where the stage does. */
	bool has_place;
	struct reader_value place[READER_ORDER_MAX];
	/* The last row could not be placed: a cell of its order cannot be given. */
	bool place_lost;
	/* Rows behind that place which earlier pages of the same snapshot gave. */
	int64_t passed;

	/*
	 * Where rows may be equal in the order: the place of the last row, see
	 * reader-row.c.
	 */
	struct reader_value previous[READER_ORDER_MAX];
	bool has_previous;

	/* Two buffers: a checkpoint that does not fit must not spoil the last good one. */
	struct checkpoint_writer writers[2];
	int writer;
	const char *safe; /* the last one given, or NULL */
	size_t safe_len;

	uint32_t lookup; /* DEFSYNC_READ_KEYS: the key that comes next */
	struct reader_value lookup_values[READER_KEYS_MAX];

	struct defsync_cell *cells;	     /* plan.n_columns */
	int bad;			     /* the cell that cannot be given, or -1 */
	char *position;			     /* READER_PLACE_MAX */
	const char *labels[READER_KEYS_MAX]; /* "id=", " line=" */
	size_t label_lens[READER_KEYS_MAX];
	struct defsync_row row;
};

/* reader-cursor.c: order and first page of a stage. */
int32_t reader_stage_begin(struct reader_source *s, struct reader_cursor *c,
			   enum reader_stage stage);
/* DEFSYNC_ROW with cells, DEFSYNC_END of all stages, or an error class. */
int32_t reader_step(struct reader_source *s, struct reader_cursor *c);
/* Ends statement and snapshot; the next step goes on behind the last row. */
int32_t reader_rest(struct reader_source *s, struct reader_cursor *c);
/* Ends them without a way back. */
void reader_release(struct reader_source *s, struct reader_cursor *c);

/* reader-row.c: once a cursor. */
int32_t reader_labels_make(struct reader_source *s, struct reader_cursor *c);
/* All but the cells.  DEFSYNC_ROW, DEFSYNC_E_BAD_ROW, or an error. */
int32_t reader_row_fill(struct reader_source *s, struct reader_cursor *c);
/* Is the row's place another than the last row's? */
bool reader_row_differs(const struct reader_cursor *c);
/* The last safe position, for the end. */
void reader_row_last(struct reader_cursor *c);
/* The text of the row's key: "id=17". */
void reader_row_label(struct reader_cursor *c);

/* reader-keys.c: instead of the stages. */
int32_t reader_keys_next(struct reader_source *s, struct reader_cursor *c,
			 const struct defsync_row **ret_row);

/* ---- Describing (reader-describe.c, reader-findings.c) ----------------------------------- */

#define READER_FINDINGS_MAX 32
struct reader_findings {
	struct pool *pool;
	struct defsync_finding *list; /* room for READER_FINDINGS_MAX */
	uint32_t n;
	bool nomem;
};

int32_t reader_findings_make(struct reader_source *s, const struct reader_plan *p,
			     struct reader_findings *f);

#endif
