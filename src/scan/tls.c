/* SPDX-License-Identifier: Apache-2.0 */
/* tls: see tls.h. OpenSSL 3 by dlopen; every function that is used stands in one list. */
#include "scan/tls.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"

#if __has_include(<openssl/ssl.h>)
#include <openssl/opensslv.h>
#endif

#if defined(OPENSSL_VERSION_MAJOR) && OPENSSL_VERSION_MAJOR >= 3

#include <openssl/ssl.h>

#define SYMBOLS(S)                                                                                 \
	S(OPENSSL_init_ssl)                                                                        \
	S(TLS_client_method)                                                                       \
	S(SSL_CTX_new)                                                                             \
	S(SSL_CTX_ctrl)                                                                            \
	S(SSL_CTX_set_options)                                                                     \
	S(SSL_CTX_set_cipher_list)                                                                 \
	S(SSL_CTX_set_alpn_protos)                                                                 \
	S(SSL_CTX_set_cert_verify_callback)                                                        \
	S(SSL_new)                                                                                 \
	S(SSL_free)                                                                                \
	S(SSL_ctrl)                                                                                \
	S(SSL_set_alpn_protos)                                                                     \
	S(SSL_set_bio)                                                                             \
	S(SSL_set_connect_state)                                                                   \
	S(SSL_do_handshake)                                                                        \
	S(SSL_get_error)                                                                           \
	S(SSL_read)                                                                                \
	S(SSL_write)                                                                               \
	S(SSL_shutdown)                                                                            \
	S(SSL_version)                                                                             \
	S(SSL_get_current_cipher)                                                                  \
	S(SSL_CIPHER_get_protocol_id)                                                              \
	S(SSL_get0_alpn_selected)                                                                  \
	S(SSL_get1_peer_certificate)                                                               \
	S(BIO_new)                                                                                 \
	S(BIO_s_mem)                                                                               \
	S(BIO_ctrl_pending)                                                                        \
	S(BIO_read)                                                                                \
	S(BIO_write)                                                                               \
	S(X509_free)                                                                               \
	S(X509_get0_notBefore)                                                                     \
	S(X509_get0_notAfter)                                                                      \
	S(X509_cmp_current_time)                                                                   \
	S(X509_self_signed)                                                                        \
	S(i2d_X509)                                                                                \
	S(ERR_clear_error)                                                                         \
	S(RAND_bytes)

/* declared elsewhere, and wanted for their types */
#include <openssl/err.h>
#include <openssl/rand.h>

struct tls_library {
#define S(name) __typeof__(name) *name;
	SYMBOLS(S)
#undef S
	SSL_CTX *context;
};

struct tls {
	const struct tls_library *lib;
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
};

enum { CERTIFICATE_MAX = 64 << 10, DER_MAX = 16 << 10 };

static bool find_symbols(struct tls_library *lib)
{
	const struct {
		const char *name;
		void **to;
	} symbols[] = {
#define S(name) {#name, (void **)(void *)&lib->name},
		SYMBOLS(S)
#undef S
	};
	void *handle = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; handle && i < ARRAY_LEN(symbols); i++) {
		*symbols[i].to = dlsym(handle, symbols[i].name);
		if (!*symbols[i].to)
			return false;
	}
	return handle != NULL;
}

/* Nothing is verified: the answer is what is asked for. */
static int accept_any(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static bool make_context(struct tls_library *lib)
{
	/* clang-format off */
	/* RFC 7301 and IANA's registry of ALPN ids: length, name */
	static const uint8_t alpn[] = {
		8, 'h', 't', 't', 'p', '/', '1', '.', '1', 4, 'i', 'm', 'a', 'p', 4, 'p', 'o', 'p', '3',
		4, 'm', 'q', 't', 't', 3, 'd', 'o', 't', 3, 'i', 'r', 'c', 3, 'f', 't', 'p',
		11, 'x', 'm', 'p', 'p', '-', 'c', 'l', 'i', 'e', 'n', 't',
		10, 'p', 'o', 's', 't', 'g', 'r', 'e', 's', 'q', 'l',
		7, 'b', 'e', 'p', '/', '1', '.', '0',
	};
	/* clang-format on */
	uint8_t warm_up;

	if (!lib->OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
		return false;
	lib->context = lib->SSL_CTX_new(lib->TLS_client_method());
	if (!lib->context || lib->RAND_bytes(&warm_up, 1) != 1)
		return false;
	lib->SSL_CTX_ctrl(lib->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_VERSION, NULL);
	lib->SSL_CTX_ctrl(lib->context, SSL_CTRL_SET_MAX_CERT_LIST, CERTIFICATE_MAX, NULL);
	lib->SSL_CTX_ctrl(lib->context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, NULL);
	/* one record a call: who pours tickets or key updates cannot keep us inside */
	lib->SSL_CTX_ctrl(lib->context, SSL_CTRL_CLEAR_MODE, SSL_MODE_AUTO_RETRY, NULL);
	lib->SSL_CTX_set_options(lib->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
						       SSL_OP_NO_TICKET |
						       SSL_OP_LEGACY_SERVER_CONNECT);
	lib->SSL_CTX_set_cert_verify_callback(lib->context, accept_any, NULL);
	lib->SSL_CTX_set_alpn_protos(lib->context, alpn, sizeof(alpn));
	return lib->SSL_CTX_set_cipher_list(lib->context, "ALL:!kDHE:!PSK:!SRP:@SECLEVEL=0") == 1;
}

struct tls_library *tls_load(void)
{
	struct tls_library *lib = calloc(1, sizeof(*lib));

	if (lib && find_symbols(lib) && make_context(lib))
		return lib;
	free(lib);
	return NULL;
}

/* RFC 7301 section 3.1: a length, and the name. SSL_set_alpn_protos copies, and says 0 for success. */
static bool offer(struct tls *tls, const char *alpn)
{
	uint8_t list[32] = {(uint8_t)strlen(alpn)};

	if (list[0] >= sizeof(list))
		return false;
	memcpy(list + 1, alpn, list[0]);
	return tls->lib->SSL_set_alpn_protos(tls->ssl, list, 1u + list[0]) == 0;
}

struct tls *tls_new(const struct tls_library *lib, const char *host, const char *alpn)
{
	struct tls *tls = lib ? calloc(1, sizeof(*tls)) : NULL;

	if (!tls)
		return NULL;
	tls->lib = lib;
	tls->ssl = lib->SSL_new(lib->context);
	tls->in = lib->BIO_new(lib->BIO_s_mem());
	tls->out = lib->BIO_new(lib->BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out)
		return tls_free(tls);
	if (host)
		lib->SSL_ctrl(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
			      (void *)(uintptr_t)host);
	lib->SSL_set_bio(tls->ssl, tls->in, tls->out);
	if (alpn && !offer(tls, alpn))
		return tls_free(tls);
	lib->SSL_set_connect_state(tls->ssl);
	return tls;
}

struct tls *tls_free(struct tls *tls)
{
	if (tls && tls->ssl)
		tls->lib->SSL_free(tls->ssl);
	free(tls);
	return NULL;
}

bool tls_feed(struct tls *tls, const uint8_t *bytes, size_t n)
{
	return n <= INT32_MAX && tls->lib->BIO_write(tls->in, bytes, (int)n) == (int)n;
}

size_t tls_drain(struct tls *tls, uint8_t *bytes, size_t size)
{
	int n = tls->lib->BIO_read(tls->out, bytes, size > INT32_MAX ? INT32_MAX : (int)size);

	return n > 0 ? (size_t)n : 0;
}

static ssize_t outcome(struct tls *tls, int r)
{
	if (r > 0)
		return r;
	switch (tls->lib->SSL_get_error(tls->ssl, r)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE: return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN: return 0;
	default: return -EPROTO;
	}
}

int tls_shake(struct tls *tls)
{
	tls->lib->ERR_clear_error();

	ssize_t r = outcome(tls, tls->lib->SSL_do_handshake(tls->ssl));

	return r > 0 ? 0 : r == 0 ? -EPROTO : (int)r;
}

ssize_t tls_say(struct tls *tls, const uint8_t *bytes, size_t n)
{
	tls->lib->ERR_clear_error();
	return outcome(tls, tls->lib->SSL_write(tls->ssl, bytes, (int)n));
}

ssize_t tls_hear(struct tls *tls, uint8_t *bytes, size_t n)
{
	size_t left = tls->lib->BIO_ctrl_pending(tls->in);
	size_t before;
	ssize_t r;

	/* a record that holds no data ends the call, but not what was fed */
	do {
		before = left;
		tls->lib->ERR_clear_error();
		r = outcome(tls, tls->lib->SSL_read(tls->ssl, bytes,
						    n > INT32_MAX ? INT32_MAX : (int)n));
		left = tls->lib->BIO_ctrl_pending(tls->in);
	} while (r == -EAGAIN && left && left < before);
	return r;
}

void tls_part(struct tls *tls)
{
	tls->lib->ERR_clear_error();
	tls->lib->SSL_shutdown(tls->ssl);
}

static void tell_certificate(struct tls *tls, X509 *certificate, struct proto_facts *facts)
{
	static const uint8_t none[1];
	int n = tls->lib->i2d_X509(certificate, NULL);
	auto_free uint8_t *der = n > 0 && n <= DER_MAX ? malloc((size_t)n) : NULL;
	uint8_t *end = der;

	if (der && tls->lib->i2d_X509(certificate, &end) == n)
		proto_tell_certificate(span_of(der, (size_t)n), facts);
	else
		proto_tell_certificate(span_of(none, 0), facts);
	if (tls->lib->X509_self_signed(certificate, 0) == 1)
		proto_add(facts, "self_signed", SPAN_LIT("yes"));
	if (tls->lib->X509_cmp_current_time(tls->lib->X509_get0_notAfter(certificate)) < 0)
		proto_add(facts, "expired", SPAN_LIT("yes"));
	if (tls->lib->X509_cmp_current_time(tls->lib->X509_get0_notBefore(certificate)) > 0)
		proto_add(facts, "not_yet_valid", SPAN_LIT("yes"));
}

void tls_tell(struct tls *tls, struct proto_facts *facts)
{
	static const char *const versions[] = {"tls1.0", "tls1.1", "tls1.2", "tls1.3"};
	int version = tls->lib->SSL_version(tls->ssl);
	const SSL_CIPHER *cipher = tls->lib->SSL_get_current_cipher(tls->ssl);
	X509 *certificate = tls->lib->SSL_get1_peer_certificate(tls->ssl);
	const uint8_t *alpn = NULL;
	unsigned n = 0;
	char text[8];

	if (version >= TLS1_VERSION && version <= TLS1_3_VERSION)
		proto_add(facts, "tls", span_str(versions[version - TLS1_VERSION]));
	snprintf(text, sizeof(text), "%04x",
		 cipher ? tls->lib->SSL_CIPHER_get_protocol_id(cipher) & 0xffffu : 0u);
	if (cipher)
		proto_add(facts, "cipher", span_str(text));
	tls->lib->SSL_get0_alpn_selected(tls->ssl, &alpn, &n);
	if (n)
		proto_add(facts, "alpn", span_of(alpn, n));
	if (certificate)
		tell_certificate(tls, certificate, facts);
	tls->lib->X509_free(certificate);
}

#else

struct tls_library *tls_load(void)
{
	return NULL;
}

struct tls *tls_new(const struct tls_library *lib, const char *host, const char *alpn)
{
	(void)lib, (void)host, (void)alpn;
	return NULL;
}

struct tls *tls_free(struct tls *tls)
{
	(void)tls;
	return NULL;
}

bool tls_feed(struct tls *tls, const uint8_t *bytes, size_t n)
{
	(void)tls, (void)bytes, (void)n;
	return false;
}

size_t tls_drain(struct tls *tls, uint8_t *bytes, size_t size)
{
	(void)tls, (void)bytes, (void)size;
	return 0;
}

int tls_shake(struct tls *tls)
{
	(void)tls;
	return -EPROTO;
}

ssize_t tls_say(struct tls *tls, const uint8_t *bytes, size_t n)
{
	(void)tls, (void)bytes, (void)n;
	return -EPROTO;
}

ssize_t tls_hear(struct tls *tls, uint8_t *bytes, size_t n)
{
	(void)tls, (void)bytes, (void)n;
	return -EPROTO;
}

void tls_part(struct tls *tls)
{
	(void)tls;
}

void tls_tell(struct tls *tls, struct proto_facts *facts)
{
	(void)tls, (void)facts;
}

#endif
