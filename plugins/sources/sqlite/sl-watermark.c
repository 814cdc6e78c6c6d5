/* SPDX-License-Identifier: MIT */
/* What kinds of watermark there are, and what one value is.  Pure but for reads. */

#include "sl.h"

void sl_mark_of(int cls, const char *ptr, size_t len, struct sl_mark *ret)
{
	*ret = (struct sl_mark){.kind = SL_KIND_NONE};
	switch (cls) {
	case SQLITE_INTEGER:
		ret->kind = SL_KIND_INTEGER;
		break;
	case SQLITE_FLOAT:
		ret->kind = SL_KIND_REAL;
		break;
	case SQLITE_BLOB:
		ret->kind = SL_KIND_BLOB;
		break;
	case SQLITE_TEXT:
		ret->kind = iso_parse(ptr, len, &ret->form) ? SL_KIND_TIME : SL_KIND_TEXT;
		break;
	default:
		break;
	}
}

bool sl_mark_same(const struct sl_mark *a, const struct sl_mark *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind != SL_KIND_TIME || iso_same_form(&a->form, &b->form);
}

void sl_mark_describe(const struct sl_mark *m, struct text *out)
{
	static const char *const names[] = {
	    [SL_KIND_NONE] = "NULL", [SL_KIND_INTEGER] = "INTEGER", [SL_KIND_TIME] = "",
	    [SL_KIND_TEXT] = "TEXT", [SL_KIND_REAL] = "REAL",	    [SL_KIND_BLOB] = "BLOB",
	};

	if (m->kind == SL_KIND_TIME)
		iso_describe(&m->form, out);
	else
		text_str(out, names[m->kind]);
}

bool sl_mark_fits(const struct sl_mark *m, const struct sl_value *v)
{
	struct iso form;

	switch (m->kind) {
	case SL_KIND_INTEGER:
		return v->cls == SQLITE_INTEGER;
	case SL_KIND_TEXT:
		return v->cls == SQLITE_TEXT;
	case SL_KIND_TIME:
		return v->cls == SQLITE_TEXT && v->ptr && iso_parse(v->ptr, v->len, &form) &&
		       iso_same_form(&m->form, &form);
	default:
		return false;
	}
}

int64_t sl_lookback(const struct sl_plan *p, const struct sl_mark *m)
{
	if (p->request->lookback >= 0)
		return p->request->lookback;
	switch (m->kind) {
	case SL_KIND_INTEGER:
		return 10000;
	case SL_KIND_TIME:
		return 300000;
	default:
		return 0;
	}
}
