/* SPDX-License-Identifier: Apache-2.0 */
/* jail: a child tries to leave it, one way at a time. */
#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

/* Who looks at this host stays what it is, and has the filter alone. */
static int opens_to_write(const struct jail_has *has)
{
	if (!has->calls)
		return NO_WALL;
	if (open("/proc/self/status", O_RDONLY | O_CLOEXEC) < 0)
		return NO_JAIL;
	return open("/proc/self/comm", O_WRONLY | O_CLOEXEC) >= 0 ||
			       open("/proc/self/comm", O_RDWR | O_CLOEXEC) >= 0 ||
			       open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) >= 0 ||
			       errno != EPERM
		       ? ESCAPED
		       : HELD;
}

static int dials(const struct jail_has *has)
{
	if (!has->calls)
		return NO_WALL;
	if (socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0)
		return NO_JAIL;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
			       socket(AF_PACKET, SOCK_RAW, 0) >= 0
		       ? ESCAPED
		       : HELD;
}

static int signals_somebody(const struct jail_has *has)
{
	if (!has->calls)
		return NO_WALL;
	if (kill(getppid(), 0) < 0)
		return NO_JAIL;
	return kill(getppid(), SIGCONT) == 0 || errno != EPERM ? ESCAPED : HELD;
}

static void *set(void *is_set)
{
	*(bool *)is_set = true;
	return NULL;
}

static int has_threads(const struct jail_has *has)
{
	bool is_set = false;
	pthread_t thread;

#ifdef __SANITIZE_ADDRESS__
	return NO_WALL; /* which asks more of the kernel for a thread */
#endif
	if (!has->calls)
		return NO_WALL;
	return pthread_create(&thread, NULL, set, &is_set) == 0 && pthread_join(thread, NULL) == 0 &&
			       is_set
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
	{"who looks reads files, and writes none", opens_to_write, JAIL_LOOKS},
	{"who looks asks the kernel by netlink, and dials nobody", dials, JAIL_LOOKS},
	{"who looks sees whether somebody is there, and signals nobody", signals_somebody, JAIL_LOOKS},
	{"who looks has threads", has_threads, JAIL_LOOKS},
	{"who looks starts no process", forks, JAIL_LOOKS},
	{"who looks makes no code", makes_code, JAIL_LOOKS},
};

static int close_calls(struct jail_has *has)
{
	struct why why;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return jail_calls(JAIL_LOOKS, &has->calls, &why);
}

static int try(int (*tries)(const struct jail_has *), enum jail_kind kind)
{
	struct jail jail = {.memory = (size_t)256 << 20, .parent = getpid(), .kind = kind};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct jail_has has = {0};
		struct why why;

		if (kind == JAIL_LOOKS ? close_calls(&has) : jail_start(&jail, &has, &why))
			_exit(NO_JAIL);
		_exit(tries(&has));
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
