/* SPDX-License-Identifier: MIT */
/* SHA-256 over an unambiguous form of a row. */

#include <string.h>

#include <openssl/evp.h>

#include "row/hash.h"

/*
 * The form: the number of columns; of each, name and type; of each cell, type and
 * value.  Numbers are little endian, names and data are preceded by their length.
 * It is kept in the store as its hash: never change it without a new version.
 */
#define FORM_VERSION 1

/* Longer data enter with their own SHA-256, so that scratch stays small. */
#define DATA_INLINE ((size_t)64 * 1024)

enum data_form {
	DATA_BYTES = 1,
	DATA_DIGEST = 2
};

#define SHA256_BYTES 32

/*
 * Hashes are taken of the few rows above the checkpoint only: the 0.4 us that a
 * context of our own would save are not worth a place to keep it.
 */
static int sha256(const void *p, size_t n, unsigned char out[SHA256_BYTES])
{
	return EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

static int add_number(struct buf *b, uint64_t v, size_t bytes)
{
	unsigned char le[8];
	size_t i;

	for (i = 0; i < bytes; i++)
		le[i] = (unsigned char)(v >> (8 * i));
	return buf_add(b, le, bytes);
}

static int add_data(struct buf *b, const void *p, size_t n)
{
	unsigned char digest[SHA256_BYTES];

	if (add_number(b, n, 8) < 0)
		return -1;
	if (n <= DATA_INLINE)
		return add_number(b, DATA_BYTES, 1) < 0 ? -1 : buf_add(b, p, n);
	if (sha256(p, n, digest) < 0 || add_number(b, DATA_DIGEST, 1) < 0)
		return -1;
	return buf_add(b, digest, sizeof(digest));
}

static int add_column(struct buf *b, const struct defsync_column *column)
{
	if (add_data(b, column->name, strlen(column->name)) < 0)
		return -1;
	return add_number(b, column->type, 4);
}

static int add_cell(struct buf *b, const struct defsync_cell *cell)
{
	uint64_t bits;

	if (add_number(b, cell->type, 4) < 0)
		return -1;
	switch (cell->type) {
	case DEFSYNC_NULL:
		return 0;
	case DEFSYNC_BOOL:
	case DEFSYNC_INT64:
	case DEFSYNC_DATE:
	case DEFSYNC_TIME:
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		return add_number(b, (uint64_t)cell->v.i64, 8);
	case DEFSYNC_UINT64:
		return add_number(b, cell->v.u64, 8);
	case DEFSYNC_DOUBLE:
		memcpy(&bits, &cell->v.f64, sizeof(bits));
		return add_number(b, bits, 8);
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
	case DEFSYNC_BYTES:
	case DEFSYNC_JSON:
	case DEFSYNC_UUID:
		return add_data(b, cell->v.data.ptr, cell->v.data.len);
	default:
		return 0; /* the guard and the encoder refuse such a row */
	}
}

int row_hash(const struct defsync_row *row, struct buf *scratch, unsigned char out[ROW_HASH_BYTES])
{
	unsigned char digest[SHA256_BYTES];
	uint32_t i;

	buf_reset(scratch);
	if (add_number(scratch, FORM_VERSION, 1) < 0 ||
	    add_number(scratch, row->relation->n_columns, 4) < 0 ||
	    add_number(scratch, row->n_cells, 4) < 0)
		return -1;
	for (i = 0; i < row->relation->n_columns; i++) {
		if (add_column(scratch, defsync_column_at(row->relation, i)) < 0)
			return -1;
	}
	for (i = 0; i < row->n_cells; i++) {
		if (add_cell(scratch, defsync_cell_at(row, i)) < 0)
			return -1;
	}
	if (sha256(scratch->data, scratch->len, digest) < 0)
		return -1;
	memcpy(out, digest, ROW_HASH_BYTES);
	return 0;
}

int row_hash_text(const char *p, size_t n, unsigned char out[ROW_HASH_BYTES])
{
	unsigned char digest[SHA256_BYTES];

	if (sha256(p, n, digest) < 0)
		return -1;
	memcpy(out, digest, ROW_HASH_BYTES);
	return 0;
}
