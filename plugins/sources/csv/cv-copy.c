/* SPDX-License-Identifier: MIT */
/*
 * Copy and truncate, where the file begins again as it did before: a run saw the
 * header line alone, or nothing; then came rows, which were copied to another name,
 * and the file itself has other rows by now.  Its inode and its known bytes are the
 * same, so only the copy tells.
 */

#include <stdlib.h>
#include <string.h>

#include "cv-cursor.h"
#include "cv-list.h"

#define HEAD_MAX (16 * 1024) /* bytes that are compared */

struct head {
	char *ptr;
	size_t len;
};

static int32_t read_head(struct cv_source *s, struct cv_cursor *c, const struct cv_file *listed,
			 struct head *ret)
{
	struct cv_stream *t = &c->stream;
	struct cv_file now = *listed;
	bool there;
	int fd;
	int32_t rc = cv_open_listed(s, &now, &fd, &there);

	ret->len = 0;
	if (rc < 0 || !there)
		return rc;
	rc = cv_stream_open(t, &c->format, fd, &now);
	if (rc == 0)
		rc = cv_stream_want(t, HEAD_MAX);
	if (rc == 0) {
		ret->len = (size_t)(t->end - t->pos);
		if (ret->len > HEAD_MAX)
			ret->len = HEAD_MAX;
		memcpy(ret->ptr, t->pos, ret->len);
	}
	cv_stream_close(t);
	return rc;
}

/* What the file still has itself is a backup of it. */
static bool is_backup(const struct head *copy, const struct cv_file *copy_file,
		      const struct head *own, const struct cv_file *own_file)
{
	if (copy->len > own->len || memcmp(copy->ptr, own->ptr, copy->len) != 0)
		return false;
	return copy->len < HEAD_MAX || copy_file->size <= own_file->size;
}

static int32_t search(struct cv_source *s, struct cv_cursor *c, const struct cv_known *known,
		      const bool *assigned, struct head heads[2], size_t *ret_file)
{
	const struct cv_file *list = c->files.list;
	int32_t rc = read_head(s, c, &list[0], &heads[0]);
	size_t i;

	for (i = 1; rc == 0 && i < c->files.n; i++) {
		if (assigned[i] || list[i].mtime <= c->state.seen ||
		    !cv_is_generation(list[i].name, c->q->table))
			continue;
		rc = read_head(s, c, &list[i], &heads[1]);
		if (rc < 0 || heads[1].len <= known->bytes ||
		    cv_hash(0, heads[1].ptr, known->bytes) != known->id ||
		    is_backup(&heads[1], &list[i], &heads[0], &list[0]))
			continue;
		*ret_file = i;
		return 0;
	}
	return rc;
}

int32_t cv_find_copy(struct cv_source *s, struct cv_cursor *c, const struct cv_known *known,
		     const bool *assigned, size_t *ret_file)
{
	struct head heads[2] = {{malloc(HEAD_MAX), 0}, {malloc(HEAD_MAX), 0}};
	int32_t rc;

	*ret_file = CV_NOWHERE;
	rc = heads[0].ptr && heads[1].ptr ? search(s, c, known, assigned, heads, ret_file)
					  : cv_fail_nomem(s);
	free(heads[0].ptr);
	free(heads[1].ptr);
	return rc;
}
