/* SPDX-License-Identifier: MIT */
/*
 * A source as a later minor of the interface could have it: each struct that may
 * grow has grown, and what was appended holds no zeroes.  A host that knows the
 * rules reads it by struct_size and stride.
 */

#include <stdlib.h>
#include <string.h>

#include <defsync/source.h>

#define APPENDED UINT64_C(0xa5a5a5a5a5a5a5a5)
#define N_COLUMNS 3
#define N_OPTIONS 2

struct new_cell {
	struct defsync_cell cell;
	uint64_t appended;
};

struct new_column {
	struct defsync_column column;
	uint64_t appended;
};

struct new_relation {
	struct defsync_relation relation;
	uint64_t appended;
};

struct new_row {
	struct defsync_row row;
	uint64_t appended[2];
};

struct new_option {
	struct defsync_option option;
	uint64_t appended;
};

struct new_candidate {
	struct defsync_candidate candidate;
	uint64_t appended;
};

struct new_finding {
	struct defsync_finding finding;
	uint64_t appended;
};

struct new_table {
	struct defsync_table table;
	uint64_t appended;
};

struct new_source {
	struct defsync_source source;
	uint64_t appended[8];
};

struct instance {
	const struct defsync_host *host;
	int64_t rows, at;
	const char *label;
	struct new_row row;
	struct new_cell cells[N_COLUMNS];
	const struct defsync_table *tables[1];
};

static const struct new_option options[N_OPTIONS] = {
    {{.name = "rows", .type = DEFSYNC_OPTION_INT, .default_text = "3", .help = "Rows"}, APPENDED},
    {{.name = "label", .type = DEFSYNC_OPTION_STRING, .default_text = "new", .help = "Label"},
     APPENDED},
};

static const struct new_column columns[N_COLUMNS] = {
    {{"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0}, APPENDED},
    {{"label", "text", DEFSYNC_TEXT, DEFSYNC_COLUMN_NULLABLE, 0, 0}, APPENDED},
    {{"even", "boolean", DEFSYNC_BOOL, 0, 0, 0}, APPENDED},
};

static const struct new_relation relation = {
    {
	.struct_size = sizeof(struct new_relation),
	.column_size = sizeof(struct new_column),
	.schema = "",
	.name = "new",
	.columns = &columns[0].column,
	.n_columns = N_COLUMNS,
    },
    APPENDED,
};

static const struct new_candidate candidates[] = {
    {{"id", 1, 0, "default", NULL}, APPENDED},
    {{"label", 0, 0, "unknown", NULL}, APPENDED},
};

static const struct new_finding findings[] = {
    {{DEFSYNC_FINDING_NOTE, 0, "first", "the first", NULL}, APPENDED},
    {{DEFSYNC_FINDING_WARN, 0, "second", "the second", NULL}, APPENDED},
};

static const struct new_table table = {
    {
	.struct_size = sizeof(struct new_table),
	.candidate_size = sizeof(struct new_candidate),
	.finding_size = sizeof(struct new_finding),
	.n_candidates = 2,
	.relation = &relation.relation,
	.kind = "table",
	.from = "new",
	.row_estimate = -1,
	.candidates = &candidates[0].candidate,
	.findings = &findings[0].finding,
	.n_findings = 2,
    },
    APPENDED,
};

static int32_t new_create(const struct defsync_host *host, const struct defsync_options *o,
			  uint32_t flags, void **ret_instance)
{
	struct instance *p;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	p = calloc(1, sizeof(*p));
	if (!p)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	p->host = host;
	p->rows = host->option_int(host->ctx, o, "rows");
	p->label = host->option_string(host->ctx, o, "label");
	*ret_instance = p;
	return DEFSYNC_OK;
}

static void new_destroy(void *instance)
{
	free(instance);
}

static int32_t new_connect(void *instance, uint32_t flags)
{
	(void)instance;
	(void)flags;
	return DEFSYNC_OK;
}

static void new_disconnect(void *instance)
{
	(void)instance;
}

static int32_t new_discover(void *instance, const char *pattern, uint32_t flags,
			    const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct instance *p = instance;

	(void)pattern;
	(void)flags;
	p->tables[0] = &table.table;
	*ret_tables = p->tables;
	*ret_n = 1;
	return DEFSYNC_OK;
}

static int32_t new_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			   void **ret_cursor)
{
	struct instance *p = instance;

	(void)request;
	(void)flags;
	p->at = 0;
	*ret_cursor = p;
	return DEFSYNC_OK;
}

static int32_t new_next(void *instance, void *cursor, uint32_t flags,
			const struct defsync_row **ret_row)
{
	struct instance *p = instance;

	(void)cursor;
	(void)flags;
	if (p->at == p->rows)
		return DEFSYNC_END;
	p->at++;
	memset(p->cells, 0xa5, sizeof(p->cells));
	memset(&p->row, 0xa5, sizeof(p->row));
	p->cells[0].cell = (struct defsync_cell){.type = DEFSYNC_INT64, .v = {.i64 = p->at}};
	p->cells[1].cell = (struct defsync_cell){
	    .type = DEFSYNC_TEXT, .v = {.data = {.ptr = p->label, .len = strlen(p->label)}}};
	p->cells[2].cell =
	    (struct defsync_cell){.type = DEFSYNC_BOOL, .v = {.i64 = p->at % 2 == 0}};
	p->row.row = (struct defsync_row){
	    .struct_size = sizeof(p->row),
	    .op = DEFSYNC_OP_READ,
	    .relation = &relation.relation,
	    .cells = &p->cells[0].cell,
	    .n_cells = N_COLUMNS,
	    .cell_size = sizeof(p->cells[0]),
	    .checkpoint = "v9 new",
	    .checkpoint_len = 6,
	    .source_time_us = DEFSYNC_TIME_NONE,
	};
	*ret_row = &p->row.row;
	return DEFSYNC_ROW;
}

static void new_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

static const struct new_source source = {
    {
	.struct_size = sizeof(struct new_source),
	.abi_minor = DEFSYNC_ABI_MINOR + 7,
	.caps = DEFSYNC_CAP_RESUME | DEFSYNC_CAP_DISCOVER | UINT64_C(1) << 60,
	.thread_model = DEFSYNC_THREADS_ONE_INSTANCE + 500,
	.option_size = sizeof(struct new_option),
	.options = &options[0].option,
	.n_options = N_OPTIONS,
	.name = "abi_new",
	.version = "1.7",
	.summary = "Built for a later minor",
	.home = "",
	.create = new_create,
	.destroy = new_destroy,
	.connect = new_connect,
	.disconnect = new_disconnect,
	.discover = new_discover,
	.extract = new_extract,
	.next = new_next,
	.end = new_end,
    },
    {APPENDED, APPENDED, APPENDED, APPENDED, APPENDED, APPENDED, APPENDED, APPENDED},
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source.source;
}
