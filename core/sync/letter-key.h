/* SPDX-License-Identifier: MIT */
/*
 * The key of a dead letter, {"id":17}, as what a source can be asked for.
 *
 *	letter_key_read(&k, text) -> k.names, k.cells, k.n -> letter_key_done(&k)
 */

#ifndef SYNC_LETTER_KEY_H
#define SYNC_LETTER_KEY_H

#include <defsync/plugin.h>

#include <jansson.h>

#define LETTER_KEY_MAX 64 /* columns */

struct letter_key {
	json_t *json; /* holds names and texts */
	const char *names[LETTER_KEY_MAX];
	struct defsync_cell cells[LETTER_KEY_MAX];
	size_t n;
};

/* In the order of the text.  -1: no key, or a value that cannot be asked for (null). */
int letter_key_read(struct letter_key *k, const char *text);
/* Brings it into this order; -1 when it has other columns. */
int letter_key_order(struct letter_key *k, const char *const *names, size_t n);
void letter_key_done(struct letter_key *k);

#endif
