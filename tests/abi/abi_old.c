/* SPDX-License-Identifier: MIT */
/* A source that was built with the headers of ABI 1.0: never changed again. */

#include <stdlib.h>

#include <defsync/source.h>

struct old {
	const struct defsync_host *host;
	int64_t rows, at;
	struct defsync_row row;
	struct defsync_cell cells[2];
};

static const struct defsync_option options[] = {
    {"rows", DEFSYNC_OPTION_INT, 0, "3", 1, 1000, NULL, "Number of rows"},
};

static const struct defsync_column columns[] = {
    {"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
    {"name", "text", DEFSYNC_TEXT, DEFSYNC_COLUMN_NULLABLE, 0, 0},
};

static const struct defsync_relation relation = {
    sizeof(struct defsync_relation), sizeof(struct defsync_column), "", "old", columns, 2, 0,
};

static int32_t old_create(const struct defsync_host *host, const struct defsync_options *o,
			  uint32_t flags, void **ret_instance)
{
	struct old *p;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	p = calloc(1, sizeof(*p));
	if (!p)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	p->host = host;
	p->rows = host->option_int(host->ctx, o, "rows");
	*ret_instance = p;
	return DEFSYNC_OK;
}

static void old_destroy(void *instance)
{
	free(instance);
}

static int32_t old_connect(void *instance, uint32_t flags)
{
	struct old *p = instance;

	return flags ? defsync_fail(p->host, DEFSYNC_E_BUG, "unknown flags") : DEFSYNC_OK;
}

static void old_disconnect(void *instance)
{
	(void)instance;
}

static int32_t old_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			   void **ret_cursor)
{
	struct old *p = instance;

	if (flags || request->struct_size < sizeof(*request))
		return defsync_fail(p->host, DEFSYNC_E_BUG, "request is too short");
	p->at = 0;
	*ret_cursor = p;
	return DEFSYNC_OK;
}

static int32_t old_next(void *instance, void *cursor, uint32_t flags,
			const struct defsync_row **ret_row)
{
	struct old *p = instance;

	(void)cursor;
	(void)flags;
	if (p->at == p->rows)
		return DEFSYNC_END;
	p->at++;
	p->cells[0].type = DEFSYNC_INT64;
	p->cells[0].v.i64 = p->at;
	p->cells[1].type = DEFSYNC_TEXT;
	p->cells[1].v.data.ptr = "old";
	p->cells[1].v.data.len = 3;
	p->row.struct_size = sizeof(p->row);
	p->row.op = DEFSYNC_OP_READ;
	p->row.relation = &relation;
	p->row.cells = p->cells;
	p->row.n_cells = 2;
	p->row.cell_size = sizeof(p->cells[0]);
	p->row.checkpoint = "v1 old";
	p->row.checkpoint_len = 6;
	p->row.source_time_us = DEFSYNC_TIME_NONE;
	*ret_row = &p->row;
	return DEFSYNC_ROW;
}

static void old_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .n_options = 1,
    .name = "abi_old",
    .version = "1.0",
    .summary = "Built for ABI 1.0",
    .home = "",
    .create = old_create,
    .destroy = old_destroy,
    .connect = old_connect,
    .disconnect = old_disconnect,
    .extract = old_extract,
    .next = old_next,
    .end = old_end,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
