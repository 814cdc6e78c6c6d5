/* SPDX-License-Identifier: MIT */
/*
 * Which clock fills a column, by the text of its default and of the triggers that
 * name it.  Only now() and its kin, the start of the transaction, are what the ceiling
 * is made of; whoever asks another clock can write above it.
 */

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pg.h"

static const struct word {
	const char *text;
	bool call; /* "(" has to follow */
	enum pg_clock clock;
} words[] = {
    {"clock_timestamp", false, PG_CLOCK_OTHER},
    {"statement_timestamp", false, PG_CLOCK_OTHER},
    {"timeofday", false, PG_CLOCK_OTHER},
    {"now", true, PG_CLOCK_TRANSACTION},
    {"transaction_timestamp", false, PG_CLOCK_TRANSACTION},
    {"current_timestamp", false, PG_CLOCK_TRANSACTION},
    {"localtimestamp", false, PG_CLOCK_TRANSACTION},
    {"current_date", false, PG_CLOCK_TRANSACTION},
    {"moddatetime", false, PG_CLOCK_TRANSACTION}, /* the trigger of that name in contrib */
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Is the word `w` here, with the length n of what stands here? */
static bool matches(const struct word *w, const char *p, size_t n)
{
	if (strlen(w->text) != n || strncasecmp(w->text, p, n) != 0)
		return false;
	p += n;
	return !w->call || p[strspn(p, " \t")] == '(';
}

enum pg_clock pg_clock_of(const char *sql)
{
	enum pg_clock found = PG_CLOCK_NONE;
	const char *p = sql ? sql : "";
	size_t n, i;

	for (; *p; p += n ? n : 1) {
		for (n = 0; is_name(p[n]); n++)
			;
		for (i = 0; n && i < sizeof(words) / sizeof(words[0]); i++) {
			if (!matches(&words[i], p, n))
				continue;
			if (words[i].clock == PG_CLOCK_OTHER)
				return PG_CLOCK_OTHER;
			found = words[i].clock;
		}
	}
	return found;
}

bool pg_clock_is_utc(const char *sql)
{
	static const char utc[] = "'utc'";
	const char *p = sql ? sql : "";

	for (; *p; p++) {
		if (strncasecmp(p, utc, sizeof(utc) - 1) == 0)
			return true;
	}
	return false;
}
