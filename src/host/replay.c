/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay: a listing from a recording, a directory of three texts that people can write by hand; or
 * from a file that a tool of another system has printed (foreign.h).
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
 *               hidden=WORD, hidden_from=netlink or proc
 *               owners=PID:FD,PID:FD
 *   host        ephemeral=32768-60999   now=UNIX-SECONDS
 *               is_verbatim=1     written by recording.c: what is not given was not there, and
 *                                 nothing follows from anything
 *               is_incomplete=1   the looker could not read a part
 *
 * An unknown key, a bad value or an owner without process is an error that names file and line, and
 * so is more than the limits below: a recording may come from a stranger.
 */
#include "host/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/foreign.h"
#include "host/argv.h"
#include "host/unit.h"

enum {
	MAX_ANCESTORS = 16,
	MAX_PROCESSES = 1 << 17,
	MAX_SOCKETS = 1 << 19,
	MAX_OWNERS = 1 << 21,
};

/* A recording being read. */
struct replay {
	struct survey *survey;
	struct process_row **by_pid; /* in order of number, once all are read */
	size_t n_processes;
	size_t n_sockets;
	bool is_verbatim;
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

static int too_large(const struct line *line, struct why *why)
{
	return why_set(why, E2BIG, _("%s:%u: the recording is too large"), line->file, line->number);
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
static int set(const struct field_table *table, void *base, const struct line *line)
{
	for (size_t i = 0; i < table->n; i++)
		if (span_is(line->key, table->rows[i].key))
			return set_field(&table->rows[i], base, line->value) ? 1 : -1;
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

static int read_process(struct replay *replay, struct line *line, struct why *why)
{
	struct survey *survey = replay->survey;
	struct process_row *row;
	int more;

	if (replay->n_processes == MAX_PROCESSES)
		return too_large(line, why);
	row = arena_get(survey->arena, sizeof(*row));
	while ((more = next_field(survey->arena, line)) > 0) {
		if (span_is(line->key, "package"))
			row->process.package_answer = line->value.n ? PACKAGE_OWNS : PACKAGE_NONE;
		if (set(&recording_process_fields, row, line) <= 0)
			return bad(line, why);
	}
	if (more < 0)
		return bad(line, why);
	replay->n_processes++;
	row->next = survey->processes;
	survey->processes = row;
	return 0;
}

static int by_pid(const void *x, const void *y)
{
	const struct process_row *a = *(const struct process_row *const *)x;
	const struct process_row *b = *(const struct process_row *const *)y;

	return (a->process.pid > b->process.pid) - (a->process.pid < b->process.pid);
}

static void sort_processes(struct replay *replay)
{
	size_t n = 0;

	replay->by_pid = arena_get_array(replay->survey->arena, replay->n_processes,
					 sizeof(struct process_row *));
	for (struct process_row *row = replay->survey->processes; row; row = row->next)
		replay->by_pid[n++] = row;
	if (n)
		qsort(replay->by_pid, n, sizeof(struct process_row *), by_pid);
}

static const struct process_row *find_process(const struct replay *replay, uint32_t pid)
{
	size_t low = 0;
	size_t high = replay->n_processes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (replay->by_pid[middle]->process.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < replay->n_processes && replay->by_pid[low]->process.pid == pid
		       ? replay->by_pid[low] : NULL;
}

/* "PID:FD,PID:FD" */
static int read_owners(struct replay *replay, struct span list, uint32_t socket)
{
	struct owner_table *owners = &replay->survey->owners;
	struct span item;
	struct span pid;
	uint64_t number[2];

	while (take_until(&list, ',', &item)) {
		const struct process_row *row;

		if (!take_until(&item, ':', &pid) || !span_u64(pid, UINT32_MAX, &number[0]) ||
		    !span_u64(item, UINT32_MAX, &number[1]))
			return -EINVAL;
		row = find_process(replay, (uint32_t)number[0]);
		if (!row)
			return -EINVAL;
		if (owners->n == MAX_OWNERS)
			return -E2BIG;

		int result = owner_table_add(owners, (struct owner_row){.socket = socket,
									.fd = (uint32_t)number[1],
									.process = &row->process});
		if (result < 0)
			return result;
	}
	return 0;
}

/* 1 + the place of the word among n, 0 for none of them. */
static size_t find_word(struct span word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] && span_is(word, words[i]))
			return i + 1;
	return 0;
}

static bool read_word(struct span word, const char *const *words, size_t n, uint8_t *value)
{
	size_t found = find_word(word, words, n);

	if (found)
		*value = (uint8_t)(found - 1);
	return found;
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
	struct socket_extra extra;
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
	if (span_is(line->key, "hidden_from"))
		return read_word(line->value, recording_hidden_from, N_HIDDEN_FROM, &s->row.hidden_from)
			       ? 1 : -1;
	if (span_is(line->key, "state")) {
		s->has_state = true;
		return read_word(line->value, recording_states, N_STATES, &s->row.state) ? 1 : -1;
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
	       query_wants(query, row->transport) &&
	       (socket_state_waits((enum socket_state)row->state) || query->holders ||
		(row->state == SOCKET_PEER && query->peers)) &&
	       (!row->is_elsewhere || query->namespaces);
}

static int read_fields(struct replay *replay, struct line *line, struct socket_line *s,
		       struct why *why)
{
	int more;

	while ((more = next_field(replay->survey->arena, line)) > 0) {
		int done = set(&recording_socket_fields, &s->row, line);

		if (done == 0)
			done = set(&recording_extra_fields, &s->extra, line);
		if (done == 0)
			done = set_special(s, line);
		if (done <= 0)
			return bad(line, why);
	}
	if (more < 0)
		return bad(line, why);
	if (!s->has_state)
		s->row.state = s->row.transport == TRANSPORT_UDP ||
					       s->row.transport == TRANSPORT_UDPLITE
				       ? SOCKET_BOUND
				       : SOCKET_LISTEN;
	return 0;
}

static int read_socket(struct replay *replay, struct line *line, struct why *why)
{
	struct survey *survey = replay->survey;
	struct socket_line s = {.row.transport = TRANSPORT_TCP};
	struct socket_row *row;
	struct socket_extra *extra;
	int r = read_fields(replay, line, &s, why);

	if (r < 0 || !is_wanted(survey->query, &s.row))
		return r;
	if (replay->n_sockets++ == MAX_SOCKETS)
		return too_large(line, why);
	row = socket_table_add(&survey->sockets, s.row.cookie, s.row.inode, s.row.net_namespace);
	if (!row)
		return why_set(why, ENOMEM, _("out of memory"));
	extra = arena_get(survey->arena, sizeof(*extra));
	*extra = s.extra;
	s.row.extra = extra;
	s.row.local.interface = (uint32_t)s.interface;
	*row = s.row;
	line->key = SPAN_LIT("owners");
	r = read_owners(replay, s.owners, (uint32_t)(row - survey->sockets.rows));
	return r == -EINVAL ? bad(line, why) : r == -E2BIG ? too_large(line, why) : r;
}

static int read_listing(struct replay *replay, struct line *line, struct why *why)
{
	struct survey *survey = replay->survey;
	struct host_info ignored = {0};

	while (next_field(survey->arena, line) > 0) {
		int done = set(&recording_listing_fields, survey->listing, line);

		if (done == 0)
			done = set(&recording_info_fields, &ignored, line);
		if (done == 0 && span_is(line->key, "is_verbatim"))
			done = replay->is_verbatim = span_is(line->value, "1");
		if (done == 0 && span_is(line->key, "is_incomplete"))
			done = (int)(survey->n_failed = span_is(line->value, "1"));
		if (done < 0 || (done == 0 && !span_is(line->key, "ephemeral")))
			return bad(line, why);
	}
	return 0;
}

typedef int line_fn(struct replay *replay, struct line *line, struct why *why);

static int read_lines(struct replay *replay, const char *file, struct span text, line_fn *fn,
		      struct why *why)
{
	struct line line = {.file = file};
	int result = 0;

	while (result == 0 && next_line(&text, &line))
		result = fn(replay, &line, why);
	return result;
}

/* What follows from arguments and control group, where it was not given. */
static void derive(struct survey *survey, struct process *p)
{
	struct cgroup_facts cgroup;

	argv_tell(survey->arena, span_base(p->executable), p);
	cgroup_read_path(p->cgroup, &cgroup);
	if (!p->unit.n)
		p->unit = cgroup.unit;
	if (!p->user_unit.n)
		p->user_unit = cgroup.user_unit;
	if (!p->container.n && cgroup.runtime)
		p->container = arena_print(survey->arena, "%s %.*s", cgroup.runtime,
					   SPAN_ARG(span_cut(cgroup.container,
							     cgroup.is_id ? 12 : cgroup.container.n)));
	p->is_manager |= process_is_manager(p);
}

static void draw_line(const struct replay *replay, struct process_row *row)
{
	struct ancestor *line = arena_get_array(replay->survey->arena, MAX_ANCESTORS, sizeof(*line));
	const struct process_row *parent = find_process(replay, row->parent);
	size_t n = 0;

	for (; parent && row->parent && n < MAX_ANCESTORS; n++) {
		line[n] = (struct ancestor){.pid = parent->process.pid,
					    .name = parent->process.name,
					    .executable = parent->process.executable};
		parent = parent->parent ? find_process(replay, parent->parent) : NULL;
	}
	row->process.ancestors = line;
	row->process.n_ancestors = n;
}

int replay_read(const struct recording_texts *texts, struct survey *survey, struct why *why)
{
	struct replay replay = {.survey = survey};
	int result = read_lines(&replay, "host", texts->host, read_listing, why);

	if (result == 0)
		result = read_lines(&replay, "processes", texts->processes, read_process, why);
	if (result < 0)
		return result;
	sort_processes(&replay);
	result = read_lines(&replay, "sockets", texts->sockets, read_socket, why);
	if (result < 0)
		return result;
	for (struct process_row *row = survey->processes; row; row = row->next) {
		if (!replay.is_verbatim)
			derive(survey, &row->process);
		draw_line(&replay, row);
	}
	owners_sort(survey);
	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];

		if (!row->n_owners && row->hidden == HIDDEN_NONE)
			row->hidden = HIDDEN_UNKNOWN;
	}
	return 0;
}

/* The texts of a directory, or what another system's tool has printed (foreign.h). */
static int read_recording(const char *path, struct survey *survey, struct why *why)
{
	struct recording_texts texts = {0};
	const struct foreign *foreign;
	struct span text;
	int r = recording_read_file(path, survey->arena, &text, why);

	if (r == 0) {
		foreign = foreign_find(text);
		if (!foreign)
			return why_set(why, EINVAL, _("'%s' is no listing that is known: netstat -abno, lsof -nP -i "
						      "-F, sockstat"), path);
		r = foreign->read(survey, text, why);
		owners_sort(survey);
		return r;
	}
	if (r != -EISDIR)
		return r;
	r = recording_read(path, "host", survey->arena, &texts.host, why);
	if (r == 0)
		r = recording_read(path, "processes", survey->arena, &texts.processes, why);
	if (r == 0)
		r = recording_read(path, "sockets", survey->arena, &texts.sockets, why);
	return r < 0 ? r : replay_read(&texts, survey, why);
}

int replay_each_listener(const struct host_query *query, struct arena *arena, struct sink *sink,
			 struct host_listing *listing, struct why *why)
{
	struct survey survey;
	int r = survey_init(&survey, query, arena, listing);

	if (r < 0)
		return why_set(why, -r, _("out of memory"));
	listing->method = survey.seen_by = "replay";
	r = read_recording(query->replay, &survey, why);
	if (r == 0)
		r = survey_push(&survey, sink, why);
	if (r == 0)
		listing->is_complete = !listing->is_torn && !listing->hidden_owners && !survey.n_failed;
	survey_done(&survey);
	return r;
}

void replay_describe(const char *directory, struct arena *arena, struct host_info *info)
{
	struct line line = {.file = "host"};
	struct span text;

	*info = (struct host_info){0};
	if (recording_read_file(directory, arena, &text, NULL) == 0) {
		const struct foreign *foreign = foreign_find(text);

		info->name = arena_copy(arena, span_base(span_str(directory)));
		if (foreign)
			info->system = span_str(foreign->system_of(text));
		return;
	}
	if (recording_read(directory, "host", arena, &text, NULL) < 0)
		return; /* host_each_listener says so */
	while (next_line(&text, &line))
		while (next_field(arena, &line) > 0) {
			struct span first;
			uint64_t value[2];

			(void)!set(&recording_info_fields, info, &line);
			if (span_is(line.key, "ephemeral") &&
			    take_until(&line.value, '-', &first) &&
			    span_u64(first, PORT_MAX, &value[0]) &&
			    span_u64(line.value, PORT_MAX, &value[1])) {
				info->ephemeral_first = (uint16_t)value[0];
				info->ephemeral_last = (uint16_t)value[1];
			}
		}
}
