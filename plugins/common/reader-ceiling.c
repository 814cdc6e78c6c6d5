/* SPDX-License-Identifier: MIT */
/*
 * The ceiling: rows below it are settled, rows at or above it are sent and read
 * again.  For times the dialect knows the oldest open transaction; for what else
 * there is, the newest value less the look-back is the best that can be said.
 */

#include <stdio.h>

#include "common/reader-internal.h"

#define LOOKBACK_MS 300000
#define LOOKBACK_UNITS 10000
#define HELD_MS 60000

const char *reader_standing_name(int standing)
{
	return standing == READER_PROVEN      ? "proven"
	       : standing == READER_HEURISTIC ? "heuristic"
					      : "none";
}

bool reader_mark_us(const struct defsync_cell *cell, int64_t *ret)
{
	if (cell->type == DEFSYNC_DATE)
		return !__builtin_mul_overflow(cell->v.i64, READER_DAY_US, ret);
	if (cell->type != DEFSYNC_TIMESTAMP && cell->type != DEFSYNC_TIMESTAMP_LOCAL)
		return false;
	*ret = cell->v.i64;
	return true;
}

static int64_t subtract(int64_t a, int64_t b)
{
	int64_t v;

	return __builtin_sub_overflow(a, b, &v) ? INT64_MIN : v;
}

/*
 * A clock on the wall that is not proven to be the server's may show hours less: the
 * look-back then has to count from the newest value.
 */
static int32_t lower_to_newest(struct reader_source *s, const struct reader_plan *p, int64_t *us)
{
	struct reader_value newest = {.cap = 0};
	int64_t newest_us;
	int32_t rc;

	if (reader_plan_mark(p)->type == DEFSYNC_TIMESTAMP)
		return 0;
	rc = reader_newest(s, p, NULL, &newest);
	if (rc == 0 && reader_mark_us(&newest.cell, &newest_us) && newest_us < *us)
		*us = newest_us;
	reader_value_done(&newest);
	return rc;
}

static int32_t time_limit(struct reader_source *s, const struct reader_plan *p,
			  struct reader_limit *ret)
{
	const struct reader_column *c = reader_plan_mark(p);
	int64_t lookback = p->request->lookback, us;
	int32_t rc = s->dialect->ceiling(s, &p->table, c, &ret->told);

	if (rc < 0)
		return rc;
	ret->standing = ret->told.standing;
	if (__builtin_mul_overflow(ret->told.held_ms, INT64_C(1000), &us) ||
	    __builtin_add_overflow(ret->told.us, us, &ret->now_us))
		ret->now_us = ret->told.us;
	if (lookback < 0)
		lookback = ret->standing == READER_PROVEN ? 0 : LOOKBACK_MS;
	us = ret->told.us;
	if (ret->standing != READER_PROVEN)
		rc = lower_to_newest(s, p, &us);
	if (rc < 0)
		return rc;
	us = lookback > INT64_MAX / 1000 ? INT64_MIN : subtract(us, lookback * 1000);
	ret->value.cell = (struct defsync_cell){.type = c->type};
	ret->value.cell.v.i64 =
	    c->type == DEFSYNC_DATE ? us / READER_DAY_US - (us % READER_DAY_US < 0) : us;
	return 0;
}

static int32_t integer_limit(struct reader_source *s, const struct reader_plan *p,
			     struct reader_limit *ret)
{
	int64_t lookback = p->request->lookback < 0 ? LOOKBACK_UNITS : p->request->lookback;
	int32_t rc = reader_newest(s, p, NULL, &ret->value);
	struct defsync_cell *v = &ret->value.cell;

	ret->standing = lookback ? READER_HEURISTIC : READER_NO_CEILING;
	if (rc < 0 || v->type == DEFSYNC_NULL)
		return rc;
	if (v->type == DEFSYNC_UINT64)
		v->v.u64 = v->v.u64 > (uint64_t)lookback ? v->v.u64 - (uint64_t)lookback : 0;
	else
		v->v.i64 = subtract(v->v.i64, lookback);
	return 0;
}

static int32_t text_limit(struct reader_source *s, const struct reader_plan *p,
			  struct reader_limit *ret)
{
	if (p->request->lookback > 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "watermark '%s' of '%s' is neither a number nor a date, so "
				    "'lookback' has no meaning; set it to 0",
				    reader_plan_mark(p)->name, p->table.from);
	ret->standing = READER_NO_CEILING;
	return reader_newest(s, p, NULL, &ret->value);
}

void reader_limit_log(struct reader_source *s, const struct reader_plan *p,
		      const struct reader_limit *limit)
{
	const struct reader_ceiling *told = &limit->told;

	if (told->reason[0])
		defsync_log(
		    s->host, limit->standing == READER_PROVEN ? DEFSYNC_LOG_INFO : DEFSYNC_LOG_WARN,
		    "ceiling of '%s' is %s: %s", p->table.from,
		    limit->standing == READER_NO_CEILING ? "missing"
							 : reader_standing_name(limit->standing),
		    told->reason);
	if (told->holder[0] && told->held_ms > HELD_MS)
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "rows of '%s' of the last %lld s are read again in each run: held back "
			    "by %s",
			    p->table.from, (long long)(told->held_ms / 1000), told->holder);
}

int32_t reader_limit_make(struct reader_source *s, const struct reader_plan *p,
			  const struct reader_value *until, struct reader_limit *ret)
{
	int32_t rc;

	ret->now_us = DEFSYNC_TIME_NONE;
	switch (reader_plan_mark(p)->kind) {
	case READER_TIME:
		rc = time_limit(s, p, ret);
		break;
	case READER_INTEGER:
		rc = integer_limit(s, p, ret);
		break;
	default:
		rc = text_limit(s, p, ret);
	}
	if (rc < 0)
		return rc;
	if (reader_given(until) && reader_given(&ret->value) &&
	    reader_compare(&until->cell, &ret->value.cell) < 0 &&
	    !reader_value_set(&ret->value, &until->cell))
		return reader_fail_nomem(s);
	return 0;
}
