/* SPDX-License-Identifier: MIT */
/* YAML trees: kinds, places, limits, and input that is no YAML at all. */

#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/expand.h"
#include "config/model.h"
#include "config/tree.h"

#include <setjmp.h>

#include <cmocka.h>

struct fixture {
	struct arena arena;
	struct problems *problems;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	arena_init(&f->arena, 64 << 20);
	f->problems = problems_create();
	(void)setenv("TREE_NAME", "value", 1);
	*state = f;
	return f->problems ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	problems_destroy(f->problems);
	arena_done(&f->arena);
	free(f);
	return 0;
}

static struct tree *parse(struct fixture *f, const char *text)
{
	return tree_parse(text, strlen(text), "f.yaml", &f->arena, f->problems);
}

static void test_kinds_and_places(void **state)
{
	struct fixture *f = *state;
	struct tree *root = parse(f, "a: text\n"
				     "b:\n"
				     "  - 1\n"
				     "  - 'q'\n"
				     "c: { d: ~, e: \"\" }\n"
				     "g:\n"
				     "h: 'null'\n");
	struct tree *a = tree_get(root, "a"), *b = tree_get(root, "b"), *c = tree_get(root, "c");

	assert_int_equal(problems_count(f->problems), 0);
	assert_int_equal(root->kind, TREE_MAP);
	assert_int_equal(root->n, 5);
	assert_string_equal(a->text, "text");
	assert_string_equal(a->file, "f.yaml");
	assert_true(a->line == 1 && a->column == 4 && a->key_line == 1 && a->key_column == 1);
	assert_true(a->used && !a->quoted && !a->secret);
	assert_int_equal(b->kind, TREE_LIST);
	assert_int_equal(b->n, 2);
	assert_true(b->first->next->quoted && b->first->next->line == 4);
	assert_int_equal(tree_get(c, "d")->kind, TREE_NULL);
	assert_int_equal(tree_get(c, "e")->kind, TREE_SCALAR);
	assert_int_equal(tree_get(root, "g")->kind, TREE_NULL);
	assert_int_equal(tree_get(root, "h")->kind, TREE_SCALAR);
	assert_null(tree_get(root, "x"));
	assert_null(tree_get(a, "x"));
	assert_null(tree_get(NULL, "x"));
}

static void test_expansion(void **state)
{
	struct fixture *f = *state;
	struct tree *root = parse(f, "a: ${TREE_NAME}\nb: \"${TREE_UNSET:-}\"\n"
				     "${TREE_NAME}: '${TREE_UNSET}'\n");

	assert_string_equal(tree_get(root, "a")->text, "value");
	assert_int_equal(tree_get(root, "a")->secret, EXPAND_VARIABLE);
	assert_int_equal(tree_get(root, "b")->kind, TREE_NULL);
	/* keys are not expanded; what fails is marked */
	assert_true(tree_get(root, "${TREE_NAME}")->broken);
	assert_int_equal(problems_count(f->problems), 1);
	assert_memory_equal(problems_text(f->problems, 0), "f.yaml:3:15: variable is not set", 32);
}

static void test_empty(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only a remark\n", "---\n", "~\n"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct tree *root = parse(f, texts[i]);

		assert_non_null(root);
		assert_int_equal(root->kind, TREE_MAP);
		assert_int_equal(root->n, 0);
	}
	assert_int_equal(problems_count(f->problems), 0);
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	char path[] = "/tmp/defsync-tree-XXXXXX";
	int fd = mkstemp(path);
	char *text = malloc(LIMIT_CONFIG_BYTES + 1);
	size_t i;

	assert_true(fd >= 0);
	memset(text, '#', LIMIT_CONFIG_BYTES + 1);
	assert_int_equal(file_write_all(fd, text, LIMIT_CONFIG_BYTES), 0);
	assert_non_null(tree_read(path, &f->arena, f->problems));
	assert_int_equal(file_write_all(fd, text, 1), 0);
	assert_null(tree_read(path, &f->arena, f->problems));
	assert_non_null(strstr(problems_text(f->problems, 0), "too long"));
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
	assert_null(tree_read(path, &f->arena, f->problems));
	assert_non_null(strstr(problems_text(f->problems, 1), "No such file"));
	/* a hundred thousand keys, all twice: in reasonable time */
	for (i = 0; i + 5 <= LIMIT_CONFIG_BYTES; i += 5)
		(void)memcpy(text + i, "a: 1\n", 5);
	assert_non_null(tree_parse(text, i, "f.yaml", &f->arena, f->problems));
	assert_int_equal(problems_count(f->problems), 2 + i / 5 - 1);
	free(text);
}

static void test_no_room_in_the_arena(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "a: [1, '${TREE_NAME}']\nb: {c: d}\n";
	struct tree *root = NULL;
	size_t max;

	for (max = 0; max < 10000 && !root; max += 16) {
		struct arena small;

		arena_init(&small, max);
		root = tree_parse(text, sizeof(text) - 1, "f", &small, f->problems);
		assert_true(root || problems_count(f->problems) > 0);
		arena_done(&small);
	}
	assert_true(root != NULL && max > 500);
}

static const char valid[] = "api: { url: \"https://x/y\", key: '${TREE_NAME}' }\n"
			    "push:\n  batch_rows: 10\n  tags: { a: b, c: \"d\\n\" }\n"
			    "sources:\n"
			    "  shop: # a remark\n"
			    "    plugin: sqlite\n"
			    "    defaults: { watermark: u, key: [id] }\n"
			    "    tables:\n"
			    "      - { from: a, to: b.c, lookback: 5m }\n"
			    "      - from: d\n"
			    "        to: e\n"
			    "        where: |\n          a > 5\n          and b\n"
			    "        transforms: [ flatten, { mask: { columns: x } } ]\n";

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static size_t mutate(char *text, size_t n, uint32_t *seed)
{
	static const char nasty[] = "{}[]:,&*!|>'\"%@`#-?\t\n\r \0\x01\xff\xc3\xe2${~<";
	uint32_t i, count = 1 + next_random(seed) % 6;

	for (i = 0; i < count; i++) {
		size_t at = next_random(seed) % n;

		switch (next_random(seed) % 4) {
		case 0:
			text[at] = (char)next_random(seed);
			break;
		case 1:
			text[at] = nasty[next_random(seed) % (sizeof(nasty) - 1)];
			break;
		case 2:
			memmove(text + at, text + at + 1, n - at - 1);
			n -= n > 1;
			break;
		default:
			n = at + 1;
		}
	}
	return n;
}

/* The whole way of a file, since what is odd may break only those who read the tree. */
static void load_text(const char *path, const char *text, size_t n)
{
	struct error err = ERROR_INIT;
	struct problems *p = problems_create();
	struct secrets *secrets = secrets_create();
	const struct option_table none = {NULL, 0, sizeof(struct defsync_option)};
	struct config *c;
	size_t i;

	assert_int_equal(file_replace(path, text, n, 0600, &err), 0);
	c = config_load(path, NULL, secrets, p);
	for (i = 0; c && i < c->n_sources; i++)
		config_bind_source(c, &c->sources[i], &none, &none, secrets, p);
	if (c)
		config_finish(c, p);
	else
		assert_true(problems_count(p) > 0);
	config_destroy(c);
	problems_destroy(p);
	secrets_destroy(secrets);
}

static void test_mutations(void **state)
{
	struct fixture *f = *state;
	char path[] = "/tmp/defsync-mutate-XXXXXX";
	char text[sizeof(valid)];
	uint32_t seed = 20261124;
	int i, fd = mkstemp(path), parsed = 0;

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	for (i = 0; i < 3000; i++) {
		size_t n;

		memcpy(text, valid, sizeof(valid));
		n = mutate(text, sizeof(valid) - 1, &seed);
		if (i < 300) /* files are slower, fsync and all */
			load_text(path, text, n);
		arena_reset(&f->arena);
		parsed += tree_parse(text, n, "f.yaml", &f->arena, f->problems) != NULL;
	}
	/* neither all nor none, or the loop tests nothing */
	assert_true(parsed > 100 && parsed < 2900);
	load_text(path, valid, sizeof(valid) - 1);
	assert_int_equal(unlink(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_kinds_and_places),
	    TEST(test_expansion),
	    TEST(test_empty),
	    TEST(test_limits),
	    TEST(test_no_room_in_the_arena),
	    TEST(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
