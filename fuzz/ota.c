/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota: ArduinoOTA's exchange. The first byte picks what the rest is: a host's datagram, a device's
 * datagram, a device's stream (cut where the second byte says), or messages of boards. What was
 * understood is written again and must come out the same.
 */
#include <stdlib.h>

#include "proto/ota.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void ask(struct span bytes)
{
	struct ota_ask ask = ota_read_ask(bytes);
	char out[OTA_DATAGRAM];

	if (ask.kind == OTA_ASK_ANSWER &&
	    !span_eq(span_of(out, ota_put_answer(ask.cnonce, ask.response, out)), bytes))
		abort();
	/* leading zeros may differ, so the second reading is compared */
	if (ask.kind == OTA_ASK_INVITATION) {
		struct ota_ask again =
			ota_read_ask(span_of(out, ota_put_invitation(&ask.invitation, out)));

		if (again.kind != OTA_ASK_INVITATION ||
		    again.invitation.size != ask.invitation.size ||
		    again.invitation.port != ask.invitation.port ||
		    again.invitation.is_filesystem != ask.invitation.is_filesystem ||
		    memcmp(again.invitation.md5, ask.invitation.md5, OTA_MD5_HEX + 1) != 0)
			abort();
	}
}

static void reply(struct span bytes)
{
	struct ota_reply reply = ota_read_reply(bytes);

	if (reply.kind == OTA_REPLY_NONCE && reply.text.n != OTA_MD5_HEX &&
	    reply.text.n != OTA_SHA_HEX)
		abort();
	ota_error_find(reply.text);
}

/* However the stream is cut, it says the same. */
static void stream(struct span bytes)
{
	struct ota_stream whole = {0};
	struct ota_stream parts = {0};
	uint8_t cut;

	if (!take_u8(&bytes, &cut))
		return;
	ota_stream_take(&whole, bytes);
	ota_stream_take(&parts, span_cut(bytes, cut));
	ota_stream_take(&parts, span_skip(bytes, cut));
	if (ota_stream_result(&whole, true) != ota_stream_result(&parts, true) ||
	    ota_stream_result(&whole, false) != ota_stream_result(&parts, false) ||
	    !span_eq(ota_stream_text(&whole), ota_stream_text(&parts)))
		abort();
	ota_error_find(ota_stream_text(&whole));
}

/* Messages, each after its length in two bytes, into one table; then the next question. */
static void boards(struct span bytes)
{
	static struct ota_boards boards;
	uint8_t out[512];
	struct span message;
	uint16_t length;

	boards.n = boards.n_hosts = boards.n_dropped = 0;
	while (take_u16be(&bytes, &length)) {
		if (!take_span(&bytes, length, &message))
			message = bytes;
		ota_boards_take(&boards, message, 7, 2);
		if (message.p == bytes.p)
			break;
	}
	ota_boards_join(&boards);
	if (boards.n > OTA_BOARDS || boards.n_hosts > OTA_HOSTS)
		abort();
	for (size_t i = 0; i < boards.n; i++)
		ota_board_is_whole(&boards.rows[i]);
	if (ota_put_question(&boards, 7, out, sizeof(out)) > sizeof(out))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static void (*const readers[])(struct span) = {ask, reply, stream, boards};

	if (n)
		readers[p[0] % 4](span_of(p + 1, n - 1));
	return 0;
}
