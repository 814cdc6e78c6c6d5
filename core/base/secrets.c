/* SPDX-License-Identifier: MIT */
/* The values that must never be printed. */

#include "base/secrets.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/secrets-forms.h"

#define SECRET_MIN 4
#define SECRET_MAX LIMIT_SECRET_FILE_BYTES

static const char redacted[] = "[redacted]";

struct form {
	char *ptr;
	size_t len;
};

struct secrets {
	pthread_mutex_t lock; /* protects all below */
	size_t n_secrets;
	/* By their first byte, so that a text is compared with few of them. */
	struct bucket {
		struct form *forms; /* the longest first */
		size_t n;
	} buckets[256];
};

struct secrets *secrets_create(void)
{
	struct secrets *s = calloc(1, sizeof(*s));

	if (s && pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return NULL;
	}
	return s;
}

static void form_free(char *ptr, size_t len)
{
	if (ptr)
		explicit_bzero(ptr, len);
	free(ptr);
}

void secrets_destroy(struct secrets *s)
{
	size_t i, k;

	if (!s)
		return;
	for (i = 0; i < 256; i++) {
		for (k = 0; k < s->buckets[i].n; k++)
			form_free(s->buckets[i].forms[k].ptr, s->buckets[i].forms[k].len);
		free(s->buckets[i].forms);
	}
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct bucket *bucket_of(struct secrets *s, char first)
{
	return &s->buckets[(unsigned char)first];
}

static int bucket_has(const struct bucket *b, const char *ptr, size_t len)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->forms[i].len == len && memcmp(b->forms[i].ptr, ptr, len) == 0)
			return 1;
	}
	return 0;
}

static int bucket_insert(struct bucket *b, const char *ptr, size_t len)
{
	struct form *forms = realloc(b->forms, (b->n + 1) * sizeof(*forms));
	char *copy = malloc(len);
	size_t i;

	if (forms)
		b->forms = forms;
	if (!forms || !copy) {
		free(copy);
		return -1;
	}
	memcpy(copy, ptr, len);
	for (i = b->n; i > 0 && forms[i - 1].len < len; i--)
		forms[i] = forms[i - 1];
	forms[i] = (struct form){copy, len};
	b->n++;
	return 0;
}

static int add_form(struct secrets *s, secret_form form, const char *ptr, size_t len)
{
	struct buf text;
	int r = 0;

	/* one allocation: growing would leave pieces behind that nobody wipes */
	buf_init(&text, len * 6 + 8);
	if (buf_reserve(&text, len * 6 + 8) < 0)
		return -1;
	if (form(ptr, len, &text) < 0)
		r = -1;
	else if (text.len >= SECRET_MIN &&
		 !bucket_has(bucket_of(s, *text.data), text.data, text.len))
		r = bucket_insert(bucket_of(s, *text.data), text.data, text.len);
	explicit_bzero(text.data, text.len);
	buf_done(&text);
	return r;
}

static int add_locked(struct secrets *s, const char *ptr, size_t len)
{
	size_t i;

	if (bucket_has(bucket_of(s, *ptr), ptr, len))
		return 0;
	if (s->n_secrets >= LIMIT_SECRETS)
		return -1;
	for (i = 0; i < SECRET_FORMS; i++) {
		if (add_form(s, secret_forms[i], ptr, len) < 0)
			return -1;
	}
	s->n_secrets++;
	return 0;
}

int secrets_add(struct secrets *s, const char *ptr, size_t len)
{
	int r;

	if (!s || len < SECRET_MIN)
		return 0;
	if (len > SECRET_MAX)
		return -1;
	(void)pthread_mutex_lock(&s->lock);
	r = add_locked(s, ptr, len);
	(void)pthread_mutex_unlock(&s->lock);
	return r;
}

/* The length of the longest form at p, or 0. */
static size_t match_at(const struct secrets *s, const char *p, size_t n)
{
	const struct bucket *b = &s->buckets[(unsigned char)*p];
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->forms[i].len <= n && memcmp(b->forms[i].ptr, p, b->forms[i].len) == 0)
			return b->forms[i].len;
	}
	return 0;
}

/*
 * The next stretch of secrets at or after `from`; overlapping ones are one, since
 * what is left of either would tell something.
 */
static int next_stretch(const struct secrets *s, const struct buf *text, size_t from,
			size_t *ret_start, size_t *ret_end)
{
	size_t i, start = 0, end = 0;

	for (i = from; i < text->len && (end == 0 || i < end); i++) {
		size_t n = match_at(s, text->data + i, text->len - i);

		if (n == 0)
			continue;
		if (end == 0)
			start = i;
		if (i + n > end)
			end = i + n;
	}
	*ret_start = start;
	*ret_end = end;
	return end != 0;
}

static int redact_into(const struct secrets *s, const struct buf *text, struct buf *out)
{
	size_t from = 0, start, end;

	while (next_stretch(s, text, from, &start, &end)) {
		if (buf_add(out, text->data + from, start - from) < 0 ||
		    buf_add_str(out, redacted) < 0)
			return -1;
		from = end;
	}
	return buf_add(out, text->data + from, text->len - from);
}

/* Needs no memory: the text must not leak because there is none. */
static void mask_in_place(const struct secrets *s, struct buf *text)
{
	size_t from = 0, start, end;

	while (next_stretch(s, text, from, &start, &end)) {
		memset(text->data + start, '*', end - start);
		from = end;
	}
}

static int redact_locked(const struct secrets *s, struct buf *text)
{
	size_t start, end;
	struct buf out;

	if (!next_stretch(s, text, 0, &start, &end))
		return 0;
	buf_init(&out, text->max);
	if (redact_into(s, text, &out) < 0) {
		mask_in_place(s, text);
		buf_done(&out);
		return -1;
	}
	explicit_bzero(text->data, text->len);
	buf_done(text);
	*text = out;
	return 0;
}

int secrets_redact(struct secrets *s, struct buf *text)
{
	int r;

	if (!s || text->len == 0)
		return 0;
	(void)pthread_mutex_lock(&s->lock);
	r = redact_locked(s, text);
	(void)pthread_mutex_unlock(&s->lock);
	return r;
}
