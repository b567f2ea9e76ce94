/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls: a client's side of TLS by OpenSSL, over bytes that somebody else carries. Private to scan.
 *
 * The library is looked for when it is first wanted and never linked: without it, or where this
 * program was built without its headers, tls_load says no, and what is inside of TLS stays unseen.
 * It must be loaded before the jail is closed. No certificate is verified: whom a name belongs to
 * is not asked here, and a wrong one must not hide the answer. Ephemeral Diffie-Hellman over
 * numbers is not offered, because the peer chooses how dear it is.
 */
#ifndef PERIPLUS_SCAN_TLS_H
#define PERIPLUS_SCAN_TLS_H

#include <sys/types.h>

#include "proto/proto.h"

struct tls;
struct tls_library;

/* NULL: there is none, or not enough memory. It lives as long as the process. */
struct tls_library *tls_load(void);

/* host: asked for by that name (RFC 6066 section 3); NULL: by none. alpn: this is offered and nothing
 * else; NULL: what may be spoken without knowing of it. NULL: no library, or no memory. */
struct tls *tls_new(const struct tls_library *library, const char *host, const char *alpn);
struct tls *tls_free(struct tls *tls);
/* What came from the peer, and what shall go to it (0: nothing). */
bool tls_feed(struct tls *tls, const uint8_t *bytes, size_t n) must_check;
size_t tls_drain(struct tls *tls, uint8_t *bytes, size_t size);
/* 0: the handshake is done; -EAGAIN: it needs more of the peer; -EPROTO: it has failed. */
int tls_shake(struct tls *tls);
/* As send and recv, with a negative errno instead of -1; 0: the peer has ended it. */
ssize_t tls_say(struct tls *tls, const uint8_t *bytes, size_t n);
ssize_t tls_hear(struct tls *tls, uint8_t *bytes, size_t n);
/* Says goodbye; what is drained after it is the last. */
void tls_part(struct tls *tls);
/* Version, cipher, ALPN, and what the certificate says of itself. After the handshake. */
void tls_tell(struct tls *tls, struct proto_facts *facts);

#endif
