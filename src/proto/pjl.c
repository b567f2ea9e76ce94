/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pjl: printer job language, on the raw port of printers. Whatever is sent there is printed by a
 * printer that does not understand it, so nothing is: paper is not ours to spend.
 */
#include "proto/words.h"

/* PJL Technical Reference Manual, "UEL command" and "Status Readback Commands": jobs begin with the
 * universal exit and "@PJL"; printers answer in lines that begin with "@PJL" and end a message with
 * a form feed */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const char *const answers[] = {"@PJL INFO ", "@PJL ECHO ", "@PJL USTATUS ",
					      "@PJL DINQUIRE ", "@PJL INQUIRE "};
	enum proto_match best = PROTO_NO;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return WORDS_BEGIN(bytes, "\x1b%-12345X@PJL");
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		enum proto_match m = words_begin(bytes, span_str(answers[i]));

		best = m > best ? m : best;
	}
	return best;
}

/* "INFO ID": the model between quotes */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span model;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES ||
	    !span_starts(bytes, "@PJL INFO ID"))
		return;
	model = words_between(bytes, "\"", "\"");
	if (model.n && words_is_text(model))
		proto_add(facts, "model", model);
}

const struct proto proto_pjl = {
	.name = "pjl",
	.title = "Printer Job Language",
	PROTO_HINTS({TRANSPORT_TCP, 9100, 9107}),
	.safety = PROTO_A,
	.proves = N_("a printer, and its model where it was asked"),
	.source = "HP Printer Job Language Technical Reference Manual, chapter 7 (status readback) "
		  "and "
		  "UEL; PCL/PJL quick reference, \"Status Readback\"",
	.recognise = recognise,
	.describe = describe,
};
