/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvidia_docker: the REST interface of nvidia-docker 1.x' plugin, on localhost 3476, gone since
 * version 2. Asked is what GPUs there are; the commands for docker and mesos are not.
 */
#include "proto/http_api.h"

/* NVIDIA/nvidia-docker tools/src/nvidia-docker-plugin/remote_api.go (paths), remote_v1.go (JSON) */
static const char *const paths[] = {"/v1.0/gpu/", "/gpu/info", "/gpu/status"};

static enum proto_match client(const struct http_head *head)
{
	if (!span_is(head->method, "GET"))
		return PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (span_starts(head->target, paths[i]))
			return i == 0 ? PROTO_YES : PROTO_MAYBE;
	return PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;
	enum proto_match m = http_api_head(bytes, side, transport, &head);

	if (m != PROTO_YES)
		return m;
	if (side == PROTO_CLIENT)
		return client(&head);
	m = http_api_body(&head, "{\"Version\":{\"Driver\":\"");
	if (m == PROTO_YES)
		return span_find(head.body, SPAN_LIT("\"CUDA\":\"")) >= 0 ? PROTO_YES : PROTO_MORE;
	/* before 1.0.0-rc */
	return http_api_body(&head, "{\"DriverVersion\":\"") == PROTO_YES &&
			       span_find(head.body, SPAN_LIT("\"CUDAVersion\":\"")) >= 0
		       ? PROTO_YES
		       : m;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return http_api_get("/v1.0/gpu/info/json", out, size);
}

static void add(struct proto_facts *facts, const char *name, struct span a, struct span b)
{
	if (a.n || b.n)
		proto_add(facts, name, a.n ? a : b);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "nvidia-docker");
	add(facts, "driver", words_between(bytes, "\"Driver\":\"", "\""),
	    words_between(bytes, "\"DriverVersion\":\"", "\""));
	add(facts, "cuda", words_between(bytes, "\"CUDA\":\"", "\""),
	    words_between(bytes, "\"CUDAVersion\":\"", "\""));
	add(facts, "gpu", words_between(bytes, "\"Model\":\"", "\""), span_of(NULL, 0));
}

const struct proto proto_nvidia_docker = {
	.name = "nvidia-docker",
	.over = "http",
	.title = "nvidia-docker 1.x plugin",
	PROTO_HINTS(PROTO_TCP(3476)),
	.safety = PROTO_B,
	.sends = N_("GET /v1.0/gpu/info/json, which only reads"),
	.proves = N_("the plugin of nvidia-docker 1.x, its driver and CUDA versions"),
	.source = "NVIDIA/nvidia-docker tools/src/nvidia-docker-plugin/remote_api.go, remote_v1.go",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
