/* SPDX-License-Identifier: Apache-2.0 */
/* proposal: what is taken, what is refused, and that a line comes back as it was. */
#include "base/proposal.h"

#include "base/scope.h"
#include "tap.h"

static const struct {
	const char *product, *known, *link;
	enum proposal_fault fault;
	const char *what;
} cases[] = {
	{"redis", "", "", PROPOSAL_SOUND, "a product is enough"},
	{"Grafana Loki", "its banner", "https://example.org/a?b=c#d", PROPOSAL_SOUND, "all of it"},
	{"ředitel 主機", "схема", "", PROPOSAL_SOUND, "in any script"},
	{"@vue/cli", "npm shows vite@5.0.1 and react@next", "", PROPOSAL_SOUND, "versions are no mailboxes"},
	{"", "seen", "", PROPOSAL_NO_PRODUCT, "no product"},
	{"-", "", "", PROPOSAL_BAD_TEXT, "the sign for nothing"},
	{"re\tdis", "", "", PROPOSAL_BAD_TEXT, "a tab"},
	{"re\ndis", "", "", PROPOSAL_BAD_TEXT, "a line feed"},
	{"redis\x1b[2J", "", "", PROPOSAL_BAD_TEXT, "an escape of terminals"},
	{"redis\xff", "", "", PROPOSAL_BAD_TEXT, "no UTF-8"},
	{"redis", "\xe2\x80\xae" "txt", "", PROPOSAL_BAD_TEXT, "text that turns round"},
	{"redis", "", "javascript:alert(1)", PROPOSAL_BAD_LINK, "a script"},
	{"redis", "", "https://", PROPOSAL_BAD_LINK, "no host"},
	{"redis", "", "https://me:secret@example.org/", PROPOSAL_BAD_LINK, "a password"},
	{"redis", "", "https://example.org/ b", PROPOSAL_BAD_LINK, "a blank"},
	{"redis", "", "https://example.org/\"x", PROPOSAL_BAD_LINK, "a quote"},
	{"redis", "ask me@example.org", "", PROPOSAL_PERSON, "a mailbox"},
};

static void faults(void)
{
	char longer[PROPOSAL_PRODUCT + 2];
	struct proposal p = {.product = span_of(longer, sizeof(longer) - 1)};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct proposal q = {.port = 6379, .product = span_str(cases[i].product),
				     .known = span_str(cases[i].known), .link = span_str(cases[i].link)};

		ok(proposal_check(&q) == cases[i].fault, "%s", cases[i].what);
	}
	memset(longer, 'a', sizeof(longer));
	ok(proposal_check(&p) == PROPOSAL_TOO_LONG, "a byte too long");
	p.product.n--;
	ok(proposal_check(&p) == PROPOSAL_SOUND, "not a byte");
	p = (struct proposal){.is_right = true};
	ok(proposal_check(&p) == PROPOSAL_SOUND, "a page that was right needs no product");
}

static void there_and_back(void)
{
	struct proposal p = {.day = SPAN_LIT("2026-11-21"), .port = 3476, .transport = TRANSPORT_UDP,
			     .product = SPAN_LIT("A  b\\c"), .link = SPAN_LIT("http://a.example/")};
	struct buf line = BUF_INIT;
	struct proposal q;

	proposal_write(&line, &p);
	ok(span_is(buf_span(&line), "2026-11-21\t3476\tudp\tother\tA  b\\c\t-\thttp://a.example/\n"), "a line");
	ok(proposal_read(buf_span(&line), &q) && q.port == 3476 && q.transport == TRANSPORT_UDP &&
		   span_eq(q.product, p.product) && !q.known.n && span_eq(q.link, p.link) &&
		   span_eq(q.day, p.day),
	   "comes back");
	line.n = 0;
	p.is_right = true;
	proposal_write(&line, &p);
	ok(span_is(buf_span(&line), "2026-11-21\t3476\tudp\tright\t-\t-\t-\n"), "what was right says no more");
	ok(proposal_read(buf_span(&line), &q) && q.is_right, "and comes back");
	buf_done(&line);
}

static void bad_lines(void)
{
	static const char *const lines[] = {
		"", "\n", "-\t22\ttcp\tother\tssh\t-", "-\t22\ttcp\tother\tssh\t-\t-\t-",
		"-\t22\ttcp\tother\tssh\t-\t-\n-\t22\ttcp\tother\tssh\t-\t-\n",
		"-\t65536\ttcp\tother\tssh\t-\t-", "-\t022\ttcp\tother\tssh\t-\t-",
		"-\t22\tTCP\tother\tssh\t-\t-", "-\t22\ttcp\tmaybe\tssh\t-\t-",
		"-\t22\ttcp\tother\t-\t-\t-", "-\t22\ttcp\tright\tssh\t-\t-",
		"2026-1-1\t22\ttcp\tother\tssh\t-\t-", "-\t22\ttcp\tother\t\t-\t-",
		"-\t22\ttcp\tother\tssh\t-\tftp://a/",
	};
	struct proposal p;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		ok(!proposal_read(span_str(lines[i]), &p), "line %zu is not ours", i);
}

int main(void)
{
	faults();
	there_and_back();
	bad_lines();
	return done();
}
