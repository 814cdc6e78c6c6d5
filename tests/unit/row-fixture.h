/* SPDX-License-Identifier: MIT */
/* Cells and rows for the tests of core/row.  Include before cmocka.h. */

#ifndef ROW_FIXTURE_H
#define ROW_FIXTURE_H

#include <string.h>

#include "row/encoder.h"

static inline struct defsync_cell cell_data(uint32_t type, const void *p, size_t n)
{
	struct defsync_cell cell = {.type = type};

	cell.v.data.ptr = p;
	cell.v.data.len = n;
	return cell;
}

static inline struct defsync_cell cell_str(uint32_t type, const char *s)
{
	return cell_data(type, s, strlen(s));
}

static inline struct defsync_cell cell_i64(uint32_t type, int64_t v)
{
	struct defsync_cell cell = {.type = type};

	cell.v.i64 = v;
	return cell;
}

static inline struct defsync_cell cell_u64(uint64_t v)
{
	struct defsync_cell cell = {.type = DEFSYNC_UINT64};

	cell.v.u64 = v;
	return cell;
}

static inline struct defsync_cell cell_f64(double v)
{
	struct defsync_cell cell = {.type = DEFSYNC_DOUBLE};

	cell.v.f64 = v;
	return cell;
}

static inline struct defsync_relation relation_of(const struct defsync_column *columns, uint32_t n)
{
	return (struct defsync_relation){.struct_size = sizeof(struct defsync_relation),
					 .column_size = sizeof(*columns),
					 .schema = "",
					 .name = "t",
					 .columns = columns,
					 .n_columns = n};
}

static inline struct defsync_row row_of(const struct defsync_relation *relation,
					const struct defsync_cell *cells)
{
	return (struct defsync_row){.struct_size = sizeof(struct defsync_row),
				    .op = DEFSYNC_OP_READ,
				    .relation = relation,
				    .cells = cells,
				    .n_cells = relation->n_columns,
				    .cell_size = sizeof(*cells)};
}

#endif
