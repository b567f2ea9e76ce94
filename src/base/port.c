/* SPDX-License-Identifier: Apache-2.0 */
/* port: see port.h. The tables are made from the lists there, both directions. */
#include "base/port.h"

#include <errno.h>

#include "base/buf.h"
#include "base/scope.h"
#include "base/text.h"

static const struct {
	const char *word;
	int number;
} transports[] = {
#define T(name, word, number) {word, number},
	TRANSPORTS(T)
#undef T
};

static const struct {
	const char *word;
	uint16_t first;
	uint16_t last;
} spaces[] = {
#define S(name, word, first, last) {word, first, last},
	PORT_SPACES(S)
#undef S
};

const char *transport_word(enum transport transport)
{
	return transports[transport].word;
}

bool transport_parse(struct span word, enum transport *transport)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++)
		if (span_eq_nocase(word, span_str(transports[i].word))) {
			*transport = (enum transport)i;
			return true;
		}
	return false;
}

int transport_number(enum transport transport)
{
	return transports[transport].number;
}

enum transport transport_registered(enum transport transport)
{
	switch (transport) {
	case TRANSPORT_MPTCP: return TRANSPORT_TCP;
	case TRANSPORT_UDPLITE: return TRANSPORT_UDP;
	default: return transport;
	}
}

enum port_space port_space(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_LEN(spaces); i++)
		if (port <= spaces[i].last)
			return (enum port_space)i;
	return PORT_DYNAMIC;
}

const char *port_space_word(enum port_space space)
{
	return spaces[space].word;
}

bool port_query_looks_like(struct span text)
{
	if (text.n && text.p[0] == ':')
		text = span_skip(text, 1);
	return text.n && text.p[0] >= '0' && text.p[0] <= '9';
}

/* A number of the right shape but above 65535 gets the line that says so. */
static int number_parse(struct span text, uint16_t *port, struct why *why)
{
	uint64_t value;

	if (!span_u64(text, UINT64_MAX, &value))
		return why_set(why, EINVAL, _("'%.*s' is not a port: write 3000, 53/udp or 8000-8010"),
			       (int)(text.n < 64 ? text.n : 64), (const char *)text.p);
	if (value > PORT_MAX)
		return why_set(why, EINVAL, _("port '%.*s' is out of range: ports end at 65535"),
			       (int)(text.n < 64 ? text.n : 64), (const char *)text.p);
	*port = (uint16_t)value;
	return 0;
}

int port_query_parse(struct span text, struct port_query *query, struct why *why)
{
	struct port_query found = {.transport = TRANSPORT_ANY};
	struct span whole = text;

	if (text.n && text.p[0] == ':')
		text = span_skip(text, 1);

	ptrdiff_t slash = span_find_byte(text, '/');

	if (slash >= 0) {
		struct span word = span_skip(text, (size_t)slash + 1);

		if (!transport_parse(word, &found.transport))
			return why_set(why, EINVAL,
				       _("'%.*s' is not a transport: use tcp, udp, sctp or dccp"),
				       (int)(word.n < 64 ? word.n : 64), (const char *)word.p);
		text = span_cut(text, (size_t)slash);
	}

	ptrdiff_t dash = span_find_byte(text, '-');
	struct span first = dash < 0 ? text : span_cut(text, (size_t)dash);
	struct span last = dash < 0 ? text : span_skip(text, (size_t)dash + 1);
	int r = number_parse(first, &found.first, why);

	if (r == 0)
		r = number_parse(last, &found.last, why);
	if (r < 0)
		return r;
	if (found.first > found.last)
		return why_set(why, EINVAL, _("the range '%.*s' runs backwards: write %u-%u"),
			       (int)(whole.n < 64 ? whole.n : 64), (const char *)whole.p,
			       found.last, found.first);
	*query = found;
	return 0;
}

bool port_set_is_empty(const struct port_set *set)
{
	static const struct port_set none;

	return memcmp(set, &none, sizeof(none)) == 0;
}

void port_set_write(const struct port_set *set, struct buf *out)
{
	const char *comma = "";

	for (uint32_t first = 0; first < N_PORTS; first++) {
		uint32_t last = first;

		if (!port_set_has(set, (uint16_t)first))
			continue;
		while (last < PORT_MAX && port_set_has(set, (uint16_t)(last + 1)))
			last++;
		buf_print(out, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
		comma = ",";
		first = last;
	}
}

bool port_set_parse(struct span text, struct port_set *set)
{
	struct span item;

	if (text.n && text.p[text.n - 1] == ',')
		return false;
	while (text.n && take_until(&text, ',', &item)) {
		struct span first;
		struct span last = span_trim(item);
		bool is_range = span_find_byte(last, '-') >= 0;
		uint64_t value[2];

		if (!take_until(&last, '-', &first))
			return false;
		if (!is_range)
			last = first;
		if (!span_u64(first, PORT_MAX, &value[0]) || !span_u64(last, PORT_MAX, &value[1]) ||
		    value[0] > value[1])
			return false;
		for (uint64_t port = value[0]; port <= value[1]; port++)
			port_set_add(set, (uint16_t)port);
	}
	return true;
}
