/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: what the reader of a capture says to who started it, over a pipe. The reader has parsed
 * foreign bytes, so its words are checked like any stranger's.
 */
#include <errno.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "wire/wire.h"

enum { MAGIC = 0x70707731, NO_PROTO = -1 };

struct head {
	uint32_t magic, kind, size;
	int32_t proto;
};

struct told {
	struct wire_conversation conversation;
	struct wire_found found;
};

static int write_all(int fd, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n) {
		ssize_t r = write(fd, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

/* 1; 0 when the other end closed before the first byte. */
static int read_all(int fd, void *bytes, size_t n)
{
	uint8_t *p = bytes;
	bool has_begun = false;

	while (n) {
		ssize_t r = read(fd, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			return has_begun ? -EBADMSG : 0;
		has_begun = true;
		p += r;
		n -= (size_t)r;
	}
	return 1;
}

static int32_t number_of(const struct proto *proto)
{
	for (size_t i = 0; proto && i < proto_count(); i++)
		if (proto_at(i) == proto)
			return (int32_t)i;
	return NO_PROTO;
}

int wire_write(int fd, const struct wire_record *record)
{
	struct head head = {.magic = MAGIC, .kind = record->kind, .proto = NO_PROTO};
	struct told told = {0};
	const void *body = &told;
	int r;

	switch (record->kind) {
	case WIRE_IS_CONVERSATION:
		head.size = sizeof(told);
		told.conversation = record->conversation;
		if (told.conversation.found) {
			told.found = *told.conversation.found;
			head.proto = number_of(told.found.proto);
		}
		told.conversation.found = NULL;
		told.found.proto = NULL;
		break;
	case WIRE_IS_LINE:
		head.size = sizeof(record->line);
		body = &record->line;
		break;
	default: head.size = sizeof(record->summary); body = &record->summary;
	}
	r = write_all(fd, &head, sizeof(head));
	return r < 0 ? r : write_all(fd, body, head.size);
}

static bool is_terminated(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static bool is_bool(const bool *b)
{
	uint8_t byte;

	memcpy(&byte, b, 1);
	return byte <= 1;
}

static bool is_address(const struct address *a)
{
	return a->family == ADDRESS_IPV4 || a->family == ADDRESS_IPV6;
}

static bool check_found(const struct wire_found *f)
{
	if ((f->match != PROTO_MAYBE && f->match != PROTO_YES) || !is_bool(&f->by_server) ||
	    !is_bool(&f->by_client) || f->n_facts > PROTO_EXTRAS ||
	    !is_terminated(f->product, PROTO_TEXT) || !is_terminated(f->version, PROTO_TEXT))
		return false;
	for (size_t i = 0; i < f->n_facts; i++)
		if (!is_terminated(f->facts[i].name, sizeof(f->facts[i].name)) ||
		    !is_terminated(f->facts[i].value, PROTO_TEXT) ||
		    f->facts[i].side > PROTO_CLIENT)
			return false;
	return true;
}

static bool check_conversation(const struct wire_conversation *c)
{
	return is_address(&c->server) && is_address(&c->client) &&
	       (unsigned)c->transport < N_TRANSPORTS && (unsigned)c->tunnel < N_WIRE_TUNNELS &&
	       is_bool(&c->is_start_seen) && is_bool(&c->is_one_way_out) &&
	       c->n_lines <= WIRE_LINES;
}

static int read_told(int fd, const struct head *head, struct wire_record *record)
{
	struct told told;
	int r;

	if (head->size != sizeof(told))
		return -EBADMSG;
	r = read_all(fd, &told, sizeof(told));
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	if (!check_conversation(&told.conversation))
		return -EBADMSG;
	record->conversation = told.conversation;
	record->conversation.found = NULL;
	if (head->proto == NO_PROTO)
		return 1;
	if (head->proto < 0 || (size_t)head->proto >= proto_count() || !check_found(&told.found))
		return -EBADMSG;
	record->found = told.found;
	record->found.proto = proto_at((size_t)head->proto);
	record->conversation.found = &record->found;
	return 1;
}

static int read_line(int fd, const struct head *head, struct wire_line *line)
{
	int r;

	if (head->size != sizeof(*line))
		return -EBADMSG;
	r = read_all(fd, line, sizeof(*line));
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	return line->side <= PROTO_CLIENT && line->index < WIRE_CONVERSATIONS &&
			       is_terminated(line->text, sizeof(line->text))
		       ? 1
		       : -EBADMSG;
}

static int read_summary(int fd, const struct head *head, struct wire_summary *summary)
{
	int r;

	if (head->size != sizeof(*summary))
		return -EBADMSG;
	r = read_all(fd, summary, sizeof(*summary));
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	return (unsigned)summary->ending < N_WIRE_ENDS &&
			       is_terminated(summary->why, sizeof(summary->why))
		       ? 1
		       : -EBADMSG;
}

int wire_read(int fd, struct wire_record *record)
{
	struct head head;
	int r = read_all(fd, &head, sizeof(head));

	if (r <= 0)
		return r;
	if (head.magic != MAGIC)
		return -EBADMSG;
	switch (head.kind) {
	case WIRE_IS_CONVERSATION: r = read_told(fd, &head, record); break;
	case WIRE_IS_LINE: r = read_line(fd, &head, &record->line); break;
	case WIRE_IS_SUMMARY: r = read_summary(fd, &head, &record->summary); break;
	default: return -EBADMSG;
	}
	record->kind = (enum wire_kind)head.kind;
	return r;
}

#define F(name, word, sentence) {word, sentence},
static const struct {
	const char *word, *sentence;
} fates[] = {WIRE_FATES(F)};
#undef F

const char *wire_fate_word(enum wire_fate fate)
{
	return fates[fate].word;
}

const char *wire_fate_sentence(enum wire_fate fate)
{
	return fates[fate].sentence;
}

const char *wire_tunnel_word(enum wire_tunnel tunnel)
{
	static const char *const words[] = {
#define T(name, word) word,
		WIRE_TUNNELS(T)
#undef T
	};

	return words[tunnel];
}

const char *wire_ending_word(enum wire_ending ending)
{
	static const char *const words[] = {
#define E(name, word) word,
		WIRE_ENDS(E)
#undef E
	};

	return words[ending];
}
