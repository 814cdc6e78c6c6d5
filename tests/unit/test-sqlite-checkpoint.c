/* SPDX-License-Identifier: MIT */
/* The sqlite source: checkpoints that are damaged, foreign, or of something else. */

#include "sqlite-fixture.h"

#include "common/checkpoint.h"

#define TABLES                                                                                     \
	"CREATE TABLE t(id INTEGER PRIMARY KEY, w INTEGER, w2 INTEGER, k TEXT NOT NULL UNIQUE);"   \
	"INSERT INTO t VALUES(1,1,1,'a'),(2,2,2,'b'),(3,99999,99999,'c');"                         \
	"CREATE TABLE t2 AS SELECT * FROM t;"

static char *first_checkpoint(struct fixture *f, const struct defsync_request *q)
{
	struct reading r = fx_read(f, q);
	char *out;

	assert_int_equal(r.rc, DEFSYNC_END);
	assert_non_null(r.rows[0].checkpoint);
	out = strdup(r.rows[0].checkpoint);
	fx_done(&r);
	return out;
}

static void test_foreign(void **state)
{
	static const char *const keys[] = {"k"};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w"), other;
	struct reading r;
	char *at;

	fx_sql(f, TABLES);
	fx_connect(f);
	at = first_checkpoint(f, &q);
	fx_from(&q, at);
	other = q;
	other.table = "t2";
	r = fx_read(f, &other);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "another table: 't', now 't2'");
	other = q;
	other.watermark = "w2";
	r = fx_read(f, &other);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "another watermark column");
	other = q;
	other.keys = keys;
	other.n_keys = 1;
	r = fx_read(f, &other);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "another key: 'id', now 'k'");
	other = q;
	other.mode = DEFSYNC_READ_SNAPSHOT;
	r = fx_read(f, &other);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "defsync state reset");
	other = q;
	fx_from(&other, "csv1;file=1");
	r = fx_read(f, &other);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "was not made by");
	free(at);
}

/* Another file under the same name: a restored backup. */
static void test_other_file(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	char *at, copy[128];

	fx_sql(f, TABLES);
	fx_connect(f);
	at = first_checkpoint(f, &q);
	f->source->disconnect(f->instance);
	(void)snprintf(copy, sizeof(copy), "%s-copy", f->path);
	fx_sql_at(copy, TABLES);
	assert_int_equal(rename(copy, f->path), 0);
	fx_connect(f);
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "another file (inode)");
	free(at);
}

static void warns(struct fixture *f, const struct defsync_request *q, const char *ids, int warnings)
{
	struct reading r;

	f->host.warnings = 0;
	r = fx_read(f, q);
	fx_assert_ids(f, &r, ids);
	assert_int_equal(f->host.warnings, warnings);
	fx_done(&r);
}

/* What begins again below the position is not read, and that is said. */
static void begins_again(struct fixture *f, const char *watermark, const char *more)
{
	struct defsync_request q = fx_request("t", watermark);
	struct reading r;
	char *at;

	fx_connect(f);
	q.lookback = 0;
	r = fx_read(f, &q);
	at = fx_last(&r);
	fx_done(&r);
	fx_from(&q, at);
	warns(f, &q, "3*", 0);
	fx_sql(f, "DELETE FROM t");
	/* Empty: nothing is missed yet. */
	warns(f, &q, "", 0);
	fx_sql(f, more);
	warns(f, &q, "", 1);
	q.filter = "id > 1000";
	warns(f, &q, "", 0);
	free(at);
	f->source->disconnect(f->instance);
	fx_sql(f, "DROP TABLE t; DROP TABLE t2");
}

static void test_begins_again(void **state)
{
	struct fixture *f = *state;

	fx_sql(f, TABLES);
	begins_again(f, "w", "INSERT INTO t VALUES(1,1,1,'a')");
	fx_sql(f, TABLES "UPDATE t SET w = '2024-01-0' || id");
	begins_again(f, "w", "INSERT INTO t VALUES(1,'2024-01-01',1,'a')");
}

static void test_kind_changed(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	char *at;

	fx_sql(f, TABLES);
	fx_connect(f);
	r = fx_read(f, &q);
	at = fx_last(&r);
	fx_done(&r);
	fx_sql(f, "UPDATE t SET w = '2024-01-0' || id");
	/* Affinity INTEGER leaves such a text as it is. */
	fx_from(&q, at);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, DEFSYNC_E_STALE_CHECKPOINT, "was INTEGER and is YYYY-MM-DD now");
	free(at);
}

static void expect_stale(struct fixture *f, struct defsync_request *q, const char *text, size_t len)
{
	void *cursor = NULL;
	int32_t rc;

	q->checkpoint = text;
	q->checkpoint_len = len;
	plugin_host_begin(&f->host);
	rc = f->source->extract(f->instance, q, 0, &cursor);
	if (rc != DEFSYNC_E_STALE_CHECKPOINT)
		fail_msg("%d for '%.*s'", rc, (int)len, text);
	assert_null(cursor);
}

static void test_mutations(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	char *at, bad[CHECKPOINT_MAX + 16];
	unsigned seed = 1;
	size_t len, i;

	fx_sql(f, TABLES);
	fx_connect(f);
	at = first_checkpoint(f, &q);
	len = strlen(at);
	for (i = 0; i < len; i++) {
		memcpy(bad, at, len);
		bad[i] = (char)(bad[i] ^ 1);
		expect_stale(f, &q, bad, len);
		if (i)
			expect_stale(f, &q, at, i);
	}
	for (i = 0; i < 3000; i++) {
		size_t n = len, k, times = 1 + (size_t)rand_r(&seed) % 4;

		memcpy(bad, at, len);
		for (k = 0; k < times; k++)
			bad[(size_t)rand_r(&seed) % n] = (char)rand_r(&seed);
		if (rand_r(&seed) % 2)
			n = 1 + (size_t)rand_r(&seed) % len;
		if (n != len || memcmp(bad, at, len) != 0)
			expect_stale(f, &q, bad, n);
	}
	memset(bad, 'x', sizeof(bad));
	expect_stale(f, &q, bad, sizeof(bad));
	free(at);
}

/* Texts with a right sum that say what cannot be. */
static void test_impossible(void **state)
{
	static const char *const bad[] = {
	    "",
	    ";phase=stream",
	    ";phase=load",
	    ";phase=load;at=",
	    ";phase=load;at=i1,i2",
	    ";phase=load;at=x1",
	    ";phase=load;at=i",
	    ";phase=load;at=i1x",
	    ";phase=load;at=i99999999999999999999",
	    ";phase=load;settled=;at=i1",
	    ";phase=load;settled=n;at=i1",
	    ";phase=load;initial=q;at=i1",
	    ";phase=snapshot;at=i1",
	    ";phase=done",
	    ";phase=incremental;at=i1",
	    ";phase=incremental;at=i1,i2,i3",
	    ";phase=incremental;at=i1,i2;settled=i1",
	    ";phase=incremental;at=r12,i1",
	    ";phase=incremental;at=t%4,i1",
	    ";phase=incremental;at=b0,i1",
	    ";phase=incremental;initial=i1",
	    ";phase=incremental;at=i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1,i1",
	};
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	char *at, buf[CHECKPOINT_MAX];
	struct checkpoint_writer w;
	size_t i;

	fx_sql(f, TABLES);
	fx_connect(f);
	at = first_checkpoint(f, &q);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		checkpoint_begin(&w, buf, "sqlite1");
		checkpoint_raw(&w, at + 7, (size_t)(strstr(at, ";phase=") - at) - 7);
		checkpoint_raw(&w, bad[i], strlen(bad[i]));
		expect_stale(f, &q, buf, checkpoint_end(&w));
	}
	free(at);
}

/* A checkpoint has a shape that others will see for years. */
static void test_shape(void **state)
{
	struct fixture *f = *state;
	struct defsync_request q = fx_request("t", "w");
	struct reading r;
	struct stat st;
	char expected[256];

	fx_sql(f, TABLES);
	fx_connect(f);
	r = fx_read(f, &q);
	assert_int_equal(stat(f->path, &st), 0);
	(void)snprintf(expected, sizeof(expected),
		       "sqlite1;file=%llu;table=t;mark=w;key=id;phase=load;settled=i2;at=i1;sum=",
		       (unsigned long long)st.st_ino);
	assert_memory_equal(r.rows[0].checkpoint, expected, strlen(expected));
	(void)snprintf(expected, sizeof(expected),
		       "sqlite1;file=%llu;table=t;mark=w;key=id;phase=incremental;settled=i2;sum=",
		       (unsigned long long)st.st_ino);
	assert_memory_equal(r.rows[3].checkpoint, expected, strlen(expected));
	fx_done(&r);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_foreign),   T(test_other_file), T(test_begins_again), T(test_kind_changed),
	    T(test_mutations), T(test_impossible), T(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
