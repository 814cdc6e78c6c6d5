/* SPDX-License-Identifier: MIT */
/*
 * The floor of reading from MySQL or MariaDB: rows of a prepared statement in the
 * binary protocol, unbuffered, looked at and thrown away.  Prints rows and seconds.
 *
 *	floor-mysql SOCKET USER PASSWORD DATABASE QUERY
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mysql.h>

#define COLUMNS 64
#define BYTES 65536

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned is_long(enum enum_field_types type)
{
	return type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_TINY;
}

/* Numbers and times in their own form, the rest as bytes. */
static void bind_column(const MYSQL_FIELD *f, MYSQL_BIND *b, char *buffer, unsigned long *length)
{
	memset(b, 0, sizeof(*b));
	b->buffer_type = is_long(f->type) ? MYSQL_TYPE_LONGLONG
			 : f->type == MYSQL_TYPE_DOUBLE || f->type == MYSQL_TYPE_DATETIME ||
				 f->type == MYSQL_TYPE_TIMESTAMP
			     ? f->type
			     : MYSQL_TYPE_STRING;
	b->buffer = buffer;
	b->buffer_length = BYTES;
	b->length = length;
}

static int run(MYSQL *m, const char *query)
{
	static char buffers[COLUMNS][BYTES];
	static unsigned long lengths[COLUMNS];
	MYSQL_BIND bind[COLUMNS];
	MYSQL_STMT *s = mysql_stmt_init(m);
	unsigned long rows = 0, sum = 0;
	double start = now();
	MYSQL_RES *meta;
	unsigned i, n;

	if (!s || mysql_stmt_prepare(s, query, strlen(query)) || mysql_stmt_execute(s))
		return 1;
	meta = mysql_stmt_result_metadata(s);
	n = meta ? mysql_num_fields(meta) : 0;
	if (n == 0 || n > COLUMNS)
		return 1;
	for (i = 0; i < n; i++)
		bind_column(mysql_fetch_field_direct(meta, i), &bind[i], buffers[i], &lengths[i]);
	if (mysql_stmt_bind_result(s, bind))
		return 1;
	while (mysql_stmt_fetch(s) == 0) {
		rows++;
		for (i = 0; i < n; i++)
			sum += lengths[i] + (unsigned char)buffers[i][0];
	}
	(void)printf("%lu %.3f %lu\n", rows, now() - start, sum);
	mysql_free_result(meta);
	mysql_stmt_close(s);
	return 0;
}

int main(int argc, char **argv)
{
	MYSQL *m = mysql_init(NULL);
	int rc;

	if (argc != 6 || !m)
		return 2;
	if (!mysql_real_connect(m, NULL, argv[2], argv[3], argv[4], 0, argv[1], 0) ||
	    mysql_set_character_set(m, "utf8mb4")) {
		(void)fprintf(stderr, "%s\n", mysql_error(m));
		return 1;
	}
	rc = run(m, argv[5]);
	if (rc)
		(void)fprintf(stderr, "%s\n", mysql_error(m));
	mysql_close(m);
	return rc;
}
