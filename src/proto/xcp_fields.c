/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcp_fields: what stands where in XCP's commands and in their answers, as a table.
 *
 * Offsets are those of ASAM MCD-1 XCP as in vectorgrp/XCPlite src/xcp.h (CRO_ and CRM_). Numbers of
 * two and four bytes follow the slave's order; as long as it is not known they are shown as they
 * stand. A packet that is shorter than its row is told as far as it goes.
 */
#include "proto/xcp_fields.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/scope.h"
#include "proto/facts.h"

enum kind { NONE, BYTE, WORD, LONG, BITS, REST };
enum { ASKED_MAX = 6, ANSWERED_MAX = 7, VALUE = PROTO_TEXT };

struct field {
	const char *name;
	uint8_t at;
	uint8_t kind;
};

struct layout {
	uint8_t code, sub; /* sub: of the two codes that have one */
	struct field asked[ASKED_MAX];
	struct field answered[ANSWERED_MAX];
};

/* clang-format off */
static const struct layout layouts[] = {
	{0xfa, 0, {{"type", 1, BYTE}}, {{"mode", 1, BITS}, {"length", 4, LONG}}},
	{0xf9, 0, {{"mode", 1, BITS}, {"configuration", 2, WORD}}, {{0}}},
	{0xf8, 0, {{"mode", 1, BYTE}, {"resource", 2, BITS}}, {{"length", 1, BYTE}, {"seed", 2, REST}}},
	{0xf7, 0, {{"length", 1, BYTE}, {"key", 2, REST}}, {{"protection", 1, BITS}}},
	{0xf6, 0, {{"extension", 3, BYTE}, {"address", 4, LONG}}, {{0}}},
	{0xf5, 0, {{"size", 1, BYTE}}, {{"data", 1, REST}}},
	{0xf4, 0, {{"size", 1, BYTE}, {"extension", 3, BYTE}, {"address", 4, LONG}}, {{"data", 1, REST}}},
	{0xf3, 0, {{"size", 4, LONG}}, {{"type", 1, BYTE}, {"checksum", 4, LONG}}},
	{0xf0, 0, {{"size", 1, BYTE}, {"data", 2, REST}}, {{0}}},
	{0xef, 0, {{"size", 1, BYTE}, {"data", 2, REST}}, {{0}}},
	{0xee, 0, {{"data", 1, REST}}, {{0}}},
	{0xed, 0, {{"size", 1, BYTE}, {"extension", 3, BYTE}, {"address", 4, LONG}, {"data", 8, REST}}, {{0}}},
	{0xec, 0, {{"shift", 1, BYTE}, {"and", 2, WORD}, {"xor", 4, WORD}}, {{0}}},
	{0xeb, 0, {{"mode", 1, BITS}, {"segment", 2, BYTE}, {"page", 3, BYTE}}, {{0}}},
	{0xea, 0, {{"mode", 1, BITS}, {"segment", 2, BYTE}}, {{"page", 3, BYTE}}},
	{0xe9, 0, {{0}}, {{"segments", 1, BYTE}, {"properties", 2, BITS}}},
	{0xe8, 0, {{"mode", 1, BYTE}, {"segment", 2, BYTE}, {"index", 3, BYTE}, {"mapping", 4, BYTE}},
	 {{"info", 1, REST}}},
	{0xe7, 0, {{"segment", 2, BYTE}, {"page", 3, BYTE}}, {{"properties", 1, BITS}, {"init", 2, BYTE}}},
	{0xe6, 0, {{"mode", 1, BITS}, {"segment", 2, BYTE}}, {{0}}},
	{0xe5, 0, {{"segment", 2, BYTE}}, {{"mode", 2, BITS}}},
	{0xe4, 0, {{"segment", 1, BYTE}, {"page", 2, BYTE}, {"to segment", 3, BYTE}, {"page", 4, BYTE}}, {{0}}},
	{0xe3, 0, {{"list", 2, WORD}}, {{0}}},
	{0xe2, 0, {{"list", 2, WORD}, {"ODT", 4, BYTE}, {"entry", 5, BYTE}}, {{0}}},
	{0xe1, 0, {{"bit", 1, BYTE}, {"size", 2, BYTE}, {"extension", 3, BYTE}, {"address", 4, LONG}}, {{0}}},
	{0xe0, 0, {{"mode", 1, BITS}, {"list", 2, WORD}, {"event", 4, WORD}, {"prescaler", 6, BYTE},
	 {"priority", 7, BYTE}}, {{0}}},
	{0xdf, 0, {{"list", 2, WORD}},
	 {{"mode", 1, BITS}, {"event", 4, WORD}, {"prescaler", 6, BYTE}, {"priority", 7, BYTE}}},
	{0xde, 0, {{"mode", 1, BYTE}, {"list", 2, WORD}}, {{"first PID", 1, BYTE}}},
	{0xdd, 0, {{"mode", 1, BYTE}}, {{0}}},
	{0xdc, 0, {{0}}, {{"trigger", 2, BITS}, {"format", 3, BITS}, {"time", 4, LONG}}},
	{0xdb, 0, {{0}}, {{"bit", 1, BYTE}, {"size", 2, BYTE}, {"extension", 3, BYTE}, {"address", 4, LONG}}},
	{0xda, 0, {{0}}, {{"properties", 1, BITS}, {"lists", 2, WORD}, {"events", 4, WORD},
	 {"predefined", 6, BYTE}, {"key", 7, BITS}}},
	{0xd9, 0, {{0}}, {{"granularity", 1, BYTE}, {"most", 2, BYTE}, {"for stimulation", 3, BYTE},
	 {"most", 4, BYTE}, {"timestamp", 5, BITS}, {"ticks", 6, WORD}}},
	{0xd8, 0, {{"list", 2, WORD}}, {{"properties", 1, BITS}, {"ODTs", 2, BYTE}, {"entries", 3, BYTE},
	 {"event", 4, WORD}}},
	{0xd7, 0, {{"event", 2, WORD}}, {{"properties", 1, BITS}, {"lists", 2, BYTE}, {"name length", 3, BYTE},
	 {"cycle", 4, BYTE}, {"unit", 5, BYTE}, {"priority", 6, BYTE}}},
	{0xd5, 0, {{"lists", 2, WORD}}, {{0}}},
	{0xd4, 0, {{"list", 2, WORD}, {"ODTs", 4, BYTE}}, {{0}}},
	{0xd3, 0, {{"list", 2, WORD}, {"ODT", 4, BYTE}, {"entries", 5, BYTE}}, {{0}}},
	{0xd2, 0, {{0}}, {{"mode", 2, BITS}, {"max_cto", 3, BYTE}, {"block", 4, BYTE}, {"pause", 5, BYTE},
	 {"queue", 6, BYTE}}},
	{0xd1, 0, {{"mode", 1, BYTE}, {"range", 4, LONG}}, {{0}}},
	{0xd0, 0, {{"size", 1, BYTE}, {"data", 2, REST}}, {{0}}},
	{0xce, 0, {{0}}, {{"properties", 1, BITS}, {"sectors", 2, BYTE}}},
	{0xcd, 0, {{"mode", 1, BYTE}, {"sector", 2, BYTE}},
	 {{"clear", 1, BYTE}, {"program", 2, BYTE}, {"method", 3, BYTE}, {"info", 4, LONG}}},
	{0xcc, 0, {{"code size", 2, WORD}}, {{0}}},
	{0xcb, 0, {{"compression", 1, BYTE}, {"encryption", 2, BYTE}, {"programming", 3, BYTE},
	 {"access", 4, BYTE}}, {{0}}},
	{0xca, 0, {{"size", 1, BYTE}, {"data", 2, REST}}, {{"sequence", 1, BYTE}, {"expected", 2, BYTE}}},
	{0xc9, 0, {{"data", 1, REST}}, {{0}}},
	{0xc8, 0, {{"mode", 1, BYTE}, {"type", 2, WORD}, {"value", 4, LONG}}, {{0}}},
	{0xc7, 0, {{"entries", 1, BYTE}, {"first", 2, REST}}, {{0}}},
	{0xc6, 0, {{"set", 1, BITS}, {"get", 2, BITS}, {"cluster", 4, WORD}},
	 {{"configuration", 1, BITS}, {"clocks", 2, BITS}, {"state", 3, BITS}, {"info", 4, BITS},
	  {"cluster", 6, WORD}}},
	{0xfb, 0, {{0}}, {{"options", 2, BITS}, {"block", 4, BYTE}, {"pause", 5, BYTE}, {"queue", 6, BYTE},
	 {"driver", 7, BITS}}},
	{0xc0, 0x01, {{"list", 2, WORD}, {"mode", 4, BYTE}, {"time", 5, BYTE}, {"samples", 6, WORD}}, {{0}}},
	{0xc0, 0x02, {{"list", 2, WORD}}, {{"mode", 2, BYTE}}},
	{0xf2, 0xfa, {{"cluster", 2, WORD}, {"counter", 4, BYTE}}, {{"trigger", 2, BITS}, {"time", 4, LONG}}},
};
/* clang-format on */

static bool has_sub(uint8_t code)
{
	return code == XCP_TRANSPORT || code == XCP_COMMAND_FIRST;
}

static const struct layout *layout_of(struct span asked)
{
	for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
		if (layouts[i].code == asked.p[0] &&
		    (!has_sub(layouts[i].code) || (asked.n > 1 && layouts[i].sub == asked.p[1])))
			return &layouts[i];
	return NULL;
}

static void append(char text[VALUE], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(char text[VALUE], const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, VALUE - n, format, args);
	va_end(args);
}

static void put_number(char text[VALUE], const uint8_t *p, unsigned n, enum xcp_order order,
		       bool is_address)
{
	uint32_t value = 0;

	if (order == XCP_ORDER_UNKNOWN && n > 1) {
		char hex[49];

		append(text, "%s as it stands", facts_hex_text(hex, span_of(p, n)));
		return;
	}
	for (unsigned i = 0; i < n; i++)
		value = value << 8 | p[order == XCP_BIG ? i : n - 1 - i];
	append(text, is_address ? "%#x" : "%u", value);
}

static void put_fields(char text[VALUE], const struct field *fields, size_t n, struct span packet,
		       enum xcp_order order)
{
	static const uint8_t sizes[] = {[BYTE] = 1, [WORD] = 2, [LONG] = 4, [BITS] = 1, [REST] = 1};

	for (size_t i = 0; i < n && fields[i].kind != NONE; i++) {
		const struct field *f = &fields[i];
		unsigned size = sizes[f->kind];
		char hex[49];

		if (packet.n < f->at + (size_t)size)
			return;
		append(text, "%s%s ", i ? ", " : " ", f->name);
		if (f->kind == REST)
			append(text, "%s%s",
			       facts_hex_text(hex, span_cut(span_skip(packet, f->at), 24)),
			       packet.n > f->at + 24u ? "..." : "");
		else if (f->kind == BITS)
			append(text, "%02x", packet.p[f->at]);
		else
			put_number(text, packet.p + f->at, size, order,
				   span_is(span_str(f->name), "address"));
	}
}

void xcp_follow_command(struct span packet, enum xcp_order order, struct proto_facts *facts)
{
	const struct layout *row = layout_of(packet);
	char text[VALUE] = "";

	if (packet.p[0] < XCP_COMMAND_FIRST || !row) {
		xcp_tell_command(packet, facts);
		return;
	}
	append(text, "%s", xcp_command_name(packet));
	put_fields(text, row->asked, ASKED_MAX, packet, order);
	proto_add(facts, "command", span_str(text));
}

void xcp_follow_answer(struct span asked, struct span packet, enum xcp_order order,
		       struct proto_facts *facts)
{
	const struct layout *row = layout_of(asked);
	char text[VALUE] = "";

	if (packet.p[0] == XCP_ERROR && packet.n > 1) {
		facts_add(facts, "error", "%02x %s, to %s", packet.p[1],
			  xcp_error_name(packet.p[1]), xcp_command_name(asked));
		return;
	}
	bool is_text = asked.p[0] == XCP_GET_ID && packet.n > 8 && packet.p[1] & 1;

	if (packet.p[0] != XCP_RESPONSE || (!row && packet.n > 1) || is_text) {
		xcp_tell_answer(packet, order == XCP_BIG, facts);
		return;
	}
	append(text, "%s", xcp_command_name(asked));
	if (row)
		put_fields(text, row->answered, ANSWERED_MAX, packet, order);
	proto_add(facts, "answer", span_str(text));
}
