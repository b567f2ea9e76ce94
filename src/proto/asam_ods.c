/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asam_ods: the HTTP interface of ASAM ODS 6, stores of measured data. Both sides name a content
 * type of their own; the address is usually /api/ods, the port any web port. Nothing is asked: the
 * first real question creates a session. CORBA servers of ODS 5 are not recognised here. This ASAM
 * is not the one of port 3451 (see netiq_fanout).
 */
#include "proto/http_api.h"

/* ASAM ODS 6.1 HTTP API, as peak-solution/odsbox src/odsbox/con_i.py speaks it */
static const char mark[] = "application/x-asamods+";

static bool has_mark(const struct http_head *head, const char *name)
{
	return span_find_nocase(http_head_field(head, name), span_str(mark)) >= 0;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;
	enum proto_match m = http_api_head(bytes, side, transport, &head);

	if (m != PROTO_YES)
		return m;
	return has_mark(&head, "Content-Type") || has_mark(&head, "Accept") ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct http_head head;

	if (recognise(bytes, side, transport) != PROTO_YES ||
	    http_api_head(bytes, side, transport, &head) != PROTO_YES)
		return;
	if (head.target.n)
		proto_add(facts, "target", head.target);
	if (head.status.n)
		proto_add(facts, "status", head.status);

	struct span type = http_head_field(&head, "Content-Type");
	struct span session = http_head_field(&head, "Location");

	if (type.n)
		proto_add(facts, "type", type);
	if (session.n)
		proto_add(facts, "session", session);
}

const struct proto proto_asam_ods = {
	.name = "asam-ods",
	.over = "http",
	.title = "ASAM ODS HTTP interface",
	PROTO_HINTS(PROTO_TCP(8080), PROTO_TCP(8087)),
	.safety = PROTO_B,
	.proves = N_("ASAM ODS, by the content type that only it has"),
	.source = "ASAM ODS 6.1 HTTP API, as in peak-solution/odsbox src/odsbox/con_i.py",
	.recognise = recognise,
	.describe = describe,
};
