/* SPDX-License-Identifier: MIT */
/* What the tests of the csv source share: a folder with files. */

#ifndef UNIT_CSV_FIXTURE_H
#define UNIT_CSV_FIXTURE_H

#include "source-fixture.h"

#include <dirent.h>
#include <fcntl.h>

static inline void cf_path(const struct fixture *f, const char *name, char path[256])
{
	(void)snprintf(path, 256, "%s/%s", f->folder, name);
}

static inline void cf_put(const struct fixture *f, const char *name, const char *mode,
			  const char *data, size_t len)
{
	char path[256];
	FILE *file;

	cf_path(f, name, path);
	file = fopen(path, mode);
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static inline void cf_write(const struct fixture *f, const char *name, const char *text)
{
	cf_put(f, name, "we", text, strlen(text));
}

static inline void cf_append(const struct fixture *f, const char *name, const char *text)
{
	cf_put(f, name, "ae", text, strlen(text));
}

static inline void cf_rename(const struct fixture *f, const char *from, const char *to)
{
	char a[256], b[256];

	cf_path(f, from, a);
	cf_path(f, to, b);
	assert_int_equal(rename(a, b), 0);
}

static inline void cf_remove(const struct fixture *f, const char *name)
{
	char path[256];

	cf_path(f, name, path);
	assert_int_equal(unlink(path), 0);
}

/* Sets a file's time, seconds since 1970. */
static inline void cf_touch(const struct fixture *f, const char *name, long seconds)
{
	const struct timespec t[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	char path[256];

	cf_path(f, name, path);
	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

/* One more item of an option. */
static inline void cf_option(struct fixture *f, const char *name, const char *value)
{
	size_t i = 0;

	while (f->options[i].name)
		i++;
	assert_true(i < 11);
	f->options[i] = (struct plugin_host_option){name, value};
}

static inline int cf_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/defsync-csv-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s", f->folder);
	cf_option(f, "path", f->path);
	plugin_host_init(&f->host, f->options);
	f->source = defsync_source_v1();
	fx_create(f);
	fx_connect(f);
	*state = f;
	return 0;
}

static inline void cf_clear(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		char *path = NULL;
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		assert_true(asprintf(&path, "%s/%s", folder, e->d_name) > 0);
		assert_int_equal(lstat(path, &st), 0);
		if (S_ISDIR(st.st_mode))
			cf_clear(path);
		else
			assert_int_equal(unlink(path), 0);
		free(path);
	}
	closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

static inline int cf_teardown(void **state)
{
	struct fixture *f = *state;

	f->source->destroy(f->instance);
	plugin_host_done(&f->host);
	cf_clear(f->folder);
	free(f);
	return 0;
}

static inline struct defsync_request cf_request(const char *from)
{
	struct defsync_request q = fx_request(from, NULL);

	q.mode = DEFSYNC_READ_INCREMENTAL;
	return q;
}

/* "a|1;b|2": the rows; a bad one has '!' in front. */
static inline char *cf_rows(const struct reading *r)
{
	char *out = strdup("");
	size_t i;

	for (i = 0; i < r->n; i++) {
		char *joined = NULL;

		if (r->rows[i].op == DEFSYNC_OP_CHECKPOINT)
			continue;
		assert_true(asprintf(&joined, "%s%s%s%s", out, *out ? ";" : "",
				     r->rows[i].rc == DEFSYNC_E_BAD_ROW ? "!" : "",
				     r->rows[i].text) >= 0);
		free(out);
		out = joined;
	}
	return out;
}

static inline void cf_assert_rows(struct fixture *f, const struct reading *r, const char *rows)
{
	char *got = cf_rows(r);

	if (r->rc != DEFSYNC_END)
		fail_msg("not at the end: %d, %s", r->rc, f->host.text ? f->host.text : "");
	assert_string_equal(got, rows);
	free(got);
}

/*
 * Reads from *checkpoint on (NULL at first) and expects these rows; *checkpoint is
 * then that of the end.
 */
static inline void cf_expect(struct fixture *f, const char *from, char **checkpoint,
			     const char *rows)
{
	struct defsync_request q = cf_request(from);
	struct reading r;
	char *last;

	fx_from(&q, *checkpoint);
	r = fx_read(f, &q);
	cf_assert_rows(f, &r, rows);
	last = fx_last(&r);
	if (last) {
		free(*checkpoint);
		*checkpoint = last;
	}
	fx_done(&r);
}

static inline void cf_expect_fails(struct fixture *f, const char *from, const char *checkpoint,
				   int32_t rc, const char *part)
{
	struct defsync_request q = cf_request(from);
	struct reading r;

	fx_from(&q, checkpoint);
	r = fx_read(f, &q);
	fx_assert_fails(f, &r, rc, part);
}

#endif
