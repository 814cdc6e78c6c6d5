/* SPDX-License-Identifier: MIT */
/*
 * The inside of JSON strings: escaping fused with the check for UTF-8.  What a
 * JSON string may hold as it is ("plain": ASCII from U+0020 without " and \) is
 * found 16 bytes at a time where SSE2 is there; the functions with _scalar are
 * their twins in plain C, used elsewhere and by the tests.
 */

#ifndef ROW_JSON_STRING_H
#define ROW_JSON_STRING_H

#include <stddef.h>

#include "base/buf.h"

/* Room that json_escape needs at `out` for n bytes: it stores whole blocks. */
#define JSON_ESCAPE_SLACK 16
#define JSON_ESCAPE_ROOM(n) (6 * (size_t)(n) + JSON_ESCAPE_SLACK)

/*
 * Writes the bytes at p escaped, without quotes; the end of what was written.
 * Stops before the first byte that is not UTF-8; *ret_used tells how far it got.
 */
char *json_escape(char *out, const char *p, size_t n, size_t *ret_used);
char *json_escape_scalar(char *out, const char *p, size_t n, size_t *ret_used);

/* The whole text with its quotes (two bytes more); NULL when it is not UTF-8. */
char *json_quote(char *out, const char *p, size_t n);

/* Number of plain bytes at the start. */
size_t json_plain_run(const unsigned char *p, size_t n);
size_t json_plain_run_scalar(const unsigned char *p, size_t n);

/*
 * Appends the bytes escaped, room taken piece by piece and not six times n at
 * once.  0, or -1 when the buffer could not grow; *ret_used as above.
 */
int json_add_escaped(struct buf *out, const char *p, size_t n, size_t *ret_used);

#endif
