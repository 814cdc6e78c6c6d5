/* SPDX-License-Identifier: MIT */
/*
 * Change columns: _cdc_op, _cdc_ts and _cdc_seq behind the columns of each row, for a
 * target to which all versions of a row are appended.
 *
 *   _cdc_op   text       c: from the first load, or inserted; u: read again, or
 *                        updated; d: deleted, or deleted_when holds
 *   _cdc_ts   timestamp  when the source committed it, if a log says so, else when it
 *                        was read; never before that of an earlier run
 *   _cdc_seq  text       orders rows of equal _cdc_ts: the number of the run and of the
 *                        row in it, with leading zeros
 *
 * A later version of a row has a larger (_cdc_ts, _cdc_seq), whatever the clock does.
 * One object a table and run, the reader thread's.
 */

#ifndef SYNC_CDC_H
#define SYNC_CDC_H

#include <defsync/plugin.h>

#include "base/error.h"

#define CDC_CREATED 'c'
#define CDC_UPDATED 'u'
#define CDC_DELETED 'd'

/* row_op: DEFSYNC_OP_x.  loading: of a first load. */
char cdc_op(uint32_t row_op, int deleted, int loading);

/*
 * Is what is read now a first load?  phase: as the source reports it, or NULL;
 * resumed: the run began with a checkpoint, or is none of its own.  *saw_load is kept
 * for the caller, at first 0.
 */
int cdc_is_loading(const char *phase, int resumed, int *saw_load);

/* No column may have one of the three names, whatever the case. */
int cdc_check(const struct defsync_relation *relation, struct error *err);

struct cdc;

/* floor_us: no _cdc_ts is below it.  NULL without memory. */
struct cdc *cdc_create(int64_t run_no, int64_t floor_us);
void cdc_destroy(struct cdc *c); /* NULL is allowed */

/* The largest _cdc_ts so far. */
int64_t cdc_last_us(const struct cdc *c);

/* The row with its change columns, until the next call; NULL with err. */
const struct defsync_row *cdc_row(struct cdc *c, const struct defsync_row *row, char op,
				  struct error *err);

#endif
