/* SPDX-License-Identifier: Apache-2.0 */
/* recording: what is written is read back the same, whatever the bytes; streams that are none. */
#include <errno.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/replay.h"
#include "tap.h"

static const struct ancestor parents[] = {
	{.pid = 10,
	 .name = {(const uint8_t *)"a\tb", 3},
	 .executable = {(const uint8_t *)"/bin/sh", 7}},
	{.pid = 1, .name = {(const uint8_t *)"init", 4}},
};

static const struct host_info host = {.name = {(const uint8_t *)"db3", 3},
				      .now = 1795234202,
				      .ephemeral_first = 32768,
				      .ephemeral_last = 60999,
				      .is_root = true};

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

static int read_back(const struct recording_texts *texts, struct arena *arena, struct list *list,
		     struct host_listing *listing)
{
	struct host_query query = HOST_QUERY_ALL;
	struct survey survey;
	int r = survey_init(&survey, &query, arena, listing);

	query.peers = query.namespaces = true;
	*list = (struct list){.sink = {keep}};
	if (r == 0)
		r = replay_read(texts, &survey, NULL);
	if (r == 0)
		r = survey_push(&survey, &list->sink, NULL);
	survey_done(&survey);
	return r;
}

static int round_trip(const struct sighting *const *sightings, size_t n, struct arena *arena,
		      struct list *list)
{
	struct host_listing before = {.is_complete = true};
	struct host_listing after = {0};
	struct host_recording recording = {&host, &before, sightings, n};
	struct recording_texts texts;
	struct buf stream = BUF_INIT;
	int r = -EINVAL;

	*list = (struct list){.sink = {keep}};
	host_record_stream(&recording, &stream);
	if (recording_split(buf_span(&stream), &texts))
		r = read_back(&texts, arena, list, &after);
	buf_done(&stream);
	return r;
}

static void test_fields(struct arena *arena)
{
	struct process one = {.pid = 700,
			      .start_ticks = 900,
			      .start_time = 1795000000,
			      .uid = 33,
			      .user = SPAN_LIT("www"),
			      .name = SPAN_LIT("x"),
			      .executable = SPAN_LIT("/usr/bin/python3"),
			      .argv = SPAN_LIT("python3\0-m\0http.server\0"),
			      .package = SPAN_LIT("p"),
			      .package_answer = PACKAGE_OWNS,
			      .is_deleted = true,
			      .is_in_tmpfs = true,
			      .ancestors = parents,
			      .n_ancestors = 2};
	struct process gone = {.pid = 700, .start_ticks = 800};
	struct owner owners[] = {{&one, 3}, {&one, 4}, {&gone, 5}};
	struct sighting shown = {.transport = TRANSPORT_TCP,
				 .state = SOCKET_LISTEN,
				 .port = 80,
				 .cookie = 1,
				 .inode = 11,
				 .net_namespace = 7,
				 .uid = 33,
				 .user = SPAN_LIT("www"),
				 .backlog = 128,
				 .queued = 2,
				 .is_v6only = true,
				 .socket_unit = SPAN_LIT("a.socket"),
				 .hidden_from = FROM_NETLINK,
				 .owners = owners,
				 .n_owners = ARRAY_LEN(owners)};
	struct sighting hidden = {.transport = TRANSPORT_UDP,
				  .state = SOCKET_BOUND,
				  .port = 53,
				  .cookie = 2,
				  .inode = 12,
				  .hidden = HIDDEN_PID_NAMESPACE,
				  .is_elsewhere = true,
				  .container = SPAN_LIT("docker x"),
				  .cgroup = SPAN_LIT("/a")};
	struct sighting packet = {
		.state = SOCKET_PACKET, .inode = 13, .local.interface = 5, .hidden = HIDDEN_KERNEL};
	const struct sighting *all[] = {&packet, &hidden, &shown};
	struct list list;

	(void)!address_parse(SPAN_LIT("::ffff:10.0.0.1"), &shown.local);
	(void)!address_parse(SPAN_LIT("0.0.0.0"), &hidden.local);
	if (!is_int(round_trip(all, ARRAY_LEN(all), arena, &list), 0, "a recording is read back") ||
	    !is_int((int64_t)list.n, 3, "with every socket"))
		return;

	const struct sighting *s = &list.sightings[2];
	const struct process *p = s->n_owners ? s->owners[0].process : &gone;

	ok(s->port == 80 && s->backlog == 128 && s->queued == 2 && s->uid == 33 && s->is_v6only &&
		   s->inode == 11 && s->net_namespace == 7 && s->hidden_from == FROM_NETLINK &&
		   address_eq(&s->local, &shown.local) && span_is(s->socket_unit, "a.socket"),
	   "a socket keeps its fields");
	ok(s->n_owners == 2 && s->owners[1].fd == 4,
	   "the owner whose number is another's by now is left out");
	ok(p->start_ticks == 900 && p->start_time == 1795000000 && p->is_deleted &&
		   p->is_in_tmpfs && !p->is_memfd && span_eq(p->argv, one.argv) &&
		   p->package_answer == PACKAGE_OWNS,
	   "a process keeps its fields");
	ok(!p->runtime.n && !p->script.n && !p->command_line.n,
	   "and nothing is added that was not seen");
	ok(p->n_ancestors == 2 && p->ancestors[0].pid == 10 && p->ancestors[1].pid == 1 &&
		   span_eq(p->ancestors[0].name, parents[0].name) &&
		   span_eq(p->ancestors[0].executable, parents[0].executable),
	   "and its line of parents");
	s = &list.sightings[1];
	ok(s->hidden == HIDDEN_PID_NAMESPACE && s->is_elsewhere &&
		   span_is(s->container, "docker x") && span_is(s->cgroup, "/a"),
	   "a hidden owner keeps its reason");
	s = &list.sightings[0];
	ok(s->state == SOCKET_PACKET && s->transport == TRANSPORT_ANY &&
		   s->local.family == ADDRESS_NONE && s->local.interface == 5,
	   "a packet socket has an interface and no address");
}

static void test_bytes(struct arena *arena)
{
	uint8_t bytes[256];
	struct process p = {.pid = 5,
			    .name = span_of(bytes, 256),
			    .command_line = SPAN_LIT("\n[sockets]\n\n[end]\n")};
	struct owner owner = {&p, 1};
	struct sighting s = {.port = 1,
			     .transport = TRANSPORT_TCP,
			     .cookie = 1,
			     .owners = &owner,
			     .n_owners = 1};
	const struct sighting *all[] = {&s};
	struct list list;

	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	is_int(round_trip(all, 1, arena, &list), 0, "names of any bytes");
	ok(list.n == 1 && list.sightings[0].n_owners == 1 &&
		   span_eq(list.sightings[0].owners[0].process->name, p.name) &&
		   span_eq(list.sightings[0].owners[0].process->command_line, p.command_line),
	   "are read back as they are");
	is_int(round_trip(NULL, 0, arena, &list), 0, "nothing at all is a recording too");
}

#define WHOLE "periplus listing 1\n[host]\n\n\n[processes]\n\n[sockets]\n\n[end]\n"

static const struct {
	const char *name;
	struct span stream;
	bool is_good;
} streams[] = {
	{"a whole one", SPAN_LIT(WHOLE), true},
	{"nothing", SPAN_LIT(""), false},
	{"one that is cut", SPAN_LIT("periplus listing 1\n[host]\n\n\n[processes]\n\n[sockets]\n"),
	 false},
	{"one without sections", SPAN_LIT("periplus listing 1\n[host]\n\n[end]\n"), false},
	{"one whose end is its last section",
	 SPAN_LIT("periplus listing 1\n[host]\n\n[processes]\n\n[sockets]\n[end]\n"), false},
	{"another version",
	 SPAN_LIT("periplus listing 2\n[host]\n\n\n[processes]\n\n[sockets]\n\n[end]\n"), false},
	{"more behind the end", SPAN_LIT(WHOLE "x"), false},
	{"a word", SPAN_LIT("busy\n"), false},
};

static void test_streams(void)
{
	struct recording_texts texts;

	for (size_t i = 0; i < ARRAY_LEN(streams); i++)
		ok(recording_split(streams[i].stream, &texts) == streams[i].is_good, "a stream: %s",
		   streams[i].name);
}

static void test_directory(struct arena *arena)
{
	struct host_listing listing = {.is_complete = false};
	struct host_recording recording = {&host, &listing, NULL, 0};
	struct host_query query = HOST_QUERY_ALL;
	char path[] = "/tmp/periplus-recording.XXXXXX";
	char file[sizeof(path) + 16];
	struct host_info info;
	struct list list = {.sink = {keep}};
	struct why why = {0};
	struct stat st;

	if (!ok(mkdtemp(path) != NULL, "a directory"))
		return;
	is_int(host_record(path, &recording, &why), 0, "an empty directory is filled");
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700, "and closed to others");
	query.replay = path;
	is_int(host_each_listener(&query, arena, &list.sink, &listing, &why), 0,
	       "it is a recording");
	ok(!listing.is_complete, "that keeps what it lacked");
	host_describe(&query, arena, &info);
	ok(info.now == host.now && span_is(info.name, "db3") && info.ephemeral_last == 60999 &&
		   info.is_root,
	   "and the machine");
	is_int(host_record(path, &recording, &why), -EEXIST, "a full one is left alone");
	is_int(host_record("/nonexistent/x", &recording, &why), -ENOENT,
	       "a place that is not there");
	static const char *const names[] = {"host", "processes", "sockets"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]);
		unlink(file);
	}
	is_int(rmdir(path), 0, "nothing else is left");
}

int main(void)
{
	struct arena arena = {0};

	test_fields(&arena);
	test_bytes(&arena);
	test_streams();
	test_directory(&arena);
	arena_done(&arena);
	return done();
}
