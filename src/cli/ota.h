/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota: what the command and its helper, periplus-ota (it links libcrypto), share, and the parts of
 * the helper.
 *
 *     ota.c             the command: starts the helper
 *     ota_program.c     main of the helper: options and subcommands
 *     ota_net.c         time, addresses, sockets
 *     ota_digest.c      MD5, and the responses to a nonce
 *     ota_push.c        many uploads side by side
 *     ota_upload.c      one upload: the host's side of the exchange
 *     ota_progress.c    bars on a terminal
 *     ota_push_show.c   what became of each upload
 *     ota_listen.c      the device's side of the exchange
 *     ota_receive.c     its TCP connection
 *     ota_list.c        who announces ArduinoOTA
 */
#ifndef PERIPLUS_CLI_OTA_H
#define PERIPLUS_CLI_OTA_H

#include <poll.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "base/why.h"
#include "proto/ota.h"

enum { OTA_FOR_LIST = 1, OTA_FOR_PUSH = 2, OTA_FOR_LISTEN = 4 };

/* name in C, word, letter, argument, which subcommands take it, what it does; sorted by word */
#define OTA_OPTIONS(O)                                                                             \
	O(AUTH, "auth", 0, "SCHEME", OTA_FOR_LISTEN,                                               \
	  N_("listen: none, md5 or sha256 (sha256 when there is a password)"))                     \
	O(FILESYSTEM, "filesystem", 0, NULL, OTA_FOR_PUSH,                                         \
	  N_("push: the image is of the file system, not firmware"))                               \
	O(HOST_PORT, "host-port", 0, "PORT", OTA_FOR_PUSH,                                         \
	  N_("push: first TCP port to be called back on (any free)"))                              \
	O(INTERFACE, "interface", 'i', "NAME", OTA_FOR_LIST, N_("list: ask on this one (all)"))    \
	O(MAX_SIZE, "max-size", 0, "BYTES", OTA_FOR_LISTEN,                                        \
	  N_("listen: refuse larger images (16M)"))                                                \
	O(ONCE, "once", '1', NULL, OTA_FOR_LISTEN, N_("listen: end after one upload"))             \
	O(OUTPUT, "output", 'o', "FILE", OTA_FOR_LISTEN,                                           \
	  N_("listen: keep the image here (it is dropped)"))                                       \
	O(PASSWORD_FILE, "password-file", 0, "FILE", OTA_FOR_PUSH | OTA_FOR_LISTEN,                \
	  N_("its first line is the password; '-' is standard input"))                             \
	O(PORT, "port", 'p', "PORT", OTA_FOR_PUSH,                                                 \
	  N_("push: UDP port of devices (3232; ESP8266: 8266)"))                                   \
	O(RETRIES, "retries", 0, "N", OTA_FOR_PUSH, N_("push: how often to try again (3)"))        \
	O(TIMEOUT, "timeout", 0, "SECONDS", OTA_FOR_LIST | OTA_FOR_PUSH | OTA_FOR_LISTEN,          \
	  N_("patience with one answer (10; list: 3)"))

#define O(name, word, letter, argument, whose, does) OTA_##name,
enum { OTA_OPTIONS(O) N_OTA_OPTIONS };
#undef O

enum ota_format { OTA_TEXT_LINES, OTA_PLAIN, OTA_JSON, OTA_NDJSON };

/* What the helper has found out before a subcommand runs. */
struct ota {
	const char *values[N_OTA_OPTIONS]; /* NULL: not given */
	enum ota_format format;
	bool is_quiet, is_verbose, has_color, fails_on_look;
	unsigned timeout_ms;
	struct buf out; /* standard output */
	char password[256];
	size_t n_password; /* 0 without password */
};

/* Prints one line on stderr, "periplus: ...", bytes of the outside escaped; returns status. */
int ota_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A remark on stderr unless -q. */
void ota_remark(const struct ota *ota, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A number of an option, in min..max; false after having printed why. `usual` where it is absent.
 */
bool ota_number(const struct ota *ota, int option, uint64_t usual, uint64_t min, uint64_t max,
		uint64_t *value) must_check;

/* Subcommands: return an exit status. */
int ota_list(struct ota *ota, int argc, char **argv);
int ota_listen(struct ota *ota, int argc, char **argv);
int ota_push(struct ota *ota, int argc, char **argv);

/* --- ota_net.c */
int64_t ota_now_ms(void); /* monotonic */

struct ota_peer {
	struct address address;
	uint16_t port;
};

union ota_socket_address {
	struct sockaddr any;
	uint8_t room[64];
};

socklen_t ota_socket_address(const struct ota_peer *peer, union ota_socket_address *to);
bool ota_peer_of(const union ota_socket_address *from, struct ota_peer *peer);
/* "HOST", "HOST:PORT", "[ADDRESS]:PORT" or "ADDRESS"; 0 or a negative errno with why. */
int ota_resolve(struct span text, uint16_t usual_port, struct ota_peer *peer,
		struct why *why) must_check;
bool ota_same_address(const struct address *a, const struct address *b); /* mapped forms too */
void ota_put_peer(struct buf *b, const struct ota_peer *peer);
void ota_put_address(struct buf *b, const struct address *address); /* with %interface */
/* "[::1]:3232" or "192.0.2.7:3232" in `text`, for messages; returns text. */
enum { OTA_PEER_TEXT = 96 };
const char *ota_peer_text(const struct ota_peer *peer, char text[OTA_PEER_TEXT]);
/* Waits for events until the monotonic deadline: 1, 0 when it is over, or a negative errno. */
int ota_wait(int fd, short events, int64_t deadline_ms);

/* --- ota_digest.c */
enum ota_scheme { OTA_NONE, OTA_MD5, OTA_SHA256, OTA_SHA256_OF_MD5 };
const char *ota_scheme_word(enum ota_scheme scheme);

/* All hex is lower case and ends in NUL. False when the library fails. */
bool ota_md5(struct span bytes, char hex[OTA_MD5_HEX + 1]) must_check;
bool ota_random_hex(size_t n_digits, char *hex) must_check;
/* The response to a nonce. OTA_SHA256_OF_MD5: the device keeps the MD5 of its password. */
bool ota_response(enum ota_scheme scheme, struct span password, struct span nonce,
		  struct span cnonce, char hex[OTA_SHA_HEX + 1]) must_check;
bool ota_same_secret(struct span a, struct span b); /* in constant time */

/* --- ota_upload.c: one upload, driven by events */

/* Why an upload failed. name, word in JSON, exit status */
#define OTA_FAILURES(F)                                                                            \
	F(NOTHING, "none", 0)                                                                      \
	F(LOCAL, "local", EX_OSERR)                                                                \
	F(NO_ANSWER, "no-answer", EX_UNAVAILABLE)                                                  \
	F(UNREACHABLE, "unreachable", EX_UNAVAILABLE)                                              \
	F(NO_CALL, "no-call", EX_UNAVAILABLE)                                                      \
	F(LOST, "lost", EX_TEMPFAIL)                                                               \
	F(STALLED, "stalled", EX_TEMPFAIL)                                                         \
	F(BAD_ANSWER, "bad-answer", EX_PROTOCOL)                                                   \
	F(REFUSED, "refused", EX_PROTOCOL)                                                         \
	F(DEVICE, "device-error", EX_PROTOCOL)                                                     \
	F(NEEDS_PASSWORD, "needs-password", EX_NOPERM)                                             \
	F(WRONG_PASSWORD, "wrong-password", EX_NOPERM)
#define F(name, word, status) OTA_FAIL_##name,
enum ota_failure { OTA_FAILURES(F) N_OTA_FAILURES };
#undef F
const char *ota_failure_word(enum ota_failure failure);
int ota_failure_status(enum ota_failure failure);

enum ota_state {
	OTA_QUEUED,
	OTA_PAUSING, /* a cancel was sent; the invitation follows */
	OTA_INVITED,
	OTA_ANSWERED, /* the response to its nonce was sent */
	OTA_AWAITED,  /* it said OK and will call */
	OTA_SENDING,
	OTA_VERIFYING, /* all is sent */
	OTA_UPLOADED,
	OTA_FAILED,
};

/* What all uploads share. */
struct ota_image {
	struct span bytes;
	const char *name;
	bool is_filesystem;
	char md5[OTA_MD5_HEX + 1];
	unsigned tries; /* invitations at most */
	unsigned timeout_ms;
	uint16_t host_port; /* of the first upload; 0: any */
	struct span password;
};

struct ota_upload {
	const struct ota_image *image;
	const char *word; /* as the user named it */
	struct ota_peer peer;
	size_t index;
	enum ota_state state;
	int udp, listener, tcp; /* -1: closed */
	uint16_t call_port;
	unsigned n_invitations;
	enum ota_scheme scheme; /* of the password that was accepted, or is tried */
	bool tries_md5;         /* SHA-256 of the password was refused: MD5 of it is next */
	bool may_send;          /* the last chunk was counted */
	size_t n_sent;
	struct ota_stream stream;
	int64_t began_ms, ended_ms, deadline_ms, limit_ms; /* limit: of the whole transfer */
	enum ota_failure failure;
	char said[OTA_TEXT]; /* of the device, when it failed */
	size_t n_said;
	struct why why; /* of LOCAL and UNREACHABLE */
};

void ota_upload_start(struct ota_upload *up, int64_t now_ms);
/* What it waits for; the three entries have fd -1 where nothing is. */
void ota_upload_poll(const struct ota_upload *up, struct pollfd fds[3]);
void ota_upload_events(struct ota_upload *up, const struct pollfd fds[3], int64_t now_ms);
void ota_upload_time(struct ota_upload *up, int64_t now_ms); /* when its deadline is over */
void ota_upload_done(struct ota_upload *up);                 /* closes what is open */
static inline bool ota_upload_is_over(const struct ota_upload *up)
{
	return up->state == OTA_UPLOADED || up->state == OTA_FAILED;
}

/* --- ota_progress.c */
struct ota_progress {
	bool is_on;
	unsigned n_lines; /* drawn, above the cursor */
	int64_t next_ms;
};

void ota_progress_draw(struct ota_progress *progress, const struct ota_upload *ups, size_t n,
		       int64_t now_ms);
void ota_progress_clear(struct ota_progress *progress);

/* --- ota_push_show.c: one upload that is over, in the format chosen */
void ota_push_show(struct ota *ota, const struct ota_upload *up, bool first, bool last);

/* --- ota_receive.c: the device's TCP connection */

/* What became of an image. name, word in JSON, number of the device's error, exit status */
#define OTA_VERDICTS(V)                                                                            \
	V(RECEIVED, "received", 0, 0)                                                              \
	V(NOT_CALLED, "no-call", 0, EX_UNAVAILABLE)                                                \
	V(SHORT, "short", 6, EX_DATAERR)                                                           \
	V(LONG, "long", 4, EX_DATAERR)                                                             \
	V(DAMAGED, "damaged", 7, EX_DATAERR)                                                       \
	V(SLOW, "slow", 6, EX_TEMPFAIL)                                                            \
	V(UNKEPT, "not-kept", 1, EX_CANTCREAT)
#define V(name, word, error, status) OTA_VERDICT_##name,
enum ota_verdict { OTA_VERDICTS(V) N_OTA_VERDICTS };
#undef V
const char *ota_verdict_word(enum ota_verdict verdict);
int ota_verdict_status(enum ota_verdict verdict);

struct ota_receipt {
	enum ota_verdict verdict;
	int fd;         /* owned; -1: not connected */
	uint8_t *bytes; /* owned */
	size_t n;
	char md5[OTA_MD5_HEX + 1]; /* of what came, when all came */
	struct why why;            /* of NOT_CALLED and UNKEPT */
};

/* Calls the host back from the own address and takes the image. Nothing is kept and no result is
 * said yet: the caller may still turn RECEIVED into UNKEPT. */
void ota_receive(const struct ota_peer *own, const struct ota_peer *host,
		 const struct ota_invitation *in, unsigned timeout_ms, struct ota_receipt *receipt);
/* Says OK or what is wrong, and hangs up. The bytes stay. */
void ota_receive_end(struct ota_receipt *receipt, const struct ota_invitation *in);
void ota_receipt_done(struct ota_receipt *receipt);

#endif
