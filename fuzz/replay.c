/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay: runs a fuzz target over its samples, as TAP. Usage: fuzz-NAME DIRECTORY
 *
 * Every sample runs whole, then cut at every length when it is short: a cut input is the most
 * ordinary hostile one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { CUT_BELOW = 512, SAMPLE_MAX = 8 << 20 };

static int run(int dir, const char *name)
{
	auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > SAMPLE_MAX)
		return -1;

	/* Exactly as long as the sample, so that a read past its end is seen. */
	auto_free uint8_t *bytes = malloc((size_t)st.st_size + !st.st_size);

	if (!bytes || read(fd, bytes, (size_t)st.st_size) != st.st_size)
		return -1;
	LLVMFuzzerTestOneInput(bytes, (size_t)st.st_size);
	for (size_t n = 0; st.st_size < CUT_BELOW && n < (size_t)st.st_size; n++) {
		auto_free uint8_t *cut = malloc(n + !n);

		if (!cut)
			return -1;
		memcpy(cut, bytes, n);
		LLVMFuzzerTestOneInput(cut, n);
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned n = 0;
	unsigned n_failed = 0;
	auto_closedir DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;

	if (!dir) {
		printf("not ok 1 - samples of %s: %s\n1..1\n", argv[0], strerror(errno));
		return 1;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		int r = run(dirfd(dir), entry->d_name);

		printf("%sok %u - %s\n", r < 0 ? "not " : "", ++n, entry->d_name);
		n_failed += r < 0;
	}
	if (n == 0) {
		printf("not ok 1 - there are no samples in %s\n1..1\n", argv[1]);
		return 1;
	}
	printf("1..%u\n", n);
	return n_failed > 0;
}
