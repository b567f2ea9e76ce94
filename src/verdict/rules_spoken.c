/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_spoken: what a socket said when it was asked (--probe), beside who holds it. Without that
 * option nothing was asked, and these rules are silent.
 *
 * Only a proved protocol counts. TLS that was not looked into counts for nothing: anything may be
 * inside. Web pages of management are everywhere, and a product's list of protocols is seldom
 * whole: so another protocol weighs only on the product's own usual number, where the list says
 * what is spoken.
 */
#include "proto/proto.h"
#include "verdict/matter.h"

/* "http" where permify, which travels in it, was proved. */
static bool travels_in(const struct proto *proto, struct span name)
{
	for (; proto; proto = proto->over ? proto_find(span_str(proto->over)) : NULL)
		if (span_is(name, proto->name))
			return true;
	return false;
}

/* What was not looked into: anything may be inside. */
static bool is_shell(const struct proto *proto)
{
	return travels_in(proto, SPAN_LIT("tls")) || travels_in(proto, SPAN_LIT("dtls")) ||
	       travels_in(proto, SPAN_LIT("quic"));
}

static const struct proto *proved(const struct matter *m)
{
	const struct spoken *spoken = m->sighting->spoken;

	return spoken && spoken->state == SPOKEN_PROVED ? proto_find(spoken->protocol) : NULL;
}

static bool is_listed(const struct proto *proto, struct span protocols)
{
	struct span word;

	while (take_until(&protocols, ',', &word))
		if (travels_in(proto, span_trim(word)))
			return true;
	return false;
}

/* Whether a row would have known each of the protocols: else "another" proves nothing. */
static bool are_all_rows(struct span protocols)
{
	struct span word;
	size_t n = 0;

	while (take_until(&protocols, ',', &word)) {
		if (!proto_find(span_trim(word)))
			return false;
		n++;
	}
	return n > 0;
}

/* Practice knows the product on the number, and better than by hearsay. */
static bool is_usual(const struct matter *m, const struct map_product *product)
{
	struct map_practice fact;
	uint32_t cursor = 0;

	while (map_next_practice(m->map, m->sighting->port, m->transport, &cursor, &fact))
		if (fact.kind != PRACTICE_MALWARE && fact.grade != GRADE_UNCONFIRMED &&
		    span_eq(fact.product, product->slug))
			return true;
	return false;
}

/* Whether some product that practice has on the number speaks it. */
static bool is_practised(const struct matter *m, const struct proto *proto)
{
	struct map_practice fact;
	struct map_product product;
	uint32_t cursor = 0;

	while (map_next_practice(m->map, m->sighting->port, m->transport, &cursor, &fact))
		if (fact.kind != PRACTICE_MALWARE &&
		    map_product_find(m->map, fact.product, &product) &&
		    is_listed(proto, product.protocols))
			return true;
	return false;
}

static bool is_registered(const struct matter *m)
{
	struct map_registration row;
	uint32_t cursor = 0;

	while (map_next_registration(m->map, m->sighting->port, m->transport, &cursor, &row))
		if (row.service.n && spoken_is_described(m, &row))
			return true;
	return false;
}

struct span matter_spoken(const struct matter *m)
{
	const struct spoken *s = m->sighting->spoken;

	if (!s || s->state != SPOKEN_PROVED)
		return span_of(NULL, 0);
	if (!s->product.n)
		return s->protocol;
	return arena_print(m->arena, "%.*s%s%.*s", SPAN_ARG(s->product), s->version.n ? " " : "",
			   SPAN_ARG(s->version));
}

bool fires_says_so(const struct matter *m, struct finding *f)
{
	const struct proto *proto = proved(m);
	struct map_product product;

	if (!proto)
		return false;
	if (map_product_find(m->map, m->sighting->spoken->product, &product)) {
		/* who holds it and what answers must not contradict each other */
		if (m->match != MATCH_NONE && product.index != m->product.index)
			return false;
	} else if (m->match != MATCH_NONE && is_listed(proto, m->product.protocols)) {
		product = m->product;
	} else {
		return false;
	}
	if (!is_usual(m, &product))
		return false;
	f->detail = TELL(m, _("it answers as %.*s, and %.*s is usual on this number"),
			 SPAN_ARG(matter_spoken(m)),
			 SPAN_ARG(product.title.n ? product.title : product.slug));
	return true;
}

bool fires_other_protocol(const struct matter *m, struct finding *f)
{
	const struct proto *proto = proved(m);

	if (!proto || m->match == MATCH_NONE || !m->is_fact_sure || is_shell(proto))
		return false;
	if (!are_all_rows(m->product.protocols) || is_listed(proto, m->product.protocols) ||
	    proto_is_hinted(proto, m->transport, m->sighting->port))
		return false;
	f->detail = TELL(m, _("it answers as %.*s, and %.*s speaks %.*s here"),
			 SPAN_ARG(matter_spoken(m)), SPAN_ARG(matter_title(m)),
			 SPAN_ARG(m->product.protocols));
	return true;
}

bool fires_unclaimed_protocol(const struct matter *m, struct finding *f)
{
	const struct proto *proto = proved(m);
	const struct claim *claim =
		proto ? claims_find(m->claims, m->transport, m->sighting->port) : NULL;

	if (!claim || !are_all_rows(claim->protocols) || is_listed(proto, claim->protocols))
		return false;
	/* anything may be inside of what was not looked into */
	if (is_shell(proto))
		return false;
	f->detail = TELL(m, _("it answers as %.*s, and %.*s:%u claims %.*s for %.*s"),
			 SPAN_ARG(matter_spoken(m)), SPAN_ARG(claim->file), claim->line,
			 SPAN_ARG(claim->protocols), SPAN_ARG(claim->name));
	return true;
}

bool weigh_no_login(const struct map_product *product, bool is_for_others,
		    enum verdict_effect *effect)
{
	bool is_management = product_has_role(product, "management");

	if (!is_management && !product_has_role(product, "database"))
		return false;
	*effect = is_for_others ? EFFECT_UNEXPECTED : is_management ? EFFECT_LOOK : EFFECT_NOTE;
	return true;
}

bool fires_no_login(const struct matter *m, struct finding *f)
{
	const struct spoken *spoken = m->sighting->spoken;
	struct map_product product;

	if (!proved(m) || !spoken->needs_no_login ||
	    !map_product_find(m->map, spoken->product, &product) ||
	    !weigh_no_login(&product, spoken->needs_none_outside, &f->effect))
		return false;
	f->detail = spoken->needs_none_outside
			    ? TELL(m, _("%.*s answered without a login, and not only on loopback"),
				   SPAN_ARG(product.title))
			    : TELL(m, _("%.*s answered without a login, asked on loopback"),
				   SPAN_ARG(product.title));
	return true;
}

bool fires_unknown_here(const struct matter *m, struct finding *f)
{
	const struct proto *proto = proved(m);
	struct map_product product;

	if (!proto || is_shell(proto))
		return false;
	for (const struct proto *p = proto; p; p = p->over ? proto_find(span_str(p->over)) : NULL)
		if (proto_is_hinted(p, m->transport, m->sighting->port))
			return false;
	if (is_registered(m) || is_practised(m, proto) ||
	    (map_product_find(m->map, m->sighting->spoken->product, &product) &&
	     is_usual(m, &product)))
		return false;
	f->detail = TELL(m, _("it speaks %.*s, which neither registry nor practice has here"),
			 SPAN_ARG(matter_spoken(m)));
	return true;
}

bool fires_untunnelled(const struct matter *m, struct finding *f)
{
	const struct proto *proto = proved(m);

	if (!proto || !proto->needs_gre || m->sighting->spoken->is_in_gre)
		return false;
	f->detail = TELL(m,
			 _("%s belongs inside of GRE only, and passes bare: routers must "
			   "drop it (%s)"),
			 proto->title, proto->source);
	return true;
}

/* Whether the row means another protocol than this one: one that is usual here too, by its name. */
static bool means_another(const struct matter *m, const struct map_registration *row,
			  const struct proto *proto)
{
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *other = proto_at(i);

		if (other != proto && !travels_in(proto, span_str(other->name)) &&
		    (proto_is_hinted(other, TRANSPORT_TCP, m->sighting->port) ||
		     proto_is_hinted(other, TRANSPORT_UDP, m->sighting->port)) &&
		    row_is_alike(row, span_str(other->name)))
			return true;
	}
	return false;
}

bool spoken_is_described(const struct matter *m, const struct map_registration *row)
{
	const struct proto *proto = proved(m);

	if (!proto)
		return false;
	/* 3232 is the number of MDT Join, and of two others that are usual there */
	if (proto_is_hinted(proto, m->transport, m->sighting->port))
		return !means_another(m, row, proto);
	for (; proto; proto = proto->over ? proto_find(span_str(proto->over)) : NULL)
		if (row_is_alike(row, span_str(proto->name)) ||
		    row_is_alike(row, span_str(proto->title)))
			return true;
	return row_is_alike(row, m->sighting->spoken->product);
}
