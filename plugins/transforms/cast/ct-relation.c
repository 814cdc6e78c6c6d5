/* SPDX-License-Identifier: MIT */
/* What becomes of the columns of a relation. */

#include "ct.h"

static bool has_clock(uint32_t type)
{
	return type == DEFSYNC_TIME || type == DEFSYNC_TIMESTAMP || type == DEFSYNC_TIMESTAMP_LOCAL;
}

static bool makes_null(const struct cast *c, const struct ct_column *cc)
{
	return c->n_null_if || c->empty_as_null ||
	       (c->null_on_error && cc->to != CT_SAME && cc->to != cc->from);
}

/* Any can hold what has no way: its rows are told apart one by one. */
static int32_t check_route(const struct cast *c, const struct ct_column *cc)
{
	const char *why;

	if (cc->from == DEFSYNC_ANY || ct_route(c, cc->from, cc->to, &why))
		return DEFSYNC_OK;
	return defsync_fail(c->host, DEFSYNC_E_CONFIG, "column '%s': %s to %s: %s", cc->name,
			    ct_type_name(cc->from), ct_type_name(cc->to), why);
}

/* True: the column is another now. */
static bool change_column(const struct cast *c, const struct ct_column *cc,
			  struct defsync_column *column)
{
	uint32_t flags = column->flags;

	if (makes_null(c, cc))
		column->flags |= DEFSYNC_COLUMN_NULLABLE;
	if (!ct_keeps_apart(c, cc->from, cc->to, cc->digits))
		column->flags &= ~DEFSYNC_COLUMN_KEY;
	if (cc->to == CT_SAME || cc->to == column->type)
		return column->flags != flags;
	if (!has_clock(cc->to))
		column->digits = 0;
	else if (!has_clock(column->type))
		column->digits = 6;
	column->type = cc->to;
	column->native_type = ct_type_name(cc->to);
	return true;
}

static int32_t cast_column(struct cast *c, struct reshape_plan *p, const struct ct_wish *wish)
{
	struct ct_plan *detail = p->detail;
	struct ct_column *cc = &detail->columns[detail->n];
	int64_t at = reshape_column(p->in, wish->name);
	int32_t rc;

	if (at < 0)
		return reshape_missing(c->host, p->in, wish->name, "columns");
	text_init(&cc->out, CT_TEXT_MAX);
	cc->name = wish->name;
	cc->at = (uint32_t)at;
	cc->from = p->columns[at].type;
	cc->to = wish->type;
	cc->digits = p->columns[at].digits;
	rc = check_route(c, cc);
	if (rc < 0)
		return rc;
	if (change_column(c, cc, &p->columns[at]))
		detail->same = false;
	detail->n++;
	return DEFSYNC_OK;
}

static struct reshape_plan *begin_plan(struct cast *c, const struct defsync_relation *in)
{
	struct reshape_plan *p = reshape_begin(&c->reshape, in, in->n_columns);
	struct ct_plan *detail;
	uint32_t i;

	if (!p)
		return NULL;
	detail = pool_alloc(&c->reshape.pool, 1,
			    sizeof(*detail) + c->n_wishes * sizeof(struct ct_column));
	if (!detail) {
		(void)reshape_nomem(c->host);
		return NULL;
	}
	detail->same = true;
	p->detail = detail;
	for (i = 0; i < in->n_columns; i++)
		(void)reshape_keep(p, i);
	return p;
}

int32_t ct_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
		    const struct defsync_relation **ret_out)
{
	struct cast *c = instance;
	const struct defsync_relation *out = NULL;
	struct reshape_plan *p;
	int32_t rc = DEFSYNC_OK;
	uint32_t i;

	if (flags)
		return defsync_fail(c->host, DEFSYNC_E_BUG, "unknown flags");
	p = begin_plan(c, in);
	if (!p)
		return DEFSYNC_E_NOMEM;
	for (i = 0; i < c->n_wishes && rc == DEFSYNC_OK; i++)
		rc = cast_column(c, p, &c->wishes[i]);
	if (rc == DEFSYNC_OK)
		rc = reshape_end(&c->reshape, p, &out);
	if (rc < 0)
		return rc;
	*ret_out = ((struct ct_plan *)p->detail)->same ? in : out;
	return DEFSYNC_OK;
}
