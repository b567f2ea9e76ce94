/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jdwp: a Java machine that lets itself be debugged. Both sides say the same fourteen bytes; but a
 * handshake takes the one place that there is, and a machine that waits for its debugger runs on
 * when it is gone (both of OpenJDK, and in no document that was read). So nothing is sent.
 */
#include "proto/words.h"

/* Java Debug Wire Protocol, "JDWP Start-up" */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	(void)side;
	return transport == TRANSPORT_TCP ? WORDS_BEGIN(bytes, "JDWP-Handshake") : PROTO_NO;
}

const struct proto proto_jdwp = {
	.name = "jdwp",
	.title = "Java Debug Wire Protocol",
	PROTO_HINTS(PROTO_TCP(5005)),
	.safety = PROTO_A,
	.proves = N_("a Java machine that a debugger may take over"),
	.source = "Java Debug Wire Protocol (JDK 23), \"JDWP Start-up\"",
	.recognise = recognise,
};
