/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey: the tables of one listing. See survey.h.
 *
 * Hashes are open addressing over indices, at most half full; rows are found by cookie, or by
 * inode where a source knows no cookies.
 */
#include "host/survey.h"

#include <errno.h>

#include "base/scope.h"

enum { FIRST_ROWS = 64 };

struct word {
	struct word *next;
	struct span text;
};

int survey_init(struct survey *survey, const struct host_query *query, struct arena *arena,
		struct host_listing *listing)
{
	*survey = (struct survey){.query = query, .arena = arena, .listing = listing};
	return -pthread_mutex_init(&survey->lock, NULL);
}

void survey_done(struct survey *survey)
{
	socket_table_clear(&survey->sockets);
	free(survey->owners.rows);
	pthread_mutex_destroy(&survey->lock);
}

void survey_lock(struct survey *survey)
{
	pthread_mutex_lock(&survey->lock);
}

void survey_unlock(struct survey *survey)
{
	pthread_mutex_unlock(&survey->lock);
}

bool query_wants(const struct host_query *query, enum transport transport)
{
	return query->transport == TRANSPORT_ANY || query->transport == transport ||
	       (query->transport == TRANSPORT_TCP && transport == TRANSPORT_MPTCP);
}

bool query_wants_row(const struct host_query *query, const struct socket_row *row)
{
	return row->port >= query->first && row->port <= query->last &&
	       query_wants(query, row->transport) &&
	       (socket_state_waits((enum socket_state)row->state) || query->holders ||
		(row->state == SOCKET_PEER && query->peers));
}

bool reason_is_hidden(enum hidden_reason reason)
{
	return reason == HIDDEN_PERMISSION || reason == HIDDEN_HIDEPID ||
	       reason == HIDDEN_PID_NAMESPACE || reason == HIDDEN_UNKNOWN;
}

static size_t slot_of(uint64_t key, size_t n_slots)
{
	key ^= key >> 29;
	key *= 0x9e3779b97f4a7c15u;
	key ^= key >> 32;
	return key & (n_slots - 1);
}

static uint64_t key_of(const struct socket_row *row)
{
	return row->cookie ? row->cookie : row->inode ^ row->net_namespace << 32;
}

/* n_slots is a power of two; 0 marks a free slot, so indices are kept plus one. A row without key is
 * never looked for. */
static void put_index(uint32_t *slots, size_t n_slots, uint64_t key, uint32_t index)
{
	size_t at = slot_of(key, n_slots);

	if (!key)
		return;
	while (slots[at])
		at = (at + 1) & (n_slots - 1);
	slots[at] = index + 1;
}

static int grow(struct socket_table *table)
{
	size_t capacity = table->capacity ? table->capacity * 2 : FIRST_ROWS;
	struct socket_row *rows = reallocarray(table->rows, capacity, sizeof(*rows));
	uint32_t *slots;

	if (!rows)
		return -ENOMEM;
	table->rows = rows;
	slots = capacity < UINT32_MAX / 2 ? calloc(capacity * 2, sizeof(*slots)) : NULL;
	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++)
		put_index(slots, capacity * 2, key_of(&rows[i]), (uint32_t)i);
	free(table->by_key);
	table->by_key = slots;
	table->n_keys = capacity * 2;
	table->capacity = capacity;
	return 0;
}

struct socket_row *socket_table_add(struct socket_table *table, uint64_t cookie, uint64_t inode,
				    uint64_t net_namespace)
{
	struct socket_row fresh = {.cookie = cookie, .inode = inode,
				   .net_namespace = net_namespace};
	uint64_t key = key_of(&fresh);
	size_t mask;

	if (table->n == table->capacity && grow(table) < 0)
		return NULL;
	mask = table->n_keys - 1;
	for (size_t at = slot_of(key, table->n_keys); key && table->by_key[at];
	     at = (at + 1) & mask) {
		struct socket_row *row = &table->rows[table->by_key[at] - 1];

		/* Cookies are unique while the kernel runs, whatever the namespace. */
		if (row->cookie == cookie &&
		    (cookie || (inode && row->inode == inode &&
				row->net_namespace == net_namespace)))
			return row;
	}
	put_index(table->by_key, table->n_keys, key, (uint32_t)table->n);
	table->rows[table->n] = fresh;
	return &table->rows[table->n++];
}

void socket_table_clear(struct socket_table *table)
{
	free(table->rows);
	free(table->by_key);
	free(table->by_inode);
	*table = (struct socket_table){0};
}

int socket_table_index(struct socket_table *table)
{
	size_t n_slots = FIRST_ROWS;

	while (n_slots < table->n * 2)
		n_slots *= 2;

	uint32_t *slots = calloc(n_slots, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].inode && !table->rows[i].is_dropped)
			put_index(slots, n_slots, table->rows[i].inode, (uint32_t)i);
	free(table->by_inode);
	table->by_inode = slots;
	table->n_inodes = n_slots;
	return 0;
}

uint32_t socket_table_find_inode(const struct socket_table *table, uint64_t inode)
{
	size_t mask = table->n_inodes - 1;

	if (!table->n_inodes)
		return NOT_FOUND;
	for (size_t at = slot_of(inode, table->n_inodes); table->by_inode[at]; at = (at + 1) & mask)
		if (table->rows[table->by_inode[at] - 1].inode == inode)
			return table->by_inode[at] - 1;
	return NOT_FOUND;
}

int owner_table_append(struct owner_table *table, const struct owner_row *rows, size_t n)
{
	if (table->capacity - table->n < n) {
		size_t capacity = table->capacity ? table->capacity : FIRST_ROWS;

		while (capacity - table->n < n)
			capacity *= 2;

		struct owner_row *more = reallocarray(table->rows, capacity, sizeof(*more));

		if (!more)
			return -ENOMEM;
		table->rows = more;
		table->capacity = capacity;
	}
	if (n)
		memcpy(table->rows + table->n, rows, n * sizeof(*rows));
	table->n += n;
	return 0;
}

int owner_table_add(struct owner_table *table, struct owner_row row)
{
	return owner_table_append(table, &row, 1);
}

struct span survey_intern(struct survey *survey, struct span text)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
	struct word *word;

	if (text.n == 0)
		return span_of(NULL, 0);
	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ text.p[i]) * 0x100000001b3u;

	struct word **slot = &survey->words[(hash ^ hash >> 32) % WORD_SLOTS];

	for (word = *slot; word; word = word->next)
		if (span_eq(word->text, text))
			return word->text;
	word = arena_get(survey->arena, sizeof(*word));
	*word = (struct word){.next = *slot, .text = arena_copy(survey->arena, text)};
	*slot = word;
	return word->text;
}
