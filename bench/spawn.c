/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn: runs a command once, its output to a file, and prints its wall time in microseconds and its
 * peak resident memory in KiB. Small, so that what it hands on to its child hides nothing.
 *
 *	spawn OUTPUT COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	double start;

	if (argc < 3)
		return 64;
	start = now_us();

	pid_t pid = fork();

	if (pid == 0) {
		int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
		int err = open("/dev/null", O_WRONLY);

		if (out < 0 || err < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
			_exit(126);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 71;
	printf("%.0f %ld\n", now_us() - start, usage.ru_maxrss);
	return 0;
}
