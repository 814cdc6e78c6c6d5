/* SPDX-License-Identifier: MIT */
/* A source that was built with the headers of ABI 1.1, rows by key: never changed again. */

#include <stdlib.h>

#include <defsync/source.h>

struct keys {
	const struct defsync_host *host;
	const struct defsync_request *request;
	uint32_t at;
	struct defsync_row row;
	struct defsync_cell cell;
};

static const struct defsync_column columns[] = {
    {"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
};

static const struct defsync_relation relation = {
    sizeof(struct defsync_relation), sizeof(struct defsync_column), "", "keys", columns, 1, 0,
};

static int32_t keys_create(const struct defsync_host *host, const struct defsync_options *o,
			   uint32_t flags, void **ret_instance)
{
	struct keys *p;

	(void)o;
	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	p = calloc(1, sizeof(*p));
	if (!p)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	p->host = host;
	*ret_instance = p;
	return DEFSYNC_OK;
}

static void keys_destroy(void *instance)
{
	free(instance);
}

static int32_t keys_connect(void *instance, uint32_t flags)
{
	(void)instance;
	(void)flags;
	return DEFSYNC_OK;
}

static void keys_disconnect(void *instance)
{
	(void)instance;
}

static int32_t keys_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			    void **ret_cursor)
{
	struct keys *p = instance;

	if (flags || request->struct_size < sizeof(*request))
		return defsync_fail(p->host, DEFSYNC_E_BUG, "request is too short");
	p->request = request;
	p->at = 0;
	*ret_cursor = p;
	return DEFSYNC_OK;
}

/* Odd numbers are there, even ones are gone. */
static int32_t keys_next(void *instance, void *cursor, uint32_t flags,
			 const struct defsync_row **ret_row)
{
	struct keys *p = instance;
	const struct defsync_request *q = p->request;

	(void)cursor;
	(void)flags;
	while (q->mode == DEFSYNC_READ_KEYS && p->at < q->n_lookup) {
		const char *at = (const char *)q->lookup + (size_t)p->at++ * q->cell_size;

		p->cell = *(const struct defsync_cell *)(const void *)at;
		if (p->cell.v.i64 % 2 == 0)
			continue;
		p->row.struct_size = sizeof(p->row);
		p->row.op = DEFSYNC_OP_READ;
		p->row.relation = &relation;
		p->row.cells = &p->cell;
		p->row.n_cells = 1;
		p->row.cell_size = sizeof(p->cell);
		p->row.source_time_us = DEFSYNC_TIME_NONE;
		*ret_row = &p->row;
		return DEFSYNC_ROW;
	}
	return DEFSYNC_END;
}

static void keys_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_KEYS,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .name = "abi_keys",
    .version = "1.1",
    .summary = "Built for ABI 1.1",
    .home = "",
    .create = keys_create,
    .destroy = keys_destroy,
    .connect = keys_connect,
    .disconnect = keys_disconnect,
    .extract = keys_extract,
    .next = keys_next,
    .end = keys_end,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
