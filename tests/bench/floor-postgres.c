/* SPDX-License-Identifier: MIT */
/*
 * The floor of reading from PostgreSQL: rows of a query in binary, single-row mode,
 * looked at and thrown away.  Prints rows and seconds.
 *
 *	floor-postgres CONNINFO QUERY
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libpq-fe.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned long look(const PGresult *r)
{
	unsigned long sum = 0;
	int i, n = PQnfields(r);

	for (i = 0; i < n; i++) {
		if (!PQgetisnull(r, 0, i))
			sum += (unsigned long)PQgetlength(r, 0, i) +
			       (unsigned char)*PQgetvalue(r, 0, i);
	}
	return sum;
}

int main(int argc, char **argv)
{
	unsigned long rows = 0, sum = 0;
	PGresult *r;
	PGconn *c;
	double start;

	if (argc != 3)
		return 2;
	c = PQconnectdb(argv[1]);
	if (PQstatus(c) != CONNECTION_OK) {
		(void)fprintf(stderr, "%s", PQerrorMessage(c));
		return 1;
	}
	start = now();
	if (!PQsendQueryParams(c, argv[2], 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(c))
		return 1;
	while ((r = PQgetResult(c))) {
		if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
			rows++;
			sum += look(r);
		} else if (PQresultStatus(r) != PGRES_TUPLES_OK) {
			(void)fprintf(stderr, "%s", PQerrorMessage(c));
		}
		PQclear(r);
	}
	(void)printf("%lu %.3f %lu\n", rows, now() - start, sum);
	PQfinish(c);
	return 0;
}
