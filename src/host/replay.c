/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay: a listing from a recording, a directory of three texts that people can write by hand.
 *
 *   host        the machine and how it was looked at
 *   processes   one process a line
 *   sockets     one socket a line
 *
 * A line is fields "key=value" parted by tabs; empty lines and lines that begin with '#' are passed
 * over. In values \t, \n, \\ and \xNN stand for bytes. A flag is "key=1". Keys are the members of the
 * doors' structures (base/sighting.h, host/host.h): the tables below name them all. Beside those:
 *
 *   processes   parent=PID      another line of the file; the line of parents follows from it
 *               argv=           arguments with \x00 behind each; command line, runtime and script
 *                               follow from it unless they are given
 *               cgroup=         a path; unit, user's unit and container follow unless given
 *               package=        given, but empty: no package owns the file
 *   sockets     local=ADDRESS remote=ADDRESS interface=N
 *               state=listen, bound, peer, raw or packet; listen for TCP, else bound, when missing
 *               owners=PID:FD,PID:FD
 *   host        ephemeral=32768-60999   now=UNIX-SECONDS
 *
 * An unknown key, a bad value or an owner without process is an error that names file and line.
 */
#include "host/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/script.h"
#include "host/unit.h"

enum { TEXT_MAX = 64 << 20, MAX_ANCESTORS = 16 };

enum kind { KIND_TEXT, KIND_U16, KIND_U32, KIND_U64, KIND_FLAG };

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
};

#define P(member, kind) {#member, kind, offsetof(struct process, member)}

static const struct field process_fields[] = {
	P(pid, KIND_U32),
	P(start_ticks, KIND_U64),
	P(start_time, KIND_U64),
	P(uid, KIND_U32),
	P(user, KIND_TEXT),
	P(name, KIND_TEXT),
	P(executable, KIND_TEXT),
	P(command_line, KIND_TEXT),
	P(argv, KIND_TEXT),
	P(working_directory, KIND_TEXT),
	P(git_branch, KIND_TEXT),
	P(runtime, KIND_TEXT),
	P(script, KIND_TEXT),
	P(unit, KIND_TEXT),
	P(user_unit, KIND_TEXT),
	P(cgroup, KIND_TEXT),
	P(container, KIND_TEXT),
	P(package, KIND_TEXT),
	P(package_version, KIND_TEXT),
	P(capabilities, KIND_TEXT),
	P(terminal, KIND_TEXT),
	P(net_namespace, KIND_U64),
	P(is_deleted, KIND_FLAG),
	P(is_replaced, KIND_FLAG),
	P(is_memfd, KIND_FLAG),
	P(is_in_tmpfs, KIND_FLAG),
	P(is_in_world_writable, KIND_FLAG),
	P(is_kernel_thread, KIND_FLAG),
	P(is_script_missing, KIND_FLAG),
	{"parent", KIND_U32, offsetof(struct process_row, parent)},
};

#define S(member, kind) {#member, kind, offsetof(struct socket_row, member)}

static const struct field socket_fields[] = {
	S(cookie, KIND_U64),
	S(inode, KIND_U64),
	S(net_namespace, KIND_U64),
	S(uid, KIND_U32),
	S(backlog, KIND_U32),
	S(queued, KIND_U32),
	S(port, KIND_U16),
	S(remote_port, KIND_U16),
	S(is_v6only, KIND_FLAG),
	S(is_elsewhere, KIND_FLAG),
};

#define E(member) {#member, KIND_TEXT, offsetof(struct socket_extra, member)}

static const struct field extra_fields[] = {
	E(user), E(container), E(socket_unit), E(unit), E(cgroup),
};

#define L(member, kind) {#member, kind, offsetof(struct host_listing, member)}

static const struct field listing_fields[] = {
	L(is_torn, KIND_FLAG),
	L(net_namespace, KIND_U64),
	L(lacks_ptrace, KIND_FLAG),
	L(is_contained, KIND_FLAG),
};

#define I(member, kind) {#member, kind, offsetof(struct host_info, member)}

static const struct field info_fields[] = {
	I(name, KIND_TEXT),   I(id, KIND_TEXT),	     I(boot_id, KIND_TEXT), I(system, KIND_TEXT),
	I(is_root, KIND_FLAG), I(uid, KIND_U32),     I(now, KIND_U64),
};

struct line {
	const char *file;
	unsigned number;
	struct span rest;
	struct span key, value;
};

static int bad(const struct line *line, struct why *why)
{
	return why_set(why, EINVAL, _("%s:%u: '%.*s' is not understood"), line->file, line->number,
		       SPAN_ARG(span_cut(line->key, 64)));
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool replay_unescape(struct arena *arena, struct span text, struct span *value)
{
	uint8_t *bytes = arena_get(arena, text.n + 1);
	size_t n = 0;
	uint8_t c;

	while (take_u8(&text, &c)) {
		uint8_t high;
		uint8_t low;

		if (c == '\\') {
			if (!take_u8(&text, &c))
				return false;
			if (c == 'x') {
				if (!take_u8(&text, &high) || !take_u8(&text, &low) ||
				    digit(high) < 0 || digit(low) < 0)
					return false;
				c = (uint8_t)(digit(high) << 4 | digit(low));
			} else if (c != '\\' && c != 't' && c != 'n') {
				return false;
			} else {
				c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
			}
		}
		bytes[n++] = c;
	}
	*value = span_of(bytes, n);
	return true;
}

static bool set_field(const struct field *field, void *base, struct span value)
{
	static const uint64_t limits[] = {[KIND_U16] = UINT16_MAX, [KIND_U32] = UINT32_MAX,
					  [KIND_U64] = UINT64_MAX, [KIND_FLAG] = 1};
	uint8_t *at = (uint8_t *)base + field->offset;
	uint64_t number;

	if (field->kind == KIND_TEXT) {
		memcpy(at, &value, sizeof(value));
		return true;
	}
	if (!span_u64(value, limits[field->kind], &number))
		return false;
	switch (field->kind) {
	case KIND_U16: memcpy(at, &(uint16_t){(uint16_t)number}, sizeof(uint16_t)); break;
	case KIND_U32: memcpy(at, &(uint32_t){(uint32_t)number}, sizeof(uint32_t)); break;
	case KIND_U64: memcpy(at, &number, sizeof(number)); break;
	case KIND_FLAG: memcpy(at, &(bool){number != 0}, sizeof(bool)); break;
	case KIND_TEXT: break;
	}
	return true;
}

/* 1: set, 0: the table has no such key, -1: the value is bad. */
static int set(const struct field *fields, size_t n, void *base, const struct line *line)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(line->key, fields[i].key))
			return set_field(&fields[i], base, line->value) ? 1 : -1;
	return 0;
}

/* The next line with fields in it. */
static bool next_line(struct span *text, struct line *line)
{
	while (take_line(text, &line->rest)) {
		line->number++;
		if (line->rest.n && line->rest.p[0] != '#')
			return true;
	}
	return false;
}

/* 1: a field, 0: the line has ended, -1: no field. */
static int next_field(struct arena *arena, struct line *line)
{
	struct span cell;
	ptrdiff_t at;

	if (!take_until(&line->rest, '\t', &cell))
		return 0;
	at = span_find_byte(cell, '=');
	line->key = at < 0 ? cell : span_cut(cell, (size_t)at);
	return at > 0 && replay_unescape(arena, span_skip(cell, (size_t)at + 1), &line->value) ? 1
												: -1;
}

static int read_process(struct survey *survey, struct line *line, struct why *why)
{
	struct process_row *row = arena_get(survey->arena, sizeof(*row));
	int more;

	while ((more = next_field(survey->arena, line)) > 0) {
		if (span_is(line->key, "package"))
			row->process.package_answer = line->value.n ? PACKAGE_OWNS : PACKAGE_NONE;
		if (set(process_fields, ARRAY_LEN(process_fields), row, line) <= 0)
			return bad(line, why);
	}
	if (more < 0)
		return bad(line, why);
	row->next = survey->processes;
	survey->processes = row;
	row->next_of_pid = survey->by_pid[row->process.pid % PROCESS_SLOTS];
	survey->by_pid[row->process.pid % PROCESS_SLOTS] = row;
	return 0;
}

static const struct process_row *find_process(const struct survey *survey, uint32_t pid)
{
	const struct process_row *row = survey->by_pid[pid % PROCESS_SLOTS];

	while (row && row->process.pid != pid)
		row = row->next_of_pid;
	return row;
}

/* "PID:FD,PID:FD" */
static int read_owners(struct survey *survey, struct span list, uint32_t socket)
{
	struct span item;
	struct span pid;
	uint64_t number[2];

	while (take_until(&list, ',', &item)) {
		const struct process_row *row;

		if (!take_until(&item, ':', &pid) || !span_u64(pid, UINT32_MAX, &number[0]) ||
		    !span_u64(item, UINT32_MAX, &number[1]))
			return -EINVAL;
		row = find_process(survey, (uint32_t)number[0]);
		if (!row)
			return -EINVAL;

		int result = owner_table_add(&survey->owners,
					     (struct owner_row){.socket = socket,
								.fd = (uint32_t)number[1],
								.process = &row->process});
		if (result < 0)
			return result;
	}
	return 0;
}

static bool read_state(struct span word, uint8_t *state)
{
	static const char *const words[] = {
		[SOCKET_LISTEN] = "listen", [SOCKET_BOUND] = "bound", [SOCKET_PEER] = "peer",
		[SOCKET_RAW] = "raw",	    [SOCKET_PACKET] = "packet",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_is(word, words[i])) {
			*state = (uint8_t)i;
			return true;
		}
	return false;
}

static bool read_hidden(struct span word, uint8_t *hidden)
{
	for (enum hidden_reason i = 0; i < N_HIDDEN_REASONS; i++)
		if (span_is(word, hidden_reason_word(i))) {
			*hidden = (uint8_t)i;
			return true;
		}
	return false;
}

struct socket_line {
	struct socket_row row;
	struct socket_extra *extra;
	struct span owners;
	uint64_t interface;
	bool has_state;
};

/* Keys that are no plain member. 1, 0, -1 as set(). */
static int set_special(struct socket_line *s, const struct line *line)
{
	enum transport transport;

	if (span_is(line->key, "transport")) {
		if (!transport_parse(line->value, &transport))
			return -1;
		s->row.transport = (uint8_t)transport;
		return 1;
	}
	if (span_is(line->key, "local"))
		return address_parse(line->value, &s->row.local) ? 1 : -1;
	if (span_is(line->key, "remote"))
		return address_parse(line->value, &s->row.remote) ? 1 : -1;
	if (span_is(line->key, "interface"))
		return span_u64(line->value, UINT32_MAX, &s->interface) ? 1 : -1;
	if (span_is(line->key, "hidden"))
		return read_hidden(line->value, &s->row.hidden) ? 1 : -1;
	if (span_is(line->key, "state")) {
		s->has_state = true;
		return read_state(line->value, &s->row.state) ? 1 : -1;
	}
	if (span_is(line->key, "owners")) {
		s->owners = line->value;
		return 1;
	}
	return 0;
}

static bool is_wanted(const struct host_query *query, const struct socket_row *row)
{
	return row->port >= query->first && row->port <= query->last &&
	       query_wants(query, row->transport) && (row->state != SOCKET_PEER || query->peers) &&
	       (!row->is_elsewhere || query->namespaces);
}

static int read_socket(struct survey *survey, struct line *line, struct why *why)
{
	struct socket_line s = {.extra = arena_get(survey->arena, sizeof(*s.extra)),
				.row.transport = TRANSPORT_TCP};
	struct socket_row *row;
	int more;

	while ((more = next_field(survey->arena, line)) > 0) {
		int done = set(socket_fields, ARRAY_LEN(socket_fields), &s.row, line);

		if (done == 0)
			done = set(extra_fields, ARRAY_LEN(extra_fields), s.extra, line);
		if (done == 0)
			done = set_special(&s, line);
		if (done <= 0)
			return bad(line, why);
	}
	if (more < 0)
		return bad(line, why);
	if (!s.has_state)
		s.row.state = s.row.transport == TRANSPORT_UDP || s.row.transport == TRANSPORT_UDPLITE
				      ? SOCKET_BOUND
				      : SOCKET_LISTEN;
	if (!is_wanted(survey->query, &s.row))
		return 0;
	row = socket_table_add(&survey->sockets, s.row.cookie, s.row.inode, s.row.net_namespace);
	if (!row)
		return why_set(why, ENOMEM, _("out of memory"));
	s.row.extra = s.extra;
	s.row.local.interface = (uint32_t)s.interface;
	*row = s.row;
	line->key = SPAN_LIT("owners");
	more = read_owners(survey, s.owners, (uint32_t)(row - survey->sockets.rows));
	return more == -EINVAL ? bad(line, why) : more;
}

static int read_listing(struct survey *survey, struct line *line, struct why *why)
{
	struct host_info ignored = {0};

	while (next_field(survey->arena, line) > 0) {
		int done = set(listing_fields, ARRAY_LEN(listing_fields), survey->listing, line);

		if (done == 0)
			done = set(info_fields, ARRAY_LEN(info_fields), &ignored, line);
		if (done < 0 || (done == 0 && !span_is(line->key, "ephemeral")))
			return bad(line, why);
	}
	return 0;
}

typedef int line_fn(struct survey *survey, struct line *line, struct why *why);

static int read_lines(struct survey *survey, const char *file, struct span text, line_fn *fn,
		      struct why *why)
{
	struct line line = {.file = file};
	int result = 0;

	while (result == 0 && next_line(&text, &line))
		result = fn(survey, &line, why);
	return result;
}

/* What follows from arguments and control group, where it was not given. */
static void derive(struct survey *survey, struct process *p)
{
	struct cgroup_facts cgroup;
	struct script script = script_read(span_base(p->executable), p->argv);

	if (!p->runtime.n && script.runtime)
		p->runtime = span_str(script.runtime);
	if (!p->script.n && script.kind == SCRIPT_MODULE)
		p->script = arena_print(survey->arena, "-m %.*s", SPAN_ARG(script.name));
	else if (!p->script.n)
		p->script = script.name;
	cgroup_read_path(p->cgroup, &cgroup);
	if (!p->unit.n)
		p->unit = cgroup.unit;
	if (!p->user_unit.n)
		p->user_unit = cgroup.user_unit;
	if (!p->container.n && cgroup.runtime)
		p->container = arena_print(survey->arena, "%s %.*s", cgroup.runtime,
					   SPAN_ARG(span_cut(cgroup.container,
							     cgroup.is_id ? 12 : cgroup.container.n)));
	if (!p->command_line.n && p->argv.n) {
		uint8_t *text = arena_get(survey->arena, p->argv.n);

		for (size_t i = 0; i < p->argv.n; i++)
			text[i] = p->argv.p[i] ? p->argv.p[i] : ' ';
		p->command_line = span_trim(span_of(text, p->argv.n));
	}
}

static void draw_line(struct survey *survey, struct process_row *row)
{
	struct ancestor *line = arena_get_array(survey->arena, MAX_ANCESTORS, sizeof(*line));
	const struct process_row *parent = find_process(survey, row->parent);
	size_t n = 0;

	for (; parent && row->parent && n < MAX_ANCESTORS; n++) {
		line[n] = (struct ancestor){.pid = parent->process.pid,
					    .name = parent->process.name,
					    .executable = parent->process.executable};
		parent = parent->parent ? find_process(survey, parent->parent) : NULL;
	}
	row->process.ancestors = line;
	row->process.n_ancestors = n;
}

/* One file of the recording, whole, in the arena. */
static int read_file(const char *directory, const char *name, struct arena *arena,
		     struct span *text, struct why *why)
{
	auto_close int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return why_errno(why, _("cannot open '%s/%s'"), directory, name);
	if (!S_ISREG(st.st_mode) || st.st_size > TEXT_MAX)
		return why_set(why, EINVAL, _("'%s/%s' is no recording"), directory, name);

	uint8_t *bytes = arena_get(arena, (size_t)st.st_size + 1);

	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return why_errno(why, _("cannot read '%s/%s'"), directory, name);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*text = span_of(bytes, n);
	return 0;
}

int replay_read(const struct recording_texts *texts, struct survey *survey, struct why *why)
{
	int result = read_lines(survey, "host", texts->host, read_listing, why);

	if (result == 0)
		result = read_lines(survey, "processes", texts->processes, read_process, why);
	if (result == 0)
		result = read_lines(survey, "sockets", texts->sockets, read_socket, why);
	if (result < 0)
		return result;
	for (struct process_row *row = survey->processes; row; row = row->next) {
		derive(survey, &row->process);
		draw_line(survey, row);
	}
	owners_sort(survey);
	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];

		if (!row->n_owners && row->hidden == HIDDEN_NONE)
			row->hidden = HIDDEN_UNKNOWN;
	}
	return 0;
}

int replay_each_listener(const struct host_query *query, struct arena *arena, struct sink *sink,
			 struct host_listing *listing, struct why *why)
{
	struct recording_texts texts = {0};
	struct survey survey;
	int r = survey_init(&survey, query, arena, listing);

	if (r < 0)
		return why_set(why, -r, _("out of memory"));
	listing->method = survey.seen_by = "replay";
	r = read_file(query->replay, "host", arena, &texts.host, why);
	if (r == 0)
		r = read_file(query->replay, "processes", arena, &texts.processes, why);
	if (r == 0)
		r = read_file(query->replay, "sockets", arena, &texts.sockets, why);
	if (r == 0)
		r = replay_read(&texts, &survey, why);
	if (r == 0)
		r = survey_push(&survey, sink, why);
	if (r == 0)
		listing->is_complete = !listing->is_torn && !listing->hidden_owners;
	survey_done(&survey);
	return r;
}

void replay_describe(const char *directory, struct arena *arena, struct host_info *info)
{
	struct line line = {.file = "host"};
	struct span text;

	*info = (struct host_info){0};
	if (read_file(directory, "host", arena, &text, NULL) < 0)
		return; /* host_each_listener says so */
	while (next_line(&text, &line))
		while (next_field(arena, &line) > 0) {
			struct span first;
			uint64_t value[2];

			(void)!set(info_fields, ARRAY_LEN(info_fields), info, &line);
			if (span_is(line.key, "ephemeral") &&
			    take_until(&line.value, '-', &first) &&
			    span_u64(first, PORT_MAX, &value[0]) &&
			    span_u64(line.value, PORT_MAX, &value[1])) {
				info->ephemeral_first = (uint16_t)value[0];
				info->ephemeral_last = (uint16_t)value[1];
			}
		}
}
