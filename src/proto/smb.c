/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smb: a NEGOTIATE of SMB2 with the dialects 2.0.2 to 3.0.2, which opens no session. The answer
 * tells dialect and whether signing is required; software and version are not told before a login.
 */
#include "proto/words.h"

enum { HEADER = 64, NEGOTIATE = 0 };

/* MS-SMB2 2.1: 0, length 3 BE; 2.2.1: FE 'SMB', size 64; old: FF 'SMB' command 72 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	if (transport != TRANSPORT_TCP || (bytes.n > 0 && p[0]) || (bytes.n > 1 && p[1] > 1))
		return PROTO_NO;
	if (bytes.n < 4)
		return PROTO_MORE;

	struct span s = span_skip(bytes, 4);
	enum proto_match smb1 = WORDS_BEGIN(s, "\xffSMB\x72");
	enum proto_match smb2 = words_begin(s, span_of("\xfeSMB\x40\0", 6));

	if (smb1 == PROTO_YES)
		return s.n < 10                                       ? PROTO_MORE
		       : (s.p[9] >> 7 != 0) == (side == PROTO_SERVER) ? PROTO_YES
								      : PROTO_NO;
	if (smb2 != PROTO_YES)
		return smb1 > smb2 ? smb1 : smb2;
	if (s.n < 20)
		return PROTO_MORE;
	/* flags: SMB2_FLAGS_SERVER_TO_REDIR */
	return (s.p[16] & 1) == (side == PROTO_SERVER) ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* MS-SMB2 2.2.3: size 36, four dialects, signing enabled, no capabilities */
	static const uint8_t words[4 + HEADER + 36 + 8] = {
		[3] = HEADER + 36 + 8,
		[4] = 0xfe,
		[5] = 'S',
		[6] = 'M',
		[7] = 'B',
		[8] = HEADER,
		[18] = 1,
		[68] = 36,
		[70] = 4,
		[72] = 1,
		/* client GUID: ours, not random, so that a log can tell */
		[80] = 'p',
		[81] = 'e',
		[82] = 'r',
		[83] = 'i',
		[84] = 'p',
		[85] = 'l',
		[86] = 'u',
		[87] = 's',
		[104] = 0x02,
		[105] = 0x02,
		[106] = 0x10,
		[107] = 0x02,
		[108] = 0x00,
		[109] = 0x03,
		[110] = 0x02,
		[111] = 0x03,
	};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

/* The server's GUID is drawn by lot (MS-SMB2 3.3.3), but Samba puts its own name there, in small
 * letters and filled up with zeros (source3/smbd/negprot.c). */
static bool is_name(struct span guid)
{
	size_t n = 0;

	while (n < guid.n && ((guid.p[n] >= 'a' && guid.p[n] <= 'z') ||
			      (guid.p[n] >= '0' && guid.p[n] <= '9') || guid.p[n] == '-'))
		n++;
	for (size_t i = n; i < guid.n; i++)
		if (guid.p[i])
			return false;
	return n > 0;
}

/* MS-SMB2 2.2.4: behind the header size 65, security mode, dialect */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct {
		uint16_t dialect;
		const char *word;
	} dialects[] = {{0x0202, "2.0.2"}, {0x0210, "2.1"},   {0x0300, "3.0"},
			{0x0302, "3.0.2"}, {0x0311, "3.1.1"}, {0x02ff, "2.x"}};
	uint16_t size;
	uint16_t mode;
	uint16_t dialect;
	struct span guid;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (bytes.p[4] == 0xff) {
		proto_add(facts, "dialect", SPAN_LIT("1"));
		return;
	}

	struct span s = span_skip(bytes, 4 + HEADER);

	if (!take_u16le(&s, &size) || size != 65 || !take_u16le(&s, &mode) ||
	    !take_u16le(&s, &dialect))
		return;
	for (size_t i = 0; i < ARRAY_LEN(dialects); i++)
		if (dialects[i].dialect == dialect)
			proto_add(facts, "dialect", span_str(dialects[i].word));
	if (take_span(&s, 2, &guid) && take_span(&s, 16, &guid) && is_name(guid))
		proto_set_product(facts, "samba");
	proto_add(facts, "signing", mode & 2 ? SPAN_LIT("required") : SPAN_LIT("not required"));
}

const struct proto proto_smb = {
	.name = "smb",
	.title = "Server Message Block",
	PROTO_HINTS(PROTO_TCP(445)),
	.safety = PROTO_B,
	.sends = N_("an SMB2 negotiate request; no session is opened"),
	.proves = N_("SMB, its dialect, and whether signing is required"),
	.source = "MS-SMB2 sections 2.1, 2.2.1, 2.2.3 and 2.2.4",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
