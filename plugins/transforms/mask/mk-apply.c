/* SPDX-License-Identifier: MIT */
/* Values as what takes their place. */

#include <string.h>

#include <openssl/crypto.h>

#include "common/celltext.h"
#include "common/hex.h"
#include "mk.h"

struct span {
	const char *ptr;
	size_t len;
};

/* The cell as text: its own bytes, or the scratch. */
static int32_t text_of(struct mask *m, const struct mk_column *mc, const struct defsync_cell *cell,
		       struct span *ret)
{
	if (celltext_is_text(cell->type)) {
		*ret = (struct span){cell->v.data.ptr, cell->v.data.len};
		return DEFSYNC_OK;
	}
	text_clear(&m->scratch);
	celltext_add(&m->scratch, cell, mc->digits);
	if (!text_ok(&m->scratch))
		return reshape_nomem(m->host);
	*ret = (struct span){text_get(&m->scratch), m->scratch.len};
	return DEFSYNC_OK;
}

/* ---- Some characters ------------------------------------------------------------------- */

/* Bytes of the character at p; what is no UTF-8 counts byte by byte. */
static size_t character(const unsigned char *p, size_t left)
{
	size_t n = 1, i;

	if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else if (p[0] >= 0xe0)
		n = p[0] < 0xf0 ? 3 : 1;
	else if (p[0] >= 0xc2)
		n = 2;
	if (n > left)
		return 1;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
	}
	return n;
}

/* Bytes of the first n characters; *ret_n: how many there are of them. */
static size_t characters(const struct span *s, uint64_t n, uint64_t *ret_n)
{
	size_t at = 0;
	uint64_t i = 0;

	for (; i < n && at < s->len; i++)
		at += character((const unsigned char *)s->ptr + at, s->len - at);
	*ret_n = i;
	return at;
}

static size_t put_fill(const struct mask *m, char *out)
{
	int i;

	for (i = 0; i < MK_FILL; i++)
		memcpy(out + (size_t)i * m->fill_len, m->fill, m->fill_len);
	return MK_FILL * m->fill_len;
}

/* The fill is as long whatever it hides, so that no length can be read off. */
static size_t keep_first(const struct mask *m, const struct span *s, char *out)
{
	uint64_t n;
	size_t kept = characters(s, m->n, &n);

	if (kept == s->len)
		kept = 0;
	if (kept)
		memcpy(out, s->ptr, kept);
	return kept + put_fill(m, out + kept);
}

static size_t keep_last(const struct mask *m, const struct span *s, char *out)
{
	uint64_t all, n;
	size_t filled = put_fill(m, out), begin;

	(void)characters(s, UINT64_MAX, &all);
	if (all <= m->n)
		return filled;
	begin = characters(s, all - m->n, &n);
	if (s->len > begin)
		memcpy(out + filled, s->ptr + begin, s->len - begin);
	return filled + s->len - begin;
}

/* ---- Hashes ------------------------------------------------------------------------------ */

/* 128 bits in Crockford's letters, which none mistakes for another: 26 of them. */
static size_t put_token(const unsigned char digest[MK_DIGEST], char *out)
{
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned held = 0, bits = 0;
	size_t i, n = 0;

	for (i = 0; i < 16; i++) {
		held = (held << 8 | digest[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = letters[held >> (bits - 5) & 31];
	}
	out[n++] = letters[held << (5 - bits) & 31];
	return n;
}

static int32_t hashed(struct mask *m, const struct span *s, char *out, size_t *ret_len)
{
	unsigned char digest[MK_DIGEST];
	char *end;

	if (!mk_digest_of(&m->digest, s->ptr, s->len, digest))
		return defsync_fail(m->host, DEFSYNC_E_PERMANENT, "libcrypto refuses SHA-256");
	if (m->prefix_len)
		memcpy(out, m->prefix, m->prefix_len);
	end = out + m->prefix_len;
	if (m->method == MK_PSEUDONYM)
		end += put_token(digest, end);
	else
		end = hex_write(end, digest, sizeof(digest));
	*ret_len = (size_t)(end - out);
	OPENSSL_cleanse(digest, sizeof(digest));
	return DEFSYNC_OK;
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static int32_t put_masked(struct mask *m, const struct mk_column *mc, struct defsync_cell *cell)
{
	struct span s = {NULL, 0};
	size_t len = 0;
	int32_t rc = text_of(m, mc, cell, &s);

	if (rc < 0)
		return rc;
	if (m->method == MK_KEEP_FIRST)
		len = keep_first(m, &s, mc->room);
	else if (m->method == MK_KEEP_LAST)
		len = keep_last(m, &s, mc->room);
	else
		rc = hashed(m, &s, mc->room, &len);
	cell->v.data.ptr = mc->room;
	cell->v.data.len = len;
	return rc;
}

static int32_t mask_cell(struct mask *m, const struct mk_column *mc, struct defsync_cell *cell)
{
	int32_t rc = DEFSYNC_OK;

	if (cell->type == DEFSYNC_NULL)
		return DEFSYNC_OK;
	if (m->method == MK_NULL) {
		*cell = (struct defsync_cell){.type = DEFSYNC_NULL};
		return DEFSYNC_OK;
	}
	if (m->method == MK_REDACT) {
		cell->v.data.ptr = m->text;
		cell->v.data.len = m->text_len;
	} else {
		rc = put_masked(m, mc, cell);
	}
	cell->type = DEFSYNC_TEXT;
	return rc;
}

int32_t mk_apply(void *instance, const struct defsync_row *row, uint32_t flags, defsync_emit emit,
		 void *emit_ctx)
{
	struct mask *m = instance;
	struct reshape_plan *p = reshape_find(&m->reshape, row->relation);
	const struct mk_plan *detail;
	int32_t rc = DEFSYNC_OK;
	uint32_t i;

	if (flags)
		return defsync_fail(m->host, DEFSYNC_E_BUG, "unknown flags");
	if (!p)
		return DEFSYNC_PASS;
	detail = p->detail;
	reshape_cells(p, row);
	for (i = 0; i < detail->n && rc == DEFSYNC_OK; i++)
		rc = mask_cell(m, &detail->columns[i], &p->cells[detail->columns[i].at]);
	return rc < 0 ? rc : reshape_emit(p, emit, emit_ctx);
}
