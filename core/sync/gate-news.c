/* SPDX-License-Identifier: MIT */
/* Changes of columns on their way from the reader to the store, see gate.h. */

#include <stdlib.h>
#include <string.h>

#include "sync/run-internal.h"

/* ---- The list ---- */

void news_free(struct news *n)
{
	for (size_t i = 0; n != NULL && i < n->n; i++)
		free(n->changes[i]);
	if (n != NULL) {
		free(n->shape);
		free(n->changes);
	}
	free(n);
}

struct news *news_create(size_t most)
{
	struct news *n = calloc(1, sizeof(*n));

	if (n != NULL)
		n->changes = calloc(most + 1, sizeof(*n->changes));
	if (n == NULL || n->changes == NULL) {
		news_free(n);
		return NULL;
	}
	return n;
}

void news_publish(struct table_run *t, struct news *n)
{
	struct gate *g = &t->gate;

	/* A replay keeps nothing of it: what it sends again is of before. */
	if ((n->n == 0 && n->shape == NULL) || t->run->settings.replay != NULL) {
		news_free(n);
		return;
	}
	pthread_mutex_lock(&t->lock);
	n->number = ++g->number;
	if (g->last != NULL)
		g->last->next = n;
	else
		g->first = n;
	g->last = n;
	pthread_mutex_unlock(&t->lock);
}

/* The list is the reader's own to read. */
int news_has(const struct gate *g, const char *change)
{
	for (const struct news *n = g->first; n != NULL; n = n->next) {
		for (size_t i = 0; i < n->n; i++) {
			if (strcmp(n->changes[i], change) == 0)
				return 1;
		}
	}
	return 0;
}

void news_free_all(struct gate *g)
{
	while (g->first != NULL) {
		struct news *n = g->first;

		g->first = n->next;
		news_free(n);
	}
}

/* ---- The committer ---- */

int gate_due(struct table_run *t, unsigned number, const char ***ret_changes, size_t *ret_n,
	     const char **ret_shape)
{
	struct gate *g = &t->gate;
	const struct news *first, *n;
	size_t most = 0;
	int rc = 0;

	*ret_changes = NULL;
	*ret_n = 0;
	*ret_shape = NULL;
	pthread_mutex_lock(&t->lock);
	first = g->taken != NULL ? g->taken->next : g->first;
	for (n = first; n != NULL && n->number <= number; n = n->next)
		most += n->n;
	*ret_changes = calloc(most + 1, sizeof(**ret_changes));
	if (*ret_changes == NULL)
		rc = -1;
	for (n = first; rc == 0 && n != NULL && n->number <= number; n = n->next) {
		for (size_t i = 0; i < n->n; i++)
			(*ret_changes)[(*ret_n)++] = n->changes[i];
		if (n->shape != NULL)
			*ret_shape = n->shape;
		g->taken = n;
	}
	pthread_mutex_unlock(&t->lock);
	return rc;
}

/* ---- The end ---- */

void gate_conclude(struct table_run *t)
{
	struct gate *g = &t->gate;
	size_t most = 0;

	for (const struct news *n = g->first; n != NULL; n = n->next)
		most += n->n;
	g->changes = calloc(most + 1, sizeof(*g->changes));
	if (g->changes == NULL)
		return;
	for (const struct news *n = g->first; n != NULL; n = n->next) {
		for (size_t i = 0; i < n->n; i++)
			g->changes[g->n_changes++] = n->changes[i];
	}
}

size_t gate_left(const struct gate *g)
{
	size_t left = 0;

	for (const struct news *n = g->taken != NULL ? g->taken->next : g->first; n != NULL;
	     n = n->next)
		left += n->n;
	return g->changes != NULL ? left : 0;
}
