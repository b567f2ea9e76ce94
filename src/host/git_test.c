/* SPDX-License-Identifier: Apache-2.0 */
/* git: branches of repositories made here, honest and not. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "host/git.h"
#include "tap.h"

struct head_case {
	const char *text, *branch;
};

static const struct head_case heads[] = {
	{"ref: refs/heads/main\n", "main"},
	{"ref: refs/heads/fix/cart\n", "fix/cart"},
	{"ref: refs/heads/main", "main"},
	{"ref: refs/remotes/origin/x\n", "refs/remotes/origin/x"},
	{"0123456789abcdef0123456789abcdef01234567\n", "0123456789ab"},
	{"0123456789abcdef\n", ""},
	{"secret password\n", ""},
	{"ref: \n", ""},
	{"\n", ""},
	{"", ""},
};

enum entry_kind { DIRECTORY, TEXT, LINK, FIFO };

struct entry {
	const char *path;
	enum entry_kind kind;
	const char *text;
};

static const struct entry entries[] = {
	{"plain", DIRECTORY, NULL},
	{"plain/.git", DIRECTORY, NULL},
	{"plain/.git/HEAD", TEXT, "ref: refs/heads/main\n"},
	{"plain/sub", DIRECTORY, NULL},
	{"plain/sub/deep", DIRECTORY, NULL},
	{"tree", DIRECTORY, NULL},
	{"tree/.git", TEXT, "gitdir: ../plain/.git/worktrees/tree\n"},
	{"plain/.git/worktrees", DIRECTORY, NULL},
	{"plain/.git/worktrees/tree", DIRECTORY, NULL},
	{"plain/.git/worktrees/tree/HEAD", TEXT, "ref: refs/heads/topic\n"},
	{"linked", DIRECTORY, NULL},
	{"linked/.git", DIRECTORY, NULL},
	{"linked/.git/HEAD", LINK, "/etc/hostname"},
	{"pipe", DIRECTORY, NULL},
	{"pipe/.git", DIRECTORY, NULL},
	{"pipe/.git/HEAD", FIFO, NULL},
	{"outside", DIRECTORY, NULL},
	{"outside/.git", TEXT, "gitdir: /nonexistent\n"},
	{"garbage", DIRECTORY, NULL},
	{"garbage/.git", TEXT, "\xff\xfe"},
	{"bare", DIRECTORY, NULL},
};

struct directory_case {
	const char *name, *directory, *branch;
};

static const struct directory_case directories[] = {
	{"a repository", "plain", "main"},
	{"a directory below", "plain/sub/deep", "main"},
	{"a work tree of its own", "tree", "topic"},
	{"HEAD that leads elsewhere", "linked", ""},
	{"HEAD that never answers", "pipe", ""},
	{"a file that leads nowhere", "outside", ""},
	{"a file that is none", "garbage", ""},
	{"no repository", "bare", ""},
	{"a directory that is gone, in a repository", "plain/gone", "main"},
};

static bool make(const char *top, const struct entry *e)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", top, e->path);
	if (e->kind == DIRECTORY)
		return mkdir(path, 0700) == 0;
	if (e->kind == LINK)
		return symlink(e->text, path) == 0;
	if (e->kind == FIFO)
		return mkfifo(path, 0600) == 0;

	auto_fclose FILE *f = fopen(path, "w");

	return f && fputs(e->text, f) >= 0;
}

int main(void)
{
	char top[] = "/tmp/periplus-git.XXXXXX";
	struct arena arena = {0};
	char path[256];
	bool is_made = mkdtemp(top) != NULL;

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		is_span(git_head(span_str(heads[i].text)), span_str(heads[i].branch), "HEAD");
	for (size_t i = 0; i < ARRAY_LEN(entries) && is_made; i++)
		is_made = make(top, &entries[i]);
	ok(is_made, "repositories are made");
	for (size_t i = 0; i < ARRAY_LEN(directories); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, directories[i].directory);
		is_span(git_branch(&arena, span_str(path), geteuid(), geteuid()),
			span_str(directories[i].branch), directories[i].name);
	}
	snprintf(path, sizeof(path), "%s/plain", top);
	is_span(git_branch(&arena, span_str(path), geteuid() + 1, geteuid() + 2), SPAN_LIT(""),
		"a repository of a third user");
	is_span(git_branch(&arena, span_str(path), geteuid() + 1, geteuid()), SPAN_LIT("main"),
		"a repository of who asks");
	is_span(git_branch(&arena, SPAN_LIT(""), 0, 0), SPAN_LIT(""), "no directory");
	arena_done(&arena);
	for (size_t i = ARRAY_LEN(entries); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", top, entries[i].path);
		if (entries[i].kind != DIRECTORY)
			unlink(path);
	}
	for (size_t i = ARRAY_LEN(entries); i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", top, entries[i].path);
		if (entries[i].kind == DIRECTORY)
			rmdir(path);
	}
	rmdir(top);
	return done();
}
