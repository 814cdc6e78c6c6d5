/* SPDX-License-Identifier: MIT */
/* Files: whole reads with a limit, durable replacement, who may write a path. */

#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Appends a regular file's contents; more than `max` bytes is an error of class ERR_CONFIG. */
int file_read(const char *path, size_t max, struct buf *out, struct error *err);

/* All of it, through short writes and EINTR. */
int file_write_all(int fd, const void *p, size_t n);

/*
 * Replaces `path` so that after a crash it is the old or the new file: temporary
 * file in the same folder, fsync, rename, fsync of the folder.
 */
int file_replace(const char *path, const void *p, size_t n, mode_t mode, struct error *err);

/*
 * The same for what is not all in memory: open, write ..., close.  `path` is
 * borrowed until then.  With rc 0 the file takes its place, else it is removed;
 * rc comes back, or -1 when the former failed.
 */
struct file_replacement {
	const char *path;
	char *temporary;
	int fd;
};

int file_replacement_open(struct file_replacement *r, const char *path, mode_t mode,
			  struct error *err);
int file_replacement_write(struct file_replacement *r, const void *p, size_t n, struct error *err);
int file_replacement_close(struct file_replacement *r, int rc, struct error *err);

/* fsync of the folder that holds `path`. */
int file_sync_folder(const char *path, struct error *err);

/*
 * 0 when nobody but root and the running user can write the file, its folder or
 * a parent (a sticky folder of root is allowed); else ERR_CONFIG with path, owner
 * and mode.
 */
int file_check_trusted(const char *path, struct error *err);

/* mkdir -p with this mode for what is missing. */
int file_make_folders(const char *path, mode_t mode, struct error *err);

/* The folder part and "folder/name" joined; malloc'd, NULL without memory. */
char *file_dirname(const char *path);
char *file_join(const char *folder, const char *name);

#endif
