/* SPDX-License-Identifier: MIT */
/* A source that was built with the headers of ABI 1.2, pause: never changed again. */

#include <stdlib.h>

#include <defsync/source.h>

struct pause {
	const struct defsync_host *host;
	const struct defsync_request *request;
	uint32_t at;
	int64_t pauses;
	struct defsync_row row;
	struct defsync_cell cell;
};

static const struct defsync_column columns[] = {
    {"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
};

static const struct defsync_relation relation = {
    sizeof(struct defsync_relation), sizeof(struct defsync_column), "", "pause", columns, 1, 0,
};

static int32_t pause_create(const struct defsync_host *host, const struct defsync_options *o,
			    uint32_t flags, void **ret_instance)
{
	struct pause *p;

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

static void pause_destroy(void *instance)
{
	free(instance);
}

static int32_t pause_connect(void *instance, uint32_t flags)
{
	(void)instance;
	(void)flags;
	return DEFSYNC_OK;
}

static void pause_disconnect(void *instance)
{
	(void)instance;
}

static int32_t pause_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			     void **ret_cursor)
{
	struct pause *p = instance;

	if (flags)
		return defsync_fail(p->host, DEFSYNC_E_BUG, "unknown flags");
	p->request = request;
	*ret_cursor = p;
	return DEFSYNC_OK;
}

/* How often it was paused so far, in three rows. */
static int32_t pause_next(void *instance, void *cursor, uint32_t flags,
			  const struct defsync_row **ret_row)
{
	struct pause *p = instance;

	(void)cursor;
	(void)flags;
	if (p->at++ == 3)
		return DEFSYNC_END;
	p->cell.type = DEFSYNC_INT64;
	p->cell.v.i64 = p->pauses;
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

static int32_t pause_pause(void *instance, void *cursor, uint32_t flags)
{
	struct pause *p = instance;

	if (flags || cursor != instance)
		return defsync_fail(p->host, DEFSYNC_E_BUG, "not this cursor");
	p->pauses++;
	return DEFSYNC_OK;
}

static void pause_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .name = "abi_pause",
    .version = "1.2",
    .summary = "Built for ABI 1.2",
    .home = "",
    .create = pause_create,
    .destroy = pause_destroy,
    .connect = pause_connect,
    .disconnect = pause_disconnect,
    .extract = pause_extract,
    .next = pause_next,
    .end = pause_end,
    .pause = pause_pause,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
