/* SPDX-License-Identifier: Apache-2.0 */
/* info, reason, proc_net: small texts of the system. */
#include "base/scope.h"
#include "host/info.h"
#include "host/proc_net_line.h"
#include "host/reason.h"
#include "tap.h"

struct text_case {
	const char *text, *want;
};

static const struct text_case releases[] = {
	{"PRETTY_NAME=\"x\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n", "Debian 12"},
	{"NAME=Fedora\nVERSION_ID=40\n", "Fedora 40"},
	{"NAME='Arch Linux'\n", "Arch Linux"},
	{"VERSION_ID=1\n", ""},
	{"NAME=\n", ""},
	{"", ""},
};

struct mounts_case {
	const char *name, *text;
	bool is_hidden;
};

static const struct mounts_case mounts[] = {
	{"plain", "proc /proc proc rw,relatime 0 0\n", false},
	{"hidden by number", "proc /proc proc rw,hidepid=2,gid=4 0 0\n", true},
	{"hidden by word", "proc /proc proc rw,hidepid=invisible 0 0\n", true},
	{"switched off", "proc /proc proc rw,hidepid=0 0 0\n", false},
	{"another mount", "proc /srv/proc proc rw,hidepid=2 0 0\ntmpfs /proc tmpfs hidepid=2 0 0\n", false},
	{"cut", "proc /proc", false},
};

struct line_case {
	const char *name, *line;
	enum transport transport;
	bool is_read;
	const char *address;
	uint16_t port;
	enum socket_state state;
	uint32_t uid;
};

#define TAIL " 00000000:00000002 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0"

static const struct line_case lines[] = {
	{"a listener", "0: 0100007F:1F90 00000000:0000 0A" TAIL, TRANSPORT_TCP, true, "127.0.0.1", 8080,
	 SOCKET_LISTEN, 1000},
	{"a connection", "1: 0100007F:1F90 0100007F:0050 01" TAIL, TRANSPORT_TCP, true, "127.0.0.1", 8080,
	 SOCKET_PEER, 1000},
	{"one that waits no more", "1: 0100007F:1F90 0100007F:0050 06" TAIL, TRANSPORT_TCP, false, "", 0,
	 SOCKET_LISTEN, 0},
	{"UDP", "12345: 00000000:0035 00000000:0000 07" TAIL, TRANSPORT_UDP, true, "0.0.0.0", 53,
	 SOCKET_BOUND, 1000},
	{"IPv6", "0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A" TAIL,
	 TRANSPORT_TCP, true, "::1", 22, SOCKET_LISTEN, 1000},
	{"the heading", "sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid "
			"timeout inode", TRANSPORT_TCP, false, "", 0, SOCKET_LISTEN, 0},
	{"cut", "0: 0100007F:1F90 00000000:0000 0A", TRANSPORT_TCP, false, "", 0, SOCKET_LISTEN, 0},
	{"a port too large", "0: 0100007F:11F90 00000000:0000 0A" TAIL, TRANSPORT_TCP, false, "", 0,
	 SOCKET_LISTEN, 0},
	{"an address of no family", "0: 01:1F90 00000000:0000 0A" TAIL, TRANSPORT_TCP, false, "", 0,
	 SOCKET_LISTEN, 0},
};

int main(void)
{
	struct arena arena = {0};
	uint16_t range[2] = {0};

	for (size_t i = 0; i < ARRAY_LEN(releases); i++)
		is_span(info_system(&arena, span_str(releases[i].text)), span_str(releases[i].want),
			"os-release");
	ok(info_ephemeral(SPAN_LIT("32768\t60999\n"), &range[0], &range[1]) && range[0] == 32768 &&
		   range[1] == 60999,
	   "the range of source ports");
	ok(!info_ephemeral(SPAN_LIT("32768"), &range[0], &range[1]) &&
		   !info_ephemeral(SPAN_LIT("1 70000"), &range[0], &range[1]),
	   "what is no range");
	for (size_t i = 0; i < ARRAY_LEN(mounts); i++)
		ok(reason_is_proc_hidden(span_str(mounts[i].text)) == mounts[i].is_hidden, "/proc: %s",
		   mounts[i].name);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const struct line_case *c = &lines[i];
		struct socket_row row = {0};
		char text[ADDRESS_TEXT];
		bool is_read = proc_net_line(span_str(c->line), c->transport, &row);

		ok(is_read == c->is_read &&
			   (!is_read || (strcmp(address_text(&row.local, text), c->address) == 0 &&
					 row.port == c->port && row.state == c->state &&
					 row.uid == c->uid && row.inode == 4711 && row.queued == 2)),
		   "/proc/net: %s", c->name);
	}
	arena_done(&arena);
	return done();
}
