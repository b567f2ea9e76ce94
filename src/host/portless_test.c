/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of /proc/net/packet as the kernel writes them, and as it never would. */
#include "host/portless.h"
#include "test/tap.h"

static const struct {
	const char *name;
	const char *line;
	bool is_read;
	uint32_t uid;
	uint64_t inode;
	uint32_t interface;
} cases[] = {
	{"the heading is no socket", "sk               RefCnt Type Proto  Iface R Rmem   User   Inode", false, 0, 0, 0},
	{"a packet socket of root on one interface",
	 "00000000b2f4a9d1 3      3    0003   2     1 0      0      23412", true, 0, 23412, 2},
	{"one of a user on every interface",
	 "0000000000000000 3      2    88cc   0     1 8192   107    999999999999", true, 107, 999999999999, 0},
	{"a cut line", "0000000000000000 3      2    88cc   0     1 0", false, 0, 0, 0},
	{"a number that is too large", "0 3 2 88cc 99999999999 1 0 0 1", false, 0, 0, 0},
	{"no inode: nobody's", "0 3 2 88cc 0 1 0 0 0", false, 0, 0, 0},
	{"nothing", "", false, 0, 0, 0},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct socket_row row = {0};
		bool is_read = portless_packet_line(span_str(cases[i].line), &row);

		ok(is_read == cases[i].is_read &&
			   (!is_read || (row.uid == cases[i].uid && row.inode == cases[i].inode &&
					 row.local.interface == cases[i].interface &&
					 row.state == SOCKET_PACKET)),
		   "%s", cases[i].name);
	}
	return done();
}
