/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the csv source.  An instance is one folder; a table is one
 * file in it or a pattern of names.  A reading (cursor) first looks at all files and
 * compares them with what the checkpoint remembers, which gives a list of jobs: a
 * file and the place in it to go on from.
 *
 * Functions return 0 or a class DEFSYNC_E_x, after host->fail.
 */

#ifndef CSV_CV_H
#define CSV_CV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <defsync/source.h>

#include "common/pool.h"
#include "common/text.h"
#include "cv-parse.h"

#define CV_COLUMNS_MAX 4096
#define CV_NAME_MAX 1024	  /* bytes of a name of a column */
#define CV_PATH_MAX 255		  /* and of a file, inside the folder */
#define CV_HEADER_MAX (64 * 1024) /* bytes in front of the data */
#define CV_FILES_MAX 100000

/* ---- Instance ------------------------------------------------------------------ */

struct cv_source {
	const struct defsync_host *host;
	const struct defsync_options *options;
	const char *path;      /* of the option */
	char *root;	       /* the folder, resolved; NULL: not connected */
	char *only;	       /* path is this one file of the folder, or NULL */
	atomic_int cancelled;  /* from cancel until disconnect */
	struct pool relations; /* rows point here; until disconnect */
	struct pool described; /* until the next describe or discover */
	const struct defsync_relation *last_relation;
};

int32_t cv_fail_nomem(struct cv_source *s);
int32_t cv_fail_cancelled(struct cv_source *s);
bool cv_is_cancelled(const struct cv_source *s);
/* What happened to a file: "cannot open", name, errno. */
int32_t cv_fail_file(struct cv_source *s, const char *doing, const char *name, int error);

/* ---- Options (cv-format.c) -------------------------------------------------------- */

enum cv_layout {
	CV_LAYOUT_APPEND, /* files grow at their end */
	CV_LAYOUT_FILES,  /* files are complete when they appear */
};

enum cv_encoding {
	CV_UTF8,
	CV_LATIN1,
	CV_WINDOWS_1252,
	CV_UTF16,
	CV_UTF16LE,
	CV_UTF16BE,
};

enum cv_compression {
	CV_COMPRESSION_AUTO,
	CV_COMPRESSION_NONE,
	CV_COMPRESSION_GZIP,
};

struct cv_null {
	const char *ptr;
	size_t len;
};

struct cv_format {
	struct cv_dialect dialect;
	enum cv_layout layout;
	enum cv_encoding encoding;
	enum cv_compression compression;
	bool header;		  /* the files have a header line */
	const char *const *names; /* given ones, n_names; 0: none */
	uint32_t n_names;
	struct cv_null *nulls;
	uint32_t n_nulls;
	const char *const *types; /* "column=type" */
	uint32_t n_types;
	int64_t skip_lines;
	int64_t partial_ms;
	size_t max_record;
};

/* The tables of options, of the source and of its tables. */
#define CV_OPTIONS 14
extern const struct defsync_option cv_source_options[CV_OPTIONS + 1];
extern const struct defsync_option cv_table_options[CV_OPTIONS];

/* The table's options, the source's where it has none. */
int32_t cv_format_read(struct cv_source *s, struct pool *pool, const struct defsync_request *q,
		       struct cv_format *ret);
const char *cv_layout_name(enum cv_layout layout);
const char *cv_encoding_name(enum cv_encoding encoding);
/* cv-row.c: has it no value?  It is unescaped. */
bool cv_is_null(const struct cv_format *f, const struct cv_field *field);
/* What a request may not ask of files. */
int32_t cv_request_check(struct cv_source *s, const struct defsync_request *q);

/* ---- Files (cv-path.c) -------------------------------------------------------------- */

struct cv_file {
	const char *name; /* inside the folder: "2024/orders.csv" */
	int64_t size;
	int64_t mtime, ctime; /* nanoseconds */
	uint64_t inode;
};

struct cv_files {
	struct cv_file *list; /* by mtime, then by name */
	size_t n, room;
};

int32_t cv_connect(struct cv_source *s);
bool cv_is_pattern(const char *from);
/* Is it a name inside of the folder? */
int32_t cv_from_check(struct cv_source *s, const char *from);
/* The files that match; a plain name that is not there is an error. */
int32_t cv_list(struct cv_source *s, struct pool *pool, const char *from, struct cv_files *ret);
/* Opens one, which must be a regular file inside the folder. */
int32_t cv_open(struct cv_source *s, const char *name, int *ret_fd, struct cv_file *ret);
/* The same again, of an open one. */
int32_t cv_stat(struct cv_source *s, int fd, const char *name, struct cv_file *ret);
/* Before or after each other in the order of reading. */
int cv_file_compare(const struct cv_file *a, const struct cv_file *b);

/* ---- Bytes of a file (cv-stream.c) ----------------------------------------------------- */

#define CV_WINDOW (256 * 1024)

struct cv_decoder;

/*
 * The text of a file as UTF-8, in a window that moves over it.  Offsets are those of
 * this text.  Of a plain UTF-8 file they are those of the file; in other encodings
 * `sync` is a place known in both, not behind pos; what is compressed can only be
 * read from its beginning.
 */
struct cv_stream {
	struct cv_source *source;
	const char *name;
	int fd; /* -1: closed */
	int64_t raw, raw_end;
	char *buf; /* cap + CV_PAD bytes */
	size_t cap;
	char *pos, *end; /* what is there; '\n' at end */
	int64_t base;	 /* offset of buf[0] */
	bool eof;	 /* nothing comes behind end */
	bool cut;	 /* but a part of a character, which is not in the text */
	bool plain;
	bool seekable; /* plain, or with sync */
	int64_t sync_raw, sync_base;
	int64_t mark_raw, mark_base; /* the next one */
	size_t chunk;		     /* bytes of the next read at most */
	struct cv_decoder *decoder;  /* NULL: plain */
};

static inline int64_t cv_stream_offset(const struct cv_stream *t, const char *p)
{
	return t->base + (p - t->buf);
}

/* Is a file of this name compressed? */
bool cv_is_packed(const struct cv_format *f, const char *name);
/* All zero but source, with fd -1, is a closed one. */
int32_t cv_stream_open(struct cv_stream *t, const struct cv_format *f, int fd,
		       const struct cv_file *file);
/* At least `want` bytes from pos on, or all there are. */
int32_t cv_stream_want(struct cv_stream *t, size_t want);
/* More bytes behind those from pos on; sets eof. */
int32_t cv_stream_fill(struct cv_stream *t);
/* At the end: is the last character there only in part, since it is being written? */
bool cv_stream_is_cut(const struct cv_stream *t);
int32_t cv_stream_seek(struct cv_stream *t, int64_t offset, int64_t sync_raw, int64_t sync_base);
void cv_stream_close(struct cv_stream *t);
/* And the memory. */
void cv_stream_done(struct cv_stream *t);

/* cv-decode.c: after the raw bytes, through zlib and iconv as it has to be. */
int32_t cv_decoder_make(struct cv_stream *t, const struct cv_format *f, bool gzip);
/* Up to n bytes; 0 at the end. */
int32_t cv_decoder_read(struct cv_stream *t, char *dst, size_t n, size_t *ret);
/* The raw place of the next byte that comes out of it. */
int64_t cv_decoder_place(const struct cv_stream *t);
void cv_decoder_reset(struct cv_stream *t);
void cv_decoder_free(struct cv_decoder *d);
/* Raw bytes of the file up to raw_end. */
int32_t cv_stream_raw(struct cv_stream *t, void *dst, size_t n, size_t *ret);

/* ---- Types (cv-types.c) ---------------------------------------------------------------- */

enum cv_type {
	CV_TEXT,
	CV_INT,
	CV_DOUBLE,
	CV_DECIMAL,
	CV_BOOL,
	CV_DATE,
	CV_TIMESTAMP,
	CV_JSON,
};

bool cv_type_from_name(const char *name, size_t len, enum cv_type *ret);
const char *cv_type_name(enum cv_type type);
const char *cv_type_names(void);
uint32_t cv_type_cell(enum cv_type type);
/* False: the text is none of that type. */
bool cv_type_read(enum cv_type type, const char *ptr, size_t len, struct defsync_cell *ret);

/* ---- Columns (cv-header.c, cv-shape.c) ---------------------------------------------------- */

struct cv_header {
	const char *const *names;
	uint32_t n;
	size_t bytes; /* in front of the data */
	int64_t lines;
};

/*
 * The header of an open stream at its beginning, whose window holds it afterwards; pos
 * stays at the beginning.  n is 0 when there is nothing in the file, or no whole
 * line yet (unless `last`).
 */
int32_t cv_header_read(struct cv_stream *t, const struct cv_format *f, struct pool *pool, bool last,
		       struct cv_header *ret);

/* How a file's fields become the columns of rows. */
struct cv_shape {
	const struct defsync_relation *relation;
	const uint32_t *fields; /* of each column */
	const enum cv_type *types;
	uint32_t n;
	uint32_t n_fields; /* of the file */
	bool as_is;	   /* all fields in their order, all text */
};

int32_t cv_shape_make(struct cv_source *s, struct pool *pool, struct pool *relations,
		      const struct defsync_request *q, const struct cv_format *f,
		      const struct cv_header *h, const char *name, struct cv_shape *ret);

/* ---- Describing (cv-describe.c) -------------------------------------------------------------- */

int32_t cv_describe(struct cv_source *s, const struct defsync_request *q,
		    const struct defsync_table **ret_table);
int32_t cv_discover(struct cv_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n);

/* ---- Reading (cv-extract.c, cv-next.c) ---------------------------------------------------------- */

struct cv_cursor;
int32_t cv_extract(struct cv_source *s, const struct defsync_request *q, struct cv_cursor **ret);
int32_t cv_next(struct cv_source *s, struct cv_cursor *c, const struct defsync_row **ret_row);
void cv_end(struct cv_source *s, struct cv_cursor *c);

#endif
