/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 and HMAC-SHA256 (RFC 2104) of many short texts.  HMAC is put together from
 * its two hashes: HMAC() is deprecated in OpenSSL 3 and EVP_MAC is not in 1.1.1, and a
 * context that is begun again allocates nothing, while each copy of one does.
 */

#include <string.h>

#include <openssl/crypto.h>

#include "mk.h"

/* A NULL digest begins again with the one of the context. */
static bool hash(struct mk_digest *d, const unsigned char *block, const void *ptr, size_t len,
		 unsigned char out[MK_DIGEST])
{
	return EVP_DigestInit_ex(d->ctx, NULL, NULL) == 1 &&
	       (!block || EVP_DigestUpdate(d->ctx, block, MK_BLOCK) == 1) &&
	       EVP_DigestUpdate(d->ctx, ptr, len) == 1 &&
	       EVP_DigestFinal_ex(d->ctx, out, NULL) == 1;
}

/* A key that is longer than a block is hashed first. */
static bool set_key(struct mk_digest *d, const char *key)
{
	unsigned char block[MK_BLOCK] = {0};
	size_t len = strlen(key), i;
	bool ok = true;

	if (len > MK_BLOCK)
		ok = hash(d, NULL, key, len, block);
	else
		memcpy(block, key, len);
	for (i = 0; i < MK_BLOCK; i++) {
		d->inner[i] = block[i] ^ 0x36;
		d->outer[i] = block[i] ^ 0x5c;
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

bool mk_digest_init(struct mk_digest *d, const char *key)
{
	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx || EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		return false;
	d->keyed = key != NULL;
	return !key || set_key(d, key);
}

void mk_digest_done(struct mk_digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	OPENSSL_cleanse(d->inner, sizeof(d->inner));
	OPENSSL_cleanse(d->outer, sizeof(d->outer));
}

bool mk_digest_of(struct mk_digest *d, const void *ptr, size_t len, unsigned char out[MK_DIGEST])
{
	unsigned char inner[MK_DIGEST];
	bool ok;

	if (!d->keyed)
		return hash(d, NULL, ptr, len, out);
	ok = hash(d, d->inner, ptr, len, inner) && hash(d, d->outer, inner, MK_DIGEST, out);
	OPENSSL_cleanse(inner, sizeof(inner));
	return ok;
}
