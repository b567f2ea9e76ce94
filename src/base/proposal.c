/* SPDX-License-Identifier: Apache-2.0 */
/* proposal: see proposal.h. */
#include "base/proposal.h"

#include "base/scope.h"

enum { CELLS = 7, DAY = 10 };

static bool is_letter(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* "who@host.tld" somewhere in it. A version as in "react@next" or a scope as in "@vue/cli" is none. */
static bool has_mailbox(struct span text)
{
	for (size_t i = 1; i + 1 < text.n; i++) {
		size_t end = i + 1;
		bool has_dot = false;

		if (text.p[i] != '@' || !is_letter(text.p[i - 1]))
			continue;
		while (end < text.n && (is_letter(text.p[end]) || text.p[end] == '-' || text.p[end] == '.')) {
			/* what follows the dot is letters, or it is a version */
			has_dot |= text.p[end] == '.' && end + 1 < text.n &&
				   is_letter(text.p[end + 1]) && text.p[end + 1] > '9';
			end++;
		}
		if (has_dot)
			return true;
	}
	return false;
}

static bool is_link(struct span link)
{
	struct span rest = span_skip(link, span_starts(link, "https://") ? 8 : 7);
	ptrdiff_t slash = span_find_byte(rest, '/');
	struct span host = slash < 0 ? rest : span_cut(rest, (size_t)slash);

	if ((!span_starts(link, "https://") && !span_starts(link, "http://")) || !host.n ||
	    !is_letter(host.p[0]) || span_find_byte(host, '@') >= 0)
		return false;
	for (size_t i = 0; i < link.n; i++)
		if (link.p[i] <= ' ' || link.p[i] >= 0x7f || strchr("\"'<>\\^`{|}", link.p[i]))
			return false;
	return true;
}

enum proposal_fault proposal_check(const struct proposal *proposal)
{
	const struct span texts[] = {proposal->product, proposal->known};

	if (proposal->is_right)
		return PROPOSAL_SOUND;
	if (!proposal->product.n)
		return PROPOSAL_NO_PRODUCT;
	if (proposal->product.n > PROPOSAL_PRODUCT || proposal->known.n > PROPOSAL_KNOWN ||
	    proposal->link.n > PROPOSAL_LINK)
		return PROPOSAL_TOO_LONG;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!text_is_seen(texts[i]) || span_is(texts[i], "-"))
			return PROPOSAL_BAD_TEXT;
	if (proposal->link.n && !is_link(proposal->link))
		return PROPOSAL_BAD_LINK;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (has_mailbox(texts[i]))
			return PROPOSAL_PERSON;
	return PROPOSAL_SOUND;
}

static void put_cell(struct buf *out, struct span text)
{
	buf_byte(out, '\t');
	buf_raw(out, text.n ? text : SPAN_LIT("-"));
}

void proposal_write(struct buf *out, const struct proposal *proposal)
{
	static const struct span none = {0};

	buf_raw(out, proposal->day.n ? proposal->day : SPAN_LIT("-"));
	buf_print(out, "\t%u\t%s\t%s", proposal->port, transport_word(proposal->transport),
		  proposal->is_right ? "right" : "other");
	put_cell(out, proposal->is_right ? none : proposal->product);
	put_cell(out, proposal->is_right ? none : proposal->known);
	put_cell(out, proposal->is_right ? none : proposal->link);
	buf_byte(out, '\n');
}

static bool is_day(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (i == 4 || i == 7 ? s.p[i] != '-' : s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == DAY || s.n == 0;
}

/* Numbers and words have one spelling: a line names its file, and may have no second self. */
static bool read_cells(const struct span cell[CELLS], struct proposal *proposal)
{
	uint64_t port;

	if (!span_u64(cell[1], PORT_MAX, &port) || (cell[1].n > 1 && cell[1].p[0] == '0') ||
	    !transport_parse(cell[2], &proposal->transport) ||
	    !span_is(cell[2], transport_word(proposal->transport)) || !is_day(cell[0]))
		return false;
	proposal->day = cell[0];
	proposal->port = (uint16_t)port;
	proposal->is_right = span_is(cell[3], "right");
	proposal->product = cell[4];
	proposal->known = cell[5];
	proposal->link = cell[6];
	if (proposal->is_right)
		return !cell[4].n && !cell[5].n && !cell[6].n;
	return span_is(cell[3], "other") && proposal_check(proposal) == PROPOSAL_SOUND;
}

bool proposal_read(struct span line, struct proposal *proposal)
{
	struct span cell[CELLS] = {0};
	struct proposal found = {0};
	struct span rest = line;
	size_t n = 0;

	if (line.n > PROPOSAL_LINE)
		return false;
	if (span_ends(rest, "\n"))
		rest = span_cut(rest, rest.n - 1);
	if (span_ends(rest, "\t"))
		return false;
	while (n < CELLS && take_until(&rest, '\t', &cell[n])) {
		if (!cell[n].n)
			return false;
		if (span_is(cell[n], "-"))
			cell[n].n = 0;
		n++;
	}
	if (n != CELLS || rest.n || !read_cells(cell, &found))
		return false;
	*proposal = found;
	return true;
}
