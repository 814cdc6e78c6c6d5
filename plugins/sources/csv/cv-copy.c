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

/*
 * The names of other tables look like those of copies that keep the extension.  Such a
 * one needs the file itself to show that it was replaced; where it does not, either
 * may be so, and neither is guessed.
 */
static bool is_copy_by_name(struct cv_source *s, const struct cv_cursor *c,
			    const struct cv_known *known, const struct cv_file *file)
{
	const struct cv_file *own = &c->files.list[0];
	enum cv_relation relation = cv_relation_of(file->name, c->q->table);
	bool replaced = known->inode != (uint32_t)own->inode || own->size < known->size;

	if (relation == CV_GENERATION || (relation == CV_DATED && replaced))
		return true;
	defsync_log(s->host, DEFSYNC_LOG_WARN,
		    "'%s' begins like '%s', but its name does not tell a copy of that from another "
		    "table: it is not read; if it is a copy, what was not read of it is missed: "
		    "let names of copies begin with '%s'",
		    file->name, c->q->table, c->q->table);
	return false;
}

static int32_t search(struct cv_source *s, struct cv_cursor *c, const struct cv_known *known,
		      const bool *assigned, struct head heads[2], size_t *ret_file)
{
	const struct cv_file *list = c->files.list;
	int32_t rc = read_head(s, c, &list[0], &heads[0]);
	size_t i;

	for (i = 1; rc == 0 && i < c->files.n; i++) {
		if (assigned[i] || list[i].mtime <= c->state.seen ||
		    cv_relation_of(list[i].name, c->q->table) == CV_UNRELATED)
			continue;
		rc = read_head(s, c, &list[i], &heads[1]);
		if (rc < 0 || heads[1].len <= known->bytes ||
		    cv_hash(0, heads[1].ptr, known->bytes) != known->id ||
		    is_backup(&heads[1], &list[i], &heads[0], &list[0]) ||
		    !is_copy_by_name(s, c, known, &list[i]))
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
