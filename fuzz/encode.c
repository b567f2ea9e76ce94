/* SPDX-License-Identifier: Apache-2.0 */
/* encode: whatever the bytes are, no encoder lets one through that acts on its reader. */
#include <stdlib.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void must_be_tame(struct span s)
{
	int32_t c;

	for (size_t k; (k = utf8_next(s, &c)); s = span_skip(s, k))
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
		    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f))
			abort();
}

static void must_be_no_formula(struct span s)
{
	if (s.n && memchr("=+-@\t\r", s.p[0], 6))
		abort();
}

static void may_be_anything(struct span s)
{
	(void)s;
}

static void run(void (*encode)(struct buf *, struct span), struct span in,
		void (*must_be)(struct span))
{
	struct buf b = BUF_INIT;

	b.is_ascii = in.n & 1;
	encode(&b, in);
	must_be(buf_span(&b));
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = span_of(p, n);
	size_t columns = n ? p[0] : 0;
	struct buf b = BUF_INIT;

	run(buf_term, in, must_be_tame);
	run(buf_plain, in, must_be_tame);
	run(buf_json, in, must_be_tame);
	run(buf_csv, in, must_be_no_formula);
	run(buf_html, in, may_be_anything);
	if (buf_term_cut(&b, in, columns, "...") > columns)
		abort();
	must_be_tame(buf_span(&b));
	buf_done(&b);
	return 0;
}
