/* SPDX-License-Identifier: Apache-2.0 */
/* proto: the table of rows, and what is asked of all of them. */
#include "proto/proto.h"

#include "base/scope.h"

#define PROTO(name) extern const struct proto proto_##name;
#include "proto/proto.list"
#undef PROTO

static const struct proto *const protos[] = {
#define PROTO(name) &proto_##name,
#include "proto/proto.list"
#undef PROTO
};

size_t proto_count(void)
{
	return ARRAY_LEN(protos);
}

const struct proto *proto_at(size_t index)
{
	return protos[index];
}

const struct proto *proto_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(protos); i++)
		if (span_is(name, protos[i]->name))
			return protos[i];
	return NULL;
}

bool proto_is_hinted(const struct proto *proto, enum transport transport, uint16_t port)
{
	for (size_t i = 0; i < proto->n_hints; i++) {
		const struct proto_hint *hint = &proto->hints[i];

		if (hint->transport == transport && port >= hint->first && port <= hint->last)
			return true;
	}
	return false;
}

bool proto_is_class_a(enum transport transport, uint16_t port)
{
	for (size_t i = 0; i < ARRAY_LEN(protos); i++)
		if (protos[i]->safety == PROTO_A && proto_is_hinted(protos[i], transport, port))
			return true;
	return false;
}

const struct proto *proto_recognise(struct span bytes, enum proto_side side,
				    enum transport transport, uint16_t port,
				    enum proto_match *match)
{
	const struct proto *best = NULL;
	unsigned best_rank = 0;

	*match = PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(protos); i++) {
		enum proto_match m = protos[i]->recognise(bytes, side, transport);
		unsigned rank = 4u * (unsigned)m + 2u * (protos[i]->over != NULL) +
				proto_is_hinted(protos[i], transport, port);

		if (m == PROTO_NO || rank <= best_rank)
			continue;
		best = protos[i];
		best_rank = rank;
		*match = m;
	}
	return *match >= PROTO_MAYBE ? best : NULL;
}

static void copy(char to[PROTO_TEXT], struct span from)
{
	struct span cut = span_cut(from, PROTO_TEXT - 1);

	if (cut.n)
		memcpy(to, cut.p, cut.n);
	to[cut.n] = 0;
}

void proto_set_product(struct proto_facts *facts, const char *slug)
{
	copy(facts->product, span_str(slug));
}

void proto_set_version(struct proto_facts *facts, struct span version)
{
	copy(facts->version, version);
}

void proto_add(struct proto_facts *facts, const char *name, struct span value)
{
	if (facts->n_extras == PROTO_EXTRAS)
		return;

	struct proto_extra *extra = &facts->extras[facts->n_extras++];

	extra->name = name;
	copy(extra->value, value);
}

void proto_needs_no_login(struct proto_facts *facts)
{
	facts->needs_no_login = true;
	proto_add(facts, "auth", SPAN_LIT("none"));
}
