/* SPDX-License-Identifier: MIT */
/* Files: whole reads with a limit, durable replacement. */

#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Paths ------------------------------------------------------------------ */

char *file_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

char *file_join(const char *folder, const char *name)
{
	size_t n = strlen(folder);
	char *path;

	if (n == 0)
		return strdup(name);
	if (asprintf(&path, "%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name) < 0)
		return NULL;
	return path;
}

/* ---- Reading ---------------------------------------------------------------- */

static int read_all(int fd, const char *path, size_t max, struct buf *out, struct error *err)
{
	size_t before = out->len;
	char chunk[16384]; /* may hold a key */
	int r = 0;

	while (r == 0) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			break;
		if (n < 0)
			r = error_set_errno(err, ERR_CONFIG, errno, "cannot read '%s'", path);
		else if ((size_t)n > max - (out->len - before))
			r = error_set(err, ERR_CONFIG,
				      "file is too long: '%s'; the limit is %zu bytes", path, max);
		else if (buf_add(out, chunk, (size_t)n) < 0)
			r = error_nomem(err);
	}
	explicit_bzero(chunk, sizeof(chunk));
	if (r < 0)
		out->len = before;
	return r;
}

int file_read(const char *path, size_t max, struct buf *out, struct error *err)
{
	/* not blocking: a FIFO must not hold us up before fstat says what it is */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0)
		return error_set_errno(err, ERR_CONFIG, errno, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0)
		r = error_set_errno(err, ERR_CONFIG, errno, "cannot examine '%s'", path);
	else if (S_ISDIR(st.st_mode))
		r = error_set_errno(err, ERR_CONFIG, EISDIR, "cannot read '%s'", path);
	else if (!S_ISREG(st.st_mode))
		r = error_set(err, ERR_CONFIG, "not a regular file: '%s'", path);
	else
		r = read_all(fd, path, max, out, err);
	(void)close(fd);
	return r;
}

/* ---- Writing ---------------------------------------------------------------- */

/* A wrong path is for the operator, a full disk for later, the rest is the disk's fault. */
static enum error_class class_of(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case EACCES:
	case EPERM:
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EROFS:
	case ENAMETOOLONG:
	case ELOOP:
	case EEXIST:
	case EINVAL:
		return ERR_CONFIG;
	default:
		return ERR_STORE;
	}
}

int file_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = EIO;
		if (done <= 0)
			return -1;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int file_sync_folder(const char *path, struct error *err)
{
	char *folder = file_dirname(path);
	int fd, r = 0;

	if (!folder)
		return error_nomem(err);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		r = error_set_errno(err, class_of(errno), errno, "cannot open folder '%s'", folder);
	else if (fsync(fd) < 0 && errno != EINVAL) /* EINVAL: the file system has no such thing */
		r = error_set_errno(err, ERR_STORE, errno, "cannot sync folder '%s'", folder);
	if (fd >= 0)
		(void)close(fd);
	free(folder);
	return r;
}

static int cannot_write(const char *path, struct error *err)
{
	return error_set_errno(err, class_of(errno), errno, "cannot write '%s'", path);
}

/* The temporary file has the same folder, since a rename does not cross file systems. */
int file_replacement_open(struct file_replacement *r, const char *path, mode_t mode,
			  struct error *err)
{
	*r = (struct file_replacement){.path = path, .fd = -1};
	if (asprintf(&r->temporary, "%s.XXXXXX", path) < 0) {
		r->temporary = NULL;
		return error_nomem(err);
	}
	r->fd = mkostemp(r->temporary, O_CLOEXEC);
	if (r->fd < 0) {
		(void)error_set_errno(err, class_of(errno), errno, "cannot create '%s'", path);
		free(r->temporary);
		return -1;
	}
	if (fchmod(r->fd, mode) == 0)
		return 0;
	return file_replacement_close(r, cannot_write(path, err), err);
}

int file_replacement_write(struct file_replacement *r, const void *p, size_t n, struct error *err)
{
	return file_write_all(r->fd, p, n) < 0 ? cannot_write(r->path, err) : 0;
}

int file_replacement_close(struct file_replacement *r, int rc, struct error *err)
{
	if (rc == 0 && fsync(r->fd) < 0)
		rc = cannot_write(r->path, err);
	if (close(r->fd) < 0 && rc == 0)
		rc = cannot_write(r->path, err);
	if (rc == 0 && rename(r->temporary, r->path) < 0)
		rc = error_set_errno(err, class_of(errno), errno, "cannot replace '%s'", r->path);
	if (rc != 0)
		(void)unlink(r->temporary);
	else
		rc = file_sync_folder(r->path, err);
	free(r->temporary);
	return rc;
}

int file_replace(const char *path, const void *p, size_t n, mode_t mode, struct error *err)
{
	struct file_replacement r;
	int rc = file_replacement_open(&r, path, mode, err);

	if (rc < 0)
		return rc;
	rc = file_replacement_write(&r, p, n, err);
	return file_replacement_close(&r, rc, err);
}

static int make_folder(const char *path, mode_t mode, struct error *err)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return error_set_errno(err, class_of(errno), errno, "cannot make folder '%s'", path);
}

int file_make_folders(const char *path, mode_t mode, struct error *err)
{
	char *copy = strdup(path);
	struct stat st;
	char *slash;
	int r = 0;

	if (!copy)
		return error_nomem(err);
	/* a parent may be there and not be ours to look at: only make what is missing */
	for (slash = strchr(copy + (*copy != '\0'), '/'); slash && r == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (stat(copy, &st) < 0 && errno == ENOENT)
			r = make_folder(copy, mode, err);
		*slash = '/';
	}
	if (r == 0)
		r = make_folder(copy, mode, err);
	free(copy);
	return r;
}
