/* SPDX-License-Identifier: MIT */
/* Whatever packs the bodies: zlib's inflate gets them back. */

#include "push/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/limits.h"

#define WINDOW_GZIP (15 + 16)
#define PACKED_MAX ((size_t)4 * LIMIT_BATCH_BYTES)

/* One whole member of gzip and nothing behind it. */
static void assert_unpacks(const struct buf *packed, const char *expected, size_t n)
{
	char *out = malloc(n + 1);
	z_stream z = {0};

	assert_non_null(out);
	assert_int_equal(inflateInit2(&z, WINDOW_GZIP), Z_OK);
	z.next_in = (Bytef *)packed->data;
	z.avail_in = (uInt)packed->len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)(n + 1);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	assert_int_equal(z.total_out, n);
	assert_memory_equal(out, expected, n);
	(void)inflateEnd(&z);
	free(out);
}

static void fill_rows(char *p, size_t n)
{
	static const char row[] = "{\"id\":1234,\"name\":\"a name\",\"total\":12.50},";

	for (size_t i = 0; i < n; i++)
		p[i] = row[i % (sizeof(row) - 1)];
}

static void fill_noise(char *p, size_t n)
{
	uint64_t x = 88172645463325252u;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = (char)(x >> 32);
	}
}

static void bodies_come_back(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 1000, 65535, 65536, LIMIT_BATCH_BYTES};
	char *p = malloc(LIMIT_BATCH_BYTES);
	struct buf packed;

	(void)state;
	assert_non_null(p);
	buf_init(&packed, PACKED_MAX);
	for (int level = 1; level <= 9; level += 4) {
		/* One object for all: nothing is left of the body before. */
		struct gzip *g = gzip_create(level);

		assert_non_null(g);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			fill_rows(p, sizes[i]);
			assert_int_equal(gzip_pack(g, p, sizes[i], &packed), 0);
			assert_unpacks(&packed, p, sizes[i]);
			if (sizes[i] >= 1000)
				assert_true(packed.len < sizes[i] / 5);
			fill_noise(p, sizes[i]);
			assert_int_equal(gzip_pack(g, p, sizes[i], &packed), 0);
			assert_unpacks(&packed, p, sizes[i]);
			assert_true(packed.len < sizes[i] + sizes[i] / 100 + 100);
		}
		gzip_destroy(g);
	}
	buf_done(&packed);
	free(p);
}

static void levels_differ(void **state)
{
	size_t len[2], n = 1000000;
	char *p = malloc(n);
	struct buf packed;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + i * i % 23 % 7 + i / 4096 % 5);
	buf_init(&packed, PACKED_MAX);
	for (int i = 0; i < 2; i++) {
		struct gzip *g = gzip_create(i == 0 ? 1 : 9);

		assert_int_equal(gzip_pack(g, p, n, &packed), 0);
		len[i] = packed.len;
		gzip_destroy(g);
	}
	assert_true(len[1] < len[0]);
	buf_done(&packed);
	free(p);
}

static void no_room_is_told(void **state)
{
	struct gzip *g = gzip_create(1);
	struct buf packed;
	char noise[2000];

	(void)state;
	fill_noise(noise, sizeof(noise));
	buf_init(&packed, 100);
	assert_int_equal(gzip_pack(g, noise, sizeof(noise), &packed), -1);
	assert_int_equal(packed.len, 0);
	buf_done(&packed);
	/* And the object is as good as before. */
	buf_init(&packed, PACKED_MAX);
	assert_int_equal(gzip_pack(g, noise, sizeof(noise), &packed), 0);
	assert_unpacks(&packed, noise, sizeof(noise));
	buf_done(&packed);
	gzip_destroy(g);
	gzip_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bodies_come_back),
	    cmocka_unit_test(levels_differ),
	    cmocka_unit_test(no_room_is_told),
	};

	return cmocka_run_group_tests_name("push-gzip", tests, NULL, NULL);
}
