/* SPDX-License-Identifier: Apache-2.0 */
/* result: what a result is filled with: steps, of which the bytes are kept as far as there is room,
 * and the facts that a row describes. */
#include "scan/result.h"

static uint16_t keep(struct scan_result *r, struct span bytes, size_t most, uint16_t *at)
{
	struct span cut = span_cut(span_cut(bytes, most), SCAN_BYTES - r->n_bytes);

	*at = (uint16_t)r->n_bytes;
	if (cut.n)
		memcpy(r->bytes + r->n_bytes, cut.p, cut.n);
	r->n_bytes += (uint32_t)cut.n;
	return (uint16_t)cut.n;
}

void result_log(struct scan_result *r, bool is_said, enum scan_reason reason,
		const struct proto *proto, struct span bytes)
{
	if (r->n_steps == SCAN_STEPS)
		return;

	struct scan_step *step = &r->steps[r->n_steps++];

	*step = (struct scan_step){.is_said = is_said,
				   .reason = reason,
				   .connection = (uint8_t)r->n_connections,
				   .n = (uint32_t)bytes.n};
	if (proto) {
		size_t n = strlen(proto->name);

		memcpy(step->proto, proto->name, n < SCAN_NAME ? n : SCAN_NAME - 1);
	}
	step->kept = keep(r, bytes, is_said ? SCAN_SAID_KEPT : SCAN_HEARD_KEPT, &step->at);
}

void result_add_facts(struct scan_result *r, const struct proto_facts *facts)
{
	for (size_t i = 0; i < facts->n_extras && r->n_facts < SCAN_FACTS; i++) {
		struct scan_fact *fact = &r->facts[r->n_facts++];
		size_t n = strlen(facts->extras[i].name);

		*fact = (struct scan_fact){0};
		memcpy(fact->name, facts->extras[i].name, n < SCAN_NAME ? n : SCAN_NAME - 1);
		memcpy(fact->value, facts->extras[i].value, PROTO_TEXT);
	}
}

void result_take_facts(struct scan_result *r, const struct proto_facts *facts)
{
	memcpy(r->product, facts->product, PROTO_TEXT);
	memcpy(r->version, facts->version, PROTO_TEXT);
	r->needs_no_login = facts->needs_no_login;
	r->n_facts = 0;
	result_add_facts(r, facts);
}
