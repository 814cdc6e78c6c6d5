/* SPDX-License-Identifier: MIT */
/* The sum at the end of a checkpoint: FNV-1a, 64 bits.  For checkpoint*.c only. */

#ifndef COMMON_CHECKPOINT_SUM_H
#define COMMON_CHECKPOINT_SUM_H

#include <stddef.h>
#include <stdint.h>

#define CHECKPOINT_SUM_NAME ";sum="
#define CHECKPOINT_SUM_LEN (sizeof(CHECKPOINT_SUM_NAME) - 1 + 16)
#define CHECKPOINT_SUM_INIT UINT64_C(0xcbf29ce484222325)

/* Each step is a bijection of the sum, so one changed byte always changes it. */
static inline uint64_t checkpoint_sum(uint64_t sum, const char *ptr, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)ptr[i]) * UINT64_C(0x100000001b3);
	return sum;
}

#endif
