/* SPDX-License-Identifier: MIT */
/* Who else can write a file, its folder or a parent. */

#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static int check_one(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set_errno(err, ERR_CONFIG, errno, "cannot examine '%s'", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return error_set(err, ERR_CONFIG,
				 "owned by user %u: '%s'; it must belong to root or to user %u",
				 (unsigned)st.st_uid, path, (unsigned)geteuid());
	if (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) && st.st_uid == 0)
		return 0;
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err, ERR_CONFIG,
				 "writable by others: '%s' (owner %u, mode %04o); chmod go-w '%s'",
				 path, (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777), path);
	return 0;
}

/* An absolute path and all above it. */
static int check_upwards(const char *path, struct error *err)
{
	char *at = strdup(path);
	int r;

	if (!at)
		return error_nomem(err);
	for (;;) {
		char *up;

		r = check_one(at, err);
		if (r < 0 || strcmp(at, "/") == 0)
			break;
		up = file_dirname(at);
		free(at);
		at = up;
		if (!at)
			return error_nomem(err);
	}
	free(at);
	return r;
}

static char *absolute(const char *path)
{
	char *folder, *joined;

	if (*path == '/')
		return strdup(path);
	folder = getcwd(NULL, 0);
	if (!folder)
		return NULL;
	joined = file_join(folder, path);
	free(folder);
	return joined;
}

/* Both as written and resolved: who can write a folder on either can put another file there. */
int file_check_trusted(const char *path, struct error *err)
{
	char *resolved = realpath(path, NULL);
	char *written;
	int r;

	if (!resolved)
		return error_set_errno(err, ERR_CONFIG, errno, "cannot examine '%s'", path);
	written = absolute(path);
	if (!written)
		r = error_nomem(err);
	else
		r = check_upwards(resolved, err);
	if (r == 0 && strcmp(written, resolved) != 0)
		r = check_upwards(written, err);
	free(resolved);
	free(written);
	return r;
}
