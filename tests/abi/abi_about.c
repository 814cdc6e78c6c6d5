/* SPDX-License-Identifier: MIT */
/* A source that was built with the headers of ABI 1.3, about: never changed again. */

#include <stdlib.h>
#include <string.h>

#include <defsync/source.h>

struct about {
	const struct defsync_host *host;
	uint32_t at;
	struct defsync_row row;
	struct defsync_cell cell;
};

static const struct defsync_column columns[] = {
    {"version", "text", DEFSYNC_TEXT, DEFSYNC_COLUMN_KEY, 0, 0},
};

static const struct defsync_relation relation = {
    sizeof(struct defsync_relation), sizeof(struct defsync_column), "", "about", columns, 1, 0,
};

static int32_t about_create(const struct defsync_host *host, const struct defsync_options *o,
			    uint32_t flags, void **ret_instance)
{
	struct about *a;

	(void)o;
	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	a = calloc(1, sizeof(*a));
	if (!a)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	a->host = host;
	*ret_instance = a;
	return DEFSYNC_OK;
}

static void about_destroy(void *instance)
{
	free(instance);
}

static int32_t about_connect(void *instance, uint32_t flags)
{
	(void)instance;
	(void)flags;
	return DEFSYNC_OK;
}

static void about_disconnect(void *instance)
{
	(void)instance;
}

static int32_t about_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			     void **ret_cursor)
{
	struct about *a = instance;

	(void)request;
	if (flags)
		return defsync_fail(a->host, DEFSYNC_E_BUG, "unknown flags");
	*ret_cursor = a;
	return DEFSYNC_OK;
}

/* One row: what the host says of itself. */
static int32_t about_next(void *instance, void *cursor, uint32_t flags,
			  const struct defsync_row **ret_row)
{
	struct about *a = instance;
	const char *version = NULL;

	(void)cursor;
	(void)flags;
	if (a->at++ == 1)
		return DEFSYNC_END;
	if (DEFSYNC_HAS(a->host, struct defsync_host, about))
		version = a->host->about(a->host->ctx, DEFSYNC_ABOUT_VERSION);
	a->cell.type = version ? DEFSYNC_TEXT : DEFSYNC_NULL;
	a->cell.v.data.ptr = version;
	a->cell.v.data.len = version ? strlen(version) : 0;
	a->row.struct_size = sizeof(a->row);
	a->row.op = DEFSYNC_OP_READ;
	a->row.relation = &relation;
	a->row.cells = &a->cell;
	a->row.n_cells = 1;
	a->row.cell_size = sizeof(a->cell);
	a->row.source_time_us = DEFSYNC_TIME_NONE;
	*ret_row = &a->row;
	return DEFSYNC_ROW;
}

static void about_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .name = "abi_about",
    .version = "1.3",
    .summary = "Built for ABI 1.3",
    .home = "",
    .create = about_create,
    .destroy = about_destroy,
    .connect = about_connect,
    .disconnect = about_disconnect,
    .extract = about_extract,
    .next = about_next,
    .end = about_end,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
