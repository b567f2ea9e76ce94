/* SPDX-License-Identifier: Apache-2.0 */
/* jail: a child tries to leave it, one way at a time. */
#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
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

	if (!has->filesystem && !has->calls)
		return NO_WALL;
	return fd >= 0 || (errno != EACCES && errno != EPERM) ? ESCAPED : HELD;
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

static int opens_a_socket(const struct jail_has *has)
{
	if (!has->calls)
		return NO_WALL;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM ? ESCAPED : HELD;
}

static int opens_other_sockets(const struct jail_has *has)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!has->calls)
		return NO_WALL;
	if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return NO_JAIL;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ||
			       socket(AF_PACKET, SOCK_RAW, 0) >= 0
		       ? ESCAPED
		       : HELD;
}

static int makes_code(const struct jail_has *has)
{
	if (!has->calls)
		return NO_WALL;

	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NO_JAIL;
	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0 ||
			       mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0) != MAP_FAILED
		       ? ESCAPED
		       : HELD;
}

static int does_other_things(const struct jail_has *has)
{
	char *const none[] = {NULL};
	char byte;

	if (!has->calls)
		return NO_WALL;
	return execve("/bin/true", none, none) == 0 || kill(getppid(), 0) == 0 ||
			       getrandom(&byte, 1, 0) < 0 || errno != EPERM
		       ? ESCAPED
		       : HELD;
}

/* A crash is told from an exit by its signal. */
static int aborts(const struct jail_has *has)
{
	(void)has;
	raise(SIGUSR1); /* fatal: tried by abort's own way */
	return NO_JAIL;
}

/* What it is there for still works. */
static int works(const struct jail_has *has)
{
	void *p = malloc((size_t)1 << 20);
	struct timespec now;
	int ends[2] = {-1, -1};

	(void)has;
	memset(p, 1, (size_t)1 << 20);
	return p && clock_gettime(CLOCK_MONOTONIC, &now) == 0 && pipe(ends) < 0 &&
			       write(100, "", 0) < 0 && write(STDERR_FILENO, "", 0) == 0
		       ? HELD
		       : NO_JAIL;
}

static const struct {
	const char *name;
	int (*tries)(const struct jail_has *);
	enum jail_kind kind;
} ways[] = {
	{"it cannot become root", becomes_root},
	{"it opens no file", reads_a_file},
	{"it starts no process", forks},
	{"it takes no more memory than stated", takes_memory},
	{"a descriptor that it was not given is closed", uses_a_descriptor},
	{"it cannot lift a limit", lifts_a_limit},
	{"behind the filter it opens no file", reads_a_file, JAIL_PARSES},
	{"behind the filter it starts no process", forks, JAIL_PARSES},
	{"a parser opens no socket", opens_a_socket, JAIL_PARSES},
	{"a server opens no socket", opens_a_socket, JAIL_SERVES},
	{"a talker opens sockets of the internet and no others", opens_other_sockets, JAIL_TALKS},
	{"a parser makes no code", makes_code, JAIL_PARSES},
	{"a talker makes no code", makes_code, JAIL_TALKS},
	{"it runs nothing and signals nobody", does_other_things, JAIL_TALKS},
	{"a parser can still work", works, JAIL_PARSES},
	{"a parser can end itself by a signal", aborts, JAIL_PARSES},
};

static int try(int (*tries)(const struct jail_has *), enum jail_kind kind)
{
	struct jail jail = {.memory = (size_t)256 << 20, .parent = getpid(), .kind = kind};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct jail_has has = {0};
		struct why why;

		_exit(jail_start(&jail, &has, &why) < 0 ? NO_JAIL : tries(&has));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return NO_JAIL;
	if (tries == aborts)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1 ? HELD : NO_JAIL;
	if (!WIFEXITED(status))
		return NO_JAIL;
	return WEXITSTATUS(status);
}

int main(void)
{
	dup2(STDOUT_FILENO, 100);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		int got = try(ways[i].tries, ways[i].kind);

		if (got == NO_WALL)
			skip(1, "this system has no such wall");
		else
			ok(got == HELD, "%s", ways[i].name);
	}
	return done();
}
