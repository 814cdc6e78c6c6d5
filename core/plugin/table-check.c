/* SPDX-License-Identifier: MIT */
/* The rules of what discover and describe hand over. */

#include <inttypes.h>

#include "plugin/row-check.h"

#define TABLE_SIZE_MINOR_0                                                                         \
	(offsetof(struct defsync_table, reserved) + sizeof(((struct defsync_table *)0)->reserved))
#define CANDIDATE_SIZE_MINOR_0                                                                     \
	(offsetof(struct defsync_candidate, note) + sizeof(((struct defsync_candidate *)0)->note))
#define FINDING_SIZE_MINOR_0                                                                       \
	(offsetof(struct defsync_finding, hint) + sizeof(((struct defsync_finding *)0)->hint))

static int check_list(const char *what, const void *list, uint32_t n, uint32_t stride, size_t floor,
		      struct error *err)
{
	if (n == 0)
		return 0;
	if (!list)
		return error_set(err, ERR_INTERNAL, "%s is NULL with %" PRIu32 " entries", what, n);
	if (stride < floor || stride % _Alignof(void *) != 0)
		return error_set(err, ERR_INTERNAL,
				 "stride of %s is %" PRIu32 ", expected at least %zu", what, stride,
				 floor);
	return 0;
}

static int check_candidates(const struct defsync_table *t, struct error *err)
{
	const char *p = (const char *)t->candidates;

	if (check_list("candidates", p, t->n_candidates, t->candidate_size, CANDIDATE_SIZE_MINOR_0,
		       err) < 0)
		return -1;
	for (uint32_t i = 0; i < t->n_candidates; i++, p += t->candidate_size) {
		const struct defsync_candidate *c =
		    (const struct defsync_candidate *)(const void *)p;

		if (!c->column || !c->filled)
			return error_set(err, ERR_INTERNAL,
					 "candidate %" PRIu32 ": column or filled is NULL", i);
	}
	return 0;
}

static int check_findings(const struct defsync_table *t, struct error *err)
{
	const char *p = (const char *)t->findings;

	if (check_list("findings", p, t->n_findings, t->finding_size, FINDING_SIZE_MINOR_0, err) <
	    0)
		return -1;
	for (uint32_t i = 0; i < t->n_findings; i++, p += t->finding_size) {
		const struct defsync_finding *f = (const struct defsync_finding *)(const void *)p;

		if (f->level < DEFSYNC_FINDING_ERROR || f->level > DEFSYNC_FINDING_NOTE)
			return error_set(err, ERR_INTERNAL,
					 "finding %" PRIu32 ": unknown level: %" PRIu32, i,
					 f->level);
		if (!f->code || !f->text)
			return error_set(err, ERR_INTERNAL,
					 "finding %" PRIu32 ": code or text is NULL", i);
	}
	return 0;
}

int table_check(const struct defsync_table *t, struct error *err)
{
	if (!t)
		return error_set(err, ERR_INTERNAL, "table is NULL");
	if (t->struct_size < TABLE_SIZE_MINOR_0)
		return error_set(err, ERR_INTERNAL,
				 "struct_size of the table is %" PRIu32 ", expected at least %zu",
				 t->struct_size, TABLE_SIZE_MINOR_0);
	if (!t->kind || !t->from)
		return error_set(err, ERR_INTERNAL, "kind or from of the table is NULL");
	if (relation_check(t->relation, 0, err) < 0 || check_candidates(t, err) < 0)
		return -1;
	return check_findings(t, err);
}
