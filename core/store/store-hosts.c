/* SPDX-License-Identifier: MIT */
/* What was learnt about an API, so that the next run need not learn it again. */

#include "base/clock.h"
#include "store/store-internal.h"

#define WEEK_US (INT64_C(7) * 24 * 3600 * 1000000)

/* Also false of a time that lies ahead, as a clock that was wrong leaves it. */
static int is_recent(int64_t updated_us, int64_t now_us)
{
	return updated_us > now_us - WEEK_US && updated_us < now_us + WEEK_US;
}

static int get(struct store *s, const char *host, struct store_host *ret, struct error *err)
{
	int64_t n[4] = {0}; /* accepted, refused, gzip, updated_us */

	if (sql_numbers(s, SQL_HOST_GET, SQL_ARGS(sql_text(host)), n, 4, err) < 0)
		return -1;
	if (!is_recent(n[3], clock_wall_us()))
		return 0;
	*ret = (struct store_host){
	    .host = host,
	    .accepted = n[0],
	    .refused = n[1],
	    .gzip = (int)n[2],
	    .updated_us = n[3],
	};
	return 1;
}

int store_host_get(struct store *s, const char *host, struct store_host *ret, struct error *err)
{
	store_enter(s);
	return store_leave(s, get(s, host, ret, err));
}

static int set(struct store *s, const struct store_host *h, struct error *err)
{
	int rc = sql_begin(s, err);

	if (rc < 0)
		return rc;
	rc = sql_run(s, SQL_HOST_SET,
		     SQL_ARGS(sql_text(h->host), sql_int(h->accepted), sql_int(h->refused),
			      sql_int(h->gzip), sql_int(clock_wall_us())),
		     err);
	return sql_end(s, rc, err);
}

int store_host_set(struct store *s, const struct store_host *h, struct error *err)
{
	store_enter(s);
	return store_leave(s, set(s, h, err));
}
