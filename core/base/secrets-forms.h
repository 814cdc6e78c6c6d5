/* SPDX-License-Identifier: MIT */
/* The forms in which a secret turns up in texts.  For secrets.c only. */

#ifndef BASE_SECRETS_FORMS_H
#define BASE_SECRETS_FORMS_H

#include "base/buf.h"

/* Appends the form; -1 without memory.  Different forms may give the same text. */
typedef int (*secret_form)(const char *p, size_t n, struct buf *out);

#define SECRET_FORMS 10
extern const secret_form secret_forms[SECRET_FORMS];

#endif
