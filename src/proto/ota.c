/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota: the datagrams of ArduinoOTA (see ota.h), both ways. The reader is stricter than the devices,
 * which skip blanks and never look at what follows: what both known hosts send is exact to the
 * byte.
 */
#include "proto/ota.h"

#include <stdio.h>

#include "base/scope.h"

static bool is_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f') ||
		      (s.p[i] >= 'A' && s.p[i] <= 'F')))
			return false;
	return true;
}

static bool is_digest(struct span s)
{
	return (s.n == OTA_MD5_HEX || s.n == OTA_SHA_HEX) && is_hex(s);
}

size_t ota_put_invitation(const struct ota_invitation *in, char out[OTA_DATAGRAM])
{
	int n = snprintf(out, OTA_DATAGRAM, "%u %u %lu %s\n", in->is_filesystem ? 100u : 0u,
			 in->port, (unsigned long)in->size, in->md5);

	return n > 0 && n < OTA_DATAGRAM ? (size_t)n : 0;
}

size_t ota_put_answer(struct span cnonce, struct span response, char out[OTA_DATAGRAM])
{
	int n = snprintf(out, OTA_DATAGRAM, "200 %.*s %.*s\n", SPAN_ARG(cnonce),
			 SPAN_ARG(response));

	return n > 0 && n < OTA_DATAGRAM ? (size_t)n : 0;
}

/* arduino-esp32 libraries/ArduinoOTA/src/ArduinoOTA.cpp */
static bool take_invitation(struct span s, struct ota_invitation *in)
{
	struct span command, port, size, md5;
	uint64_t code, number, bytes;

	if (!take_until(&s, ' ', &command) || !take_until(&s, ' ', &port) ||
	    !take_until(&s, ' ', &size) || !take_span(&s, OTA_MD5_HEX, &md5) || !span_is(s, "\n"))
		return false;
	if (command.n > 3 || !span_u64(command, 100, &code) || (code != 0 && code != 100) ||
	    port.n > 5 || !span_u64(port, PORT_MAX, &number) || size.n > 10 ||
	    !span_u64(size, UINT32_MAX, &bytes) || !is_hex(md5))
		return false;
	in->is_filesystem = code == 100;
	in->port = (uint16_t)number;
	in->size = (uint32_t)bytes;
	memcpy(in->md5, md5.p, OTA_MD5_HEX);
	in->md5[OTA_MD5_HEX] = 0;
	return true;
}

static bool take_answer(struct span s, struct span *cnonce, struct span *response)
{
	struct span command;

	return span_ends(s, "\n") && take_until(&s, ' ', &command) && take_until(&s, ' ', cnonce) &&
	       take_until(&s, '\n', response) && s.n == 0 && span_is(command, "200") &&
	       is_digest(*cnonce) && is_digest(*response) && response->n == cnonce->n;
}

struct ota_ask ota_read_ask(struct span datagram)
{
	struct ota_ask ask = {.kind = OTA_ASK_OTHER};

	if (take_invitation(datagram, &ask.invitation))
		ask.kind = OTA_ASK_INVITATION;
	else if (take_answer(datagram, &ask.cnonce, &ask.response))
		ask.kind = OTA_ASK_ANSWER;
	return ask;
}

struct ota_reply ota_read_reply(struct span datagram)
{
	struct ota_reply reply = {.kind = OTA_REPLY_OTHER, .text = datagram};

	if (span_is(datagram, "OK"))
		reply.kind = OTA_REPLY_OK;
	else if (span_is(datagram, "Authentication Failed"))
		reply.kind = OTA_REPLY_DENIED;
	else if (span_starts(datagram, "AUTH ") && is_digest(span_skip(datagram, 5)))
		reply = (struct ota_reply){OTA_REPLY_NONCE, span_skip(datagram, 5)};
	else if (span_starts(datagram, "ERR: "))
		reply = (struct ota_reply){OTA_REPLY_ERROR, span_trim(span_skip(datagram, 5))};
	return reply;
}
