/* SPDX-License-Identifier: MIT */
/*
 * The values that must never be printed.  Each secret is registered when it is
 * read; every sink (log, errors, dead letters, reports) passes its text through
 * secrets_redact, which replaces each occurrence, also in its URL, base64 and
 * JSON escaped forms, by "[redacted]".  By value and not by name, since client
 * libraries repeat passwords in their own messages.
 *
 * All calls from any thread.
 */

#ifndef BASE_SECRETS_H
#define BASE_SECRETS_H

#include <stddef.h>

#include "base/buf.h"

struct secrets;

struct secrets *secrets_create(void);
void secrets_destroy(struct secrets *s); /* wipes; NULL is allowed */

/* Fewer than 4 bytes are not registered.  0, or -1 without memory or room. */
int secrets_add(struct secrets *s, const char *ptr, size_t len);

/* Rewrites the text in place (it may grow).  s may be NULL. */
int secrets_redact(struct secrets *s, struct buf *text);

#endif
