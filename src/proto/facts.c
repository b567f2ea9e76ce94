/* SPDX-License-Identifier: Apache-2.0 */
/* facts: numbers, bytes and addresses of foreign messages as text. */
#include "proto/facts.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

void facts_add(struct proto_facts *facts, const char *name, const char *format, ...)
{
	char text[PROTO_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	proto_add(facts, name, span_str(text));
}

static size_t hex(char *to, size_t size, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < bytes.n && n + 2 <= size; i++) {
		to[n++] = digits[bytes.p[i] >> 4];
		to[n++] = digits[bytes.p[i] & 15];
	}
	return n;
}

void facts_hex(struct proto_facts *facts, const char *name, struct span bytes)
{
	char text[PROTO_TEXT - 1];
	size_t n = hex(text, sizeof(text), bytes);

	if (n)
		proto_add(facts, name, span_of(text, n));
}

const char *facts_hex_text(char to[49], struct span bytes)
{
	to[hex(to, 48, bytes)] = 0;
	return to;
}

const char *facts_address_text(char to[FACTS_ADDRESS], struct span address)
{
	to[0] = 0;
	if (address.n == 4 || address.n == 16)
		inet_ntop(address.n == 4 ? AF_INET : AF_INET6, address.p, to, FACTS_ADDRESS);
	return to;
}

const char *facts_word(const struct facts_word *rows, size_t n_rows, unsigned code)
{
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].code == code)
			return rows[i].word;
	return NULL;
}
