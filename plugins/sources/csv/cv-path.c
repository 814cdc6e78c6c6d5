/* SPDX-License-Identifier: MIT */
/*
 * The folder and the files in it.  Nothing outside of it is read, whatever names and
 * links say: a name is resolved, compared with the folder, and what is opened is the
 * resolved name, which has no link left to follow.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cv-list.h"

int32_t cv_fail_nomem(struct cv_source *s)
{
	return defsync_fail(s->host, DEFSYNC_E_NOMEM, "out of memory");
}

int32_t cv_fail_cancelled(struct cv_source *s)
{
	return defsync_fail(s->host, DEFSYNC_E_CANCELLED, "cancelled");
}

bool cv_is_cancelled(const struct cv_source *s)
{
	return atomic_load_explicit(&s->cancelled, memory_order_relaxed) != 0;
}

int32_t cv_fail_file(struct cv_source *s, const char *doing, const char *name, int error)
{
	char reason[128];

	switch (error) {
	case ENOMEM:
		return cv_fail_nomem(s);
	case ENOENT:
	case ENOTDIR:
		return defsync_fail_vendor(s->host, DEFSYNC_E_CONFIG, error, NULL,
					   "%s '%s': no such file; correct 'path' or 'from'", doing,
					   name);
	case EACCES:
	case EPERM:
		return defsync_fail_vendor(
		    s->host, DEFSYNC_E_AUTH, error, NULL,
		    "%s '%s': permission denied; let user %lu read the file and its "
		    "folder",
		    doing, name, (unsigned long)geteuid());
	case ELOOP:
	case ENAMETOOLONG:
		break;
	default:
		if (strerror_r(error, reason, sizeof(reason)) != 0)
			(void)snprintf(reason, sizeof(reason), "error %d", error);
		return defsync_fail_vendor(s->host, DEFSYNC_E_TRANSIENT, error, NULL, "%s '%s': %s",
					   doing, name, reason);
	}
	return defsync_fail_vendor(s->host, DEFSYNC_E_CONFIG, error, NULL,
				   "%s '%s': its name is too long or its links lead in a circle",
				   doing, name);
}

/* ---- The folder ------------------------------------------------------------------- */

int32_t cv_connect(struct cv_source *s)
{
	struct stat st;
	char *slash;

	if (cv_is_cancelled(s))
		return cv_fail_cancelled(s);
	s->root = realpath(s->path, NULL);
	if (!s->root || stat(s->root, &st) != 0)
		return cv_fail_file(s, "cannot open", s->path, errno);
	if (!S_ISDIR(st.st_mode)) {
		if (!S_ISREG(st.st_mode))
			return defsync_fail(s->host, DEFSYNC_E_CONFIG,
					    "cannot open '%s': neither a folder nor a regular "
					    "file; correct 'path'",
					    s->path);
		slash = strrchr(s->root, '/');
		s->only = strdup(slash + 1);
		if (!s->only)
			return cv_fail_nomem(s);
		slash[slash == s->root] = '\0';
	}
	if (faccessat(AT_FDCWD, s->root, R_OK | X_OK, AT_EACCESS) != 0)
		return cv_fail_file(s, "cannot open", s->path, errno);
	return 0;
}

int32_t cv_from_check(struct cv_source *s, const char *from)
{
	const char *p = from;
	bool inside = *from != '/' && *from != '\0' && strlen(from) <= CV_PATH_MAX;

	while (inside && p) {
		size_t n = strcspn(p, "/");

		inside =
		    n > 0 && !(n == 1 && p[0] == '.') && !(n == 2 && p[0] == '.' && p[1] == '.');
		p = p[n] ? p + n + 1 : NULL;
	}
	if (!inside)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "from: no name inside of the folder '%s': '%.128s'; name a "
				    "file in it, or a pattern like '2024/*.csv'",
				    s->root, from);
	if (s->only && strcmp(from, s->only) != 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "from: 'path' is the file '%s', so that '%.128s' is not there; "
				    "let 'path' be the folder",
				    s->only, from);
	return 0;
}

/* ---- Files ------------------------------------------------------------------------ */

/* The resolved path when it lies in the folder; *ret NULL when it does not. */
static int resolve(const struct cv_source *s, const char *name, char **ret)
{
	size_t n = strlen(s->root);
	struct text path;
	char *resolved;
	int error = ENOMEM;

	text_init(&path, PATH_MAX);
	text_str(&path, s->root);
	text_char(&path, '/');
	text_str(&path, name);
	resolved = text_ok(&path) ? realpath(text_get(&path), NULL) : NULL;
	if (text_ok(&path))
		error = errno;
	text_done(&path);
	if (!resolved)
		return error;
	if (strcmp(s->root, "/") != 0 &&
	    (strncmp(resolved, s->root, n) != 0 || resolved[n] != '/')) {
		free(resolved);
		resolved = NULL;
	}
	*ret = resolved;
	return 0;
}

static int64_t nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static void fill_file(const char *name, const struct stat *st, struct cv_file *ret)
{
	*ret = (struct cv_file){
	    .name = name,
	    .size = st->st_size,
	    .mtime = nanoseconds(&st->st_mtim),
	    .ctime = nanoseconds(&st->st_ctim),
	    .inode = (uint64_t)st->st_ino,
	};
}

int32_t cv_stat(struct cv_source *s, int fd, const char *name, struct cv_file *ret)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return cv_fail_file(s, "cannot read", name, errno);
	fill_file(name, &st, ret);
	return 0;
}

static int32_t fail_outside(struct cv_source *s, const char *name)
{
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "cannot open '%s': it leads out of the folder '%s'; let 'path' be the "
			    "folder where it is",
			    name, s->root);
}

static int32_t fail_kind(struct cv_source *s, const char *name)
{
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "cannot open '%s': not a regular file; correct 'from'", name);
}

int32_t cv_open(struct cv_source *s, const char *name, int *ret_fd, struct cv_file *ret)
{
	char *path = NULL;
	struct stat st;
	int fd, error = resolve(s, name, &path);

	if (error)
		return cv_fail_file(s, "cannot open", name, error);
	if (!path)
		return fail_outside(s, name);
	/* Opening a device can do something: it is looked at before. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		free(path);
		return fail_kind(s, name);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	error = errno;
	free(path);
	if (fd < 0)
		return cv_fail_file(s, "cannot open", name, error);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return fail_kind(s, name);
	}
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	fill_file(name, &st, ret);
	*ret_fd = fd;
	return 0;
}

/* Looks at a name that a folder has. */
int32_t cv_look(struct cv_source *s, const char *name, struct stat *ret, bool *ret_there)
{
	char *path = NULL;
	int error = resolve(s, name, &path);

	*ret_there = false;
	if (error == ENOENT || error == ELOOP) /* gone, or a link to nothing */
		return 0;
	if (error)
		return cv_fail_file(s, "cannot read", name, error);
	if (!path) {
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "'%s' leads out of the folder '%s' and is left out", name, s->root);
		return 0;
	}
	*ret_there = stat(path, ret) == 0;
	error = errno;
	free(path);
	if (!*ret_there && error != ENOENT)
		return cv_fail_file(s, "cannot read", name, error);
	return 0;
}

int cv_file_compare(const struct cv_file *a, const struct cv_file *b)
{
	if (a->mtime != b->mtime)
		return a->mtime < b->mtime ? -1 : 1;
	return strcmp(a->name, b->name);
}

int32_t cv_files_add(struct cv_source *s, struct cv_files *files, const char *name,
		     const struct stat *st)
{
	if (files->n == CV_FILES_MAX)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "more than %d files match; narrow 'from', or move files that "
				    "are done away",
				    CV_FILES_MAX);
	if (files->n == files->room) {
		size_t room = files->room ? files->room * 2 : 64;
		struct cv_file *list = realloc(files->list, room * sizeof(*list));

		if (!list)
			return cv_fail_nomem(s);
		files->list = list;
		files->room = room;
	}
	fill_file(name, st, &files->list[files->n++]);
	return 0;
}
