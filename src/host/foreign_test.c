/* SPDX-License-Identifier: Apache-2.0 */
/* foreign: what tools of other systems print, row by row, and what is none of it. */
#include <errno.h>

#include "base/scope.h"
#include "host/foreign.h"
#include "tap.h"

struct list {
	struct sink sink;
	char text[1024];
};

static int put(struct sink *sink, const struct sighting *s)
{
	struct list *list = (struct list *)sink;
	const struct process *p = sighting_process(s);
	char address[ADDRESS_TEXT];
	size_t n = strlen(list->text);

	snprintf(list->text + n, sizeof(list->text) - n, "%s%s %d %s:%u%s %u %.*s%s%.*s", n ? "; " : "",
		 transport_word(s->transport), s->state, address_text(&s->local, address), s->port,
		 s->is_dual_stack ? "+" : "", p ? p->pid : 0, SPAN_ARG(p ? p->name : SPAN_LIT("-")),
		 s->unit.n ? "/" : "", SPAN_ARG(s->unit));
	return 0;
}

/* Numbers are those of enum socket_state: 0 listens, 1 bound, 2 peer, 6 waiting. */
static const struct {
	const char *name, *text, *tool, *system, *sightings;
} cases[] = {
	{"netstat -ano", "\r\nActive Connections\r\n\r\n  Proto  Local Address  Foreign Address  State  PID\r\n"
			 "  TCP    0.0.0.0:135     0.0.0.0:0    LISTENING    1012\r\n"
			 "  TCP    [::1]:8080      [::]:0       LISTENING    7\r\n"
			 "  UDP    0.0.0.0:123     *:*                       9\r\n",
	 "netstat -abno", "Windows", "udp 1 0.0.0.0:123 9 ; tcp 0 0.0.0.0:135 1012 ; tcp 0 ::1:8080 7 "},
	{"in German", "\nAktive Verbindungen\n\n  Proto  Lokale Adresse  Remoteadresse  Status  PID\n"
		      "  TCP    0.0.0.0:135     0.0.0.0:0    ABH\303\226REN    1012\n",
	 "netstat -abno", "Windows", "tcp 0 0.0.0.0:135 1012 "},
	{"netstat -abno names files and services",
	 "  TCP    0.0.0.0:445    0.0.0.0:0    LISTENING    4\n Can not obtain ownership information\n"
	 "  TCP    0.0.0.0:3389    0.0.0.0:0    LISTENING    8\n  TermService\n [svchost.exe]\n"
	 "  TCP    0.0.0.0:80    0.0.0.0:0    LISTENING    9\n [nginx.exe]\n",
	 "netstat -abno", "Windows",
	 "tcp 0 0.0.0.0:80 9 nginx.exe; tcp 0 0.0.0.0:445 4 System; tcp 0 0.0.0.0:3389 8 "
	 "svchost.exe/TermService"},
	{"connections are shown when asked for",
	 "  TCP    10.0.0.1:50000    10.0.0.2:443    ESTABLISHED    5\n"
	 "  TCP    10.0.0.1:50001    10.0.0.2:443    TIME_WAIT    0\n",
	 "netstat -abno", "Windows", "tcp 2 10.0.0.1:50000 5 ; tcp 6 10.0.0.1:50001 0 -"},
	{"lsof -F of a Mac", "p612\ncControlCenter\nu501\nLdev\nf10\ntIPv4\nPTCP\nn*:7000\nTST=LISTEN\nf11\n"
			     "tIPv6\nPTCP\nn*:7000\nTST=LISTEN\n",
	 "lsof -nP -i -F", "macOS", "tcp 0 0.0.0.0:7000 612 ControlCenter; tcp 0 :::7000 612 ControlCenter"},
	{"one socket for both families, and order of fields",
	 "p7\ncnode\nf20\ntIPv6\nTST=LISTEN\nPTCP\nn*:3000\np8\ncx\nf1\ntIPv4\nPUDP\nn127.0.0.1:53\n",
	 "lsof -nP -i -F", "", "udp 1 127.0.0.1:53 8 x; tcp 0 :::3000+ 7 node"},
	{"other files, unbound sockets and links",
	 "p7\ncnode\nfcwd\ntDIR\nn/\nf3\ntIPv4\nPUDP\nn*:*\nf4\ntIPv6\nPTCP\nn[fe80::1%en0]:22->"
	 "[fe80::2%en0]:5\nTST=ESTABLISHED\n",
	 "lsof -nP -i -F", "", "tcp 2 fe80::1:22 7 node"},
	{"sockstat", "USER     COMMAND    PID   FD  PROTO  LOCAL ADDRESS         FOREIGN ADDRESS\n"
		     "root     sshd       860   3   tcp6   *:22                  *:*\n"
		     "ntpd     ntpd       811   20  udp46  *:123                 *:*\n"
		     "postgres postgres   1301  8   tcp6   ::1:5432              *:*\n"
		     "dev      sshd       4411  4   tcp4   10.0.0.9:22           10.0.0.8:50210\n"
		     "?        ?          ?     ?   tcp4   *:2049                *:*\n"
		     "root     devd       500   4   stream /var/run/devd.pipe\n",
	 "sockstat", "FreeBSD",
	 "tcp 0 :::22 860 sshd; tcp 2 10.0.0.9:22 4411 sshd; udp 1 :::123+ 811 ntpd; tcp 0 0.0.0.0:2049 0 "
	 "-; tcp 0 ::1:5432 1301 postgres"},
	{"no listing", "hello\n", NULL, NULL, ""},
	{"nothing", "", NULL, NULL, ""},
	{"netstat of Linux has no process", "tcp 0 0 0.0.0.0:22 0.0.0.0:* LISTEN\n", NULL, NULL, ""},
};

static const struct {
	const char *name, *text;
} bad[] = {
	{"a cut line of netstat", "  UDP  0.0.0.0:1  *:*  3\n  TCP    0.0.0.0:135    0.0.0.0:0    1012\n"},
	{"no number for a process", "  UDP  0.0.0.0:1  *:*  3\n  UDP    0.0.0.0:135    *:*    x\n"},
	{"lsof's p without number", "p1\ncx\npy\n"},
	{"lsof with names of services", "p1\ncx\nf1\ntIPv4\nPTCP\nn*:http\nTST=LISTEN\n"},
	{"sockstat with a bad address", "USER COMMAND PID FD PROTO LOCAL ADDRESS FOREIGN ADDRESS\n"
					"root sshd 860 3 tcp4 nowhere:22 *:*\n"},
	{"sockstat with a bad process", "USER COMMAND PID FD PROTO LOCAL ADDRESS FOREIGN ADDRESS\n"
					"root sshd x 3 tcp4 *:22 *:*\n"},
};

static int look(struct span text, const char **tool, const char **system, struct list *list,
		struct why *why)
{
	struct host_query query = HOST_QUERY_ALL;
	struct host_listing listing = {0};
	struct arena arena = {0};
	struct survey survey;
	const struct foreign *foreign = foreign_find(text);
	int r;

	query.peers = query.holders = true;
	*list = (struct list){.sink = {put}};
	*tool = foreign ? foreign->name : NULL;
	*system = foreign ? foreign->system_of(text) : NULL;
	if (!foreign)
		return 0;
	r = survey_init(&survey, &query, &arena, &listing);
	if (r == 0)
		r = foreign->read(&survey, text, why);
	owners_sort(&survey);
	if (r == 0)
		r = survey_push(&survey, &list->sink, why);
	survey_done(&survey);
	arena_done(&arena);
	return r;
}

int main(void)
{
	const char *tool;
	const char *system;
	struct list list;
	struct why why;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int r = look(span_str(cases[i].text), &tool, &system, &list, &why);

		ok(r == 0 && (tool ? cases[i].tool && !strcmp(tool, cases[i].tool) : !cases[i].tool),
		   "%s: known", cases[i].name);
		ok(!system || !strcmp(system, cases[i].system), "%s: its system", cases[i].name);
		is_str(list.text, cases[i].sightings, cases[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(look(span_str(bad[i].text), &tool, &system, &list, &why) == -EINVAL &&
			   strncmp(why.text, "line ", 5) == 0,
		   "refused: %s", bad[i].name);
	return done();
}
