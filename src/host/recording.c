/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording: writes what was seen as the texts that replay.c reads, and finds such texts again.
 *
 * A value is ASCII: every other byte, a tab, a line end and a backslash are escaped, so that no
 * name can forge a field or a line. What is zero or empty is left out. Parents that hold no socket
 * themselves get a line too, with their name and executable. A number that two processes had while
 * the listing was made belongs to the younger one; the other's descriptors are gone.
 *
 * As a directory, a recording has three files (recording_file.c). As a stream it has a first and a
 * last line, and section lines between the texts, which no line of theirs can look like.
 */
#include "host/recording.h"

#include <inttypes.h>

#include "base/scope.h"
#include "base/text.h"

const char *const recording_names[N_RECORDING_TEXTS] = {"host", "processes", "sockets"};

static const char stream_first[] = "periplus listing 1\n[host]\n";
static const char stream_processes[] = "\n[processes]\n";
static const char stream_sockets[] = "\n[sockets]\n";
static const char stream_last[] = "\n[end]\n";

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

static void put_text(struct buf *out, const char *key, struct span value)
{
	buf_str(out, key);
	buf_byte(out, '=');
	for (size_t i = 0; i < value.n;) {
		size_t start = i;

		while (i < value.n && is_plain(value.p[i]))
			i++;
		buf_raw(out, span_of(value.p + start, i - start));
		if (i == value.n)
			break;
		if (value.p[i] == '\\' || value.p[i] == '\t' || value.p[i] == '\n')
			buf_str(out, value.p[i] == '\\'   ? "\\\\"
				     : value.p[i] == '\t' ? "\\t"
							  : "\\n");
		else
			buf_print(out, "\\x%02x", value.p[i]);
		i++;
	}
	buf_byte(out, '\t');
}

static void put_number(struct buf *out, const char *key, uint64_t value)
{
	if (!value)
		return;
	buf_str(out, key);
	buf_byte(out, '=');
	buf_u64(out, value);
	buf_byte(out, '\t');
}

static void put_field(struct buf *out, const struct field *field, const void *base)
{
	const uint8_t *at = (const uint8_t *)base + field->offset;
	struct span text;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	bool flag;

	switch (field->kind) {
	case KIND_TEXT:
		memcpy(&text, at, sizeof(text));
		if (text.n)
			put_text(out, field->key, text);
		break;
	case KIND_U16:
		memcpy(&u16, at, sizeof(u16));
		put_number(out, field->key, u16);
		break;
	case KIND_U32:
		memcpy(&u32, at, sizeof(u32));
		put_number(out, field->key, u32);
		break;
	case KIND_U64:
		memcpy(&u64, at, sizeof(u64));
		put_number(out, field->key, u64);
		break;
	case KIND_FLAG:
		memcpy(&flag, at, sizeof(flag));
		put_number(out, field->key, flag);
		break;
	}
}

static void put_fields(struct buf *out, const struct field_table *table, const void *base)
{
	for (size_t i = 0; i < table->n; i++)
		put_field(out, &table->rows[i], base);
}

/* Ends a line: the tab behind its last field makes way. */
static void end_line(struct buf *out)
{
	if (out->n && out->p[out->n - 1] == '\t')
		out->n--;
	buf_byte(out, '\n');
}

/* A process that gets a line: an owner, or known as a parent only. */
struct entry {
	uint32_t pid, parent;
	const struct process *process; /* NULL: a parent only */
	const struct ancestor *ancestor;
};

struct census {
	struct arena arena;
	struct entry *entries; /* in order of number, each number once */
	size_t n, capacity;
};

static void add_entry(struct census *census, struct entry entry)
{
	*(struct entry *)arena_push(&census->arena, &census->entries, &census->n, &census->capacity,
				    sizeof(entry)) = entry;
}

static uint32_t parent_of(const struct process *p, size_t level)
{
	return level < p->n_ancestors ? p->ancestors[level].pid : 0;
}

/* By number; owners before parents, the youngest owner first, parents that have a parent first. */
static int by_worth(const void *x, const void *y)
{
	const struct entry *a = x;
	const struct entry *b = y;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (!a->process != !b->process)
		return a->process ? -1 : 1;
	if (a->process && a->process->start_ticks != b->process->start_ticks)
		return a->process->start_ticks > b->process->start_ticks ? -1 : 1;
	return (a->parent < b->parent) - (a->parent > b->parent);
}

/* The first among many sockets of one process costs the others little: owners of one sighting are
 * looked at with the entry that was added last. */
static void add_owners(struct census *census, const struct sighting *s)
{
	for (size_t i = 0; i < s->n_owners; i++) {
		const struct process *p = s->owners[i].process;

		if (census->n && census->entries[census->n - 1].process == p)
			continue;
		add_entry(census, (struct entry){p->pid, parent_of(p, 0), p, NULL});
	}
}

static void keep_best(struct census *census)
{
	size_t kept = 0;

	if (census->n)
		qsort(census->entries, census->n, sizeof(*census->entries), by_worth);
	for (size_t i = 0; i < census->n; i++)
		if (!kept || census->entries[kept - 1].pid != census->entries[i].pid)
			census->entries[kept++] = census->entries[i];
	census->n = kept;
}

static void take_census(struct census *census, const struct host_recording *recording)
{
	size_t n_owners;

	for (size_t i = 0; i < recording->n; i++)
		add_owners(census, recording->sightings[i]);
	keep_best(census);
	n_owners = census->n;
	for (size_t i = 0; i < n_owners; i++) {
		const struct process *p = census->entries[i].process;

		for (size_t k = 0; k < p->n_ancestors; k++)
			add_entry(census, (struct entry){p->ancestors[k].pid, parent_of(p, k + 1),
							 NULL, &p->ancestors[k]});
	}
	keep_best(census);
}

static const struct entry *find_entry(const struct census *census, uint32_t pid)
{
	size_t low = 0;
	size_t high = census->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (census->entries[middle].pid == pid)
			return &census->entries[middle];
		if (census->entries[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void put_host(struct buf *out, const struct host_recording *recording)
{
	const struct host_listing *listing = recording->listing;
	const struct host_info *info = recording->host;

	put_fields(out, &recording_info_fields, info);
	put_fields(out, &recording_listing_fields, listing);
	if (info->ephemeral_last)
		buf_print(out, "ephemeral=%u-%u\t", info->ephemeral_first, info->ephemeral_last);
	put_number(out, "is_verbatim", 1);
	put_number(out, "is_incomplete",
		   !listing->is_complete && !listing->is_torn && !listing->hidden_owners);
	end_line(out);
}

static void put_processes(struct buf *out, const struct census *census)
{
	for (size_t i = 0; i < census->n; i++) {
		const struct entry *entry = &census->entries[i];
		struct process_row row = {.parent = entry->parent};

		if (entry->process)
			row.process = *entry->process;
		else
			row.process = (struct process){.pid = entry->pid,
						       .name = entry->ancestor->name,
						       .executable = entry->ancestor->executable};
		put_fields(out, &recording_process_fields, &row);
		if (row.process.package_answer == PACKAGE_NONE)
			put_text(out, "package", span_of(NULL, 0));
		end_line(out);
	}
}

static void put_owners(struct buf *out, const struct census *census, const struct sighting *s)
{
	const char *before = "owners=";

	for (size_t i = 0; i < s->n_owners; i++) {
		const struct process *p = s->owners[i].process;
		const struct entry *entry = find_entry(census, p->pid);

		if (!entry || !entry->process || entry->process->start_ticks != p->start_ticks)
			continue;
		buf_print(out, "%s%u:%u", before, p->pid, s->owners[i].fd);
		before = ",";
	}
	if (*before == ',')
		buf_byte(out, '\t');
}

static void put_address(struct buf *out, const char *key, const struct address *address)
{
	char text[ADDRESS_TEXT];

	if (address->family != ADDRESS_NONE)
		put_text(out, key, span_str(address_text(address, text)));
}

static void put_socket(struct buf *out, const struct census *census, const struct sighting *s)
{
	struct socket_row row = {
		.cookie = s->cookie,
		.inode = s->inode,
		.net_namespace = s->net_namespace,
		.uid = s->uid,
		.backlog = s->backlog,
		.queued = s->queued,
		.port = s->port,
		.remote_port = s->remote_port,
		.is_v6only = s->is_v6only,
		.is_elsewhere = s->is_elsewhere,
	};
	struct socket_extra extra = {
		.user = s->user,
		.container = s->container,
		.socket_unit = s->socket_unit,
		.unit = s->unit,
		.cgroup = s->cgroup,
	};

	buf_print(out, "transport=%s\tstate=%s\t", transport_word(s->transport),
		  recording_states[s->state]);
	put_address(out, "local", &s->local);
	put_number(out, "interface", s->local.interface);
	put_address(out, "remote", &s->remote);
	put_fields(out, &recording_socket_fields, &row);
	put_fields(out, &recording_extra_fields, &extra);
	if (s->hidden != HIDDEN_NONE)
		put_text(out, "hidden", span_str(hidden_reason_word(s->hidden)));
	if (recording_hidden_from[s->hidden_from])
		put_text(out, "hidden_from", span_str(recording_hidden_from[s->hidden_from]));
	put_owners(out, census, s);
	end_line(out);
}

static void put_sockets(struct buf *out, const struct census *census,
			const struct host_recording *recording)
{
	for (size_t i = 0; i < recording->n; i++)
		put_socket(out, census, recording->sightings[i]);
}

void recording_write(const struct host_recording *recording, struct buf texts[N_RECORDING_TEXTS])
{
	struct census census = {0};

	take_census(&census, recording);
	put_host(&texts[0], recording);
	put_processes(&texts[1], &census);
	put_sockets(&texts[2], &census, recording);
	arena_done(&census.arena);
}

void host_record_stream(const struct host_recording *recording, struct buf *out)
{
	struct census census = {0};

	take_census(&census, recording);
	buf_str(out, stream_first);
	put_host(out, recording);
	buf_str(out, stream_processes);
	put_processes(out, &census);
	buf_str(out, stream_sockets);
	put_sockets(out, &census, recording);
	buf_str(out, stream_last);
	arena_done(&census.arena);
}

bool recording_split(struct span stream, struct recording_texts *texts)
{
	size_t last = sizeof(stream_last) - 1;
	ptrdiff_t at;

	if (!span_starts(stream, stream_first) || !span_ends(stream, stream_last))
		return false;
	stream = span_skip(stream, sizeof(stream_first) - 1);
	at = span_find(stream, SPAN_LIT(stream_processes));
	if (at < 0)
		return false;
	texts->host = span_cut(stream, (size_t)at);
	stream = span_skip(stream, (size_t)at + sizeof(stream_processes) - 1);
	at = span_find(stream, SPAN_LIT(stream_sockets));
	if (at < 0)
		return false;
	texts->processes = span_cut(stream, (size_t)at);
	stream = span_skip(stream, (size_t)at + sizeof(stream_sockets) - 1);
	if (stream.n < last)
		return false;
	texts->sockets = span_cut(stream, stream.n - last);
	return true;
}
