/* SPDX-License-Identifier: MIT */
/* Random numbers from the kernel: identifiers and jitter.  Any thread. */

#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* 0, or -1 when the kernel has none (never on a running system). */
int random_bytes(void *p, size_t n);
uint64_t random_u64(void); /* 0 when there is none */

/* A random UUID (version 4) as text, NUL-terminated. */
#define RANDOM_UUID_TEXT 37
int random_uuid(char out[RANDOM_UUID_TEXT]);

#endif
