/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh: both sides open with one identification line; nothing is asked. Lines before it are allowed
 * to a server (RFC 4253 section 4.2) and are read over.
 */
#include "proto/words.h"

enum { LINE_MAX_BYTES = 255, BEFORE_MAX = 8 << 10 };

static const struct words_product products[] = {
	{"OpenSSH_for_Windows_", "openssh", "OpenSSH_for_Windows_"},
	{"OpenSSH_", "openssh", "OpenSSH_"},
	{"dropbear", "dropbear", "dropbear_"},
	{"libssh_", "libssh", "libssh_"},
	{"libssh-", "libssh", "libssh-"},
	{"AsyncSSH_", "asyncssh", "AsyncSSH_"},
	{"paramiko_", "paramiko", "paramiko_"},
	{"mod_sftp", "proftpd", NULL},
	{"Twisted_", "twisted", "Twisted_"},
	{"Cisco-", "cisco-ssh", "Cisco-"},
	{"ROSSSH", "routeros", NULL},
	{"Erlang", "erlang-ssh", "Erlang/"},
	{"APACHE-SSHD-", "apache-sshd", "APACHE-SSHD-"},
	{"SSHD-CORE-", "apache-sshd", "SSHD-CORE-"},
	{"PuTTY_", "putty", "PuTTY_Release_"},
	{"libssh2_", "libssh2", "libssh2_"},
};

/* "SSH-protoversion-softwareversion SP comments" CR LF */
static enum proto_match identification(struct span bytes, struct span *rest)
{
	enum proto_match m = WORDS_BEGIN(bytes, "SSH-");
	struct span line;

	if (m != PROTO_YES)
		return m;
	*rest = span_skip(bytes, 4);
	m = WORDS_BEGIN(*rest, "2.0-");
	if (m == PROTO_NO)
		m = WORDS_BEGIN(*rest, "1.99-");
	if (m == PROTO_NO)
		m = WORDS_BEGIN(*rest, "1.5-");
	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n <= LINE_MAX_BYTES && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	*rest = span_skip(line, 4);
	return words_is_text(line) && line.n <= LINE_MAX_BYTES ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span rest;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;

	enum proto_match m = identification(bytes, &rest);

	if (m != PROTO_NO || side == PROTO_CLIENT)
		return m;
	/* other lines first: only a line that begins "SSH-" decides */
	ptrdiff_t at = span_find(span_cut(bytes, BEFORE_MAX), SPAN_LIT("\nSSH-"));

	return at < 0 ? PROTO_NO : identification(span_skip(bytes, (size_t)at + 1), &rest);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	ptrdiff_t at = span_find(span_cut(bytes, BEFORE_MAX), SPAN_LIT("\nSSH-"));
	struct span rest;
	struct span protocol;
	struct span software;

	(void)side;
	(void)transport;
	if (identification(bytes, &rest) != PROTO_YES &&
	    (at < 0 || identification(span_skip(bytes, (size_t)at + 1), &rest) != PROTO_YES))
		return;
	if (!take_until(&rest, '-', &protocol) || !take_until(&rest, ' ', &software))
		return;
	proto_add(facts, "protocol", protocol);
	proto_add(facts, "software", software);
	if (rest.n)
		proto_add(facts, "comment", rest);
	words_product(software, products, ARRAY_LEN(products), facts);
}

const struct proto proto_ssh = {
	.name = "ssh",
	.title = "Secure Shell",
	PROTO_HINTS(PROTO_TCP(22), PROTO_TCP(2222)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the software by its own words; Debian and Ubuntu add their package version"),
	.source = "RFC 4253 section 4.2",
	.recognise = recognise,
	.describe = describe,
};
