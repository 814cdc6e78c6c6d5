/* SPDX-License-Identifier: MIT */
/* Rows that an API named. */

#include "push/named.h"

#include <stdlib.h>
#include <string.h>

struct named *named_create(struct reply_rows *rows, const char *text)
{
	size_t n = strlen(text) + 1;
	struct named *named = calloc(1, sizeof(*named) + n);

	if (named == NULL)
		return NULL;
	memcpy(named->text, text, n);
	named->rows = *rows;
	memset(rows, 0, sizeof(*rows));
	return named;
}

void named_destroy(struct named *n)
{
	if (n == NULL)
		return;
	reply_rows_done(&n->rows);
	free(n);
}
