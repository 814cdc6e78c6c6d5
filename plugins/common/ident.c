/* SPDX-License-Identifier: MIT */
/* Quoting and splitting of SQL names, see ident.h. */

#include "common/ident.h"

#include <stdlib.h>
#include <string.h>

void ident_quote(struct text *out, const char *name, char quote)
{
	const char *p = name;

	text_char(out, quote);
	while (*p) {
		size_t n = strcspn(p, (const char[]){quote, 0});

		text_add(out, p, n);
		p += n;
		if (*p) {
			text_add(out, (const char[]){quote, quote}, 2);
			p++;
		}
	}
	text_char(out, quote);
}

/* Behind the part that begins at p, or NULL; writes it without quotes to out. */
static const char *ident_part(const char *p, char quote, char *out)
{
	const char *begin = out;

	if (*p != quote) {
		while (*p && *p != '.' && *p != quote)
			*out++ = *p++;
	} else {
		bool closed = false;

		for (p++; *p && !closed; p++) {
			closed = *p == quote && p[1] != quote;
			if (*p == quote)
				p += !closed;
			if (!closed)
				*out++ = *p;
		}
		if (!closed)
			return NULL;
	}
	*out = '\0';
	return out == begin || (*p && *p != '.') ? NULL : p;
}

size_t ident_split(const char *text, char quote, char *ret_parts[IDENT_PARTS])
{
	char *parts[IDENT_PARTS] = {NULL};
	size_t n = 0;
	const char *p = text;

	while (p && n < IDENT_PARTS) {
		parts[n] = malloc(strlen(p) + 1);
		if (!parts[n])
			break;
		p = ident_part(p, quote, parts[n]);
		n++;
		if (p && !*p) {
			memcpy(ret_parts, parts, sizeof(parts));
			return n;
		}
		if (p)
			p++;
	}
	for (n = 0; n < IDENT_PARTS; n++)
		free(parts[n]);
	return 0;
}
