/* SPDX-License-Identifier: Apache-2.0 */
/* buf: growing, writing out, and our own text. The encoders are in encode.c. */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FLUSH_AT = 64 << 10 };

void buf_done(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT;
}

int buf_flush(struct buf *b)
{
	size_t done = 0;

	if (b->fd < 0)
		return -b->error;
	while (!b->error && done < b->n) {
		ssize_t r = write(b->fd, b->p + done, b->n - done);

		if (r >= 0)
			done += (size_t)r;
		else if (errno != EINTR)
			b->error = errno;
	}
	b->n = 0;
	return -b->error;
}

struct span buf_span(const struct buf *b)
{
	return span_of(b->p, b->n);
}

void buf_trim(struct buf *b)
{
	char *p = b->n ? realloc(b->p, b->n) : NULL;

	if (p) {
		b->p = p;
		b->size = b->n;
	}
}

static bool room_for(struct buf *b, size_t n)
{
	if (b->error)
		return false;
	if (b->fd >= 0 && b->n >= FLUSH_AT && buf_flush(b) < 0)
		return false;
	if (b->size - b->n >= n)
		return true;

	size_t size = b->size ? b->size : 1024;

	while (size - b->n < n)
		if (__builtin_mul_overflow(size, 2, &size)) {
			b->error = ENOMEM;
			return false;
		}
	char *p = realloc(b->p, size);

	if (!p) {
		b->error = ENOMEM;
		return false;
	}
	b->p = p;
	b->size = size;
	return true;
}

void buf_expect(struct buf *b, size_t n)
{
	(void)room_for(b, n);
}

void buf_raw(struct buf *b, struct span s)
{
	if (s.n && room_for(b, s.n)) {
		memcpy(b->p + b->n, s.p, s.n);
		b->n += s.n;
	}
}

void buf_byte(struct buf *b, char c)
{
	if (room_for(b, 1))
		b->p[b->n++] = c;
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (n && room_for(b, n)) {
		memset(b->p + b->n, c, n);
		b->n += n;
	}
}

void buf_str(struct buf *b, const char *text)
{
	buf_raw(b, span_str(text));
}

void buf_print(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char usual[256];
	int n = vsnprintf(usual, sizeof(usual), format, args);

	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(usual)) {
		buf_raw(b, span_of(usual, (size_t)n));
		return;
	}
	if (n < 0 || !room_for(b, (size_t)n + 1))
		return;
	va_start(args, format);
	vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
	va_end(args);
	b->n += (size_t)n;
}

void buf_u64(struct buf *b, uint64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + value % 10);
	while (value /= 10);
	buf_raw(b, span_of(digits + n, sizeof(digits) - n));
}

void buf_fixed(struct buf *b, uint64_t value, unsigned digits)
{
	uint64_t unit = 1;

	for (unsigned i = 0; i < digits; i++)
		unit *= 10;
	buf_u64(b, value / unit);
	if (digits)
		buf_byte(b, '.');
	for (uint64_t rest = value % unit; unit > 1; rest %= unit) {
		unit /= 10;
		buf_byte(b, (char)('0' + rest / unit));
	}
}

void buf_time(struct buf *b, int64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;
	char text[40];

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf_str(b, text);
}
