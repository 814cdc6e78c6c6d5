/* SPDX-License-Identifier: MIT */
/* The files of the store: names, what is refused, the marker. */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/store-internal.h"

/* SQLite refuses longer names; room for its suffixes. */
#define PATH_BYTES_MAX 480

static const char *user_name(uid_t uid, char out[STORE_USER_MAX])
{
	char room[1024];
	struct passwd pw, *found = NULL;

	if (getpwuid_r(uid, &pw, room, sizeof(room), &found) == 0 && found != NULL)
		(void)snprintf(out, STORE_USER_MAX, "'%s'", found->pw_name);
	else
		(void)snprintf(out, STORE_USER_MAX, "with uid %ld", (long)uid);
	return out;
}

const char *store_user(char out[STORE_USER_MAX])
{
	return user_name(geteuid(), out);
}

static int with_suffix(const char *file, const char *suffix, char **ret)
{
	size_t n = strlen(file), m = strlen(suffix) + 1;
	char *path = malloc(n + m);

	if (path == NULL)
		return -1;
	memcpy(path, file, n);
	memcpy(path + n, suffix, m);
	*ret = path;
	return 0;
}

static int no_folder(struct store *s, int errnum, struct error *err)
{
	char user[STORE_USER_MAX];

	if (s->access == STORE_READ && errnum == ENOENT)
		return error_set(err, ERR_STORE,
				 "store: no store at '%s' yet; run 'defsync run' first", s->path);
	return error_set(err, ERR_STORE,
			 "store: cannot reach the folder of '%s' as user %s: %s; make it and give "
			 "it to that user, or set store.path",
			 s->path, store_user(user), strerror(errnum));
}

static int make_folders(struct store *s, const char *folder, struct error *err)
{
	struct error why = ERROR_INIT;
	char user[STORE_USER_MAX];

	if (file_make_folders(folder, 0700, &why) == 0)
		return 0;
	(void)error_set(err, ERR_STORE,
			"store: cannot make the folder of '%s' as user %s: %s; make it and give it "
			"to that user, or set store.path",
			s->path, store_user(user), error_text(&why));
	error_done(&why);
	return -1;
}

/* The file itself may not be a link, folders above it may: resolve these only. */
int store_files_init(struct store *s, struct error *err)
{
	const char *slash = strrchr(s->path, '/');
	const char *name = slash != NULL ? slash + 1 : s->path;
	char *folder = file_dirname(s->path);
	int rc = -1;

	if (folder == NULL)
		return error_nomem(err);
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		(void)error_set(err, ERR_STORE, "store: not a file name: '%s'; set store.path",
				s->path);
		goto out;
	}
	if (s->access == STORE_WRITE && make_folders(s, folder, err) < 0)
		goto out;
	s->folder = realpath(folder, NULL);
	if (s->folder == NULL) {
		(void)no_folder(s, errno, err);
		goto out;
	}
	s->file = file_join(s->folder, name);
	if (s->file == NULL || with_suffix(s->file, ".lock", &s->lock_path) < 0 ||
	    with_suffix(s->file, ".initialized", &s->marker_path) < 0) {
		(void)error_nomem(err);
		goto out;
	}
	rc = 0;
	if (strlen(s->file) > PATH_BYTES_MAX)
		rc = error_set(err, ERR_STORE,
			       "store: path longer than %d bytes: '%s'; set a shorter store.path",
			       PATH_BYTES_MAX, s->path);
out:
	free(folder);
	return rc;
}

static int refuse(struct store *s, const char *why, const char *what_to_do, struct error *err)
{
	return error_set(err, ERR_STORE, "store: '%s' %s; %s", s->path, why, what_to_do);
}

static int wrong_owner(struct store *s, uid_t owner, struct error *err)
{
	char theirs[STORE_USER_MAX], ours[STORE_USER_MAX];

	return error_set(err, ERR_STORE,
			 "store: '%s' belongs to user %s, not to %s; run as its owner", s->path,
			 user_name(owner, theirs), store_user(ours));
}

static int check_kind(struct store *s, const struct stat *st, struct error *err)
{
	if (S_ISLNK(st->st_mode))
		return refuse(s, "is a symbolic link", "set store.path to the file itself", err);
	if (S_ISDIR(st->st_mode))
		return refuse(s, "is a directory", "set store.path to a file in it", err);
	if (!S_ISREG(st->st_mode))
		return refuse(s, "is not a regular file", "set another store.path", err);
	/* SQLite finds the log by the name: under another name it would be missed. */
	if (st->st_nlink > 1)
		return refuse(s, "has more than one hard link", "remove the other names", err);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return refuse(s, "can be written by others than its owner",
			      "look at who changed it, then chmod 600", err);
	/* root may look at the store of another user, not leave files of its own there. */
	if (st->st_uid != geteuid() && (s->access == STORE_WRITE || geteuid() != 0))
		return wrong_owner(s, st->st_uid, err);
	return 0;
}

static int check_missing(struct store *s, const char *what, struct error *err)
{
	if (!store_marker_exists(s))
		return 0;
	return error_set(err, ERR_STORE,
			 "store: '%s' is %s but was initialised; restore it, or remove '%s' to "
			 "start over (every table will be loaded again)",
			 s->path, what, s->marker_path);
}

int store_files_check(struct store *s, int64_t *ret_size, struct error *err)
{
	struct stat st;

	if (lstat(s->file, &st) < 0) {
		if (errno != ENOENT)
			return no_folder(s, errno, err);
		*ret_size = -1;
		return check_missing(s, "missing", err);
	}
	if (check_kind(s, &st, err) < 0)
		return -1;
	*ret_size = st.st_size;
	return st.st_size == 0 ? check_missing(s, "empty", err) : 0;
}

/* Before SQLite does, for the mode: it gives its other files the same one. */
int store_file_create(struct store *s, struct error *err)
{
	char user[STORE_USER_MAX];
	int fd = open(s->file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)close(fd);
		return 0;
	}
	return error_set(err, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_STORE,
			 "store: cannot make '%s' as user %s: %s; give that user the folder, or "
			 "set store.path",
			 s->path, store_user(user), strerror(errno));
}

int store_marker_exists(const struct store *s)
{
	struct stat st;

	return lstat(s->marker_path, &st) == 0;
}

int store_marker_write(struct store *s, struct error *err)
{
	static const char words[] =
	    "The defsync store beside this file was set up. While this file is here, a missing\n"
	    "or empty store is an error: it holds how far each table has come.\n";
	struct error why = ERROR_INIT;

	if (file_replace(s->marker_path, words, sizeof(words) - 1, 0600, &why) == 0)
		return 0;
	(void)error_set(err, ERR_STORE, "store: cannot write '%s': %s", s->marker_path,
			error_text(&why));
	error_done(&why);
	return -1;
}

static const struct {
	uint32_t magic;
	int only_fresh;
	const char *text;
} file_systems[] = {
    {NFS_SUPER_MAGIC, 0, "NFS, where locks and shared memory do not hold; use a local disk"},
    {SMB_SUPER_MAGIC, 0, "SMB, where locks and shared memory do not hold; use a local disk"},
    {0xFF534D42, 0, "CIFS, where locks and shared memory do not hold; use a local disk"},
    {0xFE534D42, 0, "SMB2, where locks and shared memory do not hold; use a local disk"},
    {OVERLAYFS_SUPER_MAGIC, 1, "a container's own layer and goes with it; use a volume"},
    {TMPFS_MAGIC, 1, "tmpfs and is gone after a restart; use a disk"},
};

void store_files_warn(struct store *s, int fresh)
{
	struct statfs fs;

	if (s->log == NULL || statfs(s->folder, &fs) < 0)
		return;
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++) {
		if (file_systems[i].magic == (uint32_t)fs.f_type &&
		    (fresh || !file_systems[i].only_fresh))
			log_write(s->log, LOG_WARN, "store", "'%s' is on %s", s->path,
				  file_systems[i].text);
	}
}
