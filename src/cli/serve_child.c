/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_child: a program that periplus-serve starts with its own rights, and what it writes. It dies with
 * us; its output is read without waiting, and is bounded.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/scope.h"
#include "cli/serve_program.h"

int64_t serve_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static _Noreturn void become(char *const *arguments, pid_t parent, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent && dup2(out, STDOUT_FILENO) >= 0 &&
	    (err < 0 || dup2(err, STDERR_FILENO) >= 0))
		execv(arguments[0], arguments);
	_exit(127);
}

bool serve_child_start(struct serve_child *child, char *const *arguments, bool has_err)
{
	pid_t self = getpid();
	int ends[2][2] = {{-1, -1}, {-1, -1}};

	if (pipe2(ends[0], O_CLOEXEC) < 0)
		return false;
	if (!has_err || pipe2(ends[1], O_CLOEXEC) == 0)
		child->pid = fork();
	else
		child->pid = -1;
	if (child->pid == 0)
		become(arguments, self, ends[0][1], ends[1][1]);
	for (size_t i = 0; i < 2; i++)
		if (ends[i][1] >= 0)
			close(ends[i][1]);
	if (child->pid < 0) {
		child->pid = 0;
		for (size_t i = 0; i < 2; i++)
			if (ends[i][0] >= 0)
				close(ends[i][0]);
		return false;
	}
	for (size_t i = 0; i < 2; i++)
		if (ends[i][0] >= 0)
			fcntl(ends[i][0], F_SETFL, O_NONBLOCK);
	child->fd = ends[0][0];
	child->err = ends[1][0];
	return true;
}

int serve_child_stop(struct serve_child *child, int signal)
{
	int status = 0;

	if (child->fd >= 0)
		close(child->fd);
	if (child->err >= 0)
		close(child->err);
	child->fd = child->err = -1;
	if (child->pid > 0) {
		if (signal)
			kill(child->pid, signal);
		while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	child->pid = 0;
	child->out.n = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int serve_child_take(int fd, struct buf *out, size_t most)
{
	char piece[65536];
	ssize_t n = 0;

	while (out->n <= most && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_raw(out, span_of(piece, (size_t)n));
	if (out->n > most)
		return -1;
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}
