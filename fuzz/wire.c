/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: any packets. The first byte picks the link layer and whether messages are told, then come
 * packets, each behind its length of two bytes; what is learned goes through a pipe and back.
 */
#include <stdlib.h>
#include <unistd.h>

#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void check_text(const char *text, size_t size)
{
	if (!memchr(text, 0, size))
		abort();
}

/* A record that we have written is one that we take. */
static void there_and_back(const struct wire_record *record)
{
	struct wire_record back;
	int ends[2];

	if (pipe(ends) < 0)
		return;
	if (wire_write(ends[1], record) < 0 || wire_read(ends[0], &back) != 1 ||
	    back.kind != record->kind)
		abort();
	close(ends[0]);
	close(ends[1]);
}

static void check(const struct wire *wire)
{
	struct wire_record record = {.kind = WIRE_IS_CONVERSATION};
	const struct wire_counts *counts = wire_counts(wire);
	const struct wire_conversation *c;
	const struct wire_line *line;
	uint64_t n = 0;

	for (int fate = 0; fate < N_WIRE_FATES; fate++)
		n += counts->fates[fate];
	if (n != counts->packets)
		abort();
	n = 0;
	for (size_t i = 0; (c = wire_at(wire, i)); i++) {
		n += c->packets[0] + c->packets[1];
		record.conversation = *c;
		there_and_back(&record);
	}
	if (n != counts->fates[WIRE_READ])
		abort();
	record.kind = WIRE_IS_LINE;
	for (size_t i = 0; (line = wire_line_at(wire, i)); i++) {
		check_text(line->text, sizeof(line->text));
		record.line = *line;
		there_and_back(&record);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of(p, n);
	struct wire *wire;
	struct span packet;
	uint16_t length;
	uint8_t first;
	int64_t at = 0;

	if (!take_u8(&rest, &first))
		return 0;
	wire = wire_new(first & 0x80);
	while (wire && take_u16be(&rest, &length)) {
		packet = span_cut(rest, length);
		rest = span_skip(rest, length);
		wire_put(wire, (enum wire_link)((first & 0x7f) % N_WIRE_LINKS), packet, length,
			 at++);
	}
	if (wire) {
		wire_end(wire);
		check(wire);
		wire_free(wire);
	}
	return 0;
}
