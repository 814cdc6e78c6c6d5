/* SPDX-License-Identifier: MIT */
/*
 * Finding the next byte that matters, 16 at a time where the processor can.  Both
 * ways give the same: the scalar twin is there for other processors and for the
 * test that compares them.
 *
 * There is always a byte to be found: behind the data stands a sentinel '\n' and
 * CV_PAD bytes that may be read.
 */

#ifndef CSV_CV_SCAN_H
#define CSV_CV_SCAN_H

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CV_PAD 32

/* Outside of quotes: the delimiter, the escape, and all of NUL to CR. */
static inline const char *cv_scan_plain_scalar(const char *p, char delimiter, char escape)
{
	while ((unsigned char)*p > '\r' && *p != delimiter && *p != escape)
		p++;
	return p;
}

/* Inside: the quote, the escape, '\n' (lines are counted) and NUL. */
static inline const char *cv_scan_quoted_scalar(const char *p, char quote, char escape)
{
	while (*p != quote && *p != escape && *p != '\n' && *p != '\0')
		p++;
	return p;
}

#ifdef __SSE2__

static inline const char *cv_scan_plain(const char *p, char delimiter, char escape)
{
	const __m128i d = _mm_set1_epi8(delimiter), e = _mm_set1_epi8(escape);
	const __m128i cr = _mm_set1_epi8('\r');

	for (;; p += 16) {
		const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* Bytes are without sign here: what the minimum leaves is CR or below. */
		const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, cr), x);
		const __m128i hit =
		    _mm_or_si128(low, _mm_or_si128(_mm_cmpeq_epi8(x, d), _mm_cmpeq_epi8(x, e)));
		const unsigned mask = (unsigned)_mm_movemask_epi8(hit);

		if (mask)
			return p + __builtin_ctz(mask);
	}
}

static inline const char *cv_scan_quoted(const char *p, char quote, char escape)
{
	const __m128i q = _mm_set1_epi8(quote), e = _mm_set1_epi8(escape);
	const __m128i lf = _mm_set1_epi8('\n'), nul = _mm_setzero_si128();

	for (;; p += 16) {
		const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		const __m128i hit =
		    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, q), _mm_cmpeq_epi8(x, e)),
				 _mm_or_si128(_mm_cmpeq_epi8(x, lf), _mm_cmpeq_epi8(x, nul)));
		const unsigned mask = (unsigned)_mm_movemask_epi8(hit);

		if (mask)
			return p + __builtin_ctz(mask);
	}
}

#else

static inline const char *cv_scan_plain(const char *p, char delimiter, char escape)
{
	return cv_scan_plain_scalar(p, delimiter, escape);
}

static inline const char *cv_scan_quoted(const char *p, char quote, char escape)
{
	return cv_scan_quoted_scalar(p, quote, escape);
}

#endif

#endif
