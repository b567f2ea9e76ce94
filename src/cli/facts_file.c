/* SPDX-License-Identifier: Apache-2.0 */
/* facts_file: files of facts as the command line names them, and what is wrong with their lines. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "cli/facts.h"
#include "cli/say.h"

enum { FILE_LIMIT = 16 << 20 };

void facts_complain(struct make_complaints *to, const char *file, size_t line, const char *text)
{
	struct buf out = {.fd = STDERR_FILENO, .is_ascii = say_is_ascii()};

	(void)to;
	buf_term(&out, span_str(file));
	buf_print(&out, ":%zu: ", line);
	buf_term(&out, span_str(text));
	buf_byte(&out, '\n');
	buf_flush(&out);
	buf_done(&out);
}

int facts_read(struct cli *cli, const char *path, struct span *text)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return cli_fail(EX_UNAVAILABLE, _("cannot read '%s': %s"), path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_LIMIT)
		return cli_fail(EX_UNAVAILABLE, _("'%s' is no plain file of at most %d MB"), path,
				FILE_LIMIT >> 20);

	uint8_t *bytes = arena_get(&cli->arena, (size_t)st.st_size + 1);

	while (n < (size_t)st.st_size) {
		ssize_t r = read(fd, bytes + n, (size_t)st.st_size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break;
		n += (size_t)r;
	}
	*text = span_of(bytes, n);
	return 0;
}
