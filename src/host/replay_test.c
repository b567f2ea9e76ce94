/* SPDX-License-Identifier: Apache-2.0 */
/* replay: a recording from text to sightings, and recordings that are none. */
#include <errno.h>

#include "base/scope.h"
#include "host/replay.h"
#include "tap.h"

static const char host[] = "name=db3\tid=0f0f\tsystem=Debian 12\n"
			   "ephemeral=32768-60999\tnow=1795234202\tuid=0\tis_root=1\tnet_namespace=7\n";
static const char processes[] =
	"# comment\n\n"
	"pid=1\tname=systemd\texecutable=/usr/lib/systemd/systemd\tstart_ticks=1\tcgroup=/init.scope\n"
	"pid=700\tparent=1\tstart_ticks=900\tuid=0\tuser=root\tname=sshd\texecutable=/usr/sbin/sshd\t"
	"argv=sshd\\x00-D\\x00\tcgroup=/system.slice/ssh.service\tpackage=openssh-server\n"
	"pid=800\tparent=700\tstart_ticks=950\tuid=1000\tname=x\\n\\x1b[2J\texecutable=/usr/bin/python3.11\t"
	"argv=python3\\x00-m\\x00http.server\\x00\tcgroup=/user.slice/user-1000.slice/session-3.scope\t"
	"package=\n";
static const char sockets[] =
	"transport=tcp\tlocal=::\tport=22\tuid=0\tuser=root\tinode=11\tcookie=1\tbacklog=128\t"
	"owners=700:3,1:40\n"
	"transport=tcp\tlocal=0.0.0.0\tport=3000\tuid=1000\tinode=12\tcookie=2\towners=800:3\n"
	"transport=udp\tlocal=127.0.0.1\tport=53\tuid=101\tinode=13\tcookie=3\thidden=permission\t"
	"unit=dns.service\n"
	"transport=tcp\tstate=peer\tlocal=127.0.0.1\tport=22\tremote=127.0.0.1\tremote_port=4000\tcookie=4\n"
	"transport=tcp\tlocal=::\tport=9\tcookie=5\tis_elsewhere=1\tnet_namespace=8\thidden=kernel\n";

struct list {
	struct sink sink;
	struct sighting sightings[8];
	size_t n;
};

static int keep(struct sink *sink, const struct sighting *sighting)
{
	struct list *list = (struct list *)sink;

	if (list->n < ARRAY_LEN(list->sightings))
		list->sightings[list->n++] = *sighting;
	return 0;
}

static int look(const struct host_query *query, const struct recording_texts *texts,
		struct arena *arena, struct host_listing *listing, struct list *list, struct why *why)
{
	struct survey survey;
	int r = survey_init(&survey, query, arena, listing);

	*list = (struct list){.sink = {keep}};
	if (r == 0)
		r = replay_read(texts, &survey, why);
	if (r == 0)
		r = survey_push(&survey, &list->sink, why);
	survey_done(&survey);
	return r;
}

#define TEXTS(h, p, s)                                                                             \
	((struct recording_texts){span_str(h), span_str(p), span_str(s)})

static void test_whole(struct arena *arena)
{
	struct host_query query = HOST_QUERY_ALL;
	struct host_listing listing = {0};
	struct why why = {0};
	struct list list;

	is_int(look(&query, &TEXTS(host, processes, sockets), arena, &listing, &list, &why), 0,
	       "a recording is read");
	is_int((int64_t)list.n, 3, "connections and other namespaces only when asked for");

	const struct sighting *ssh = &list.sightings[0];
	const struct sighting *dns = &list.sightings[1];
	const struct process *p = list.n > 2 && list.sightings[2].n_owners
					  ? list.sightings[2].owners[0].process : NULL;

	ok(ssh->port == 22 && ssh->is_dual_stack && ssh->n_owners == 2 && ssh->backlog == 128,
	   "in order of number, with all owners");
	is_span(ssh->owners[0].process->name, SPAN_LIT("sshd"),
		"a service comes before the manager that holds its socket");
	ok(dns->hidden == HIDDEN_PERMISSION && span_is(dns->unit, "dns.service") &&
		   dns->state == SOCKET_BOUND,
	   "a hidden owner, and the unit by the socket's group");
	is_int((int64_t)listing.hidden_owners, 1, "which is counted");
	if (!ok(p != NULL, "an owner"))
		return;
	is_span(p->name, SPAN_LIT("x\n\x1b[2J"), "a name keeps its bytes");
	is_span(p->script, SPAN_LIT("-m http.server"), "the script follows from the arguments");
	is_span(p->runtime, SPAN_LIT("python"), "and the runtime from the executable");
	is_span(p->unit, SPAN_LIT("session-3.scope"), "the unit from the control group");
	is_span(p->command_line, SPAN_LIT("python3 -m http.server"), "the command line");
	ok(p->n_ancestors == 2 && p->ancestors[0].pid == 700 && p->ancestors[1].pid == 1,
	   "the line of parents");
	ok(p->package_answer == PACKAGE_NONE, "a package that is given, but empty, is nobody's");
}

static void test_queries(struct arena *arena)
{
	struct host_query query = {.first = 22, .last = 22, .peers = true};
	struct host_listing listing = {0};
	struct list list;

	look(&query, &TEXTS(host, processes, sockets), arena, &listing, &list, NULL);
	ok(list.n == 2 && list.sightings[0].n_peers == 1, "one port with its connection");
	query = HOST_QUERY_ALL;
	query.namespaces = true;
	look(&query, &TEXTS(host, processes, sockets), arena, &listing, &list, NULL);
	ok(list.n == 4 && listing.n_elsewhere == 1, "other namespaces");
	query = HOST_QUERY_ALL;
	query.transport = TRANSPORT_UDP;
	look(&query, &TEXTS(host, processes, sockets), arena, &listing, &list, NULL);
	ok(list.n == 1 && list.sightings[0].port == 53, "one transport");
}

struct bad_case {
	const char *name, *host, *processes, *sockets, *why;
};

static const struct bad_case bads[] = {
	{"an unknown key", "", "pid=1\tcolour=red\n", "", "processes:1: 'colour' is not understood"},
	{"no '='", "", "pid\n", "", "processes:1: 'pid' is not understood"},
	{"a number that is none", "", "", "\n#\nport=70000\n", "sockets:3: 'port' is not understood"},
	{"an address that is none", "", "", "local=300.1.1.1\n", "sockets:1: 'local' is not understood"},
	{"an owner without process", "", "pid=1\n", "port=1\towners=2:3\n",
	 "sockets:1: 'owners' is not understood"},
	{"an escape that is cut", "", "name=\\x1\n", "", "processes:1: 'name' is not understood"},
	{"an unknown escape", "", "name=\\q\n", "", "processes:1: 'name' is not understood"},
	{"a flag that is none", "is_torn=2\n", "", "", "host:1: 'is_torn' is not understood"},
	{"a view that is none", "", "", "hidden_from=ss\n", "sockets:1: 'hidden_from' is not understood"},
	{"a state that is none", "", "", "state=open\n", "sockets:1: 'state' is not understood"},
};

static void test_bad(struct arena *arena)
{
	struct host_query query = HOST_QUERY_ALL;

	for (size_t i = 0; i < ARRAY_LEN(bads); i++) {
		const struct bad_case *c = &bads[i];
		struct host_listing listing = {0};
		struct why why = {0};
		struct list list;
		int r = look(&query, &TEXTS(c->host, c->processes, c->sockets), arena, &listing, &list,
			     &why);

		ok(r == -EINVAL && strcmp(why.text, c->why) == 0, "%s", c->name);
	}
}

static void test_circle(struct arena *arena)
{
	struct host_query query = HOST_QUERY_ALL;
	struct host_listing listing = {0};
	struct list list;
	int r = look(&query, &TEXTS("", "pid=1\tparent=2\npid=2\tparent=1\n", "port=1\towners=1:1\n"), arena,
		     &listing, &list, NULL);

	ok(r == 0 && list.n == 1 && list.sightings[0].owners[0].process->n_ancestors == 16,
	   "a circle of parents ends");
}

int main(void)
{
	struct arena arena = {0};
	struct host_query query = HOST_QUERY_ALL;
	struct host_listing listing;
	struct list list = {.sink = {keep}};

	test_whole(&arena);
	test_queries(&arena);
	test_bad(&arena);
	test_circle(&arena);
	query.replay = "/nonexistent";
	ok(host_each_listener(&query, &arena, &list.sink, &listing, NULL) == -ENOENT,
	   "a recording that is not there");
	arena_done(&arena);
	return done();
}
