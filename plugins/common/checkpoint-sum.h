/* SPDX-License-Identifier: MIT */
/*
 * The sum at the end of a checkpoint, over words of eight bytes (little endian, the
 * last one filled with zeros), since it is made once a row.  For checkpoint*.c only.
 */

#ifndef COMMON_CHECKPOINT_SUM_H
#define COMMON_CHECKPOINT_SUM_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CHECKPOINT_SUM_NAME ";sum="
#define CHECKPOINT_SUM_LEN (sizeof(CHECKPOINT_SUM_NAME) - 1 + 16)
#define CHECKPOINT_SUM_INIT UINT64_C(0xcbf29ce484222325)

/*
 * Each step is a bijection of the sum for a given word, and of the word for a
 * given sum: one changed byte always changes the result.
 */
static inline uint64_t checkpoint_sum_word(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

/* Whole words only; returns how many bytes that were. */
static inline size_t checkpoint_sum_words(uint64_t *sum, const char *ptr, size_t len)
{
	size_t i;
	uint64_t word;

	for (i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, ptr + i, sizeof(word));
		*sum = checkpoint_sum_word(*sum, le64toh(word));
	}
	return i;
}

/* What is left, and the length. */
static inline uint64_t checkpoint_sum_end(uint64_t sum, const char *ptr, size_t len, size_t total)
{
	size_t whole = checkpoint_sum_words(&sum, ptr, len);
	uint64_t word = 0;

	memcpy(&word, ptr + whole, len - whole);
	sum = checkpoint_sum_word(sum, le64toh(word));
	return checkpoint_sum_word(sum, total);
}

#endif
