/* SPDX-License-Identifier: Apache-2.0 */
/* tap: what a test program prints (Test Anything Protocol 13). One program, one count. */
#ifndef PERIPLUS_TEST_TAP_H
#define PERIPLUS_TEST_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

static struct {
	unsigned n_run;
	unsigned n_failed;
} tap;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool is_true, const char *name, ...)
{
	va_list args;

	tap.n_run++;
	if (!is_true)
		tap.n_failed++;
	printf("%sok %u - ", is_true ? "" : "not ", tap.n_run);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return is_true;
}

__attribute__((format(printf, 1, 2), unused)) static void note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

__attribute__((unused)) static bool is_span(struct span got, struct span want, const char *name)
{
	bool same = ok(span_eq(got, want), "%s", name);

	if (!same) {
		note("got:  '%.*s'", SPAN_ARG(got));
		note("want: '%.*s'", SPAN_ARG(want));
	}
	return same;
}

__attribute__((unused)) static bool is_str(const char *got, const char *want, const char *name)
{
	return is_span(span_str(got), span_str(want), name);
}

__attribute__((unused)) static bool is_int(int64_t got, int64_t want, const char *name)
{
	bool same = ok(got == want, "%s", name);

	if (!same)
		note("got %" PRId64 ", want %" PRId64, got, want);
	return same;
}

/* Counts n tests as skipped, with the reason. */
__attribute__((unused)) static void skip(unsigned n, const char *why)
{
	while (n--)
		printf("ok %u # SKIP %s\n", ++tap.n_run, why);
}

/* The root of the source tree, for data files. */
__attribute__((unused)) static const char *source_dir(void)
{
	const char *dir = getenv("PERIPLUS_SOURCE_DIR");

	return dir ? dir : ".";
}

__attribute__((unused)) static int done(void)
{
	printf("1..%u\n", tap.n_run);
	return tap.n_failed ? 1 : 0;
}

#endif
