/* SPDX-License-Identifier: MIT */
/* Dates and times as texts: as they would be sent, or as the format says. */

#include "ct.h"

static const char *print(const struct ct_job *j, int64_t us, struct defsync_cell *out)
{
	const char *why = ct_format_print(&j->cast->format, us, j->cast->offset, j->out);

	return why ? why : ct_give(j, out);
}

CT_CONVERT(ct_local_to_text)
{
	if (!j->cast->format.has)
		return ct_to_text(j, in, out);
	return print(j, in->v.i64, out);
}

/* By the clock of utc_offset, as far as the format can say so. */
CT_CONVERT(ct_stamp_to_text)
{
	struct defsync_cell local = *in;
	const char *why;

	if (!j->cast->format.has)
		return ct_to_text(j, in, out);
	why = ct_stamp_to_local(j, in, &local);
	return why ? why : print(j, local.v.i64, out);
}

CT_CONVERT(ct_date_to_text)
{
	struct defsync_cell local = *in;
	const char *why;

	if (!j->cast->format.has)
		return ct_to_text(j, in, out);
	why = ct_date_to_local(j, in, &local);
	return why ? why : print(j, local.v.i64, out);
}

CT_CONVERT(ct_time_to_text)
{
	if (!j->cast->format.has)
		return ct_to_text(j, in, out);
	if (in->v.i64 < 0 || in->v.i64 >= CT_DAY)
		return "is not within a day";
	return print(j, in->v.i64, out);
}
