/* SPDX-License-Identifier: MIT */
/* Reading and printing: all, in pages, held in the middle; what tables there are. */

#include <stdio.h>
#include <string.h>

#include "conform.h"

static int keep_checkpoint(struct conform *c, const struct defsync_row *row, struct error *err)
{
	if (row == NULL || row->checkpoint_len == 0)
		return 0;
	buf_reset(&c->checkpoint);
	if (buf_add(&c->checkpoint, row->checkpoint, row->checkpoint_len) < 0)
		return error_set(err, ERR_INTERNAL, "a checkpoint is too long");
	return 0;
}

static int print_any(struct conform *c, int rc, const struct defsync_row *row, struct error *err)
{
	rc = rc == DEFSYNC_ROW ? print_row(c, row, err) : print_bad_row(c, row, err);
	if (rc < 0 || keep_checkpoint(c, row, err) < 0)
		return -1;
	if (row == NULL || row->op != DEFSYNC_OP_CHECKPOINT)
		c->n_rows++;
	return 0;
}

/* Lets the script do something in the middle. */
static void hold(struct conform *c)
{
	int ch;

	print_line("{\"held\":true,\"rows\":%llu}", (unsigned long long)c->n_rows);
	do
		ch = getchar();
	while (ch != EOF && ch != '\n');
	c->hold = -1;
}

static int between(struct conform *c, struct error *err)
{
	if (c->hold >= 0 && c->n_rows >= (uint64_t)c->hold)
		hold(c);
	if (c->pause_each > 0 && c->n_rows > 0 && c->n_rows % (uint64_t)c->pause_each == 0)
		return source_pause(c->source, err);
	return 0;
}

int read_rows(struct conform *c, int64_t n, int *ret_ended, struct error *err)
{
	const struct defsync_row *row = NULL;
	uint64_t begun = c->n_rows;
	int rc;

	*ret_ended = 0;
	while (n < 0 || c->n_rows - begun < (uint64_t)n) {
		if (between(c, err) < 0)
			return -1;
		rc = source_next(c->source, &row, err);
		if (rc == -1)
			return -1;
		if (rc == DEFSYNC_END) {
			*ret_ended = 1;
			return 0;
		}
		if (print_any(c, rc, row, err) < 0)
			return -1;
	}
	return 0;
}

int action_read(struct conform *c, struct error *err)
{
	struct error more = ERROR_INIT;
	int ended, rc;

	if (source_extract(c->source, &c->request, err) < 0)
		return -1;
	rc = read_rows(c, -1, &ended, err);
	source_end(c->source);
	/* What was printed counts as delivered, also before a failure. */
	if (conform_save(c, &more) < 0 && rc == 0) {
		error_move(err, &more);
		rc = -1;
	}
	error_done(&more);
	return rc < 0 ? -1 : print_end(c, err);
}

/* One read of at most n rows from the last checkpoint.  *ret_n: how many there were. */
static int read_page(struct conform *c, uint64_t *ret_n, struct error *err)
{
	char at[LIMIT_CHECKPOINT_BYTES];
	uint64_t before = c->n_rows;
	int ended, rc;

	memcpy(at, c->checkpoint.data != NULL ? c->checkpoint.data : "", c->checkpoint.len);
	c->request.checkpoint = at;
	c->request.checkpoint_len = c->checkpoint.len;
	if (source_extract(c->source, &c->request, err) < 0)
		return -1;
	rc = read_rows(c, -1, &ended, err);
	source_end(c->source);
	*ret_n = c->n_rows - before;
	return rc;
}

int action_pages(struct conform *c, struct error *err)
{
	char before[LIMIT_CHECKPOINT_BYTES];
	size_t len;
	uint64_t n;

	if (args_int(c->args, "pages", 1, INT64_MAX, &c->request.row_limit, err) < 0)
		return -1;
	do {
		len = c->checkpoint.len;
		memcpy(before, c->checkpoint.data != NULL ? c->checkpoint.data : "", len);
		if (read_page(c, &n, err) < 0)
			return -1;
		if (n > (uint64_t)c->request.row_limit)
			return error_set(err, ERR_INTERNAL, "more rows than the limit");
		/* No further: only what is read again in each run is left. */
	} while (n == (uint64_t)c->request.row_limit &&
		 !(len == c->checkpoint.len && memcmp(before, c->checkpoint.data, len) == 0));
	return conform_save(c, err) < 0 ? -1 : print_end(c, err);
}

/* ---- Tables -------------------------------------------------------------------------- */

int action_discover(struct conform *c, struct error *err)
{
	const char *pattern = args_value(c->args, "discover");
	const struct defsync_table *const *tables;
	uint32_t n;

	if (source_discover(c->source, *pattern ? pattern : NULL, &tables, &n, err) < 0)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		if (print_table(c, tables[i], err) < 0)
			return -1;
	return 0;
}

int action_describe(struct conform *c, struct error *err)
{
	const struct defsync_table *table;

	if (source_describe(c->source, &c->request, &table, err) < 0)
		return -1;
	return print_table(c, table, err);
}
