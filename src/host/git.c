/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git: reads .git/HEAD of the repository that holds a working directory; git itself is never run.
 *
 * The nearest ".git" upwards counts: a directory, or for work trees and submodules a file that
 * says "gitdir: PATH" (gitrepository-layout(5)). What is read belongs to strangers, so: only files
 * of the process's own user or of who asks, regular ones, opened without waiting and without
 * following a last symbolic link, and at most SMALL bytes of them. Not looked into: repositories
 * that GIT_DIR names.
 */
#include "host/git.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/proc.h"

enum { SMALL = 1024, PATH_TEXT = 4096, MAX_LEVELS = 64, SHORT_COMMIT = 12 };

struct trust {
	uint32_t owner, viewer;
};

static bool is_trusted(const struct stat *st, const struct trust *trust)
{
	return st->st_uid == trust->owner || st->st_uid == trust->viewer;
}

struct span git_head(struct span text)
{
	struct span line;

	if (!take_line(&text, &line))
		return span_of(NULL, 0);
	if (span_starts(line, "ref: ")) {
		line = span_trim(span_skip(line, 5));
		return span_starts(line, "refs/heads/") ? span_skip(line, 11) : line;
	}
	for (size_t i = 0; i < line.n; i++)
		if (!((line.p[i] >= '0' && line.p[i] <= '9') ||
		      (line.p[i] >= 'a' && line.p[i] <= 'f')))
			return span_of(NULL, 0);
	return line.n >= 40 ? span_cut(line, SHORT_COMMIT) : span_of(NULL, 0);
}

/* A small file of one we trust. */
static struct span read_file(int dir, const char *path, const struct trust *trust, uint8_t *bytes)
{
	auto_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
						      O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_trusted(&st, trust))
		return span_of(NULL, 0);
	n = read(fd, bytes, SMALL);
	return span_of(bytes, n > 0 ? (size_t)n : 0);
}

/* HEAD in the directory that a ".git" file names, absolute or beside it. */
static struct span follow(int top, struct span text, const struct trust *trust, uint8_t *bytes)
{
	char path[SMALL + 8];
	struct span line;

	if (!take_line(&text, &line) || !span_starts(line, "gitdir: "))
		return span_of(NULL, 0);
	line = span_skip(line, 8);
	if (line.n == 0 || span_find_byte(line, 0) >= 0)
		return span_of(NULL, 0);
	snprintf(path, sizeof(path), "%.*s/HEAD", SPAN_ARG(line));
	return read_file(top, path, trust, bytes);
}

/* -1: there is no ".git" here. */
static int look_in(int top, const struct trust *trust, uint8_t bytes[SMALL], struct span *head)
{
	struct stat st;

	*head = span_of(NULL, 0);
	if (fstatat(top, ".git", &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return -1;
	if (!is_trusted(&st, trust))
		return 0;
	if (S_ISDIR(st.st_mode)) {
		auto_close int dir = openat(top, ".git", O_PATH | O_DIRECTORY | O_NOFOLLOW |
								 O_CLOEXEC);

		if (dir >= 0)
			*head = read_file(dir, "HEAD", trust, bytes);
	} else if (S_ISREG(st.st_mode)) {
		uint8_t text[SMALL];

		*head = follow(top, read_file(top, ".git", trust, text), trust, bytes);
	}
	return 0;
}

struct span git_branch(struct arena *arena, struct span directory, uint32_t owner, uint32_t viewer)
{
	const struct trust trust = {.owner = owner, .viewer = viewer};
	uint8_t bytes[SMALL];
	char path[PATH_TEXT];
	struct span head;

	for (int i = 0; i < MAX_LEVELS && directory.n > 1 && directory.n < sizeof(path); i++) {
		snprintf(path, sizeof(path), "%.*s", SPAN_ARG(directory));

		auto_close int top = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (top >= 0 && look_in(top, &trust, bytes, &head) == 0)
			return arena_copy(arena, git_head(head));
		directory = span_dir(directory);
	}
	return span_of(NULL, 0);
}

void git_fill(struct survey *survey)
{
	const struct process_row *last = NULL;

	for (struct process_row *row = survey->processes; row; row = row->next) {
		struct process *p = &row->process;

		/* A container's paths are not ours. */
		if (p->working_directory.n <= 1 || p->container.n)
			continue;
		if (last && last->process.working_directory.p == p->working_directory.p &&
		    last->process.uid == p->uid)
			p->git_branch = last->process.git_branch;
		else
			p->git_branch = git_branch(survey->arena, p->working_directory, p->uid,
						   survey->viewer_uid);
		last = row;
	}
}
