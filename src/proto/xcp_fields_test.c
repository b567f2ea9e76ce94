/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcp_fields: a conversation of a master and a slave, message by message, in words. The first ones
 * were recorded from a real slave; the others are made by the offsets of the specification.
 */
#include "proto/proto.h"
#include "test/tap.h"

/* clang-format off */
static const struct {
	enum proto_side side;
	struct span bytes;
	const char *name, *value; /* of the first fact */
} messages[] = {
#define MASTER(bytes, value) {PROTO_CLIENT, {(const uint8_t *)(bytes), sizeof(bytes) - 1}, "command", value},
#define SLAVE(bytes, name, value) {PROTO_SERVER, {(const uint8_t *)(bytes), sizeof(bytes) - 1}, name, value},
	MASTER("\4\0\0\0\xe3\0\2\1", "CLEAR_DAQ_LIST list 0201 as it stands")
	MASTER("\2\0\1\0\xff\0", "CONNECT mode 0")
	SLAVE("\x08\0\0\0\xff\5\x80\xf8\0\2\1\1", "resources", "05 CAL/PAG DAQ")
	MASTER("\1\0\2\0\xfd", "GET_STATUS")
	SLAVE("\6\0\1\0\xff\0\0\xf8\0\0", "status", "session 00, protection 00, configuration 0")
	MASTER("\1\0\3\0\xfb", "GET_COMM_MODE_INFO")
	SLAVE("\x08\0\2\0\xff\0\0\xf8\0\0\0\x20", "answer", "GET_COMM_MODE_INFO options 00, block 0, pause 0, queue 0, driver 20")
	MASTER("\2\0\4\0\xfa\0", "GET_ID type 0")
	SLAVE("\x11\0\3\0\xff\1\0\xf8\x09\0\0\0hello_xcp", "id", "hello_xcp")
	MASTER("\2\0\4\0\xfa\4", "GET_ID type 4")
	SLAVE("\x08\0\7\0\xff\0\0\xf8\xe8\x29\0\0", "answer", "GET_ID mode 00, length 10728")
	MASTER("\2\0\x0b\0\xf5\3", "UPLOAD size 3")
	SLAVE("\4\0\x0a\0\xff""200", "answer", "UPLOAD data 323030")
	MASTER("\1\0\x0d\0\xfc", "SYNCH")
	SLAVE("\2\0\x0c\0\xfe\0", "error", "00 synch, to SYNCH")
	MASTER("\4\0\4\0\xe3\0\2\1", "CLEAR_DAQ_LIST list 258")
	SLAVE("\1\0\4\0\xff", "answer", "CLEAR_DAQ_LIST")
	MASTER("\x08\0\5\0\xf6\0\0\1\x10\0\0\x20", "SET_MTA extension 1, address 0x20000010")
	SLAVE("\2\0\5\0\xfe\x24", "error", "24 access denied, to SET_MTA")
	MASTER("\x08\0\5\0\xe0\x10\1\0\2\0\1\7", "SET_DAQ_LIST_MODE mode 10, list 1, event 2, prescaler 1, priority 7")
	SLAVE("\1\0\5\0\xff", "answer", "SET_DAQ_LIST_MODE")
	MASTER("\1\0\6\0\xda", "GET_DAQ_PROCESSOR_INFO")
	SLAVE("\x08\0\6\0\xff\x11\4\0\2\0\0\x40", "answer", "GET_DAQ_PROCESSOR_INFO properties 11, lists 4, events 2, predefined 0, key 40")
	MASTER("\x08\0\6\0\xf3\0\0\0\0\1\0\0", "BUILD_CHECKSUM size 256")
	SLAVE("\x08\0\6\0\xff\7\0\0\xef\xbe\0\0", "answer", "BUILD_CHECKSUM type 7, checksum 48879")
	MASTER("\2\0\7\0\xdd\1", "START_STOP_SYNCH mode 1")
	SLAVE("\5\0\7\0\2\0\0\0\0", "data", "ODT 2, 4 bytes")
	SLAVE("\1\0\x08\0\xff", "answer", "START_STOP_SYNCH")
	SLAVE("\1\0\x08\0\xff", "response", "positive, 0 bytes")
	MASTER("\1\0\x08\0\xfe", "DISCONNECT")
	SLAVE("\1\0\x09\0\xff", "answer", "DISCONNECT")
};
/* clang-format on */

static void turned(const struct proto *xcp)
{
	struct proto_memory memory = {0};
	struct proto_facts facts = {0};

	xcp->follow(SPAN_LIT("\2\0\1\0\xff\0"), PROTO_CLIENT, TRANSPORT_UDP, &memory, &facts);
	xcp->follow(SPAN_LIT("\x08\0\0\0\xff\5\x81\xf8\2\0\1\1"), PROTO_SERVER, TRANSPORT_UDP,
		    &memory, &facts);
	facts = (struct proto_facts){0};
	xcp->follow(SPAN_LIT("\4\0\4\0\xe3\0\2\1"), PROTO_CLIENT, TRANSPORT_UDP, &memory, &facts);
	is_str(facts.extras[0].value, "CLEAR_DAQ_LIST list 513",
	       "a slave that puts the great end first");
}

int main(void)
{
	const struct proto *xcp = proto_find(SPAN_LIT("xcp"));
	struct proto_memory memory = {0};

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct proto_facts facts = {0};

		xcp->follow(messages[i].bytes, messages[i].side, TRANSPORT_UDP, &memory, &facts);
		if (ok(facts.n_extras > 0, "message %zu is told", i)) {
			is_str(facts.extras[0].name, messages[i].name, messages[i].value);
			is_str(facts.extras[0].value, messages[i].value, messages[i].value);
		}
	}
	turned(xcp);
	return done();
}
