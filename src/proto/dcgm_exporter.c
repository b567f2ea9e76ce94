/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcgm_exporter: NVIDIA's exporter of GPU metrics, HTTP with the text format of Prometheus. The
 * names of its metrics begin with DCGM_FI_, which no other exporter's do.
 */
#include "proto/http_api.h"

/* NVIDIA/dcgm-exporter etc/default-counters.csv; address and port: README */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;
	enum proto_match m =
		side == PROTO_SERVER ? http_api_head(bytes, side, transport, &head) : PROTO_NO;

	return m == PROTO_YES ? http_api_body(&head, "DCGM_FI_") : m;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	return turn > 0 || transport != TRANSPORT_TCP ? 0 : http_api_get("/metrics", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span text;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "dcgm-exporter");
	text = words_between(bytes, "modelName=\"", "\"");
	if (text.n)
		proto_add(facts, "gpu", text);
	text = words_between(bytes, "DCGM_FI_DRIVER_VERSION=\"", "\"");
	if (text.n)
		proto_add(facts, "driver", text);
}

const struct proto proto_dcgm_exporter = {
	.name = "dcgm-exporter",
	.over = "http",
	.title = "NVIDIA DCGM exporter",
	PROTO_HINTS(PROTO_TCP(9400)),
	.safety = PROTO_B,
	.sends = N_("GET /metrics, as Prometheus does"),
	.proves = N_("NVIDIA's exporter, the GPU's model and the driver where they are labels"),
	.source = "NVIDIA/dcgm-exporter README and etc/default-counters.csv",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
