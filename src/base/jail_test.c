/* SPDX-License-Identifier: Apache-2.0 */
/* jail: a child tries to leave it, one way at a time. */
#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "test/tap.h"

enum { HELD, ESCAPED, NO_WALL, NO_JAIL };

static int becomes_root(const struct jail_has *has)
{
	(void)has;
	return setuid(0) == 0 || geteuid() == 0 ? ESCAPED : HELD;
}

static int reads_a_file(const struct jail_has *has)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (!has->filesystem)
		return NO_WALL;
	return fd >= 0 || errno != EACCES ? ESCAPED : HELD;
}

static int forks(const struct jail_has *has)
{
	pid_t pid = fork();

	(void)has;
	if (pid == 0)
		_exit(0);
	return pid > 0 ? ESCAPED : HELD;
}

static int takes_memory(const struct jail_has *has)
{
	(void)has;
#ifdef __SANITIZE_ADDRESS__
	return NO_WALL;
#else
	void *p = mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p != MAP_FAILED ? ESCAPED : HELD;
#endif
}

static int uses_a_descriptor(const struct jail_has *has)
{
	(void)has;
	return fcntl(100, F_GETFD) >= 0 ? ESCAPED : HELD;
}

static int lifts_a_limit(const struct jail_has *has)
{
	const struct rlimit rows = {1 << 20, 1 << 20};

	(void)has;
	return setrlimit(RLIMIT_FSIZE, &rows) == 0 ? ESCAPED : HELD;
}

static const struct {
	const char *name;
	int (*tries)(const struct jail_has *);
} ways[] = {
	{"it cannot become root", becomes_root},
	{"it opens no file", reads_a_file},
	{"it starts no process", forks},
	{"it takes no more memory than stated", takes_memory},
	{"a descriptor that it was not given is closed", uses_a_descriptor},
	{"it cannot lift a limit", lifts_a_limit},
};

static int try(int (*tries)(const struct jail_has *))
{
	struct jail jail = {.memory = (size_t)256 << 20, .parent = getpid()};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct jail_has has = {0};
		struct why why;

		_exit(jail_start(&jail, &has, &why) < 0 ? NO_JAIL : tries(&has));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return NO_JAIL;
	return WEXITSTATUS(status);
}

int main(void)
{
	dup2(STDOUT_FILENO, 100);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		int got = try(ways[i].tries);

		if (got == NO_WALL)
			skip(1, "this system has no such wall");
		else
			ok(got == HELD, "%s", ways[i].name);
	}
	return done();
}
