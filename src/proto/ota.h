/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota: ArduinoOTA's exchange, written and read. A door of proto beside proto.h, for the one command
 * that takes part in it. Pure: no socket, no clock, and no hash: who has a library for MD5 and
 * SHA-256 makes the responses, here are only their places.
 *
 * Read at espressif/arduino-esp32 and esp8266/Arduino: libraries/ArduinoOTA, tools/espota.py.
 *
 *     host   -> device  UDP  "0 PORT SIZE MD5\n"            firmware; 100: file system
 *     device -> host    UDP  "OK" | "AUTH NONCE" | "ERR: TEXT\n"
 *     host   -> device  UDP  "200 CNONCE RESPONSE\n"
 *     device -> host    UDP  "OK" | "Authentication Failed" | "ERR: TEXT\n"
 *     device -> host    TCP  connects to PORT; after each read the bytes stored, in decimal, with
 *                            nothing between; last "OK", or a text that says what went wrong
 *
 * A device that waits for an answer to its nonce takes any other datagram as the end of it, and
 * says nothing: a second invitation is swallowed there. OTA_CANCEL goes before it.
 */
#ifndef PERIPLUS_PROTO_OTA_H
#define PERIPLUS_PROTO_OTA_H

#include "base/address.h"
#include "base/port.h"
#include "base/span.h"

enum { OTA_MD5_HEX = 32, OTA_SHA_HEX = 64, OTA_DATAGRAM = 192, OTA_TEXT = 200 };
enum { OTA_PORT_ESP32 = 3232, OTA_PORT_ESP8266 = 8266 };

#define OTA_CANCEL "1\n"

struct ota_invitation {
	bool is_filesystem;
	uint16_t port; /* TCP, of the host */
	uint32_t size; /* bytes of the image */
	char md5[OTA_MD5_HEX + 1];
};

/* Write a datagram without NUL; return its length. */
size_t ota_put_invitation(const struct ota_invitation *in, char out[OTA_DATAGRAM]);
/* cnonce and response are hex and as long as the nonce, at most OTA_SHA_HEX. */
size_t ota_put_answer(struct span cnonce, struct span response, char out[OTA_DATAGRAM]);

/* What a host says. OTHER is nothing of this protocol. */
enum ota_ask_kind { OTA_ASK_OTHER, OTA_ASK_INVITATION, OTA_ASK_ANSWER };

struct ota_ask {
	enum ota_ask_kind kind;
	struct ota_invitation invitation;
	struct span cnonce, response; /* of an answer: hex, equally long, 32 or 64 */
};

struct ota_ask ota_read_ask(struct span datagram);

/* What a device says by UDP. Text: the nonce (hex), or what went wrong, bytes of the device. */
enum ota_reply_kind {
	OTA_REPLY_OTHER,
	OTA_REPLY_OK,
	OTA_REPLY_NONCE,
	OTA_REPLY_DENIED,
	OTA_REPLY_ERROR,
};

struct ota_reply {
	enum ota_reply_kind kind;
	struct span text;
};

struct ota_reply ota_read_reply(struct span datagram);

/* What a device says by TCP, taken as it comes. Counts glue together ("14601460"), so nothing is
 * added up: they only say that bytes were taken. A zeroed one is the beginning. */
struct ota_stream {
	uint64_t n_digits;   /* of counts heard so far */
	char text[OTA_TEXT]; /* the result, from its first byte that is no digit; no NUL */
	size_t n;
	bool is_cut; /* the result was longer */
};

enum ota_result {
	OTA_RUNNING, /* counts only, or a text that may go on */
	OTA_DONE,    /* "OK" */
	OTA_ERROR,   /* a whole text that is not OK */
	OTA_ENDED,   /* closed without a result */
};

void ota_stream_take(struct ota_stream *stream, struct span bytes);
enum ota_result ota_stream_result(const struct ota_stream *stream, bool is_closed);
struct span ota_stream_text(const struct ota_stream *stream); /* without blanks and line ends */

/* The texts of both cores' updaters; and ours, when we are the device. */
struct ota_error {
	unsigned code;      /* of "ERROR[n]" as the ESP8266 core numbers them; 0: has none */
	const char *text;   /* begins the device's text, behind the number where there is one */
	const char *remedy; /* N_(): what it means and what helps */
};

/* NULL when the text is of neither core. */
const struct ota_error *ota_error_find(struct span text);
const struct ota_error *ota_error_at(unsigned code); /* 1-16, else NULL */

/* Boards that announce themselves (DNS-SD, type _arduino._tcp). Texts are bytes of the network. */
enum { OTA_NAME = 256, OTA_BOARDS = 256, OTA_HOSTS = 512 };
enum ota_auth { OTA_AUTH_UNKNOWN, OTA_AUTH_NO, OTA_AUTH_YES };

struct ota_board {
	char name[OTA_NAME]; /* instance, one label, before "._arduino._tcp.local" */
	size_t n_name;
	char host[OTA_NAME];
	size_t n_host;
	char board[OTA_NAME];
	size_t n_board;
	uint16_t port; /* UDP, whatever the type says; 0: not heard */
	enum ota_auth auth;
	struct address address; /* family NONE: not heard */
};

struct ota_host {
	char name[OTA_NAME];
	size_t n_name;
	struct address address;
};

/* Fixed size: what strangers say beyond it is counted and dropped. */
struct ota_boards {
	struct ota_board rows[OTA_BOARDS];
	size_t n;
	struct ota_host hosts[OTA_HOSTS];
	size_t n_hosts;
	size_t n_dropped;
};

/* The question for boards, and for what is missing of those known. Returns its length. */
size_t ota_put_question(const struct ota_boards *boards, uint16_t id, uint8_t *out, size_t size);
/* Takes what one message tells; `interface` is set in link-local addresses. False when it is no
 * well-formed answer with this id or 0. */
bool ota_boards_take(struct ota_boards *boards, struct span message, uint16_t id,
		     uint32_t interface);
/* Gives each board the address of its host. */
void ota_boards_join(struct ota_boards *boards);
bool ota_board_is_whole(const struct ota_board *board);

#endif
