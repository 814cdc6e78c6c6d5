/* SPDX-License-Identifier: MIT */
/*
 * A transform plugin: looks at each row between the source and the encoder and
 * lets it pass, leaves it out, or puts 0 to n rows in its place.
 *
 * The plugin is a shared object named defsync-transform-NAME.so that exports
 *
 *	DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
 *
 * Life: create (no I/O), relation (once for each shape of rows), apply (once a
 * row), destroy.  All calls of one instance after create come from one thread.
 *
 * A transform sees neither checkpoint nor cursor.  The host carries the
 * checkpoint over the group of rows that came from one row; a row that is left
 * out still moves it.
 *
 * Stability: unlike a source, a transform runs only with a defsync of the same
 * ABI minor.  A host with a newer minor could hand it something that it does not
 * know and would let pass, and for a mask that would be a leak.
 */

#ifndef DEFSYNC_TRANSFORM_H
#define DEFSYNC_TRANSFORM_H

#include <defsync/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Takes one row of the declared output relation; copied before it returns.
 * An error must be returned from apply at once.
 */
typedef int32_t (*defsync_emit)(void *emit_ctx, const struct defsync_cell *cells, uint32_t n_cells,
				uint32_t cell_size);

struct defsync_transform {
	uint32_t struct_size; /* sizeof(struct defsync_transform) */
	uint32_t abi_minor;   /* DEFSYNC_ABI_MINOR */
	uint64_t caps_required;
	uint64_t caps;
	uint32_t option_size; /* sizeof(struct defsync_option) */
	uint32_t n_options;
	const struct defsync_option *options;
	const char *name; /* as in defsync-transform-NAME.so */
	const char *version;
	const char *summary;
	const char *home;

	/* As in source.h: reads options, allocates, no I/O. */
	int32_t (*create)(const struct defsync_host *host, const struct defsync_options *options,
			  uint32_t flags, void **ret_instance);
	void (*destroy)(void *instance);

	/*
	 * The output relation for an input relation; may be the same pointer.
	 * DEFSYNC_E_CONFIG when a column is missing or of a wrong type.  The
	 * result lives until destroy.  Before the first row of each relation, and for
	 * check, where no row follows.  Flags of columns are carried on; a column that is
	 * masked gets DEFSYNC_COLUMN_MASKED and loses DEFSYNC_COLUMN_KEY, unless equal
	 * values stay equal and different ones different.  Each column says by `from`
	 * whose cells it has.
	 */
	int32_t (*relation)(void *instance, const struct defsync_relation *in, uint32_t flags,
			    const struct defsync_relation **ret_out);

	/*
	 * DEFSYNC_PASS (only when the output relation is the input relation),
	 * DEFSYNC_FILTERED, DEFSYNC_EMITTED after 0 or more calls of emit, or
	 * DEFSYNC_E_BAD_ROW: the row goes to the dead letters with the reason, which
	 * names columns and never repeats values: a later transform may hide them.
	 */
	int32_t (*apply)(void *instance, const struct defsync_row *row, uint32_t flags,
			 defsync_emit emit, void *emit_ctx);
};

typedef const struct defsync_transform *(*defsync_transform_entry)(void);

#define DEFSYNC_TRANSFORM_SYMBOL "defsync_transform_v1"

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void);

#ifdef __cplusplus
}
#endif

#endif
