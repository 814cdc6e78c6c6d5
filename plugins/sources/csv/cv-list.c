/* SPDX-License-Identifier: MIT */
/*
 * The files that match a pattern.  Not glob(3): its patterns know no root, and it
 * follows links out of it.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cv-list.h"

#define DEPTH_MAX 16 /* folders of a pattern */

bool cv_is_pattern(const char *from)
{
	return strpbrk(from, "*?[") != NULL;
}

struct listing {
	struct cv_source *s;
	struct pool *pool;
	struct cv_files *files;
};

static int32_t walk(const struct listing *l, const char *folder, const char *pattern, int depth);

/* A name that matches the first part of a pattern; rest: the other parts, or NULL. */
static int32_t take(const struct listing *l, const char *folder, const char *entry,
		    const char *rest, int depth)
{
	const char *name =
	    *folder ? pool_printf(l->pool, "%s/%s", folder, entry) : pool_strdup(l->pool, entry);
	struct stat st;
	bool there = false;
	int32_t rc;

	if (!name)
		return cv_fail_nomem(l->s);
	if (strlen(name) > CV_PATH_MAX)
		return cv_fail_file(l->s, "cannot read", name, ENAMETOOLONG);
	rc = cv_look(l->s, name, &st, &there);
	if (rc < 0 || !there)
		return rc;
	if (rest)
		return S_ISDIR(st.st_mode) ? walk(l, name, rest, depth + 1) : 0;
	return S_ISREG(st.st_mode) ? cv_files_add(l->s, l->files, name, &st) : 0;
}

static int32_t read_folder(const struct listing *l, const char *folder, DIR *dir, const char *part,
			   const char *rest, int depth)
{
	int32_t rc = 0;

	while (rc == 0) {
		const struct dirent *e;

		if (cv_is_cancelled(l->s))
			return cv_fail_cancelled(l->s);
		errno = 0;
		e = readdir(dir);
		if (!e)
			return errno ? cv_fail_file(l->s, "cannot list", *folder ? folder : ".",
						    errno)
				     : 0;
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    fnmatch(part, e->d_name, FNM_PERIOD) == 0)
			rc = take(l, folder, e->d_name, rest, depth);
	}
	return rc;
}

/* The folder's own name may have been a link; what it leads to was looked at. */
static DIR *open_folder(const struct listing *l, const char *folder)
{
	int root = open(l->s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = root;
	DIR *dir;

	if (root >= 0 && *folder) {
		fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(root);
	}
	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		(void)close(fd);
	return dir;
}

static int32_t walk(const struct listing *l, const char *folder, const char *pattern, int depth)
{
	size_t n = strcspn(pattern, "/");
	const char *rest = pattern[n] ? pattern + n + 1 : NULL;
	char *part;
	DIR *dir;
	int32_t rc;

	if (depth == DEPTH_MAX)
		return defsync_fail(l->s->host, DEFSYNC_E_CONFIG,
				    "from: more than %d folders in a pattern; shorten it",
				    DEPTH_MAX);
	part = strndup(pattern, n);
	if (!part)
		return cv_fail_nomem(l->s);
	dir = open_folder(l, folder);
	if (!dir) {
		rc = errno == ENOENT
			 ? 0
			 : cv_fail_file(l->s, "cannot list", *folder ? folder : l->s->root, errno);
	} else {
		rc = read_folder(l, folder, dir, part, rest, depth);
		(void)closedir(dir);
	}
	free(part);
	return rc;
}

static int compare(const void *a, const void *b)
{
	return cv_file_compare(a, b);
}

int32_t cv_list_pattern(struct cv_source *s, struct pool *pool, const char *pattern,
			struct cv_files *ret)
{
	const struct listing l = {s, pool, ret};
	size_t before = ret->n;
	int32_t rc = walk(&l, "", pattern, 0);

	if (rc == 0 && ret->n > before)
		qsort(ret->list + before, ret->n - before, sizeof(*ret->list), compare);
	return rc;
}

int32_t cv_list(struct cv_source *s, struct pool *pool, const char *from, struct cv_files *ret)
{
	struct cv_file file;
	struct stat st;
	bool there;
	int32_t rc;
	int fd;

	if (cv_is_pattern(from))
		return cv_list_pattern(s, pool, from, ret);
	/* Opened, so that what is wrong with it is said in full. */
	rc = cv_open(s, from, &fd, &file);
	if (rc < 0)
		return rc;
	(void)close(fd);
	rc = cv_look(s, from, &st, &there);
	if (rc == 0 && !there)
		rc = cv_fail_file(s, "cannot open", from, ENOENT);
	return rc < 0 ? rc : cv_files_add(s, ret, from, &st);
}

/* "orders.csv" gives "*orders*": orders.csv.1, orders-20240101.csv, old-orders.csv.gz. */
int32_t cv_list_siblings(struct cv_source *s, struct pool *pool, const char *name,
			 struct cv_files *ret)
{
	const char *slash = strrchr(name, '/');
	size_t folder = slash ? (size_t)(slash - name) + 1 : 0;
	size_t stem = strcspn(name + folder, ".");
	const char *pattern =
	    pool_printf(pool, "%.*s*%.*s*", (int)folder, name, (int)stem, name + folder);

	return pattern ? cv_list_pattern(s, pool, pattern, ret) : cv_fail_nomem(s);
}

/* Does an ending begin here that rotated files have?  Its length, or 0. */
static size_t ending(const char *p, const char *own)
{
	const char *const endings[] = {own, ".gz", ".old", ".bak", ".prev"};
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (n && strncmp(p, endings[i], n) == 0)
			return n;
	}
	return 0;
}

/* Numbers and times, "T" and "Z" of the latter, and such endings. */
static bool is_numbered(const char *p, const char *own)
{
	while (*p) {
		size_t n = ending(p, own);

		if (!n && !strchr("0123456789-_.:TZ", *p))
			return false;
		p += n ? n : 1;
	}
	return true;
}

/*
 * Between stem and extension: a day at least, "-20240131", or a number as logrotate
 * counts, ".1".
 */
static bool is_dated(const char *p, const char *own)
{
	size_t len = strspn(p, "0123456789-_.:TZ"), digits = 0, i;

	/* The point belongs to the extension. */
	while (len && p[len - 1] == '.')
		len--;
	for (i = 0; i < len; i++)
		digits += p[i] >= '0' && p[i] <= '9';
	if (digits < 8 && !(p[0] == '.' && digits == len - 1 && digits >= 1 && digits <= 3))
		return false;
	return *own && strncmp(p + len, own, strlen(own)) == 0 &&
	       is_numbered(p + len + strlen(own), own);
}

enum cv_relation cv_relation_of(const char *name, const char *of)
{
	const char *slash = strrchr(of, '/');
	size_t folder = slash ? (size_t)(slash - of) + 1 : 0;
	size_t stem = folder + strcspn(of + folder, "."), len = strlen(of);

	if (strncmp(name, of, stem) != 0 || !is_numbered(name + stem, of + stem))
		return CV_UNRELATED;
	if (strncmp(name, of, len) == 0)
		return name[len] && strchr("-_.", name[len]) ? CV_GENERATION : CV_MAYBE_OTHER;
	return is_dated(name + stem, of + stem) ? CV_DATED : CV_MAYBE_OTHER;
}

char *cv_target_name(struct pool *pool, const char *name)
{
	static const char *const endings[] = {".gz", ".csv", ".tsv", ".txt"};
	size_t len = strlen(name), i;
	char *out, *p;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (len > n && strncasecmp(name + len - n, endings[i], n) == 0)
			len -= n;
	}
	out = pool_printf(pool, "%.*s", (int)len, name);
	for (p = out; p && *p; p++) {
		bool fits = (unsigned char)*p >= 0x80 || (*p >= '0' && *p <= '9') ||
			    (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');

		if (!fits)
			*p = '_';
	}
	return out;
}
