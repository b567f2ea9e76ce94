/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_digest: MD5, and the responses by which a host proves the password, by libcrypto.
 *
 * What is kept of the password, P, is its digest in hex; a device never knows the password itself.
 *     md5               MD5(P:nonce:cnonce)                                  P = MD5(password)
 *     sha256            SHA-256(K:nonce:cnonce), K = PBKDF2(P, nonce:cnonce)  P = SHA-256(password)
 *     sha256-of-md5     the same where the device was given an MD5 to keep    P = MD5(password)
 * PBKDF2 is with HMAC-SHA-256, 10,000 rounds, 32 bytes; every part goes in as lower-case hex
 * (espressif/arduino-esp32 tools/espota.py, core 3.3.1 and later; before it, md5).
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { ROUNDS = 10000, KEY = 32, TEXT = 3 * OTA_SHA_HEX + 4 };

const char *ota_scheme_word(enum ota_scheme scheme)
{
	static const char *const words[] = {[OTA_NONE] = "none",
					    [OTA_MD5] = "md5",
					    [OTA_SHA256] = "sha256",
					    [OTA_SHA256_OF_MD5] = "sha256-of-md5"};

	return words[scheme];
}

static void put_hex(const uint8_t *bytes, size_t n, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * n] = 0;
}

static bool digest(const EVP_MD *kind, struct span s, char *hex)
{
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(s.p, s.n, bytes, &n, kind, NULL) != 1)
		return false;
	put_hex(bytes, n, hex);
	return true;
}

bool ota_md5(struct span bytes, char hex[OTA_MD5_HEX + 1])
{
	return digest(EVP_md5(), bytes, hex);
}

bool ota_random_hex(size_t n_digits, char *hex)
{
	uint8_t bytes[OTA_SHA_HEX / 2];

	if (n_digits > OTA_SHA_HEX || RAND_bytes(bytes, (int)(n_digits / 2)) != 1)
		return false;
	put_hex(bytes, n_digits / 2, hex);
	return true;
}

/* K of the SHA-256 schemes, in hex. */
static bool derive(const char *kept, struct span nonce, struct span cnonce,
		   char hex[OTA_SHA_HEX + 1])
{
	char salt[TEXT];
	uint8_t key[KEY];
	int n = snprintf(salt, sizeof(salt), "%.*s:%.*s", SPAN_ARG(nonce), SPAN_ARG(cnonce));

	if (n < 0 || n >= (int)sizeof(salt) ||
	    PKCS5_PBKDF2_HMAC(kept, (int)strlen(kept), (const uint8_t *)salt, n, ROUNDS,
			      EVP_sha256(), KEY, key) != 1)
		return false;
	put_hex(key, KEY, hex);
	return true;
}

bool ota_response(enum ota_scheme scheme, struct span password, struct span nonce,
		  struct span cnonce, char hex[OTA_SHA_HEX + 1])
{
	const EVP_MD *kind = scheme == OTA_MD5 ? EVP_md5() : EVP_sha256();
	char kept[OTA_SHA_HEX + 1];
	char text[TEXT];
	int n;

	if (!digest(scheme == OTA_SHA256 ? EVP_sha256() : EVP_md5(), password, kept) ||
	    (scheme != OTA_MD5 && !derive(kept, nonce, cnonce, kept)))
		return false;
	n = snprintf(text, sizeof(text), "%s:%.*s:%.*s", kept, SPAN_ARG(nonce), SPAN_ARG(cnonce));
	OPENSSL_cleanse(kept, sizeof(kept));
	return n > 0 && n < (int)sizeof(text) && digest(kind, span_of(text, (size_t)n), hex);
}

bool ota_same_secret(struct span a, struct span b)
{
	return a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}
