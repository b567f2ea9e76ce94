/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtmp: a stream of pictures and sound begins with a handshake in which each side sends back what
 * the other has thought up. Ours is "periplus" again and again: who returns it speaks RTMP. Nothing
 * is connected, published or played.
 */
#include "proto/words.h"

/* Adobe's RTMP 1.0 section 5.2: one byte 3; time, zero (or a version), 1528 bytes of any kind; and
 * the same of the peer with the two times in front */
enum { VERSION = 3, PART = 1536, TIMES = 8, OURS = PART - TIMES, GREETING = 1 + PART };

static const char word[] = "periplus";

static bool is_ours(struct span echo)
{
	for (size_t i = 0; i < echo.n; i++)
		if (echo.p[i] != (uint8_t)word[i % (sizeof(word) - 1)])
			return false;
	return true;
}

/* Section 7.2.1.1: behind a client's handshake comes a chunk of type 20, the command "connect" in
 * AMF 0: a string of 7 bytes. */
static enum proto_match client(struct span s)
{
	static const uint8_t connect[] = {2, 0, 7, 'c', 'o', 'n', 'n', 'e', 'c', 't'};
	enum { CHUNK = 12 };

	if (s.n < GREETING + PART + CHUNK + sizeof(connect))
		return PROTO_MORE;
	s = span_skip(s, GREETING + PART + CHUNK);
	return words_begin(s, span_of(connect, sizeof(connect)));
}

/* Sections 5.3.1 and 5.4: to another client, a control message of stream 0 proves as much: size of
 * chunks, or of a window, in 4 or 5 bytes. */
static enum proto_match control(struct span s)
{
	enum { KIND = 7, HEAD = 12 };

	if (s.n < HEAD)
		return s.n && s.p[0] != 2 ? PROTO_NO : PROTO_MORE;
	if (s.p[0] != 2 || s.p[4] || s.p[5] || (s.p[6] != 4 && s.p[6] != 5) || s.p[8] || s.p[9] ||
	    s.p[10] || s.p[11])
		return PROTO_NO;
	return s.p[KIND] == 1 || s.p[KIND] == 5 || s.p[KIND] == 6 ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP || (bytes.n && bytes.p[0] != VERSION))
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return client(bytes);
	if (bytes.n < GREETING + PART)
		return PROTO_MORE;
	if (is_ours(span_cut(span_skip(bytes, GREETING + TIMES), OURS)))
		return PROTO_YES;
	return control(span_skip(bytes, GREETING + PART));
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP || size < GREETING)
		return 0;
	memset(out, 0, 1 + TIMES);
	out[0] = VERSION;
	for (size_t i = 0; i < OURS; i++)
		out[1 + TIMES + i] = (uint8_t)word[i % (sizeof(word) - 1)];
	return GREETING;
}

const struct proto proto_rtmp = {
	.name = "rtmp",
	.title = "Real-Time Messaging Protocol",
	PROTO_HINTS(PROTO_TCP(1935)),
	.safety = PROTO_B,
	.sends = N_("the first half of a handshake; nothing is connected"),
	.proves = N_("RTMP"),
	.source = "Adobe's Real Time Messaging Protocol 1.0, sections 5.2 and 7.2.1.1",
	.recognise = recognise,
	.greet = greet,
};
