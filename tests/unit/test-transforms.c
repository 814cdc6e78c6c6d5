/* SPDX-License-Identifier: MIT */
/*
 * The cases of tests/suites/transforms through the real chain, the transforms as they
 * are built, and the encoder.  A TAP point a case.
 */

#include "plugin-fixture.h"

#include <dirent.h>

#include "base/file.h"
#include "base/limits.h"
#include "plugin/chain.h"
#include "row/encoder.h"
#include "transform-case.h"

#define RELATIONS_MAX 8

/* One case while it runs. */
struct one {
	struct plugin_fixture *f;
	struct tree *tree;
	const char *name;
	struct chain *chain;
	struct encoder *encoder;
	const struct defsync_relation *relations[RELATIONS_MAX];
	size_t n_relations;
	const struct defsync_row *in;
	struct buf out, why;
	int same;
};

/* The first thing that is not as it should be. */
static void __attribute__((format(printf, 2, 3))) wrong(struct one *o, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (o->why.len == 0)
		(void)buf_add_str(&o->why, text);
}

static const char *text_of(struct tree *map, const char *key)
{
	const struct tree *t = tree_get(map, key);

	return t ? t->text : NULL;
}

/* ---- The chain ------------------------------------------------------------------------- */

static int add_transform(struct one *o, struct tree *item)
{
	struct plugin_fixture *f = o->f;
	struct tree *map = item->kind == TREE_MAP ? item->first : NULL;
	const char *name = map ? map->key : item->text;
	const struct plugin *p = loader_transform(f->loader, name, &f->err);
	const struct defsync_options *options;

	if (!p)
		return -1;
	options = options_read(&p->options, map, "/", &f->arena, log_secrets(f->log), f->problems);
	assert_non_null(options);
	if (map) {
		const struct option_table *tables[] = {&p->options};

		options_unknown(map, tables, 1, NULL, 0, f->problems);
	}
	if (problems_count(f->problems) > 0)
		return error_set(&f->err, ERR_CONFIG, "%s", problems_text(f->problems, 0));
	return chain_add(o->chain, p, options, &f->err);
}

static int make_chain(struct one *o, struct host_about *about)
{
	struct tree *given = tree_get(o->tree, "about"), *list;
	int rc = 0;

	about->source = text_of(given, "source");
	about->table = text_of(given, "table");
	about->target = text_of(given, "target");
	about->run_id = text_of(given, "run_id");
	o->chain = chain_create(o->f->log, "shop.orders", about);
	assert_non_null(o->chain);
	list = tree_get(o->tree, "transforms");
	assert_non_null(list);
	for (struct tree *t = list->first; t && rc == 0; t = t->next)
		rc = add_transform(o, t);
	return rc;
}

static void read_relations(struct one *o)
{
	struct tree *columns = tree_get(o->tree, "columns"), *map = tree_get(o->tree, "relations");

	if (columns)
		o->relations[o->n_relations++] = case_relation("orders", columns, &o->f->arena);
	for (struct tree *t = map ? map->first : NULL; t; t = t->next) {
		assert_true(o->n_relations < RELATIONS_MAX);
		o->relations[o->n_relations++] = case_relation(t->key, t, &o->f->arena);
	}
	assert_true(o->n_relations > 0);
}

static void check_result(struct one *o, const struct defsync_relation *out)
{
	struct tree *want = tree_get(o->tree, "result");
	struct buf is, should;

	if (!want)
		return;
	buf_init(&is, 1 << 20);
	buf_init(&should, 1 << 20);
	case_describe(out, out != o->relations[0], &is);
	for (struct tree *t = want->first; t; t = t->next)
		(void)buf_printf(&should, "%s%s", should.len ? "; " : "", t->text);
	if (strcmp(buf_str(&is), buf_str(&should)) != 0)
		wrong(o, "columns are '%s', expected '%s'", buf_str(&is), buf_str(&should));
	buf_done(&is);
	buf_done(&should);
}

/* ---- Rows -------------------------------------------------------------------------------- */

static int take(void *ctx, const struct defsync_row *row)
{
	struct one *o = ctx;
	struct row_fault fault;

	if (o->out.len > 0)
		(void)buf_add_str(&o->out, " ");
	if (row == o->in)
		o->same = 1;
	assert_int_equal(encoder_relation(o->encoder, row->relation, &o->f->err), 0);
	if (encoder_row(o->encoder, row, &o->out, &fault) < 0)
		wrong(o, "cannot be encoded: %s", fault.text);
	return 0;
}

static uint32_t op_of(const char *name)
{
	static const char *const names[] = {"", "read", "insert", "update", "delete"};

	for (uint32_t i = 1; name && i < 5; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return DEFSYNC_OP_READ;
}

static const struct defsync_relation *relation_of_row(struct one *o, struct tree *row)
{
	const char *of = text_of(row, "of");

	for (size_t i = 0; of && i < o->n_relations; i++) {
		if (strcmp(o->relations[i]->name, of) == 0)
			return o->relations[i];
	}
	return o->relations[0];
}

/* One object, or a list of them. */
static void join(struct tree *want, struct buf *out)
{
	if (want->kind != TREE_LIST) {
		(void)buf_add_str(out, want->text);
		return;
	}
	for (struct tree *t = want->first; t; t = t->next)
		(void)buf_printf(out, "%s%s", out->len ? " " : "", t->text);
}

static void check_out(struct one *o, struct tree *row, struct tree *want)
{
	struct buf should;

	buf_init(&should, 16 << 20);
	join(want, &should);
	if (o->out.len != should.len || memcmp(o->out.data, should.data, should.len) != 0)
		wrong(o, "%s gave %s, expected %s", text_of(row, "in"), buf_str(&o->out),
		      buf_str(&should));
	if (tree_get(row, "same") && !o->same)
		wrong(o, "%s was copied", text_of(row, "in"));
	buf_done(&should);
}

/* The dead letter's row, and the reason. */
static void check_bad(struct one *o, struct tree *tree, const char *is, const char *should)
{
	static const struct encoder_policy policy = {
	    .max_row = 1 << 24, .max_field = 1 << 24, .max_depth = 10, .lenient = 1};
	const char *want = text_of(tree, "veiled");
	const struct defsync_row *seen;
	struct encoder *e;
	struct row_fault fault;

	if (!should || strcmp(is, should) != 0)
		wrong(o, "%s is bad: '%s', expected %s", text_of(tree, "in"), is,
		      should ? should : "a row");
	if (!want)
		return;
	seen = chain_refused(o->chain, &o->f->err);
	e = encoder_create(&policy);
	if (!seen || encoder_relation(e, seen->relation, &o->f->err) < 0 ||
	    encoder_row(e, seen, &o->out, &fault) < 0)
		wrong(o, "nothing is seen: %s", error_text(&o->f->err));
	else if (strcmp(buf_str(&o->out), want) != 0)
		wrong(o, "%s shows %s, expected %s", text_of(tree, "in"), buf_str(&o->out), want);
	encoder_destroy(e);
}

static void run_row(struct one *o, struct tree *tree)
{
	const struct defsync_relation *relation = relation_of_row(o, tree);
	const char *bad = text_of(tree, "bad"), *json = text_of(tree, "in");
	struct tree *want = tree_get(tree, "out");
	struct defsync_row row = {
	    .struct_size = sizeof(row),
	    .op = op_of(text_of(tree, "op")),
	    .relation = relation,
	    .cells = case_cells(relation, json, &o->f->arena),
	    .n_cells = relation->n_columns,
	    .cell_size = sizeof(struct defsync_cell),
	    .source_time_us = DEFSYNC_TIME_NONE,
	};
	struct row_fault fault = {.reason = ROW_OK};
	enum chain_result r;

	o->in = &row;
	o->same = 0;
	buf_reset(&o->out);
	r = chain_apply(o->chain, &row, take, o, &fault, &o->f->err);
	if (r == CHAIN_FAILED)
		wrong(o, "%s failed: %s", json, error_text(&o->f->err));
	else if (r == CHAIN_FAULT)
		check_bad(o, tree, fault.text, bad);
	else if (r == CHAIN_FILTERED && !tree_get(tree, "filtered"))
		wrong(o, "%s was filtered", json);
	else if (r == CHAIN_DONE && !want)
		wrong(o, "%s gave %s", json, buf_str(&o->out));
	else if (r == CHAIN_DONE)
		check_out(o, tree, want);
}

/* ---- Cases --------------------------------------------------------------------------------- */

static void run_accepted(struct one *o)
{
	static const struct encoder_policy policy = {
	    .max_row = 1 << 24, .max_field = LIMIT_FIELD_BYTES, .max_depth = LIMIT_NESTING};
	struct tree *rows = tree_get(o->tree, "rows");

	o->encoder = encoder_create(&policy);
	assert_non_null(o->encoder);
	for (struct tree *t = rows ? rows->first : NULL; t && o->why.len == 0; t = t->next)
		run_row(o, t);
	encoder_destroy(o->encoder);
}

static void run_case(struct one *o)
{
	const char *want = text_of(o->tree, "error");
	const struct defsync_relation *out = NULL;
	struct host_about about;
	int rc = make_chain(o, &about);

	read_relations(o);
	for (size_t i = o->n_relations; rc == 0 && i > 0; i--)
		rc = chain_relation(o->chain, o->relations[i - 1], &out, &o->f->err);
	if (rc < 0 && (!want || !strstr(error_text(&o->f->err), want)))
		wrong(o, "refused: '%s', expected %s", error_text(&o->f->err),
		      want ? want : "rows");
	else if (rc == 0 && want)
		wrong(o, "was not refused; expected '%s'", want);
	else if (rc == 0) {
		check_result(o, out);
		run_accepted(o);
	}
	chain_destroy(o->chain);
}

static unsigned points, failures;

static void report(const struct one *o, const char *file)
{
	const char *ok = o->why.len ? "not ok" : "ok";

	printf("%s %u - %s: %s\n", ok, ++points, file, o->name);
	if (o->why.len)
		printf("# %.*s\n", (int)o->why.len, o->why.data);
	failures += o->why.len != 0;
	(void)fflush(stdout);
}

/* Is there a transform of this case that was not built? */
static const char *not_built(struct tree *one)
{
	struct tree *list = tree_get(one, "transforms");
	const char *folder = getenv("DEFSYNC_PLUGINS");

	for (struct tree *t = list ? list->first : NULL; t && folder; t = t->next) {
		const char *name = t->kind == TREE_MAP ? t->first->key : t->text;
		char path[8192];

		(void)snprintf(path, sizeof(path), "%s/defsync-transform-%s.so", folder, name);
		if (access(path, R_OK) != 0 && strncmp(name, "fake_", 5) != 0)
			return name;
	}
	return NULL;
}

static void run_file(const char *folder, const char *file)
{
	struct arena arena;
	struct problems *problems = problems_create();
	struct tree *cases;
	char path[8192];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	arena_init(&arena, 16 << 20);
	cases = tree_read(path, &arena, problems);
	if (!cases || cases->kind != TREE_LIST) {
		printf("not ok %u - %s: %s\n", ++points, file,
		       problems_count(problems) ? problems_text(problems, 0) : "no list");
		failures++;
	}
	for (struct tree *t = cases && cases->kind == TREE_LIST ? cases->first : NULL; t;
	     t = t->next) {
		struct one o = {.f = fixture_create(), .tree = t, .name = text_of(t, "name")};

		const char *missing = not_built(t);

		assert_non_null(o.name);
		if (missing) {
			printf("ok %u - %s: %s # SKIP '%s' was not built\n", ++points, file, o.name,
			       missing);
			fixture_destroy(o.f);
			continue;
		}
		buf_init(&o.out, 64 << 20);
		buf_init(&o.why, 1 << 16);
		run_case(&o);
		report(&o, file);
		buf_done(&o.out);
		buf_done(&o.why);
		fixture_destroy(o.f);
	}
	problems_destroy(problems);
	arena_done(&arena);
}

static int is_case(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0;
}

/* With an argument: only the files of that name, as "filter". */
int main(int argc, char **argv)
{
	const char *src = getenv("DEFSYNC_TEST_SRCDIR");
	struct dirent **files = NULL;
	char folder[4000];
	int n;

	(void)snprintf(folder, sizeof(folder), "%s/tests/suites/transforms", src ? src : ".");
	n = scandir(folder, &files, is_case, alphasort);
	for (int i = 0; i < n; i++) {
		if (argc < 2 || strncmp(files[i]->d_name, argv[1], strlen(argv[1])) == 0)
			run_file(folder, files[i]->d_name);
		free(files[i]);
	}
	free((void *)files);
	printf("1..%u\n", points);
	return n < 1 || failures > 0;
}
