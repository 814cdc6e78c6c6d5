/* SPDX-License-Identifier: MIT */
/* Finding, refusing and adopting plugins. */

#include "plugin-fixture.h"

#include <sys/stat.h>

#include "base/file.h"
#include "plugin/adopt.h"

/* ---- Loading ------------------------------------------------------------------ */

static void loads_a_source(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *p = fixture_source(f, "fake_rows");
	char *log;

	assert_int_equal(p->kind, PLUGIN_SOURCE);
	assert_string_equal(p->name, "fake_rows");
	assert_string_equal(p->version, "1");
	assert_contains(p->path, "/defsync-source-fake_rows.so");
	assert_int_equal(p->has, PLUGIN_HAS_DISCOVER | PLUGIN_HAS_DESCRIBE | PLUGIN_HAS_ACK |
				     PLUGIN_HAS_CANCEL | PLUGIN_HAS_LOAD);
	assert_true(p->options.n > 5);
	assert_int_equal(p->table_options.n, 1);
	/* Again, by name and by path: the same, and load was called once. */
	assert_ptr_equal(loader_source(f->loader, "fake_rows", &f->err), p);
	assert_ptr_equal(loader_source(f->loader, p->path, &f->err), p);
	log = fixture_log(f);
	assert_contains(log, "fake_rows is loaded");
	assert_null(strstr(strstr(log, "is loaded") + 1, "is loaded"));
	free(log);
}

static void fills_in_defaults(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *p = fixture_source(f, "fake_minimal");
	const struct defsync_source *s = &p->source;

	assert_int_equal(p->has, 0);
	assert_int_equal(s->load(NULL, 0), DEFSYNC_OK);
	assert_int_equal(s->discover(NULL, NULL, 0, NULL, NULL), DEFSYNC_E_CONFIG);
	assert_int_equal(s->describe(NULL, NULL, 0, NULL), DEFSYNC_E_CONFIG);
	assert_int_equal(s->ack(NULL, "x", 1, 0), DEFSYNC_OK);
	s->cancel(NULL);
}

static void loads_a_transform(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *p = loader_transform(f->loader, "fake_tee", &f->err);

	assert_non_null(p);
	assert_int_equal(p->kind, PLUGIN_TRANSFORM);
	assert_non_null(p->transform.apply);
}

/* ---- Refusals ------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum error_class class;
	const char *parts[4];
} refusals[] = {
    {"fake_noentry", ERR_CONFIG, {"is not a defsync source: no defsync_source_v1"}},
    {"fake_v2",
     ERR_CONFIG,
     {"is not a defsync source: no defsync_source_v1",
      "(found defsync_source_v2: needs a newer defsync)"}},
    {"fake_short", ERR_INTERNAL, {"struct_size is 16", "foreign headers"}},
    {"fake_missing", ERR_INTERNAL, {"required callback is missing: 'next'"}},
    {"fake_caps",
     ERR_CONFIG,
     {"capabilities that this defsync does not know: 0x10000000000", "update defsync"}},
    {"fake_badoptions", ERR_INTERNAL, {"options", "count"}},
    {"fake_name", ERR_CONFIG, {"calls itself 'other_name', not 'fake_name'"}},
    {"fake_loadfail", ERR_SOURCE, {"plugin 'fake_loadfail'", "library is too old: 'libfake'"}},
};

static void refuses_bad_plugins(void **state)
{
	struct plugin_fixture *f = *state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		/* Twice: what was refused stays so, with the same words. */
		for (int round = 0; round < 2; round++) {
			assert_null(loader_source(f->loader, refusals[i].name, &f->err));
			assert_contains(error_text(&f->err), refusals[i].name);
			assert_fails(f, refusals[i].class, refusals[i].parts);
		}
	}
}

static void a_path_may_have_any_name(void **state)
{
	struct plugin_fixture *f = *state;
	char *path = file_join(fixture_folder(), "defsync-source-fake_name.so");
	const struct plugin *p = loader_source(f->loader, path, &f->err);

	assert_non_null(p);
	assert_string_equal(p->name, "other_name");
	free(path);
}

static void refuses_the_other_kind(void **state)
{
	struct plugin_fixture *f = *state;
	char *path = file_join(fixture_folder(), "defsync-transform-fake_tee.so");

	assert_null(loader_source(f->loader, path, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("no defsync_source_v1", "(it is a transform)"));
	free(path);
	path = file_join(fixture_folder(), "defsync-source-fake_rows.so");
	assert_null(loader_transform(f->loader, path, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("no defsync_transform_v1", "(it is a source)"));
	free(path);
}

static void refuses_a_transform_of_another_minor(void **state)
{
	struct plugin_fixture *f = *state;
	char built[40];

	(void)snprintf(built, sizeof(built), "built for ABI 1.%d,", DEFSYNC_ABI_MINOR + 1);
	assert_null(loader_transform(f->loader, "fake_minor", &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("fake_minor", built, "build it again"));
}

static void says_what_was_searched(void **state)
{
	struct plugin_fixture *f = *state;

	assert_null(loader_source(f->loader, "fake_row", &f->err));
	assert_fails(f, ERR_CONFIG,
		     PARTS("source plugin not found: 'fake_row'", "/defsync-source-fake_row.so",
			   "available: ", "fake_liar, ", "did you mean 'fake_rows'?"));
	assert_null(loader_source(f->loader, "/nowhere/x.so", &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("plugin file not found: '/nowhere/x.so'"));
}

static void refuses_bad_names(void **state)
{
	static const char *const names[] = {"",	   "Sqlite", "1st",    "my-sql",
					    "a b", "a..b",   "_under", "p\xc3\xa9"};
	struct plugin_fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_null(loader_source(f->loader, names[i], &f->err));
		assert_fails(f, ERR_CONFIG, PARTS("not the name of a plugin"));
	}
	assert_true(plugin_name_is_valid("my_sql8"));
	assert_false(
	    plugin_name_is_valid("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaa"));
}

/* ---- Search path -------------------------------------------------------------------- */

static char *copy_plugin(const char *folder, const char *from, const char *to)
{
	char *source = file_join(fixture_folder(), from), *target = file_join(folder, to);
	struct buf b;

	buf_init(&b, 64 << 20);
	assert_int_equal(file_read(source, 64 << 20, &b, NULL), 0);
	assert_int_equal(file_replace(target, b.data, b.len, 0755, NULL), 0);
	buf_done(&b);
	free(source);
	return target;
}

static void the_environment_comes_first(void **state)
{
	struct plugin_fixture *f = *state;
	char folder[] = "/tmp/defsync-loader-XXXXXX", list[128];
	const char *old = getenv("DEFSYNC_PLUGINS");
	char *saved = old ? strdup(old) : NULL;
	const char *path[] = {fixture_folder()};
	char *copy;
	struct loader *l;

	assert_non_null(mkdtemp(folder));
	copy = copy_plugin(folder, "defsync-source-fake_rows.so", "defsync-source-fake_rows.so");
	(void)snprintf(list, sizeof(list), ":/nonexistent::%s:", folder);
	setenv("DEFSYNC_PLUGINS", list, 1);
	l = loader_create(f->log, path, 1);
	assert_string_equal(loader_source(l, "fake_rows", NULL)->path, copy);
	/* What is not there is found in the next folder. */
	assert_non_null(loader_source(l, "fake_liar", NULL));
	loader_destroy(l);
	if (saved)
		setenv("DEFSYNC_PLUGINS", saved, 1);
	else
		unsetenv("DEFSYNC_PLUGINS");
	free(saved);
	unlink(copy);
	rmdir(folder);
	free(copy);
}

static void refuses_files_that_others_can_write(void **state)
{
	struct plugin_fixture *f = *state;
	char folder[] = "/tmp/defsync-loader-XXXXXX";
	char *copy;

	assert_non_null(mkdtemp(folder));
	copy = copy_plugin(folder, "defsync-source-fake_rows.so", "x.so");
	assert_int_equal(chmod(copy, 0666), 0);
	assert_null(loader_source(f->loader, copy, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("is not loaded", copy, "writable by others"));
	assert_int_equal(chmod(copy, 0755), 0);
	assert_int_equal(chmod(folder, 0777), 0);
	assert_null(loader_source(f->loader, copy, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("writable by others"));
	/* Put right, it is loaded: only what was opened stays refused. */
	assert_int_equal(chmod(folder, 0755), 0);
	assert_non_null(loader_source(f->loader, copy, &f->err));
	unlink(copy);
	rmdir(folder);
	free(copy);
}

static void reports_what_dlopen_says(void **state)
{
	struct plugin_fixture *f = *state;
	char folder[] = "/tmp/defsync-loader-XXXXXX";
	char *path;

	assert_non_null(mkdtemp(folder));
	path = file_join(folder, "text.so");
	assert_int_equal(file_replace(path, "no object\n", 10, 0755, NULL), 0);
	assert_null(loader_source(f->loader, path, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("cannot load plugin", path, "too short"));
	unlink(path);
	assert_null(loader_source(f->loader, folder, &f->err));
	assert_fails(f, ERR_CONFIG, PARTS("not a regular file", folder));
	rmdir(folder);
	free(path);
}

struct listed {
	int rows, tee, others;
};

static void count_listed(void *ctx, enum plugin_kind kind, const char *name, const char *path)
{
	struct listed *l = ctx;

	assert_non_null(strstr(path, name));
	if (kind == PLUGIN_SOURCE && strcmp(name, "fake_rows") == 0)
		l->rows++;
	else if (kind == PLUGIN_TRANSFORM && strcmp(name, "fake_tee") == 0)
		l->tee++;
	else
		l->others++;
}

static void lists_without_loading(void **state)
{
	struct plugin_fixture *f = *state;
	struct listed l = {0};
	char *log;

	loader_list(f->loader, count_listed, &l);
	assert_int_equal(l.rows, 1);
	assert_int_equal(l.tee, 1);
	assert_true(l.others >= 8);
	log = fixture_log(f);
	assert_string_equal(log, "");
	free(log);
}

static void add_name(void *ctx, enum plugin_kind kind, const char *name, const char *path)
{
	(void)path;
	buf_printf(ctx, "%s %s,", kind == PLUGIN_SOURCE ? "source" : "transform", name);
}

static void lists_plugin_files_only(void **state)
{
	static const char *const files[] = {
	    "defsync-source-b.so",
	    "defsync-source-a.so",
	    "defsync-transform-c.so",
	    "defsync-source-.so",
	    "defsync-source-Upper.so",
	    "defsync-source-d.so.1",
	    "defsync-source-e.la",
	    "defsync-sink-f.so",
	    "libdefsync-source-g.so",
	    "defsync-source.so",
	    ".so",
	};
	struct plugin_fixture *f = *state;
	char folder[] = "/tmp/defsync-loader-XXXXXX";
	const char *path[] = {folder, folder};
	struct loader *l;
	struct buf names;

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *file = file_join(folder, files[i]);

		assert_int_equal(file_replace(file, "x", 1, 0644, NULL), 0);
		free(file);
	}
	buf_init(&names, 1 << 20);
	l = loader_create(f->log, path, 2);
	loader_list(l, add_name, &names);
	assert_contains(buf_str(&names), "source a,source b,transform c,source a,source b,"
					 "transform c,");
	assert_null(strstr(buf_str(&names), "Upper"));
	assert_null(strstr(buf_str(&names), "source d,"));
	/* In messages each name once, and of the kind that was asked for. */
	assert_null(loader_transform(l, "cc", &f->err));
	assert_contains(error_text(&f->err), "available: ");
	assert_null(strstr(error_text(&f->err), "c, c"));
	assert_null(strstr(error_text(&f->err), "a, b"));
	fixture_clear_error(f);
	loader_destroy(l);
	buf_done(&names);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *file = file_join(folder, files[i]);

		unlink(file);
		free(file);
	}
	rmdir(folder);
}

/* ---- Adoption alone -------------------------------------------------------------------- */

static void adopt_refuses(struct plugin_fixture *f, struct defsync_source *s, const char *part)
{
	struct plugin p = {.path = "x.so"};

	assert_int_equal(plugin_adopt_source(&p, s, &f->err), -1);
	assert_contains(error_text(&f->err), "x.so: ");
	assert_contains(error_text(&f->err), part);
	fixture_clear_error(f);
}

static void checks_each_member(void **state)
{
	struct plugin_fixture *f = *state;
	const struct defsync_source *good = &fixture_source(f, "fake_rows")->source;
	struct defsync_source s;

	adopt_refuses(f, NULL, "returned NULL");
	/* Interface 1.0 ended there. */
	s = *good, s.struct_size = offsetof(struct defsync_source, pause) - 1;
	adopt_refuses(f, &s, "struct_size is");
	s = *good, s.struct_size = 0, adopt_refuses(f, &s, "struct_size is 0");
	s = *good, s.name = NULL, adopt_refuses(f, &s, "name is not of the form");
	s = *good, s.name = "My", adopt_refuses(f, &s, "'My'");
	s = *good, s.version = NULL, adopt_refuses(f, &s, "version is not one line");
	s = *good, s.summary = "a\nb", adopt_refuses(f, &s, "summary is not one line");
	s = *good, s.home = "\xff", adopt_refuses(f, &s, "home is not one line");
	s = *good, s.create = NULL, adopt_refuses(f, &s, "'create'");
	s = *good, s.destroy = NULL, adopt_refuses(f, &s, "'destroy'");
	s = *good, s.connect = NULL, adopt_refuses(f, &s, "'connect'");
	s = *good, s.disconnect = NULL, adopt_refuses(f, &s, "'disconnect'");
	s = *good, s.extract = NULL, adopt_refuses(f, &s, "'extract'");
	s = *good, s.next = NULL, adopt_refuses(f, &s, "'next'");
	s = *good, s.end = NULL, adopt_refuses(f, &s, "'end'");
	s = *good, s.thread_model = 0, adopt_refuses(f, &s, "thread_model: 0");
	s = *good, s.thread_model = 2001, adopt_refuses(f, &s, "thread_model: 2001");
	s = *good, s.options = NULL, adopt_refuses(f, &s, "options");
	s = *good, s.n_options = 100000, adopt_refuses(f, &s, "100000 options");
	s = *good, s.option_size = 4, adopt_refuses(f, &s, "option_size is 4");
	s = *good, s.table_options = NULL, adopt_refuses(f, &s, "table_options");
	s = *good, s.ack = NULL, s.caps |= DEFSYNC_CAP_NEEDS_ACK;
	adopt_refuses(f, &s, "NEEDS_ACK");
}

/* A newer header appends members: they are cut off, unknown promises are fine. */
static void takes_a_longer_struct(void **state)
{
	struct plugin_fixture *f = *state;
	struct {
		struct defsync_source source;
		void (*appended[4])(void);
	} newer = {.source = fixture_source(f, "fake_rows")->source};
	struct plugin p = {.path = "x.so"};

	newer.source.struct_size = sizeof(newer);
	newer.source.abi_minor = 7;
	newer.source.caps |= UINT64_C(1) << 50;
	memset(newer.appended, 0xff, sizeof(newer.appended));
	assert_int_equal(plugin_adopt_source(&p, &newer.source, &f->err), 0);
	assert_int_equal(p.abi_minor, 7);
	assert_string_equal(p.name, "fake_rows");
}

static void requires_known_capabilities_only(void **state)
{
	struct plugin_fixture *f = *state;
	struct defsync_source s = fixture_source(f, "fake_rows")->source;
	struct plugin p = {.path = "x.so"};

	s.caps_required = DEFSYNC_CAP_NEEDS_ACK | DEFSYNC_CAP_DISCOVER;
	assert_int_equal(plugin_adopt_source(&p, &s, &f->err), 0);
	s.caps_required |= UINT64_C(1) << 63;
	adopt_refuses(f, &s, "0x8000000000000000");
}

static void checks_a_transform(void **state)
{
	struct plugin_fixture *f = *state;
	const struct plugin *tee = loader_transform(f->loader, "fake_tee", &f->err);
	struct defsync_transform t;
	struct plugin p = {.path = "x.so"};

	assert_non_null(tee);
	t = tee->transform, t.apply = NULL;
	assert_int_equal(plugin_adopt_transform(&p, &t, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("'apply'"));
	t = tee->transform, t.struct_size = 8;
	assert_int_equal(plugin_adopt_transform(&p, &t, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("struct_size is 8"));
	assert_int_equal(plugin_adopt_transform(&p, NULL, &f->err), -1);
	assert_fails(f, ERR_INTERNAL, PARTS("returned NULL"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(loads_a_source),
	    T(fills_in_defaults),
	    T(loads_a_transform),
	    T(refuses_bad_plugins),
	    T(a_path_may_have_any_name),
	    T(refuses_the_other_kind),
	    T(refuses_a_transform_of_another_minor),
	    T(says_what_was_searched),
	    T(refuses_bad_names),
	    T(the_environment_comes_first),
	    T(refuses_files_that_others_can_write),
	    T(reports_what_dlopen_says),
	    T(lists_without_loading),
	    T(lists_plugin_files_only),
	    T(checks_each_member),
	    T(takes_a_longer_struct),
	    T(requires_known_capabilities_only),
	    T(checks_a_transform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
