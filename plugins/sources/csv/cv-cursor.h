/* SPDX-License-Identifier: MIT */
/* The state of one reading, for cv-extract.c, cv-match.c, cv-file.c, cv-next.c and cv-row.c. */

#ifndef CSV_CV_CURSOR_H
#define CSV_CV_CURSOR_H

#include "cv-state.h"

#define CV_POSITION_MAX 500

/* A file to read, and from where. */
struct cv_job {
	size_t file;
	size_t known; /* what is remembered of it, or CV_NOWHERE */
	bool resume;  /* go on at known's place */
};

struct cv_cursor {
	struct pool pool; /* of the whole reading */
	const struct defsync_request *q;
	const char *table; /* as checkpoints name it */
	struct cv_format format;
	struct cv_files files;
	int64_t listed; /* newest ctime of all files: when they were listed */
	struct cv_state state;
	size_t resumes; /* the one of state.known that was being read, or CV_NOWHERE */
	struct cv_job *jobs;
	size_t n_jobs, job;
	const struct cv_file *held; /* the oldest that was put off, or NULL */

	/* The file that is open: job's. */
	bool open;
	struct pool file_pool;
	struct cv_stream stream;
	struct cv_file file;
	struct cv_header header;
	struct cv_shape shape;
	struct cv_known at;
	bool last;	  /* what is there of it is all there will be */
	bool too_long;	  /* in a record without end, up to the next line */
	int64_t tail_end; /* a record up to here was read before it had an end; or -1 */
	struct cv_record record;
	struct defsync_cell *cells;

	/* The row now read. */
	bool over;
	int64_t rows;
	bool prefix_is_old;
	int64_t prefix_sync;
	struct checkpoint_writer writer;
	char *checkpoint; /* CHECKPOINT_MAX */
	char *position;	  /* CV_POSITION_MAX */
	size_t position_prefix;
	struct text cut; /* what is shown of a record that is too long */
	struct defsync_row row;
};

/* cv-match.c: jobs from files and state. */
int32_t cv_match(struct cv_source *s, struct cv_cursor *c);
/* cv-grow.c: sets `file` of what is known; news: of each file, that it is not known. */
int32_t cv_match_growing(struct cv_source *s, struct cv_cursor *c, bool *news);
/*
 * cv-copy.c: a file beside the single one (files.list[0]), written since that was
 * last seen, that begins as `known` says and is not a copy of what the single one has now.
 * *ret_file: CV_NOWHERE when there is none.
 */
int32_t cv_find_copy(struct cv_source *s, struct cv_cursor *c, const struct cv_known *known,
		     const bool *assigned, size_t *ret_file);
/* cv-match.c: a file that is listed may be gone by now, which is no error. */
int32_t cv_open_listed(struct cv_source *s, struct cv_file *f, int *ret_fd, bool *ret_there);
/* Of a file that is complete: by its name, and the bytes that it begins with as they are. */
int32_t cv_complete_id(struct cv_source *s, int fd, const struct cv_file *f, uint64_t *ret);

/* cv-file.c: opens the file of the present job; *ret_open false: there is nothing in it to do. */
int32_t cv_file_begin(struct cv_source *s, struct cv_cursor *c, bool *ret_open);
/* Closes it and remembers where it was left. whole: all there was. */
int32_t cv_file_end(struct cv_source *s, struct cv_cursor *c, bool whole);
/* Has the file been left alone for long enough?  Waits for that. */
int32_t cv_file_settled(struct cv_source *s, struct cv_cursor *c, bool *ret);
/* After the last file: the floor as it is now. */
void cv_floor_renew(struct cv_cursor *c);

/* cv-row.c: the record as a row.  DEFSYNC_ROW or DEFSYNC_E_BAD_ROW. */
int32_t cv_row_fill(struct cv_source *s, struct cv_cursor *c);
/* Of a record of which only the beginning was kept. */
int32_t cv_row_too_long(struct cv_source *s, struct cv_cursor *c);
/* Checkpoint and position; line: the row's. */
void cv_row_place(struct cv_cursor *c, int64_t line);
void cv_row_begin_file(struct cv_cursor *c);
/* DEFSYNC_OP_CHECKPOINT with the state alone. */
void cv_row_state(struct cv_cursor *c);

#endif
