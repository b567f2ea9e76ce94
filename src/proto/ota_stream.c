/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_stream: what a device says on the TCP connection that it opened: counts in decimal, glued
 * together, and at the end "OK" or a text. The result begins at the first byte that is no digit,
 * and only "OK" with nothing but blanks about it is a success; "O" may still become one.
 */
#include "proto/ota.h"

void ota_stream_take(struct ota_stream *stream, struct span bytes)
{
	size_t room;

	while (stream->n == 0 && bytes.n && bytes.p[0] >= '0' && bytes.p[0] <= '9') {
		stream->n_digits++;
		bytes = span_skip(bytes, 1);
	}
	room = sizeof(stream->text) - stream->n;
	stream->is_cut = stream->is_cut || bytes.n > room;
	bytes = span_cut(bytes, room);
	if (bytes.n)
		memcpy(stream->text + stream->n, bytes.p, bytes.n);
	stream->n += bytes.n;
}

struct span ota_stream_text(const struct ota_stream *stream)
{
	return span_trim(span_of(stream->text, stream->n));
}

enum ota_result ota_stream_result(const struct ota_stream *stream, bool is_closed)
{
	struct span text = ota_stream_text(stream);

	if (span_is(text, "OK") && !stream->is_cut)
		return OTA_DONE;
	if (stream->is_cut)
		return OTA_ERROR;
	if (is_closed)
		return text.n ? OTA_ERROR : OTA_ENDED;
	/* both cores end an error with a line feed, and then close */
	return text.n && span_ends(span_of(stream->text, stream->n), "\n") ? OTA_ERROR
									   : OTA_RUNNING;
}
