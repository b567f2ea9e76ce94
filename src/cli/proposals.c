/* SPDX-License-Identifier: Apache-2.0 */
/* proposals: see proposals.h. */
#include "cli/proposals.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"
#include "cli/registry.h"

static int check_directory(int fd, const char *path, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return why_errno(why, _("cannot read '%s'"), path);
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return why_set(why, EACCES, _("directory '%s' is not yours alone to write"), path);
	return 0;
}

int proposals_open(bool make, struct why *why)
{
	auto_free char *registry = registry_directory();
	auto_free char *path = NULL;
	int fd;
	int r = 0;

	if (!registry)
		return make ? why_set(why, EACCES, _("no home directory to keep proposals in")) : -ENOENT;
	if (asprintf(&path, "%s/proposals", registry) < 0) {
		path = NULL;
		return why_set(why, ENOMEM, _("out of memory"));
	}
	if (make)
		r = registry_make_directories(path, why);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return !make && errno == ENOENT ? -ENOENT
						: why_errno(why, _("cannot open directory '%s'"), path);
	r = check_directory(fd, path, why);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* FNV-1a of the line without its day: 48 bits name it. */
static void name_of(struct span line, char name[PROPOSAL_NAME + 1])
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < line.n; i++)
		hash = (hash ^ line.p[i]) * 0x100000001b3u;
	snprintf(name, PROPOSAL_NAME + 1, "%012" PRIx64, (hash ^ hash >> 48) & 0xffffffffffffu);
}

/* Of files only: "." and what is being written begin with a dot. */
static bool is_name(const char *name)
{
	return strlen(name) == PROPOSAL_NAME && strspn(name, "0123456789abcdef") == PROPOSAL_NAME;
}

static int write_named(int directory, const char *name, struct span line, struct why *why)
{
	char fresh[PROPOSAL_NAME + 8];
	struct buf out = BUF_INIT;
	int r;

	snprintf(fresh, sizeof(fresh), ".new.%s", name);
	unlinkat(directory, fresh, 0); /* of a run that was interrupted */
	out.fd = openat(directory, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out.fd < 0)
		return why_errno(why, _("cannot keep a proposal"));
	buf_raw(&out, line);
	r = buf_flush(&out);
	if (close(out.fd) < 0 && r == 0)
		r = -errno;
	out.fd = -1;
	buf_done(&out);
	if (r == 0 && renameat(directory, fresh, directory, name) < 0)
		r = -errno;
	if (r == 0)
		return 1;
	unlinkat(directory, fresh, 0);
	errno = -r;
	return why_errno(why, _("cannot keep a proposal"));
}

int proposals_keep(int directory, const struct proposal *proposal, int64_t now, struct why *why)
{
	struct proposal dated = *proposal;
	struct buf line = BUF_INIT;
	struct buf time = BUF_INIT;
	char name[PROPOSAL_NAME + 1];
	int r = 0;

	dated.day = span_of(NULL, 0);
	proposal_write(&line, &dated);
	name_of(buf_span(&line), name);
	line.n = 0;
	buf_time(&time, now);
	dated.day = span_cut(buf_span(&time), 10);
	proposal_write(&line, &dated);
	if (line.error || time.error)
		r = why_set(why, ENOMEM, _("out of memory"));
	else if (faccessat(directory, name, F_OK, 0) != 0)
		r = write_named(directory, name, buf_span(&line), why);
	buf_done(&time);
	buf_done(&line);
	return r;
}

/* The names of the directory, one after another; fn may stop it with a negative errno. */
static int each_name(int directory, int (*fn)(void *, const char *), void *arg)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir)))
		if (is_name(entry->d_name))
			r = fn(arg, entry->d_name);
	return r;
}

static int count_one(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
	return 0;
}

int proposals_count(int directory)
{
	int n = 0;
	int r = each_name(directory, count_one, &n);

	return r < 0 ? r : n;
}

struct listing {
	struct arena *arena;
	struct kept_proposal *all;
	size_t n, room;
	int directory;
};

/* What is no proposal of ours is left alone. */
static int list_one(void *arg, const char *name)
{
	struct listing *listing = arg;
	auto_close int fd =
		openat(listing->directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char bytes[PROPOSAL_LINE + 1];
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	struct kept_proposal *place;
	struct proposal proposal;

	if (n <= 0 || !proposal_read(span_of(bytes, (size_t)n), &proposal))
		return 0;
	place = arena_push(listing->arena, &listing->all, &listing->n, &listing->room, sizeof(*place));
	memcpy(place->name, name, sizeof(place->name));
	place->proposal = proposal;
	place->proposal.day = arena_copy(listing->arena, proposal.day);
	place->proposal.product = arena_copy(listing->arena, proposal.product);
	place->proposal.known = arena_copy(listing->arena, proposal.known);
	place->proposal.link = arena_copy(listing->arena, proposal.link);
	return 0;
}

static int by_day(const void *left, const void *right)
{
	const struct kept_proposal *a = left;
	const struct kept_proposal *b = right;
	int order = span_cmp(a->proposal.day, b->proposal.day);

	if (!order)
		order = (int)a->proposal.port - (int)b->proposal.port;
	return order ? order : strcmp(a->name, b->name);
}

int proposals_list(int directory, struct arena *arena, struct kept_proposal **all, size_t *n,
		   struct why *why)
{
	struct listing listing = {.arena = arena, .directory = directory};
	int r = each_name(directory, list_one, &listing);

	if (r < 0)
		return why_set(why, -r, _("cannot read the proposals: %s"), strerror(-r));
	if (listing.n > 1)
		qsort(listing.all, listing.n, sizeof(*listing.all), by_day);
	*all = listing.all;
	*n = listing.n;
	return 0;
}

int proposals_remove(int directory, const char *name, struct why *why)
{
	if (!is_name(name))
		return why_set(why, EINVAL, _("'%s' is no proposal"), name);
	if (unlinkat(directory, name, 0) < 0)
		return why_errno(why, _("cannot remove the proposal '%s'"), name);
	return 0;
}
