/* SPDX-License-Identifier: Apache-2.0 */
/* buf: growing, writing out, and the first error that stays. */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>

#include "base/scope.h"
#include "base/why.h"
#include "tap.h"

static void grows(void)
{
	struct buf b = BUF_INIT;

	buf_str(&b, "a");
	buf_byte(&b, 'b');
	buf_fill(&b, 'c', 3);
	buf_u64(&b, 0);
	buf_u64(&b, UINT64_MAX);
	buf_print(&b, "<%s>", "x");
	buf_raw(&b, span_of(NULL, 0));
	is_span(buf_span(&b), SPAN_LIT("abccc018446744073709551615<x>"),
		"pieces follow each other");
	buf_fill(&b, 'x', 100000);
	ok(b.n == 100029 && b.error == 0 && buf_flush(&b) == 0 && b.n == 100029,
	   "without descriptor everything is kept");
	buf_done(&b);
	ok(b.p == NULL && b.fd == -1, "done is as new");
}

static void writes_out(void)
{
	int ends[2];
	char got[16];
	struct buf b = BUF_INIT;

	if (pipe(ends) < 0) {
		skip(3, "no pipe");
		return;
	}
	b.fd = ends[1];
	buf_str(&b, "hello");
	ok(buf_flush(&b) == 0 && b.n == 0, "flush writes out");
	ok(read(ends[0], got, sizeof(got)) == 5 && memcmp(got, "hello", 5) == 0, "what was put");
	close(ends[0]);
	close(ends[1]);
	b.fd = ends[1];
	buf_str(&b, "lost");
	ok(buf_flush(&b) == -EBADF && b.error == EBADF, "an error is told");
	buf_str(&b, "more");
	ok(b.n == 0 && buf_flush(&b) == -EBADF, "and stays: later calls do nothing");
	buf_done(&b);
}

static void is_bounded(void)
{
	struct buf b = {.fd = open("/dev/null", O_WRONLY | O_CLOEXEC)};

	if (b.fd < 0) {
		skip(1, "no /dev/null");
		return;
	}
	for (int i = 0; i < 100000; i++)
		buf_str(&b, "0123456789abcdef\n");
	ok(b.size <= 128 << 10, "with a descriptor it writes itself out and stays small");
	buf_flush(&b);
	close(b.fd);
	buf_done(&b);
}

static void says_why(void)
{
	struct why why;

	is_int(why_set(&why, EINVAL, "cannot read '%s'", "a\nb\033\x7f"), -EINVAL,
	       "why returns -error");
	is_str(why.text,
	       "cannot read 'a?b?"
	       "?'",
	       "and has no control bytes");
	errno = ENOENT;
	is_int(why_errno(&why, "cannot open '%s'", "x"), -ENOENT, "why_errno returns -errno");
	is_str(why.text, "cannot open 'x': No such file or directory", "and tells the error");
	errno = 0;
	is_int(why_errno(NULL, "x"), -EIO,
	       "without errno it is EIO, without why nothing is filled");
	is_int(why_set(NULL, EPERM, "x"), -EPERM, "why may be NULL");
	errno = EPERM;
	why_errno(&why, "%*s", 2 * WHY_SIZE, "x");
	ok(strlen(why.text) == WHY_SIZE - 1, "a long text is cut");
}

int main(void)
{
	grows();
	writes_out();
	is_bounded();
	says_why();
	return done();
}
