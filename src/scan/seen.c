/* SPDX-License-Identifier: Apache-2.0 */
/* seen: the bitmaps of a scan, in memory or in the file by which it is resumed. See seen.h. */
#include "scan/seen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"

static const char magic[16] = "periplus scan 1";

static uint64_t words_of(const struct target_plan *plan)
{
	return (plan->n + 63) / 64;
}

/* FNV-1a, 64 bits */
static uint64_t add(uint64_t hash, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ull;
	return hash;
}

uint64_t seen_shared_seed(const struct target_plan *plan)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < plan->hosts.n; i++) {
		const struct target_range *row = &plan->hosts.rows[i];

		hash = add(hash, row->first.bytes, sizeof(row->first.bytes));
		hash = add(hash, &row->first.interface, sizeof(row->first.interface));
		hash = add(hash, &row->n, sizeof(row->n));
	}
	hash = add(hash, plan->ports, plan->n_ports * sizeof(*plan->ports));
	return add(hash, &plan->transport, sizeof(plan->transport));
}

static uint64_t fingerprint(const struct target_plan *plan)
{
	uint64_t hash = add(seen_shared_seed(plan), &plan->shard, sizeof(plan->shard));

	return add(hash, &plan->n_shards, sizeof(plan->n_shards));
}

static int open_file(const char *path, int flags, struct why *why)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd < 0)
		return why_set(why, EIO, _("cannot open '%s' to resume from: %s"), path,
			       strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return why_set(why, EINVAL, _("'%s' is not a plain file"), path);
	}
	return fd;
}

int seen_seed(const char *path, uint64_t *seed, struct why *why)
{
	struct seen_head head = {0};
	auto_close int fd = -1;
	ssize_t n;

	if (path && access(path, F_OK) == 0) {
		fd = open_file(path, O_RDONLY, why);
		if (fd < 0)
			return fd;
		n = read(fd, &head, sizeof(head));
		if (n == sizeof(head) && memcmp(head.magic, magic, sizeof(magic)) == 0) {
			*seed = head.seed;
			return 0;
		}
		if (n > 0 && head.magic[0])
			return why_set(why, EINVAL, _("'%s' is no file of a scan"), path);
	}
	if (getrandom(seed, sizeof(*seed), 0) != sizeof(*seed))
		return why_errno(why, _("cannot get a random number"));
	return 0;
}

static int map(struct seen *seen, const char *path, struct why *why)
{
	int flags = seen->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
	void *p = mmap(NULL, seen->size, PROT_READ | PROT_WRITE, flags, seen->fd, 0);

	if (p == MAP_FAILED)
		return path ? why_errno(why, _("cannot map '%s'"), path)
			    : why_errno(why, _("no room for %zu bytes of answers"), seen->size);
	seen->head = p;
	return 0;
}

/* An empty file becomes one of this plan; room on the disk is taken now, not found missing later.
 */
static int prepare(struct seen *seen, const char *path, bool *is_new, struct why *why)
{
	/* a lock of this process alone: children that outlive it by a moment must not hold it */
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat st;
	char first = 0;
	int error;

	if (fcntl(seen->fd, F_SETLK, &whole) < 0)
		return why_set(why, EBUSY, _("another scan is using '%s'"), path);
	if (fstat(seen->fd, &st) < 0)
		return why_errno(why, _("cannot look at '%s'"), path);
	/* a run that was killed before it had written the head has left zeroes */
	*is_new = pread(seen->fd, &first, 1, 0) < 1 || first == 0;
	if (!*is_new && (uint64_t)st.st_size != seen->size)
		return why_set(why, EINVAL,
			       _("'%s' belongs to another scan: give the same targets and ports"),
			       path);
	error = *is_new ? posix_fallocate(seen->fd, 0, (off_t)seen->size) : 0;
	if (error)
		return why_set(why, error, _("no room for '%s' (%zu bytes)"), path, seen->size);
	return 0;
}

static bool is_sane(const struct seen_head *head, const struct target_plan *plan)
{
	return memcmp(head->magic, magic, sizeof(magic)) == 0 && head->plan == fingerprint(plan) &&
	       head->n == plan->n && head->seed == plan->seed &&
	       head->cursor <= SEEN_ROUNDS * plan->n_steps;
}

static int fill(struct seen *seen, const char *path, const struct target_plan *plan,
		struct why *why)
{
	bool is_new = true;
	int r = path ? prepare(seen, path, &is_new, why) : 0;

	if (r == 0)
		r = map(seen, path, why);
	if (r < 0)
		return r;
	seen->bits.answered = (uint64_t *)(void *)(seen->head + 1);
	seen->bits.open = seen->bits.answered + words_of(plan);
	if (is_new) {
		seen->head->plan = fingerprint(plan);
		seen->head->seed = plan->seed;
		seen->head->n = plan->n;
		atomic_signal_fence(memory_order_release); /* the magic says that all is there */
		memcpy(seen->head->magic, magic, sizeof(magic));
	} else if (!is_sane(seen->head, plan)) {
		return why_set(why, EINVAL,
			       _("'%s' belongs to another scan: give the same targets and ports"),
			       path);
	}
	return 0;
}

int seen_open(struct seen *seen, const char *path, const struct target_plan *plan, struct why *why)
{
	int r;

	*seen = (struct seen){.fd = -1};
	seen->size = sizeof(struct seen_head) + 2 * words_of(plan) * sizeof(uint64_t);
	if (path) {
		seen->fd = open_file(path, O_RDWR | O_CREAT, why);
		if (seen->fd < 0)
			return seen->fd;
	}
	r = fill(seen, path, plan, why);
	if (r < 0)
		seen_close(seen);
	return r;
}

void seen_close(struct seen *seen)
{
	if (seen->head)
		munmap(seen->head, seen->size);
	if (seen->fd >= 0)
		close(seen->fd);
	*seen = (struct seen){.fd = -1};
}

uint64_t seen_count(const uint64_t *words, uint64_t n)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < (n + 63) / 64; i++)
		count += (uint64_t)__builtin_popcountll(words[i]);
	return count;
}

/* The first bit from there on that is set; n when there is none. */
static uint64_t next_set(const uint64_t *words, uint64_t n, uint64_t from)
{
	uint64_t word;

	if (from >= n)
		return n;
	word = words[from / 64] >> (from % 64) << (from % 64);
	for (from -= from % 64; word == 0 && from + 64 < n; from += 64)
		word = words[from / 64 + 1];
	if (word == 0)
		return n;
	from += (uint64_t)__builtin_ctzll(word);
	return from < n ? from : n;
}

uint64_t seen_count_groups(const uint64_t *words, uint64_t n, uint32_t group)
{
	uint64_t count = 0;

	for (uint64_t i = 0; (i = next_set(words, n, i)) < n; i += group - i % group)
		count++;
	return count;
}
