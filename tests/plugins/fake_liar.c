/* SPDX-License-Identifier: MIT */
/*
 * A source that breaks one rule of the interface, named by its option `lie`.
 * With no lie, or one that is not in the table, it gives one sound row.
 */

#include <stdlib.h>
#include <string.h>

#include <defsync/source.h>

#define N_COLUMNS 4
#define CELL_ID 0
#define CELL_FLAG 1
#define CELL_NAME 2
#define CELL_UID 3

struct liar {
	const struct defsync_host *host;
	const char *lie;
	int given;
	struct defsync_row row;
	struct defsync_cell cells[N_COLUMNS + 1];
	struct defsync_relation relation;
	struct defsync_column columns[N_COLUMNS];
	struct defsync_table table;
	struct defsync_candidate candidate;
	struct defsync_finding finding;
	const struct defsync_table *tables[1];
	char long_text[5000];
};

/* ---- Lies about a row --------------------------------------------------------- */

static void row_size(struct liar *l)
{
	l->row.struct_size = 40;
}
static void row_op(struct liar *l)
{
	l->row.op = 6;
}
static void row_op_0(struct liar *l)
{
	l->row.op = 0;
}
static void row_flags(struct liar *l)
{
	l->row.flags = 4;
}
static void row_reserved(struct liar *l)
{
	l->row.reserved = 1;
}
static void row_sweep(struct liar *l)
{
	l->row.flags = DEFSYNC_ROW_SWEEP;
}

static void relation_null(struct liar *l)
{
	l->row.relation = NULL;
}
static void relation_size(struct liar *l)
{
	l->relation.struct_size = 8;
}
static void relation_schema(struct liar *l)
{
	l->relation.schema = NULL;
}
static void relation_name(struct liar *l)
{
	l->relation.name = NULL;
}
static void relation_flags(struct liar *l)
{
	l->relation.flags = 1;
}
static void no_columns(struct liar *l)
{
	l->relation.n_columns = 0;
}
static void many_columns(struct liar *l)
{
	l->relation.n_columns = 4097;
}
static void columns_null(struct liar *l)
{
	l->relation.columns = NULL;
}
static void column_size(struct liar *l)
{
	l->relation.column_size = 8;
}
static void column_stride(struct liar *l)
{
	l->relation.column_size += 4;
}

static void column_name_null(struct liar *l)
{
	l->columns[1].name = NULL;
}
static void column_name_empty(struct liar *l)
{
	l->columns[1].name = "";
}
static void column_name_utf8(struct liar *l)
{
	l->columns[1].name = "caf\xe9";
}
static void column_name_long(struct liar *l)
{
	l->columns[1].name = l->long_text;
}
static void column_twice(struct liar *l)
{
	l->columns[3].name = "id";
}
static void column_native(struct liar *l)
{
	l->columns[1].native_type = NULL;
}
static void column_type(struct liar *l)
{
	l->columns[1].type = 14;
}
static void column_type_null(struct liar *l)
{
	l->columns[1].type = DEFSYNC_NULL;
}
static void column_flags(struct liar *l)
{
	l->columns[1].flags = 32;
}
static void column_digits(struct liar *l)
{
	l->columns[1].digits = 7;
}
static void column_from(struct liar *l)
{
	l->columns[1].from = 1;
}

static void cells_fewer(struct liar *l)
{
	l->row.n_cells--;
}
static void cells_more(struct liar *l)
{
	l->row.n_cells++;
}
static void cells_null(struct liar *l)
{
	l->row.cells = NULL;
}
static void cell_size(struct liar *l)
{
	l->row.cell_size = 16;
}
static void cell_stride(struct liar *l)
{
	l->row.cell_size = 28;
}
static void cell_type(struct liar *l)
{
	l->cells[CELL_NAME].type = 14;
}
static void cell_type_any(struct liar *l)
{
	l->cells[CELL_NAME].type = DEFSYNC_ANY;
}
static void cell_type_other(struct liar *l)
{
	l->cells[CELL_NAME].type = DEFSYNC_BYTES;
}
static void cell_reserved(struct liar *l)
{
	l->cells[CELL_ID].reserved = 1;
}
static void bool_2(struct liar *l)
{
	l->cells[CELL_FLAG].v.i64 = 2;
}
static void bool_negative(struct liar *l)
{
	l->cells[CELL_FLAG].v.i64 = -1;
}
static void text_null(struct liar *l)
{
	l->cells[CELL_NAME].v.data.ptr = NULL;
}
static void text_huge(struct liar *l)
{
	l->cells[CELL_NAME].v.data.len = (size_t)1 << 31;
}
static void uuid_short(struct liar *l)
{
	l->cells[CELL_UID].v.data.len = 15;
}
static void uuid_null(struct liar *l)
{
	l->cells[CELL_UID].v.data.ptr = NULL;
}

static void checkpoint_long(struct liar *l)
{
	l->row.checkpoint = l->long_text;
	l->row.checkpoint_len = 4097;
}

static void checkpoint_null(struct liar *l)
{
	l->row.checkpoint = NULL;
}

static void checkpoint_binary(struct liar *l)
{
	l->long_text[3] = '\n';
	l->row.checkpoint = l->long_text;
	l->row.checkpoint_len = 100;
}

static void checkpoint_latin(struct liar *l)
{
	l->long_text[99] = (char)0xe9;
	l->row.checkpoint = l->long_text;
	l->row.checkpoint_len = 100;
}

static void position_long(struct liar *l)
{
	l->row.position = l->long_text;
	l->row.position_len = 513;
}

static void position_null(struct liar *l)
{
	l->row.position_len = 3;
}

static void mark(struct liar *l)
{
	l->row.op = DEFSYNC_OP_CHECKPOINT;
	l->row.n_cells = 0;
}

static void mark_empty(struct liar *l)
{
	mark(l);
	l->row.checkpoint_len = 0;
}

static void mark_cells(struct liar *l)
{
	mark(l);
	l->row.n_cells = 1;
}

static void mark_reread(struct liar *l)
{
	mark(l);
	l->row.flags = DEFSYNC_ROW_REREAD;
}

static void mark_relation(struct liar *l)
{
	mark(l);
	l->relation.n_columns = 0;
}

/* ---- Lies about a table ---------------------------------------------------------- */

static void table_size(struct liar *l)
{
	l->table.struct_size = 8;
}
static void table_kind(struct liar *l)
{
	l->table.kind = NULL;
}
static void table_relation(struct liar *l)
{
	l->table.relation = NULL;
}
static void candidates_null(struct liar *l)
{
	l->table.candidates = NULL;
}
static void candidate_size(struct liar *l)
{
	l->table.candidate_size = 8;
}
static void candidate_column(struct liar *l)
{
	l->candidate.column = NULL;
}
static void findings_null(struct liar *l)
{
	l->table.findings = NULL;
}
static void finding_level(struct liar *l)
{
	l->finding.level = 4;
}
static void finding_text(struct liar *l)
{
	l->finding.text = NULL;
}

static const struct {
	const char *name;
	void (*tell)(struct liar *l);
} lies[] = {
    {"row_size", row_size},
    {"row_op", row_op},
    {"row_op_0", row_op_0},
    {"row_flags", row_flags},
    {"row_reserved", row_reserved},
    {"row_sweep", row_sweep},
    {"relation_null", relation_null},
    {"relation_size", relation_size},
    {"relation_schema", relation_schema},
    {"relation_name", relation_name},
    {"relation_flags", relation_flags},
    {"no_columns", no_columns},
    {"many_columns", many_columns},
    {"columns_null", columns_null},
    {"column_size", column_size},
    {"column_stride", column_stride},
    {"column_name_null", column_name_null},
    {"column_name_empty", column_name_empty},
    {"column_name_utf8", column_name_utf8},
    {"column_name_long", column_name_long},
    {"column_twice", column_twice},
    {"column_native", column_native},
    {"column_type", column_type},
    {"column_type_null", column_type_null},
    {"column_flags", column_flags},
    {"column_digits", column_digits},
    {"column_from", column_from},
    {"cells_fewer", cells_fewer},
    {"cells_more", cells_more},
    {"cells_null", cells_null},
    {"cell_size", cell_size},
    {"cell_stride", cell_stride},
    {"cell_type", cell_type},
    {"cell_type_any", cell_type_any},
    {"cell_type_other", cell_type_other},
    {"cell_reserved", cell_reserved},
    {"bool_2", bool_2},
    {"bool_negative", bool_negative},
    {"text_null", text_null},
    {"text_huge", text_huge},
    {"uuid_short", uuid_short},
    {"uuid_null", uuid_null},
    {"checkpoint_long", checkpoint_long},
    {"checkpoint_null", checkpoint_null},
    {"checkpoint_binary", checkpoint_binary},
    {"checkpoint_latin", checkpoint_latin},
    {"position_long", position_long},
    {"position_null", position_null},
    {"mark", mark},
    {"mark_empty", mark_empty},
    {"mark_bad", mark},
    {"mark_cells", mark_cells},
    {"mark_reread", mark_reread},
    {"mark_relation", mark_relation},
    {"table_size", table_size},
    {"table_kind", table_kind},
    {"table_relation", table_relation},
    {"candidates_null", candidates_null},
    {"candidate_size", candidate_size},
    {"candidate_column", candidate_column},
    {"findings_null", findings_null},
    {"finding_level", finding_level},
    {"finding_text", finding_text},
};

/* ---- The truth ---------------------------------------------------------------------- */

static int lies_by(const struct liar *l, const char *lie)
{
	return strcmp(l->lie, lie) == 0;
}

static void fill_relation(struct liar *l)
{
	static const struct defsync_column columns[N_COLUMNS] = {
	    {"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
	    {"flag", "boolean", DEFSYNC_BOOL, DEFSYNC_COLUMN_NULLABLE, 0, 0},
	    {"name", "text", DEFSYNC_TEXT, DEFSYNC_COLUMN_NULLABLE, 0, 0},
	    {"uid", "uuid", DEFSYNC_UUID, DEFSYNC_COLUMN_NULLABLE, 0, 0},
	};

	memcpy(l->columns, columns, sizeof(columns));
	l->relation = (struct defsync_relation){
	    .struct_size = sizeof(l->relation),
	    .column_size = sizeof(l->columns[0]),
	    .schema = "",
	    .name = "lies",
	    .columns = l->columns,
	    .n_columns = N_COLUMNS,
	};
}

static void fill_table(struct liar *l)
{
	l->candidate = (struct defsync_candidate){"id", 1, 0, "default", NULL};
	l->finding = (struct defsync_finding){DEFSYNC_FINDING_WARN, 0, "liar", "it lies", NULL};
	l->table = (struct defsync_table){
	    .struct_size = sizeof(l->table),
	    .candidate_size = sizeof(l->candidate),
	    .finding_size = sizeof(l->finding),
	    .n_candidates = 1,
	    .relation = &l->relation,
	    .kind = "table",
	    .from = "lies",
	    .row_estimate = 1,
	    .candidates = &l->candidate,
	    .findings = &l->finding,
	    .n_findings = 1,
	};
	l->tables[0] = &l->table;
}

static void fill(struct liar *l)
{
	memset(l->long_text, 'x', sizeof(l->long_text) - 1);
	fill_relation(l);
	fill_table(l);
	l->cells[CELL_ID].type = DEFSYNC_INT64;
	l->cells[CELL_FLAG].type = DEFSYNC_BOOL;
	l->cells[CELL_NAME].type = DEFSYNC_TEXT;
	l->cells[CELL_NAME].v.data.ptr = "abc";
	l->cells[CELL_NAME].v.data.len = 3;
	l->cells[CELL_UID].type = DEFSYNC_UUID;
	l->cells[CELL_UID].v.data.ptr = "0123456789abcdef";
	l->cells[CELL_UID].v.data.len = 16;
	l->row = (struct defsync_row){
	    .struct_size = sizeof(l->row),
	    .op = DEFSYNC_OP_READ,
	    .relation = &l->relation,
	    .cells = l->cells,
	    .n_cells = N_COLUMNS,
	    .cell_size = sizeof(l->cells[0]),
	    .checkpoint = "v1 lies ~ 1",
	    .checkpoint_len = 11,
	    .source_time_us = DEFSYNC_TIME_NONE,
	};
}

static void tell(struct liar *l)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		if (lies_by(l, lies[i].name))
			lies[i].tell(l);
	}
}

/* ---- Callbacks -------------------------------------------------------------------------- */

static const struct defsync_option options[] = {
    {.name = "lie",
     .type = DEFSYNC_OPTION_STRING,
     .default_text = "none",
     .help = "The rule to break"},
};

static int32_t liar_create(const struct defsync_host *host, const struct defsync_options *o,
			   uint32_t flags, void **ret_instance)
{
	struct liar *l = calloc(1, sizeof(*l));

	(void)flags;
	if (!l)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	l->host = host;
	l->lie = host->option_string(host->ctx, o, "lie");
	fill(l);
	tell(l);
	if (lies_by(l, "undeclared"))
		(void)host->option_string(host->ctx, o, "colour");
	if (lies_by(l, "create_odd")) {
		free(l);
		return DEFSYNC_END;
	}
	*ret_instance = l;
	return DEFSYNC_OK;
}

static void liar_destroy(void *instance)
{
	free(instance);
}

static int32_t liar_connect(void *instance, uint32_t flags)
{
	(void)flags;
	return lies_by(instance, "connect_odd") ? 1 : DEFSYNC_OK;
}

static void liar_disconnect(void *instance)
{
	(void)instance;
}

static int32_t liar_discover(void *instance, const char *pattern, uint32_t flags,
			     const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	struct liar *l = instance;

	(void)pattern;
	(void)flags;
	if (lies_by(l, "tables_null"))
		*ret_n = 3;
	if (lies_by(l, "tables_null"))
		return DEFSYNC_OK;
	*ret_tables = l->tables;
	*ret_n = 1;
	return lies_by(l, "discover_odd") ? DEFSYNC_ROW : DEFSYNC_OK;
}

static int32_t liar_describe(void *instance, const struct defsync_request *request, uint32_t flags,
			     const struct defsync_table **ret_table)
{
	struct liar *l = instance;

	(void)request;
	(void)flags;
	if (!lies_by(l, "table_null"))
		*ret_table = &l->table;
	return lies_by(l, "describe_odd") ? DEFSYNC_E_BAD_ROW : DEFSYNC_OK;
}

static int32_t liar_extract(void *instance, const struct defsync_request *request, uint32_t flags,
			    void **ret_cursor)
{
	struct liar *l = instance;

	(void)request;
	(void)flags;
	l->given = 0;
	*ret_cursor = NULL; /* a plugin with one cursor needs none */
	if (lies_by(l, "extract_bad_row"))
		return DEFSYNC_E_BAD_ROW;
	return lies_by(l, "extract_odd") ? DEFSYNC_ROW : DEFSYNC_OK;
}

static int32_t liar_next(void *instance, void *cursor, uint32_t flags,
			 const struct defsync_row **ret_row)
{
	struct liar *l = instance;

	(void)cursor;
	(void)flags;
	if (l->given++ > 0)
		return DEFSYNC_END;
	if (lies_by(l, "next_ok"))
		return DEFSYNC_OK;
	if (lies_by(l, "next_odd"))
		return 99;
	if (lies_by(l, "next_idle"))
		return DEFSYNC_IDLE;
	if (lies_by(l, "next_bug"))
		return defsync_fail(l->host, DEFSYNC_E_BUG, "cursor of another instance");
	if (!lies_by(l, "row_null"))
		*ret_row = &l->row;
	if (lies_by(l, "mark_bad"))
		return defsync_fail(l->host, DEFSYNC_E_BAD_ROW, "bad mark");
	return DEFSYNC_ROW;
}

static void liar_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

static int32_t liar_ack(void *instance, const char *checkpoint, size_t len, uint32_t flags)
{
	(void)checkpoint;
	(void)len;
	(void)flags;
	return lies_by(instance, "ack_odd") ? DEFSYNC_PASS : DEFSYNC_OK;
}

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_DISCOVER,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .n_options = 1,
    .name = "fake_liar",
    .version = "1",
    .summary = "Breaks a rule",
    .home = "",
    .create = liar_create,
    .destroy = liar_destroy,
    .connect = liar_connect,
    .disconnect = liar_disconnect,
    .discover = liar_discover,
    .describe = liar_describe,
    .extract = liar_extract,
    .next = liar_next,
    .end = liar_end,
    .ack = liar_ack,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
