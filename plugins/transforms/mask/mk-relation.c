/* SPDX-License-Identifier: MIT */
/* Which columns of a relation are masked, and what they are then. */

#include "mk.h"

size_t mk_room(const struct mask *m)
{
	size_t hashed = m->prefix_len + 2 * (size_t)MK_DIGEST;
	size_t kept = (size_t)m->n * MK_CHARACTER + MK_FILL * m->fill_len;

	return hashed > kept ? hashed : kept;
}

/* Do different values stay different?  5 and "5" in one column would not. */
static bool keeps_apart(const struct mask *m, uint32_t type)
{
	return type != DEFSYNC_ANY &&
	       (m->method == MK_SHA256 || m->method == MK_HMAC || m->method == MK_PSEUDONYM);
}

static int32_t mask_column(struct mask *m, struct reshape_plan *p, uint32_t at)
{
	struct mk_plan *detail = p->detail;
	struct mk_column *mc = &detail->columns[detail->n++];
	struct defsync_column *c = &p->columns[at];

	mc->at = at;
	mc->digits = c->digits;
	mc->room = pool_alloc(&m->reshape.pool, mk_room(m), 1);
	if (!mc->room)
		return reshape_nomem(m->host);
	c->flags &= ~DEFSYNC_COLUMN_WATERMARK;
	if (!keeps_apart(m, c->type))
		c->flags &= ~DEFSYNC_COLUMN_KEY;
	reshape_hide(c);
	if (m->method == MK_NULL)
		c->flags |= DEFSYNC_COLUMN_NULLABLE;
	c->type = DEFSYNC_TEXT;
	c->native_type = "masked";
	c->digits = 0;
	return DEFSYNC_OK;
}

/* How many of the columns are there, or the error. */
static int32_t count_columns(const struct mask *m, const struct defsync_relation *in,
			     uint32_t *ret_n)
{
	uint32_t i, n = 0;

	for (i = 0; i < m->n_columns; i++) {
		if (reshape_column(in, m->columns[i]) >= 0)
			n++;
		else if (!m->ignore_missing)
			return reshape_missing(m->host, in, m->columns[i], "columns");
	}
	*ret_n = n;
	return DEFSYNC_OK;
}

static struct reshape_plan *begin_plan(struct mask *m, const struct defsync_relation *in,
				       uint32_t n)
{
	struct reshape_plan *p = reshape_begin(&m->reshape, in, in->n_columns);
	uint32_t i;

	if (!p)
		return NULL;
	p->detail =
	    pool_alloc(&m->reshape.pool, 1, sizeof(struct mk_plan) + n * sizeof(struct mk_column));
	if (!p->detail) {
		(void)reshape_nomem(m->host);
		return NULL;
	}
	for (i = 0; i < in->n_columns; i++)
		(void)reshape_keep(p, i);
	return p;
}

int32_t mk_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
		    const struct defsync_relation **ret_out)
{
	struct mask *m = instance;
	struct reshape_plan *p;
	uint32_t i, n = 0;
	int32_t rc;

	if (flags)
		return defsync_fail(m->host, DEFSYNC_E_BUG, "unknown flags");
	rc = count_columns(m, in, &n);
	if (rc < 0)
		return rc;
	if (n == 0) {
		*ret_out = in;
		return DEFSYNC_OK;
	}
	p = begin_plan(m, in, n);
	if (!p)
		return DEFSYNC_E_NOMEM;
	for (i = 0; i < m->n_columns && rc == DEFSYNC_OK; i++) {
		int64_t at = reshape_column(in, m->columns[i]);

		if (at >= 0)
			rc = mask_column(m, p, (uint32_t)at);
	}
	return rc < 0 ? rc : reshape_end(&m->reshape, p, ret_out);
}
