/* SPDX-License-Identifier: MIT */
/* A gzip body, decoded under a limit. */

#ifndef RECEIVER_INFLATE_H
#define RECEIVER_INFLATE_H

#include <stddef.h>

enum inflated {
	INFLATED,
	INFLATED_BROKEN,
	INFLATED_TOO_LARGE,
	INFLATED_NO_MEMORY
};

/* INFLATED: the caller frees *ret_out. */
enum inflated inflate_gzip(const char *in, size_t n, size_t limit, char **ret_out, size_t *ret_n);

#endif
