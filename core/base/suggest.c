/* SPDX-License-Identifier: MIT */
/* The nearest of some names by edit distance. */

#include "base/suggest.h"

#include <ctype.h>
#include <string.h>

#define SUGGEST_MAX 64 /* longer words are no misspelt names */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static int same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][SUGGEST_MAX + 1];
	size_t i, j;

	for (j = 0; j <= m; j++)
		rows[0][j] = j;
	for (i = 1; i <= n; i++) {
		size_t *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= m; j++) {
			size_t cost = same(a[i - 1], b[j - 1]) ? 0 : 1;

			row[j] = min3(row[j - 1] + 1, up[j] + 1, up[j - 1] + cost);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return rows[n % 3][m];
}

/* How many slips a word of that length may hold. */
static size_t allowed(size_t len)
{
	if (len < 3)
		return 0;
	if (len < 5)
		return 1;
	return len < 9 ? 2 : 3;
}

const char *suggest(const char *word, const char *const *names, size_t n)
{
	size_t len = strnlen(word, SUGGEST_MAX + 1);
	size_t best_distance = allowed(len) + 1;
	const char *best = NULL;
	size_t i;

	if (len > SUGGEST_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t name_len = strnlen(names[i], SUGGEST_MAX + 1);
		size_t d;

		if (name_len > SUGGEST_MAX)
			continue;
		d = distance(word, len, names[i], name_len);
		if (d < best_distance && d < name_len) {
			best_distance = d;
			best = names[i];
		}
	}
	return best;
}
