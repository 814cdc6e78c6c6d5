/* SPDX-License-Identifier: MIT */
/* The transform chain. */

#include "plugin-fixture.h"

#include "base/limits.h"
#include "plugin/chain.h"

/* ---- Input and output -------------------------------------------------------------- */

static const struct defsync_column columns[] = {
    {"id", "integer", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
    {"name", "text", DEFSYNC_TEXT, DEFSYNC_COLUMN_NULLABLE, 0, 0},
};

static const struct defsync_relation relation = {
    .struct_size = sizeof(struct defsync_relation),
    .column_size = sizeof(struct defsync_column),
    .schema = "public",
    .name = "orders",
    .columns = columns,
    .n_columns = 2,
};

static const struct defsync_relation refused = {
    .struct_size = sizeof(struct defsync_relation),
    .column_size = sizeof(struct defsync_column),
    .schema = "public",
    .name = "refused",
    .columns = columns,
    .n_columns = 2,
};

struct input {
	struct defsync_row row;
	struct defsync_cell cells[2];
};

static void fill(struct input *in, int64_t id)
{
	*in = (struct input){
	    .row =
		{
		    .struct_size = sizeof(in->row),
		    .op = DEFSYNC_OP_UPDATE,
		    .relation = &relation,
		    .cells = in->cells,
		    .n_cells = 2,
		    .cell_size = sizeof(in->cells[0]),
		    .flags = DEFSYNC_ROW_REREAD,
		    .checkpoint = "v1",
		    .checkpoint_len = 2,
		    .source_time_us = 42,
		    .position = "id=1",
		    .position_len = 4,
		},
	    .cells =
		{
		    {.type = DEFSYNC_INT64, .v = {.i64 = id}},
		    {.type = DEFSYNC_TEXT, .v = {.data = {"original", 8}}},
		},
	};
}

struct sink {
	size_t n, stop_at;
	const struct defsync_row *last;
	char texts[256]; /* of the second column, then the number of cells */
};

static int take(void *ctx, const struct defsync_row *row)
{
	struct sink *s = ctx;
	const struct defsync_cell *c = defsync_cell_at(row, 1);
	size_t used = strlen(s->texts);

	s->n++;
	s->last = row;
	(void)snprintf(s->texts + used, sizeof(s->texts) - used, "%.*s/%u ", (int)c->v.data.len,
		       (const char *)c->v.data.ptr, row->n_cells);
	return s->n == s->stop_at;
}

struct fixture {
	struct plugin_fixture *base;
	struct chain *chain;
	struct input in;
	struct sink sink;
	struct row_fault fault;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->base = fixture_create();
	f->chain = chain_create(f->base->log, "shop.orders", &(struct host_about){0});
	assert_non_null(f->chain);
	fill(&f->in, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	chain_destroy(f->chain);
	fixture_destroy(f->base);
	free(f);
	return 0;
}

static void add(struct fixture *f, const char *yaml)
{
	const struct plugin *p = loader_transform(f->base->loader, "fake_tee", &f->base->err);

	assert_non_null(p);
	assert_int_equal(
	    chain_add(f->chain, p, fixture_options(f->base, &p->options, yaml), &f->base->err), 0);
}

static enum chain_result apply(struct fixture *f)
{
	return chain_apply(f->chain, &f->in.row, take, &f->sink, &f->fault, &f->base->err);
}

/* ---- What comes out -------------------------------------------------------------------- */

static void empty_costs_nothing(void **state)
{
	struct fixture *f = *state;
	const struct defsync_relation *out = NULL;

	assert_true(chain_is_empty(f->chain));
	assert_int_equal(apply(f), CHAIN_DONE);
	assert_ptr_equal(f->sink.last, &f->in.row);
	assert_int_equal(chain_relation(f->chain, &relation, &out, &f->base->err), 0);
	assert_ptr_equal(out, &relation);
}

static void passes_without_a_copy(void **state)
{
	struct fixture *f = *state;

	add(f, "action: pass");
	add(f, "action: pass");
	assert_false(chain_is_empty(f->chain));
	assert_int_equal(apply(f), CHAIN_DONE);
	assert_int_equal(f->sink.n, 1);
	assert_ptr_equal(f->sink.last, &f->in.row);
}

static void filters(void **state)
{
	struct fixture *f = *state;

	add(f, "action: filter\nevery: 2");
	add(f, "action: pass");
	assert_int_equal(apply(f), CHAIN_DONE);
	fill(&f->in, 2);
	assert_int_equal(apply(f), CHAIN_FILTERED);
	assert_int_equal(f->sink.n, 1);
}

static void emits_copies(void **state)
{
	struct fixture *f = *state;
	const struct defsync_row *row;

	add(f, "action: emit\ncopies: 3");
	assert_int_equal(apply(f), CHAIN_DONE);
	/* The transform has overwritten its memory since. */
	assert_string_equal(f->sink.texts, "0ade by tee/2 1ade by tee/2 2ade by tee/2 ");
	row = f->sink.last;
	assert_ptr_not_equal(row, &f->in.row);
	assert_int_equal(row->struct_size, sizeof(*row));
	assert_int_equal(row->op, DEFSYNC_OP_UPDATE);
	assert_int_equal(row->flags, 0);
	assert_int_equal(row->checkpoint_len, 0);
	assert_int_equal(row->source_time_us, 42);
	assert_int_equal(row->position_len, 4);
	assert_int_equal(row->cells[0].v.i64, 1);
}

static void no_row_is_filtered(void **state)
{
	struct fixture *f = *state;

	add(f, "action: emit\ncopies: 0");
	assert_int_equal(apply(f), CHAIN_FILTERED);
	assert_int_equal(f->sink.n, 0);
}

static void composes(void **state)
{
	struct fixture *f = *state;
	const struct defsync_relation *out = NULL;

	add(f, "action: emit\ncopies: 2\nwiden: true");
	add(f, "action: pass");
	add(f, "action: emit\ncopies: 3\nevery: 1");
	assert_int_equal(chain_relation(f->chain, &relation, &out, &f->base->err), 0);
	assert_int_equal(out->n_columns, 3);
	for (int round = 0; round < 3; round++) {
		memset(&f->sink, 0, sizeof(f->sink));
		assert_int_equal(apply(f), CHAIN_DONE);
		assert_int_equal(f->sink.n, 6);
		assert_ptr_equal(f->sink.last->relation, out);
		assert_string_equal(f->sink.texts, "0ade by tee/3 0ade by tee/3 0ade by tee/3 "
						   "1ade by tee/3 1ade by tee/3 1ade by tee/3 ");
	}
}

static void knows_several_relations(void **state)
{
	struct fixture *f = *state;
	struct defsync_relation others[20];
	const struct defsync_relation *outs[20], *again = NULL;

	add(f, "action: emit\nwiden: true");
	for (size_t i = 0; i < 20; i++) {
		others[i] = relation;
		assert_int_equal(chain_relation(f->chain, &others[i], &outs[i], &f->base->err), 0);
	}
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(chain_relation(f->chain, &others[i], &again, &f->base->err), 0);
		assert_ptr_equal(again, outs[i]);
		assert_true(i == 0 || outs[i] != outs[i - 1]);
	}
}

static void marks_go_through(void **state)
{
	struct fixture *f = *state;

	add(f, "action: filter");
	f->in.row.op = DEFSYNC_OP_CHECKPOINT;
	assert_int_equal(apply(f), CHAIN_DONE);
	assert_ptr_equal(f->sink.last, &f->in.row);
}

static void the_sink_can_stop(void **state)
{
	struct fixture *f = *state;

	add(f, "action: emit\ncopies: 5");
	f->sink.stop_at = 2;
	assert_int_equal(apply(f), CHAIN_FAILED);
	assert_int_equal(f->sink.n, 2);
	assert_false(error_is_set(&f->base->err));
}

/* ---- Faults ------------------------------------------------------------------------------ */

static void a_fault_shows_nothing(void **state)
{
	struct fixture *f = *state;

	/* Two rows; the second stage refuses each row, after the first has emitted. */
	add(f, "action: emit\ncopies: 2");
	add(f, "action: bad_row");
	assert_int_equal(apply(f), CHAIN_FAULT);
	assert_int_equal(f->sink.n, 0);
	assert_int_equal(f->fault.reason, ROW_TRANSFORM);
	assert_string_equal(f->fault.text, "transform 'fake_tee': not to my taste: 'id'");
	assert_false(error_is_set(&f->base->err));
}

static void a_fault_needs_no_reason(void **state)
{
	struct fixture *f = *state;

	add(f, "action: bad_row\nlie: silent");
	assert_int_equal(apply(f), CHAIN_FAULT);
	assert_contains(f->fault.text, "gave no reason");
}

static void a_failure_ends_the_run(void **state)
{
	struct fixture *f = *state;

	add(f, "action: fail");
	assert_int_equal(apply(f), CHAIN_FAILED);
	assert_fails(f->base, ERR_SOURCE, PARTS("shop.orders: transform 'fake_tee': worn out"));
}

static void configuration_errors_say_so(void **state)
{
	struct fixture *f = *state;
	const struct plugin *p = loader_transform(f->base->loader, "fake_tee", &f->base->err);
	const struct defsync_relation *out = NULL;

	assert_int_equal(chain_add(f->chain, p,
				   fixture_options(f->base, &p->options, "refuse: red"),
				   &f->base->err),
			 -1);
	assert_fails(f->base, ERR_CONFIG, PARTS("transform 'fake_tee': refused: 'red'"));
	assert_true(chain_is_empty(f->chain));
	add(f, "");
	assert_int_equal(chain_relation(f->chain, &refused, &out, &f->base->err), -1);
	assert_fails(f->base, ERR_CONFIG, PARTS("no such column: 'email'"));
	assert_null(out);
}

static void bounds_what_is_emitted(void **state)
{
	struct fixture *f = *state;

	add(f, "action: emit\ncopies: 1000000");
	assert_int_equal(apply(f), CHAIN_FAILED);
	assert_fails(f->base, ERR_NOMEM, PARTS("no memory for emitted row 50001", "limits"));
	assert_int_equal(f->sink.n, 0);
}

/* ---- Lies ---------------------------------------------------------------------------------- */

static const struct {
	const char *yaml, *rule;
} lies[] = {
    {"action: pass\nwiden: true\nlie: pass_changed", "PASS though it changes the relation"},
    {"action: emit\nlie: pass_after_emit", "PASS after emit"},
    {"action: emit\nlie: filter_after_emit", "FILTERED after emit"},
    {"action: emit\nlie: emit_few", "emitted row 1: number of cells is 1, of columns 2"},
    {"action: emit\nlie: emit_type", "emitted row 1: column 'id': unknown cell type: 99"},
    {"action: emit\nlie: emit_null", "emitted row 1: cells is NULL"},
    {"action: emit\nlie: emit_stride", "emitted row 1: cell_size is 4"},
    {"lie: apply_ok", "apply returned"},
    {"lie: apply_positive", "apply returned 77, which it may not"},
    {"lie: relation_null", "relation: relation is NULL"},
    {"lie: relation_positive", "relation returned 1, which it may not"},
    {"lie: relation_bad", "relation: column 2: name is empty"},
};

static void names_each_broken_rule(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		chain_destroy(f->chain);
		f->chain = chain_create(f->base->log, "shop.orders", &(struct host_about){0});
		add(f, lies[i].yaml);
		assert_int_equal(apply(f), CHAIN_FAILED);
		assert_int_equal(f->sink.n, 0);
		assert_fails(f->base, ERR_INTERNAL,
			     PARTS("shop.orders: transform 'fake_tee': ", lies[i].rule));
	}
}

static void options_must_be_declared(void **state)
{
	struct fixture *f = *state;
	const struct plugin *p = loader_transform(f->base->loader, "fake_tee", &f->base->err);

	assert_int_equal(chain_add(f->chain, p,
				   fixture_options(f->base, &p->options, "lie: undeclared"),
				   &f->base->err),
			 -1);
	assert_fails(f->base, ERR_INTERNAL, PARTS("does not declare: 'colour'"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(empty_costs_nothing),
	    T(passes_without_a_copy),
	    T(filters),
	    T(emits_copies),
	    T(no_row_is_filtered),
	    T(composes),
	    T(knows_several_relations),
	    T(marks_go_through),
	    T(the_sink_can_stop),
	    T(a_fault_shows_nothing),
	    T(a_fault_needs_no_reason),
	    T(a_failure_ends_the_run),
	    T(configuration_errors_say_so),
	    T(bounds_what_is_emitted),
	    T(names_each_broken_rule),
	    T(options_must_be_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
