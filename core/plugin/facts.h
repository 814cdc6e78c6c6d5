/* SPDX-License-Identifier: MIT */
/*
 * What a plugin reports of a run: facts (the last value counts) and counters
 * (sums).  Names beyond LIMIT_FACTS are left out.  No locking.
 */

#ifndef PLUGIN_FACTS_H
#define PLUGIN_FACTS_H

#include <stddef.h>
#include <stdint.h>

struct fact {
	char *name;
	char *value; /* NULL for counters */
	uint64_t n;
};

/* Zeroed is empty. */
struct facts {
	struct fact *facts;
	size_t n_facts;
	struct fact *counters;
	size_t n_counters;
};

void facts_done(struct facts *f);
void facts_set(struct facts *f, const char *name, const char *value, size_t len);
void facts_count(struct facts *f, const char *name, uint64_t n);
const char *facts_get(const struct facts *f, const char *name); /* or NULL */
void facts_counters(const struct facts *f, void (*each)(void *ctx, const char *name, uint64_t n),
		    void *ctx);

#endif
