/* SPDX-License-Identifier: MIT */
/*
 * defsync-conform: one plugin driven by the core's loader and guard, for what a
 * shell cannot do: every checkpoint of a read tried, damaged checkpoints, cancel
 * from another thread, a read that is held in the middle.  Prints JSON Lines.
 * See README.md for its options and output.
 */

#ifndef TESTS_CONFORM_H
#define TESTS_CONFORM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/args.h"
#include "config/problems.h"
#include "plugin/loader.h"
#include "plugin/source.h"
#include "row/encoder.h"

#define CONFORM_LINE_MAX (256u << 20)

/* What the plugin itself answered, which the guard's error objects are coarser than. */
struct spy {
	const struct defsync_source *own;
	void *instance;
	int32_t rc; /* of the last call that failed; 0 */
};

struct conform {
	const struct args *args;
	struct log *log;
	struct loader *loader;
	struct arena arena;
	struct problems *problems;
	struct plugin plugin; /* the loader's, with the spy between */
	const char *path;     /* of it */
	const struct defsync_options *options;
	struct source *source;
	struct spy *spy; /* of the source */
	struct defsync_request request;
	struct encoder *encoder;
	struct encoder *lenient; /* for bad rows */
	struct buf line;
	struct buf checkpoint; /* the last one of the rows that were printed */
	uint64_t n_rows;       /* printed by this read, bad ones too */
	int64_t pause_each;    /* rows; 0: never */
	int64_t hold;	       /* rows, then wait for a line; -1: never */
};

/* ---- conform-open.c ---- */

extern const struct arg_table conform_args;

/* From the command line; what was made is undone by conform_close in any case. */
int conform_open(struct conform *c, const struct args *args, struct error *err);
void conform_close(struct conform *c);
/* Makes and connects the source. */
int conform_connect(struct conform *c, struct error *err);
/* A connection anew. */
int conform_reconnect(struct conform *c, struct error *err);
/* Puts the last checkpoint into the file of --state, if there is one. */
int conform_save(struct conform *c, struct error *err);

/* ---- conform-spy.c ---- */

/* Puts the spy between: plugin->source then calls through it. */
void spy_install(struct plugin *plugin);
/* The spy of the instance that was made last. */
struct spy *spy_last(void);
/* "STALE_CHECKPOINT"; "BROKEN" when the guard alone was not content. */
const char *spy_class(const struct spy *spy);

/* ---- conform-print.c ---- */

int print_row(struct conform *c, const struct defsync_row *row, struct error *err);
/* row: what there is of it, or NULL. */
int print_bad_row(struct conform *c, const struct defsync_row *row, struct error *err);
/* The end of a read, with phase, ceiling and counters. */
int print_end(struct conform *c, struct error *err);
int print_table(struct conform *c, const struct defsync_table *table, struct error *err);
/* {"error": class, "text": ...}; takes the error. */
void print_failure(struct conform *c, struct error *err);
__attribute__((format(printf, 1, 2))) void print_line(const char *fmt, ...);
/* The row alone as a JSON object, appended. */
int row_json(struct conform *c, const struct defsync_row *row, struct buf *out, struct error *err);

/* ---- The actions: 0, or -1 with an error ---- */

/* Rows until END, or `n` of them (n < 0: all).  *ret_ended: END was reached. */
int read_rows(struct conform *c, int64_t n, int *ret_ended, struct error *err);
int action_read(struct conform *c, struct error *err);
int action_pages(struct conform *c, struct error *err);
int action_resume_each(struct conform *c, struct error *err);
int action_damage(struct conform *c, struct error *err);
int action_cancel(struct conform *c, struct error *err);
int action_discover(struct conform *c, struct error *err);
int action_describe(struct conform *c, struct error *err);
int action_serve(struct conform *c, struct error *err);

#endif
