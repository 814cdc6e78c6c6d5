/* SPDX-License-Identifier: MIT */
/*
 * The floor of reading from SQLite: rows of a query stepped through, each value taken
 * by its type and thrown away.  Prints rows and seconds.
 *
 *	floor-sqlite FILE QUERY
 */

#include <stdio.h>
#include <time.h>

#include <sqlite3.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned long look(sqlite3_stmt *s, int i)
{
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		return (unsigned long)sqlite3_column_int64(s, i);
	case SQLITE_FLOAT:
		return sqlite3_column_double(s, i) > 0;
	case SQLITE_TEXT:
		return *sqlite3_column_text(s, i) + (unsigned long)sqlite3_column_bytes(s, i);
	default:
		return (unsigned long)sqlite3_column_bytes(s, i);
	}
}

int main(int argc, char **argv)
{
	unsigned long rows = 0, sum = 0;
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	double start;
	int i, n;

	if (argc != 3 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, argv[2], -1, &s, NULL) != SQLITE_OK)
		return 1;
	n = sqlite3_column_count(s);
	start = now();
	while (sqlite3_step(s) == SQLITE_ROW) {
		rows++;
		for (i = 0; i < n; i++)
			sum += look(s, i);
	}
	(void)printf("%lu %.3f %lu\n", rows, now() - start, sum);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return 0;
}
