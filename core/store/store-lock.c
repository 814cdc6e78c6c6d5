/* SPDX-License-Identifier: MIT */
/*
 * One writing process at a time: flock on a file that is never removed, so that
 * the kernel lets go of it whatever happens to the holder.  What the file says is
 * for the message only.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "store/store-internal.h"

#define HOLDER_MAX 400

/* "pid 12 on host since 2026-11-24T05:30:51.123456Z" */
static void write_holder(int fd)
{
	char host[256], since[CLOCK_TEXT_MAX], text[HOLDER_MAX];
	int n;

	if (gethostname(host, sizeof(host)) < 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	clock_format(clock_wall_us(), since);
	n = snprintf(text, sizeof(text), "pid %ld on %s since %s\n", (long)getpid(), host, since);
	if (n <= 0 || ftruncate(fd, 0) < 0)
		return;
	(void)file_write_all(fd, text, (size_t)n);
}

/* "" when there is nothing to say. */
static void read_holder(int fd, char out[HOLDER_MAX])
{
	ssize_t n = pread(fd, out, HOLDER_MAX - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	for (char *p = out; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
}

static const char *holder_age(const char *holder, char out[48])
{
	const char *since = strstr(holder, " since ");
	char duration[32];
	int64_t start, age;

	out[0] = '\0';
	if (since == NULL || clock_parse(since + strlen(" since "), &start) < 0)
		return out;
	age = clock_wall_us() - start;
	if (age >= 0)
		(void)snprintf(out, 48, " (%s)", num_format_duration(age / 1000, duration));
	return out;
}

static int locked(struct store *s, int fd, struct error *err)
{
	char holder[HOLDER_MAX], age[48];

	read_holder(fd, holder);
	(void)holder_age(holder, age);
	return error_set(err, ERR_LOCKED,
			 "store: another run holds the lock: %s%s: '%s'; wait until it ends",
			 holder[0] != '\0' ? holder : "unknown process", age, s->lock_path);
}

static int cannot_lock(struct store *s, int errnum, struct error *err)
{
	char user[STORE_USER_MAX];

	return error_set(err, errnum == ENOSPC || errnum == EDQUOT ? ERR_FULL : ERR_STORE,
			 "store: cannot lock '%s' as user %s: %s; give that user the folder, or "
			 "set store.path",
			 s->lock_path, store_user(user), strerror(errnum));
}

int store_lock(struct store *s, struct error *err)
{
	struct stat st;
	int rc = -1;
	int fd = open(s->lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return cannot_lock(s, errno, err);
	if (fstat(fd, &st) < 0)
		(void)cannot_lock(s, errno, err);
	else if (!S_ISREG(st.st_mode))
		(void)error_set(err, ERR_STORE, "store: not a regular file: '%s'; remove it",
				s->lock_path);
	else if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		rc = 0;
	else if (errno == EWOULDBLOCK)
		(void)locked(s, fd, err);
	else
		(void)cannot_lock(s, errno, err);
	if (rc < 0) {
		(void)close(fd);
		return -1;
	}
	write_holder(fd);
	s->lock_fd = fd;
	return 0;
}

void store_unlock(struct store *s)
{
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	s->lock_fd = -1;
}
