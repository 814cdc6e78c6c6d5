/* SPDX-License-Identifier: MIT */
/*
 * What a checkpoint remembers of the files.  Nearly pure: no file is touched here.
 *
 * Each file that was read is known by a fingerprint: where files grow, of their first
 * bytes, and with the place that was reached; where they are complete, of name, size,
 * time and first bytes.  A checkpoint has room for some CV_KNOWN_BYTES of that.  When
 * there are more, the oldest files go below a floor: what is not newer than the
 * floor has been read.  A file that comes late, with an old time, would be lost
 * there; hence the floor keeps the number and the sum of what lies below it, and the
 * time up to which that was looked at (of inodes, which no one can set back).
 */

#ifndef CSV_CV_STATE_H
#define CSV_CV_STATE_H

#include "common/checkpoint.h"
#include "cv.h"

#define CV_KNOWN_BYTES 1800
#define CV_FINGERPRINT 1024 /* bytes of data behind the header */
#define CV_NOWHERE SIZE_MAX

struct cv_known {
	uint64_t id; /* of the fingerprint */
	/* Of files that grow: */
	uint32_t bytes;		     /* of the fingerprint */
	uint32_t inode;		     /* its lower half, to choose among equal fingerprints */
	int64_t done;		     /* offset behind the last record that was read */
	int64_t size;		     /* of the file when it was read */
	int64_t line;		     /* of the next record; with a tail, of the last one */
	uint32_t tail;		     /* bytes of a last record that had no line end, or 0 */
	bool whole;		     /* read to the end that it had */
	int64_t sync_raw, sync_base; /* see cv_stream; of the file that was being read only */
	size_t file;		     /* that has it, in this reading; or CV_NOWHERE */
};

struct cv_floor {
	bool set;
	struct cv_file at; /* name and mtime of the newest below it */
	int64_t ctime;
	int64_t count;
	uint64_t sum;
};

enum cv_phase {
	CV_PHASE_INCREMENTAL,
	CV_PHASE_SNAPSHOT,
	CV_PHASE_DONE, /* of a snapshot */
};

struct cv_state {
	enum cv_phase phase;
	struct cv_known *known;
	size_t n, room;
	struct cv_floor floor;
	int64_t seen; /* mtime of a single file that grows when it was last opened; or 0 */
};

const char *cv_phase_name(enum cv_phase phase);

/* 64 bits of some bytes; seed: 0, or what is to be continued. */
uint64_t cv_hash(uint64_t seed, const void *ptr, size_t len);
/* Of a complete file; head: its first bytes. */
uint64_t cv_file_id(const struct cv_file *f, const char *head, size_t len);

/* How many can be remembered. */
size_t cv_known_max(enum cv_layout layout);
/* NULL without memory. */
struct cv_known *cv_known_add(struct cv_state *st, const struct cv_known *k);
void cv_known_remove(struct cv_state *st, size_t i);
void cv_state_done(struct cv_state *st);

/* Not newer than the floor. */
bool cv_below(const struct cv_floor *f, const struct cv_file *file);
void cv_floor_count(struct cv_floor *f, const struct cv_file *file);

/*
 * The constant part of a checkpoint.  except: the one of `known` that is now being
 * read, or CV_NOWHERE; at: what is known of it, or NULL.
 */
void cv_state_write(struct checkpoint_writer *w, char buf[CHECKPOINT_MAX], const char *table,
		    const struct cv_format *f, const struct cv_state *st, size_t except,
		    const struct cv_known *at);
/* The row's part. */
void cv_place_write(struct checkpoint_writer *w, int64_t offset, int64_t line, uint32_t tail);
/*
 * Reads one.  What was being read comes last in `known` (*ret_at, or CV_NOWHERE).
 * False: that is no position of such a table.
 */
bool cv_state_read(const struct checkpoint_reader *r, struct pool *pool, const struct cv_format *f,
		   struct cv_state *st, size_t *ret_at);
/* As it stands in a checkpoint: `from`, or its hash when it is long. */
const char *cv_table_key(struct pool *pool, const char *table);

#endif
