/* SPDX-License-Identifier: MIT */
/* What the files of a batch share. */

#ifndef PUSH_BATCH_INTERNAL_H
#define PUSH_BATCH_INTERNAL_H

#include "push/batch.h"

/* Room for one more element of `size` bytes; -1 no memory. */
int batch_make_room(void **array, size_t n, size_t *cap, size_t size);

/* Takes the dropped rows out of the body. */
void batch_compact(struct batch *b);

#endif
