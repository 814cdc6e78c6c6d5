/* SPDX-License-Identifier: MIT */
/*
 * Rows per second of the csv source's next() against the bare parsing of the same
 * windows.  Twelve columns.  Prints the medians and their ratio.
 *
 *	bench-csv [ROWS [ROUNDS]]
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/plugin-host.h"

#include "cv-scan.h"
#include "cv.h"

static double now(void)
{
	struct timespec t;

	/* Of this thread: the machine may have other things to do. */
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int make_file(const char *path, long rows)
{
	FILE *f = fopen(path, "we");
	long i;

	if (!f)
		return -1;
	(void)fprintf(f, "id,customer_id,status,region,sku,quantity,price,note,attributes,paid,"
			 "created_at,updated_at\n");
	for (i = 1; i <= rows; i++)
		(void)fprintf(f,
			      "%ld,%ld,%s,%s,SKU-%08ld,%ld,%ld.%02ld,\"the quick \"\"brown\"\" fox "
			      "jumps over the lazy dog, %ld times\",%s,%ld,2023-01-%02ld "
			      "12:%02ld:00,2024-02-%02ld 10:00:%02ld\n",
			      i, i * 7919 % 100000, i % 2 ? "paid" : "shipped",
			      i % 3 ? "EU" : "APAC", i % 50000, i % 12, i % 1000, i % 100, i,
			      i % 5 ? "" : "\"{\"\"gift\"\":true}\"", i % 2, 1 + i % 28, i % 60,
			      1 + i % 28, i % 60);
	return fclose(f);
}

static volatile uint64_t sink;

static double parse_loop(const char *path)
{
	static const struct cv_dialect rfc = {
	    .delimiter = ',', .quote = '"', .escape = ',', .comment = '\n', .quoting = true};
	struct cv_field fields[12];
	struct cv_record r = {.fields = fields, .room = 12};
	char *buf = malloc(CV_WINDOW + CV_PAD);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t kept = 0;
	double start = now();
	ssize_t n;

	while (buf && (n = read(fd, buf + kept, CV_WINDOW - kept)) > 0) {
		char *p = buf, *end = buf + kept + n;

		memset(end, 0, CV_PAD);
		*end = '\n';
		while (p < end && cv_parse(&rfc, p, end, false, &r)) {
			sink += r.n + fields[7].len;
			p += r.end - p;
		}
		kept = (size_t)(end - p);
		memmove(buf, p, kept);
	}
	start = now() - start;
	close(fd);
	free(buf);
	return start;
}

static double next_loop(struct plugin_host *h, long rows, int typed)
{
	const struct defsync_source *source = defsync_source_v1();
	struct defsync_request q = {.struct_size = sizeof(q),
				    .mode = DEFSYNC_READ_INCREMENTAL,
				    .table = "orders.csv",
				    .lookback = -1,
				    .options = (const struct defsync_options *)""};
	const struct defsync_row *row;
	void *instance, *cursor;
	double start;
	long n = 0;

	h->options += typed ? 0 : 3;
	if (source->create(&h->services, NULL, 0, &instance) != 0 ||
	    source->connect(instance, 0) != 0 || source->extract(instance, &q, 0, &cursor) != 0)
		return -1;
	start = now();
	while (source->next(instance, cursor, 0, &row) == DEFSYNC_ROW)
		n += row->op == DEFSYNC_OP_READ;
	start = now() - start;
	source->end(instance, cursor);
	source->destroy(instance);
	h->options -= typed ? 0 : 3;
	return n == rows ? start : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/defsync-bench-csv-XXXXXX", path[64];
	const struct plugin_host_option options[] = {{"types", "id=int"},
						     {"types", "price=double"},
						     {"types", "updated_at=timestamp"},
						     {"path", folder},
						     {NULL, NULL}};
	long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 500000;
	int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5, i, k;
	double times[3][16], medians[3];
	struct plugin_host h;

	if (rounds < 1 || rounds > 16 || !mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/orders.csv", folder);
	plugin_host_init(&h, options);
	if (make_file(path, rows) != 0)
		return 1;
	for (i = 0; i < rounds; i++) {
		times[0][i] = parse_loop(path);
		times[1][i] = next_loop(&h, rows, 0);
		times[2][i] = next_loop(&h, rows, 1);
	}
	for (k = 0; k < 3; k++) {
		qsort(times[k], (size_t)rounds, sizeof(double), compare);
		medians[k] = times[k][rounds / 2];
	}
	(void)printf("csv, %ld rows, seconds of the processor: parsing %.0f rows/s, next of texts "
		     "%.0f (%.2f), next with three types %.0f (%.2f)\n",
		     rows, (double)rows / medians[0], (double)rows / medians[1],
		     medians[0] / medians[1], (double)rows / medians[2], medians[0] / medians[2]);
	plugin_host_done(&h);
	(void)unlink(path);
	(void)rmdir(folder);
	return medians[1] < 0 || medians[2] < 0;
}
