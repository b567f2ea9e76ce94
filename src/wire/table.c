/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table: conversations, and what the bytes of their flows say.
 *
 * Who is the server: the one whom the handshake names; else the group that a datagram goes to; else
 * the end whose port some protocol hints at, or that has the low number; else the one who was
 * spoken to first. Where no handshake was seen and the bytes prove the other way round, they are
 * believed.
 */
#include "wire/table.h"

#include "base/scope.h"

enum { DATAGRAMS_LOOKED_AT = 32, LOW = 1024 };

/* Both ends of a flow in their roles: said[] by enum proto_side. */
struct view {
	struct span said[2];
	enum transport transport;
	uint16_t port;
};

struct opinion {
	const struct proto *proto; /* NULL: none */
	enum proto_match match[2]; /* of what each side said */
};

static enum proto_match better(enum proto_match a, enum proto_match b)
{
	return a > b ? a : b;
}

static struct opinion opinion_of(const struct proto *proto, const struct view *v)
{
	struct opinion o = {.proto = proto};

	for (int side = 0; proto && side < 2; side++)
		if (v->said[side].n)
			o.match[side] = proto->recognise(v->said[side], side, v->transport);
	return o;
}

/* A proof by either side first; then the more exact of two rows; then both sides together. */
static unsigned weight(const struct opinion *o)
{
	unsigned best = better(o->match[0], o->match[1]);

	return o->proto && best >= PROTO_MAYBE
		       ? 16 * best + 8 * (o->proto->over != NULL) + o->match[0] + o->match[1]
		       : 0;
}

static struct opinion judge(const struct view *v)
{
	struct opinion best = {0};
	enum proto_match m;

	if (v->transport != TRANSPORT_TCP && v->transport != TRANSPORT_UDP)
		return best;
	for (int side = 0; side < 2; side++) {
		struct opinion o;

		if (v->said[side].n == 0)
			continue;
		o = opinion_of(proto_recognise(v->said[side], side, v->transport, v->port, &m), v);
		if (weight(&o) > weight(&best))
			best = o;
	}
	return best;
}

uint8_t table_match(const struct flow *f, uint8_t from, struct span payload)
{
	enum proto_match a;
	enum proto_match b;

	if (f->side[from].packets > DATAGRAMS_LOOKED_AT)
		return PROTO_NO;
	proto_recognise(payload, PROTO_CLIENT, TRANSPORT_UDP, f->key.port[!from], &a);
	proto_recognise(payload, PROTO_SERVER, TRANSPORT_UDP, f->key.port[from], &b);
	return (uint8_t)better(a, b);
}

static bool is_group(const struct address *a)
{
	static const uint8_t everybody[] = {255, 255, 255, 255};

	return address_is_multicast(a) ||
	       (a->family == ADDRESS_IPV4 && memcmp(a->bytes, everybody, 4) == 0);
}

static bool is_hinted(enum transport transport, uint16_t port)
{
	for (size_t i = 0; i < proto_count(); i++)
		if (proto_is_hinted(proto_at(i), transport, port))
			return true;
	return false;
}

static uint8_t guess_client(const struct flow *f)
{
	const struct flow_key *k = &f->key;
	bool hinted[2];

	if (f->client != NO_SIDE)
		return f->client;
	for (uint8_t i = 0; i < 2; i++) {
		if (is_group(&k->end[i]))
			return !i;
		hinted[i] = is_hinted(k->transport, k->port[i]);
	}
	if (hinted[0] != hinted[1])
		return hinted[0];
	if ((k->port[0] < LOW) != (k->port[1] < LOW))
		return k->port[0] < LOW;
	return f->first_from;
}

static struct view view_of(const struct flow *f, uint8_t client)
{
	return (struct view){
		.said = {[PROTO_SERVER] = side_bytes(&f->side[!client]),
			 [PROTO_CLIENT] = side_bytes(&f->side[client])},
		.transport = f->key.transport,
		.port = f->key.port[!client],
	};
}

static void add_fact(struct wire_found *found, const char *name, const char *value, int side)
{
	if (!value[0] || found->n_facts == PROTO_EXTRAS)
		return;

	struct wire_fact *fact = &found->facts[found->n_facts++];

	fact->side = (uint8_t)side;
	snprintf(fact->name, sizeof(fact->name), "%s", name);
	snprintf(fact->value, sizeof(fact->value), "%s", value);
}

/* Product and version are the server's; what the client says of itself are facts. */
static void describe(struct wire_found *found, const struct opinion *o, const struct view *v)
{
	*found = (struct wire_found){
		.proto = o->proto,
		.match = better(o->match[0], o->match[1]),
		.by_server = o->match[PROTO_SERVER] >= PROTO_MAYBE,
		.by_client = o->match[PROTO_CLIENT] >= PROTO_MAYBE,
	};
	for (int side = 0; side < 2; side++) {
		struct proto_facts facts = {0};

		if (o->match[side] < PROTO_MAYBE || !o->proto->describe)
			continue;
		o->proto->describe(v->said[side], side, v->transport, &facts);
		if (side == PROTO_SERVER) {
			memcpy(found->product, facts.product, sizeof(facts.product));
			memcpy(found->version, facts.version, sizeof(facts.version));
		} else {
			add_fact(found, "product", facts.product, side);
			add_fact(found, "version", facts.version, side);
		}
		for (size_t i = 0; i < facts.n_extras; i++)
			add_fact(found, facts.extras[i].name, facts.extras[i].value, side);
	}
}

/* A later flow counts when it proves more: a protocol, a product, a version. */
static unsigned worth(const struct wire_found *found)
{
	return !found ? 0
		      : 8u * found->match + 4 * (found->product[0] != 0) +
				2 * (found->version[0] != 0) +
				(found->by_server && found->by_client);
}

static void find(struct wire *w, struct wire_conversation *c, const struct opinion *o,
		 const struct view *v)
{
	struct wire_found found;

	if (!o->proto)
		return;
	describe(&found, o, v);
	if (worth(&found) <= worth(c->found))
		return;
	if (!c->found)
		c->found = arena_get(&w->arena, sizeof(*c->found));
	*c->found = found;
}

/* What a conversation is known by. */
struct identity {
	struct address server, client;
	uint16_t port, vlan;
	uint8_t transport, tunnel;
};

static struct identity identity_of(const struct flow_key *k, uint8_t client)
{
	struct identity id;

	memset(&id, 0, sizeof(id));
	memcpy(&id.server, &k->end[!client], sizeof(id.server));
	memcpy(&id.client, &k->end[client], sizeof(id.client));
	id.port = k->port[!client];
	id.vlan = k->vlan;
	id.transport = k->transport;
	id.tunnel = k->tunnel;
	return id;
}

static bool is_same(const struct wire_conversation *c, const struct identity *id)
{
	return c->server_port == id->port && c->transport == id->transport &&
	       c->tunnel == id->tunnel && c->vlan == id->vlan &&
	       address_eq(&c->server, &id->server) && address_eq(&c->client, &id->client);
}

/* Finds or begins it; NULL when there are enough. */
static struct wire_conversation *conversation_of(struct wire *w, const struct flow *f,
						 uint8_t client)
{
	struct identity id = identity_of(&f->key, client);
	uint32_t *bucket = &w->conversation_buckets[flow_hash(w->seed, &id, sizeof(id)) %
						    CONVERSATION_BUCKETS];
	uint32_t index = *bucket;
	struct wire_conversation *c;

	while (index != NO_FLOW && !is_same(&w->conversations[index], &id))
		index = w->conversation_next[index];
	if (index != NO_FLOW)
		return &w->conversations[index];
	if (w->counts.n_conversations == WIRE_CONVERSATIONS)
		return NULL;
	index = w->counts.n_conversations++;
	w->conversation_next[index] = *bucket;
	*bucket = index;
	c = &w->conversations[index];
	*c = (struct wire_conversation){
		.server = id.server,
		.client = id.client,
		.server_port = id.port,
		.client_port = f->key.port[client],
		.transport = id.transport,
		.tunnel = id.tunnel,
		.vlan = id.vlan,
		.is_one_way_out = is_group(&id.server),
		.first_us = f->first_us,
		.last_us = f->last_us,
	};
	return c;
}

void table_learn(struct wire *w, struct flow *f)
{
	uint8_t client = guess_client(f);
	uint8_t asking =
		client; /* may differ from the client where an announcement goes to a group */
	struct view v = view_of(f, client);
	struct opinion o = judge(&v);
	struct wire_conversation *c;

	if (f->client == NO_SIDE && better(o.match[0], o.match[1]) < PROTO_YES) {
		struct view turned = view_of(f, !client);
		struct opinion other = judge(&turned);

		if (weight(&other) > weight(&o) &&
		    better(other.match[0], other.match[1]) == PROTO_YES) {
			o = other;
			v = turned;
			asking = !client;
			client = is_group(&f->key.end[!client]) ? client : !client;
		}
	}
	c = conversation_of(w, f, client);
	if (!c) {
		w->counts.n_unkept++;
		return;
	}
	c->n_flows++;
	c->is_start_seen |= f->client != NO_SIDE;
	c->first_us = f->first_us < c->first_us ? f->first_us : c->first_us;
	c->last_us = f->last_us > c->last_us ? f->last_us : c->last_us;
	c->n_cut += f->n_cut;
	c->n_fragmented += f->n_fragmented;
	c->n_conflicts += f->n_conflicts;
	c->packets[PROTO_SERVER] += f->side[!client].packets;
	c->packets[PROTO_CLIENT] += f->side[client].packets;
	c->bytes[PROTO_SERVER] += f->side[!client].bytes;
	c->bytes[PROTO_CLIENT] += f->side[client].bytes;
	find(w, c, &o, &v);
	tell_flow(w, f, c, asking);
}
