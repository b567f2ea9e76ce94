/* SPDX-License-Identifier: Apache-2.0 */
/* xcp_names: names of XCP commands, errors and events (vectorgrp/XCPlite 917877c src/xcp.h). */
#include "base/scope.h"
#include "proto/facts.h"
#include "proto/xcp_words.h"

/* clang-format off */
/* from FF downwards */
static const char *const commands[] = {
	"CONNECT", "DISCONNECT", "GET_STATUS", "SYNCH", "GET_COMM_MODE_INFO", "GET_ID",
	"SET_REQUEST", "GET_SEED", "UNLOCK", "SET_MTA", "UPLOAD", "SHORT_UPLOAD",
	"BUILD_CHECKSUM", "TRANSPORT_LAYER_CMD", "USER_CMD", "DOWNLOAD", "DOWNLOAD_NEXT",
	"DOWNLOAD_MAX", "SHORT_DOWNLOAD", "MODIFY_BITS", "SET_CAL_PAGE", "GET_CAL_PAGE",
	"GET_PAG_PROCESSOR_INFO", "GET_SEGMENT_INFO", "GET_PAGE_INFO", "SET_SEGMENT_MODE",
	"GET_SEGMENT_MODE", "COPY_CAL_PAGE", "CLEAR_DAQ_LIST", "SET_DAQ_PTR", "WRITE_DAQ",
	"SET_DAQ_LIST_MODE", "GET_DAQ_LIST_MODE", "START_STOP_DAQ_LIST", "START_STOP_SYNCH",
	"GET_DAQ_CLOCK", "READ_DAQ", "GET_DAQ_PROCESSOR_INFO", "GET_DAQ_RESOLUTION_INFO",
	"GET_DAQ_LIST_INFO", "GET_DAQ_EVENT_INFO", "FREE_DAQ", "ALLOC_DAQ", "ALLOC_ODT",
	"ALLOC_ODT_ENTRY", "PROGRAM_START", "PROGRAM_CLEAR", "PROGRAM", "PROGRAM_RESET",
	"GET_PGM_PROCESSOR_INFO", "GET_SECTOR_INFO", "PROGRAM_PREPARE", "PROGRAM_FORMAT",
	"PROGRAM_NEXT", "PROGRAM_MAX", "PROGRAM_VERIFY", "WRITE_DAQ_MULTIPLE",
	"TIME_CORRELATION_PROPERTIES",
};

static const struct facts_word level_1[] = {
	{0x00, "GET_VERSION"},		{0x01, "SET_DAQ_LIST_PACKED_MODE"},
	{0xfc, "SW_DBG_OVER_XCP"},	{0x02, "GET_DAQ_LIST_PACKED_MODE"},
};

static const struct facts_word transport_commands[] = {
	{0xff, "GET_SLAVE_ID"},		{0xfd, "GET_SLAVE_ID_EXTENDED"},
	{0xfc, "SET_SLAVE_IP_ADDRESS"},	{0xfa, "GET_DAQ_CLOCK_MULTICAST"},
};

static const struct facts_word errors[] = {
	{0x00, "synch"}, {0x10, "busy"}, {0x11, "DAQ active"}, {0x12, "programming active"},
	{0x20, "unknown command"}, {0x21, "syntax"}, {0x22, "out of range"},
	{0x23, "write protected"}, {0x24, "access denied"}, {0x25, "access locked"},
	{0x26, "page not valid"}, {0x27, "mode not valid"}, {0x28, "segment not valid"},
	{0x29, "sequence"}, {0x2a, "DAQ configuration"}, {0x30, "memory overflow"},
	{0x31, "generic"}, {0x32, "verify"}, {0x33, "resource not accessible"},
	{0x34, "unknown sub command"}, {0x35, "time correlation changed"},
};

static const struct facts_word events[] = {
	{0x00, "resume mode"},	 {0x01, "DAQ cleared"},	       {0x02, "DAQ stored"},
	{0x03, "CAL stored"},	 {0x05, "command pending"},    {0x06, "DAQ overload"},
	{0x07, "session terminated"}, {0x08, "time synch"},    {0x09, "stimulation timeout"},
	{0x0a, "sleep"},	 {0x0b, "wake up"},	       {0x0c, "ECU state"},
	{0xfe, "user"},		 {0xff, "transport layer"},
};
/* clang-format on */

static const char *or_unknown(const char *word)
{
	return word ? word : "unknown";
}

const char *xcp_command_name(struct span packet)
{
	uint8_t code = packet.p[0];

	if (code == XCP_TRANSPORT && packet.n > 1)
		return or_unknown(
			facts_word(transport_commands, ARRAY_LEN(transport_commands), packet.p[1]));
	if (code == XCP_COMMAND_FIRST && packet.n > 1)
		return or_unknown(facts_word(level_1, ARRAY_LEN(level_1), packet.p[1]));
	if (code == 0xc1)
		return "NOP";
	return 0xffu - code < ARRAY_LEN(commands) ? commands[0xff - code] : "unknown";
}

const char *xcp_error_name(uint8_t code)
{
	return or_unknown(facts_word(errors, ARRAY_LEN(errors), code));
}

const char *xcp_event_name(uint8_t code)
{
	return or_unknown(facts_word(events, ARRAY_LEN(events), code));
}
