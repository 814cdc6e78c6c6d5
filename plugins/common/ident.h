/* SPDX-License-Identifier: MIT */
/*
 * Names of tables and columns in SQL.  quote is the dialect's character: '"'
 * for PostgreSQL and SQLite, '`' for MySQL; it is doubled inside a name.
 */

#ifndef COMMON_IDENT_H
#define COMMON_IDENT_H

#include "common/text.h"

/* Appends the name in quotes. */
void ident_quote(struct text *out, const char *name, char quote);

/* Of a name that may be qualified, "public.orders", "main.\"a.b\"". */
#define IDENT_PARTS 3

/*
 * Splits at dots outside of quotes and takes quotes off.  Returns the number of
 * parts; 0 when it is no name (empty part, open quote, text after a quote, more
 * than IDENT_PARTS) or there is no memory.  ret_parts: malloc'd, the caller frees
 * as many as returned.
 */
size_t ident_split(const char *text, char quote, char *ret_parts[IDENT_PARTS]);

#endif
