/* SPDX-License-Identifier: MIT */
/*
 * A transform that does what its options say: passes, filters, fails or emits
 * copies, into the same relation or one with another column; and lies.
 */

#include <stdlib.h>
#include <string.h>

#include <defsync/transform.h>

#define COLUMNS_MAX 32

struct tee {
	const struct defsync_host *host;
	const char *action, *lie;
	int64_t copies, every;
	int widen;
	struct tee_relation *relations;
};

struct tee_relation {
	struct tee_relation *next;
	struct defsync_relation relation;
	struct defsync_column columns[COLUMNS_MAX + 1];
};

static const struct defsync_option options[] = {
    {.name = "action",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "pass",
     .values = "pass|filter|emit|bad_row|fail",
     .help = "What to do with a row"},
    {.name = "copies",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "1",
     .help = "Rows to emit for one"},
    {.name = "every",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "1",
     .help = "Act on rows whose first cell is a multiple, let others pass"},
    {.name = "widen",
     .type = DEFSYNC_OPTION_BOOL,
     .default_text = "false",
     .help = "Add the column 'copy' with the number of the copy"},
    {.name = "lie", .type = DEFSYNC_OPTION_STRING, .help = "Rule to break"},
    {.name = "refuse", .type = DEFSYNC_OPTION_STRING, .help = "Text with which create fails"},
};

static int tee_lies(const struct tee *t, const char *lie)
{
	return t->lie && strcmp(t->lie, lie) == 0;
}

static int32_t tee_create(const struct defsync_host *host, const struct defsync_options *o,
			  uint32_t flags, void **ret_instance)
{
	const char *refuse = host->option_string(host->ctx, o, "refuse");
	struct tee *t;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	if (refuse)
		return defsync_fail(host, DEFSYNC_E_CONFIG, "refused: '%s'", refuse);
	t = calloc(1, sizeof(*t));
	if (!t)
		return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
	t->host = host;
	t->action = host->option_string(host->ctx, o, "action");
	t->lie = host->option_string(host->ctx, o, "lie");
	t->copies = host->option_int(host->ctx, o, "copies");
	t->every = host->option_int(host->ctx, o, "every");
	t->widen = (int)host->option_int(host->ctx, o, "widen");
	if (tee_lies(t, "undeclared"))
		(void)host->option_int(host->ctx, o, "colour");
	*ret_instance = t;
	return DEFSYNC_OK;
}

static void tee_destroy(void *instance)
{
	struct tee *t = instance;

	if (!t)
		return;
	while (t->relations) {
		struct tee_relation *next = t->relations->next;

		free(t->relations);
		t->relations = next;
	}
	free(t);
}

static int32_t tee_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
			    const struct defsync_relation **ret_out)
{
	struct tee *t = instance;
	struct tee_relation *r;

	(void)flags;
	t->host->count(t->host->ctx, "relations", 1);
	if (tee_lies(t, "relation_null"))
		return DEFSYNC_OK;
	if (tee_lies(t, "relation_positive"))
		return DEFSYNC_ROW;
	if (strcmp(in->name, "refused") == 0)
		return defsync_fail(t->host, DEFSYNC_E_CONFIG, "no such column: 'email'");
	if (!t->widen && !tee_lies(t, "relation_bad")) {
		*ret_out = in;
		return DEFSYNC_OK;
	}
	if (in->n_columns > COLUMNS_MAX)
		return defsync_fail(t->host, DEFSYNC_E_CONFIG, "too many columns");
	r = calloc(1, sizeof(*r));
	if (!r)
		return defsync_fail(t->host, DEFSYNC_E_NOMEM, "no memory");
	r->next = t->relations;
	t->relations = r;
	for (uint32_t i = 0; i < in->n_columns; i++) {
		r->columns[i] = *defsync_column_at(in, i);
		r->columns[i].from = i + 1;
	}
	r->columns[in->n_columns] = (struct defsync_column){
	    .name = tee_lies(t, "relation_bad") ? "" : "copy",
	    .native_type = "",
	    .type = DEFSYNC_INT64,
	};
	r->relation = (struct defsync_relation){
	    .struct_size = sizeof(r->relation),
	    .column_size = sizeof(r->columns[0]),
	    .schema = in->schema,
	    .name = in->name,
	    .columns = r->columns,
	    .n_columns = in->n_columns + 1,
	};
	*ret_out = &r->relation;
	return DEFSYNC_OK;
}

static int32_t tee_emit(struct tee *t, const struct defsync_row *row, defsync_emit emit,
			void *emit_ctx)
{
	struct defsync_cell cells[COLUMNS_MAX + 1];
	char text[] = "made by tee";
	uint32_t n = row->n_cells;
	int32_t rc = DEFSYNC_OK;

	for (uint32_t i = 0; i < n; i++)
		cells[i] = *defsync_cell_at(row, i);
	for (int64_t k = 0; k < t->copies && rc == DEFSYNC_OK; k++) {
		if (t->widen)
			cells[n] = (struct defsync_cell){.type = DEFSYNC_INT64, .v = {.i64 = k}};
		if (cells[n - 1].type == DEFSYNC_TEXT) {
			text[0] = (char)('0' + k % 10);
			cells[n - 1].v.data.ptr = text;
			cells[n - 1].v.data.len = sizeof(text) - 1;
		}
		if (tee_lies(t, "emit_type"))
			cells[0].type = 99;
		rc = emit(emit_ctx, tee_lies(t, "emit_null") ? NULL : cells,
			  n + (t->widen ? 1 : 0) - (tee_lies(t, "emit_few") ? 1 : 0),
			  tee_lies(t, "emit_stride") ? 4 : sizeof(cells[0]));
	}
	/* What is given to emit is valid during the call only. */
	memset(text, '#', sizeof(text) - 1);
	memset(cells, 0xff, sizeof(cells));
	if (rc != DEFSYNC_OK && !tee_lies(t, "emit_type"))
		return rc;
	if (tee_lies(t, "pass_after_emit"))
		return DEFSYNC_PASS;
	return tee_lies(t, "filter_after_emit") ? DEFSYNC_FILTERED : DEFSYNC_EMITTED;
}

static int32_t tee_apply(void *instance, const struct defsync_row *row, uint32_t flags,
			 defsync_emit emit, void *emit_ctx)
{
	struct tee *t = instance;

	(void)flags;
	if (tee_lies(t, "apply_ok"))
		return DEFSYNC_OK;
	if (tee_lies(t, "apply_positive"))
		return 77;
	if (tee_lies(t, "pass_changed"))
		return DEFSYNC_PASS;
	if (t->every > 1 && defsync_cell_at(row, 0)->v.i64 % t->every != 0)
		return DEFSYNC_PASS;
	if (strcmp(t->action, "filter") == 0)
		return DEFSYNC_FILTERED;
	if (strcmp(t->action, "bad_row") == 0)
		return tee_lies(t, "silent")
			   ? DEFSYNC_E_BAD_ROW
			   : defsync_fail(t->host, DEFSYNC_E_BAD_ROW, "not to my taste: 'id'");
	if (strcmp(t->action, "fail") == 0)
		return defsync_fail(t->host, DEFSYNC_E_PERMANENT, "worn out");
	if (strcmp(t->action, "emit") == 0)
		return tee_emit(t, row, emit, emit_ctx);
	return DEFSYNC_PASS;
}

static const struct defsync_transform transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .name = "fake_tee",
    .version = "1",
    .summary = "Passes, filters, fails or multiplies rows",
    .home = "",
    .create = tee_create,
    .destroy = tee_destroy,
    .relation = tee_relation,
    .apply = tee_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &transform;
}
