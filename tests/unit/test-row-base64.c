/* SPDX-License-Identifier: MIT */
/* Base64: the vectors of RFC 4648 and a decoder's answer for random bytes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "row/base64.h"

static void test_vectors(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	    {"\xff\xef\xbe\xfb", "/++++w=="},
	};
	char out[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].bytes);
		char *end = base64_write(out, rows[i].bytes, n);

		*end = '\0';
		assert_string_equal(out, rows[i].text);
		assert_int_equal(base64_size(n), strlen(rows[i].text));
	}
	assert_ptr_equal(base64_write(out, NULL, 0), out);
}

/* Exactly base64_size bytes are written: the memory checker looks on. */
static void test_against_openssl(void **state)
{
	uint32_t seed = 12345;
	size_t n, i;

	(void)state;
	for (n = 1; n < 300; n++) {
		unsigned char *bytes = malloc(n);
		unsigned char *theirs = malloc(base64_size(n) + 1);
		char *ours = malloc(base64_size(n));

		assert_non_null(bytes);
		assert_non_null(theirs);
		assert_non_null(ours);
		for (i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (unsigned char)(seed >> 24);
		}
		assert_ptr_equal(base64_write(ours, bytes, n), ours + base64_size(n));
		assert_int_equal(EVP_EncodeBlock(theirs, bytes, (int)n), base64_size(n));
		assert_memory_equal(ours, theirs, base64_size(n));
		free(bytes);
		free(theirs);
		free(ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_against_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
