/* SPDX-License-Identifier: MIT */
/*
 * Rows a second of the encoder, and of jansson doing the same work: a row of 12
 * columns and 336 bytes on average as in the tables of orders that the program is
 * measured with.  Medians of five rounds, of processor time: rows a second of one
 * core, also when others use the machine.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "row/encoder.h"
#include "row/hash.h"

#define COLUMNS 12
#define ROWS 20000
#define ROUNDS 5
#define PASSES 20 /* over the rows in one round of the encoder */

enum {
	ID,
	CUSTOMER_ID,
	STATUS,
	CUSTOMER_NAME,
	EMAIL,
	AMOUNT,
	CURRENCY,
	NOTE,
	ATTRIBUTES,
	PAID,
	CREATED_AT,
	UPDATED_AT
};

static const struct defsync_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = DEFSYNC_INT64},
    [CUSTOMER_ID] = {.name = "customer_id", .type = DEFSYNC_INT64},
    [STATUS] = {.name = "status", .type = DEFSYNC_TEXT},
    [CUSTOMER_NAME] = {.name = "customer_name", .type = DEFSYNC_TEXT},
    [EMAIL] = {.name = "email", .type = DEFSYNC_TEXT},
    [AMOUNT] = {.name = "amount", .type = DEFSYNC_DECIMAL},
    [CURRENCY] = {.name = "currency", .type = DEFSYNC_TEXT},
    [NOTE] = {.name = "note", .type = DEFSYNC_TEXT},
    [ATTRIBUTES] = {.name = "attributes", .type = DEFSYNC_JSON},
    [PAID] = {.name = "paid", .type = DEFSYNC_BOOL},
    [CREATED_AT] = {.name = "created_at", .type = DEFSYNC_TIMESTAMP, .digits = 6},
    [UPDATED_AT] = {.name = "updated_at", .type = DEFSYNC_TIMESTAMP, .digits = 6},
};

static const struct defsync_relation relation = {
    .struct_size = sizeof(relation),
    .column_size = sizeof(columns[0]),
    .schema = "public",
    .name = "orders",
    .columns = columns,
    .n_columns = COLUMNS,
};

static uint64_t state = 88172645463325252u;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void *need(void *p)
{
	if (!p) {
		fputs("bench-encoder: out of memory\n", stderr);
		_Exit(1);
	}
	return p;
}

static void set_text(struct defsync_cell *cell, uint32_t type, const char *text)
{
	char *copy = need(strdup(text));

	cell->type = type;
	cell->v.data.ptr = copy;
	cell->v.data.len = strlen(copy);
}

static void set_number(struct defsync_cell *cell, uint32_t type, int64_t v)
{
	cell->type = type;
	cell->v.i64 = v;
}

/* 20 to 80 characters; one word of `odd_rate` is to be escaped or is from beyond ASCII. */
static void set_note(struct defsync_cell *cell, unsigned odd_rate)
{
	static const char *const plain[] = {"deliver ",	    "before ", "noon ",	 "gift ",
					    "at the door ", "call ",   "twice ", "urgent ",
					    "back gate ",   "please "};
	static const char *const odd[] = {"\"soon\" ", "caf\xc3\xa9 ", "line\n", "\xe2\x82\xac 5 "};
	char text[128] = "";
	size_t target = 20 + draw(44), n = 0;

	while (n < target) {
		const char *word = draw(odd_rate) == 0 ? odd[draw(4)] : plain[draw(10)];

		memcpy(text + n, word, strlen(word) + 1);
		n += strlen(word);
	}
	set_text(cell, DEFSYNC_TEXT, text);
}

static void make_row(struct defsync_cell *cells, uint64_t id, unsigned odd_rate)
{
	static const char *const states[] = {"new", "paid", "shipped", "delivered", "returned"};
	char text[160];

	set_number(&cells[ID], DEFSYNC_INT64, (int64_t)(1000000 + id));
	set_number(&cells[CUSTOMER_ID], DEFSYNC_INT64, (int64_t)draw(500000));
	set_text(&cells[STATUS], DEFSYNC_TEXT, states[draw(5)]);
	(void)snprintf(text, sizeof(text), "Customer %" PRIu64, draw(500000));
	set_text(&cells[CUSTOMER_NAME], DEFSYNC_TEXT, text);
	(void)snprintf(text, sizeof(text), "user%" PRIu64 "@example.com", draw(500000));
	set_text(&cells[EMAIL], DEFSYNC_TEXT, text);
	(void)snprintf(text, sizeof(text), "%" PRIu64 ".%02" PRIu64, draw(10000), draw(100));
	set_text(&cells[AMOUNT], DEFSYNC_DECIMAL, text);
	set_text(&cells[CURRENCY], DEFSYNC_TEXT, "EUR");
	set_note(&cells[NOTE], odd_rate);
	cells[ATTRIBUTES].type = DEFSYNC_NULL;
	if (draw(5) == 0) {
		(void)snprintf(text, sizeof(text),
			       "{\"channel\": \"web\", \"coupon\": null, \"items\": [%" PRIu64
			       ", %" PRIu64 "], \"weight\": %" PRIu64 ".5}",
			       draw(1000), draw(1000), draw(30));
		set_text(&cells[ATTRIBUTES], DEFSYNC_JSON, text);
	}
	set_number(&cells[PAID], DEFSYNC_BOOL, (int64_t)draw(2));
	set_number(&cells[CREATED_AT], DEFSYNC_TIMESTAMP,
		   INT64_C(1700000000000000) + (int64_t)draw(UINT64_C(60000000000000)));
	set_number(&cells[UPDATED_AT], DEFSYNC_TIMESTAMP,
		   cells[CREATED_AT].v.i64 + (int64_t)draw(UINT64_C(600000000000)));
}

static struct defsync_row row_of(const struct defsync_cell *cells)
{
	return (struct defsync_row){
	    .struct_size = sizeof(struct defsync_row),
	    .op = DEFSYNC_OP_READ,
	    .relation = &relation,
	    .cells = cells,
	    .n_cells = COLUMNS,
	    .cell_size = sizeof(*cells),
	};
}

static double seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One pass: what it does with every row; the bytes that it made. */
typedef size_t pass_fn(const struct defsync_cell *cells, void *ctx);

static double measure(const char *name, pass_fn *pass, void *ctx, int passes,
		      const struct defsync_cell *cells)
{
	double rounds[ROUNDS], rows = (double)ROWS * passes;
	size_t bytes = 0;
	int i, j;

	(void)pass(cells, ctx);
	for (i = 0; i < ROUNDS; i++) {
		double start = seconds();

		bytes = 0;
		for (j = 0; j < passes; j++)
			bytes += pass(cells, ctx);
		rounds[i] = seconds() - start;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), by_value);
	printf("%-22s %11.0f rows/s %7.0f MB/s %6.1f bytes a row\n", name,
	       rows / rounds[ROUNDS / 2], (double)bytes / 1e6 / rounds[ROUNDS / 2],
	       (double)bytes / rows);
	return rows / rounds[ROUNDS / 2];
}

struct encoder_pass {
	struct encoder *encoder;
	struct buf body;
};

/* As the reader does it: into one body of 4 MB after the other. */
static size_t pass_encoder(const struct defsync_cell *cells, void *ctx)
{
	struct encoder_pass *pass = ctx;
	struct row_fault fault;
	size_t bytes = 0;
	size_t i;

	buf_reset(&pass->body);
	for (i = 0; i < ROWS; i++) {
		struct defsync_row row = row_of(cells + i * COLUMNS);

		if (encoder_row(pass->encoder, &row, &pass->body, &fault) < 0) {
			fprintf(stderr, "bench-encoder: row %zu: %s\n", i, fault.text);
			_Exit(1);
		}
		if (pass->body.len > 4000000) {
			bytes += pass->body.len;
			buf_reset(&pass->body);
		}
	}
	return bytes + pass->body.len;
}

static json_t *jansson_time(int64_t us)
{
	time_t second = (time_t)(us / 1000000);
	struct tm tm;
	char text[64], out[80];

	(void)gmtime_r(&second, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out, sizeof(out), "%s.%06dZ", text, (int)(us % 1000000));
	return json_string(out);
}

static json_t *jansson_value(const struct defsync_cell *cell)
{
	switch (cell->type) {
	case DEFSYNC_NULL:
		return json_null();
	case DEFSYNC_BOOL:
		return json_boolean(cell->v.i64);
	case DEFSYNC_INT64:
		return json_integer(cell->v.i64);
	case DEFSYNC_TIMESTAMP:
		return jansson_time(cell->v.i64);
	case DEFSYNC_JSON:
		return json_loadb(cell->v.data.ptr, cell->v.data.len, 0, NULL);
	default:
		return json_stringn(cell->v.data.ptr, cell->v.data.len);
	}
}

static size_t pass_jansson(const struct defsync_cell *cells, void *ctx)
{
	size_t bytes = 0, i;
	int c;

	(void)ctx;
	for (i = 0; i < ROWS; i++) {
		json_t *object = need(json_object());
		char *text;

		for (c = 0; c < COLUMNS; c++)
			(void)json_object_set_new(object, columns[c].name,
						  jansson_value(cells + i * COLUMNS + c));
		text = need(json_dumps(object, JSON_COMPACT));
		bytes += strlen(text);
		free(text);
		json_decref(object);
	}
	return bytes;
}

static size_t pass_hash(const struct defsync_cell *cells, void *ctx)
{
	unsigned char hash[ROW_HASH_BYTES];
	size_t i;

	for (i = 0; i < ROWS; i++) {
		struct defsync_row row = row_of(cells + i * COLUMNS);

		if (row_hash(&row, ctx, hash) < 0)
			_Exit(1);
	}
	return 0;
}

static struct defsync_cell *make_rows(unsigned odd_rate)
{
	struct defsync_cell *cells = need(calloc((size_t)ROWS * COLUMNS, sizeof(*cells)));
	size_t i;

	for (i = 0; i < ROWS; i++)
		make_row(cells + i * COLUMNS, i, odd_rate);
	return cells;
}

static void free_rows(struct defsync_cell *cells)
{
	size_t i;

	for (i = 0; i < (size_t)ROWS * COLUMNS; i++) {
		if (cells[i].type == DEFSYNC_TEXT || cells[i].type == DEFSYNC_JSON ||
		    cells[i].type == DEFSYNC_DECIMAL)
			free((void *)(uintptr_t)cells[i].v.data.ptr);
	}
	free(cells);
}

int main(void)
{
	static const struct encoder_policy policy = {.max_row = LIMIT_BATCH_BYTES,
						     .max_field = LIMIT_FIELD_BYTES,
						     .max_depth = LIMIT_NESTING};
	/* a newline in about 4 % of the notes as in that table, and two odd words in each note */
	struct defsync_cell *usual = make_rows(40), *odd = make_rows(4);
	struct encoder_pass pass = {.encoder = need(encoder_create(&policy))};
	double ours, theirs;
	struct buf scratch;

	buf_init(&pass.body, 16000000);
	buf_init(&scratch, 1000000);
	ours = measure("encoder", pass_encoder, &pass, PASSES, usual);
	theirs = measure("jansson", pass_jansson, NULL, 1, usual);
	(void)measure("encoder, odd notes", pass_encoder, &pass, PASSES, odd);
	(void)measure("row hash", pass_hash, &scratch, 1, usual);
	printf("%-22s %11.1f times\n", "encoder over jansson", ours / theirs);
	free_rows(usual);
	free_rows(odd);
	encoder_destroy(pass.encoder);
	buf_done(&pass.body);
	buf_done(&scratch);
	return 0;
}
