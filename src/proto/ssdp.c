/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssdp: the search and announcements of UPnP, heads of HTTP in datagrams. The question is a search
 * for root devices with a delay of one second; its answers name the device's description and the
 * server's software.
 */
#include "proto/http_head.h"
#include "proto/words.h"

/* UPnP Device Architecture 1.1 section 1.2 (NOTIFY) and 1.3 (M-SEARCH and its answer) */
static bool is_answer(const struct http_head *head)
{
	return span_is(head->status, "200") && http_head_field(head, "ST").n &&
	       http_head_field(head, "USN").n;
}

static bool is_notify(const struct http_head *head)
{
	return span_is(head->method, "NOTIFY") && span_is(head->target, "*") &&
	       span_starts(http_head_field(head, "NTS"), "ssdp:");
}

static bool is_search(const struct http_head *head)
{
	return span_is(head->method, "M-SEARCH") && span_is(head->target, "*") &&
	       span_find(http_head_field(head, "MAN"), SPAN_LIT("ssdp:discover")) >= 0;
}

/* Announcements have the form of a request, and it is the server that says them. */
static bool parse(struct span bytes, enum proto_side side, struct http_head *head)
{
	if (side == PROTO_SERVER &&
	    http_head_parse(bytes, PROTO_SERVER, "HTTP", head) == PROTO_YES && is_answer(head))
		return true;
	return http_head_parse(bytes, PROTO_CLIENT, "HTTP", head) == PROTO_YES &&
	       (is_notify(head) || (side == PROTO_CLIENT && is_search(head)));
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;

	return transport == TRANSPORT_UDP && parse(bytes, side, &head) ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return WORDS_SAY("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
			 "MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n",
			 out, size);
}

/* SERVER: system/version UPnP/version product/version */
static const struct words_product products[] = {
	{"MiniUPnPd/", "miniupnpd", "MiniUPnPd/"},
	{"MiniDLNA/", "minidlna", "MiniDLNA/"},
};

static void add(struct proto_facts *facts, const char *name, struct span value)
{
	if (value.n)
		proto_add(facts, name, value);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct http_head head;

	if (transport != TRANSPORT_UDP || !parse(bytes, side, &head))
		return;
	add(facts, "search", http_head_field(&head, "ST"));
	add(facts, "type", http_head_field(&head, "NT"));
	add(facts, "event", http_head_field(&head, "NTS"));
	add(facts, "usn", http_head_field(&head, "USN"));
	add(facts, "location", http_head_field(&head, "LOCATION"));
	add(facts, "server", http_head_field(&head, "SERVER"));
	words_product(http_head_field(&head, "SERVER"), products, ARRAY_LEN(products), facts);
}

const struct proto proto_ssdp = {
	.name = "ssdp",
	.title = "Simple Service Discovery Protocol (UPnP)",
	PROTO_HINTS(PROTO_UDP(1900)),
	.safety = PROTO_B,
	.sends = N_("one search for UPnP root devices"),
	.proves = N_("UPnP, its description's address, and the software that the server names"),
	.source = "UPnP Device Architecture 1.1 sections 1.2 and 1.3",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
