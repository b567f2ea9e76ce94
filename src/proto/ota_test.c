/* SPDX-License-Identifier: Apache-2.0 */
/* ArduinoOTA's exchange: what is written is what devices read, and only what is exact is taken. */
#include "proto/ota.h"

#include "base/scope.h"
#include "tap.h"

static const char md5[] = "24fdb9fcf2fa01c571986a7e3dad50f9";

static void test_invitation(void)
{
	/* captured: an unmodified espota.py of the ESP8266 core */
	static const char captured[] = "0 41003 20000 24fdb9fcf2fa01c571986a7e3dad50f9\n";
	static const struct {
		const char *name, *text;
	} bad[] = {
		{"no line feed", "0 1 2 24fdb9fcf2fa01c571986a7e3dad50f9"},
		{"something behind", "0 1 2 24fdb9fcf2fa01c571986a7e3dad50f9\n\n"},
		{"two blanks", "0  1 2 24fdb9fcf2fa01c571986a7e3dad50f9\n"},
		{"another command", "50 1 2 24fdb9fcf2fa01c571986a7e3dad50f9\n"},
		{"a port beyond 65535", "0 65536 2 24fdb9fcf2fa01c571986a7e3dad50f9\n"},
		{"a size beyond 32 bits", "0 1 4294967296 24fdb9fcf2fa01c571986a7e3dad50f9\n"},
		{"a negative size", "0 1 -2 24fdb9fcf2fa01c571986a7e3dad50f9\n"},
		{"a digest cut short", "0 1 2 24fdb9fcf2fa01c571986a7e3dad50f\n"},
		{"a digest that is no hex", "0 1 2 24fdb9fcf2fa01c571986a7e3dad50fg\n"},
		{"the old form without digest", "0 48266 20000\n"},
		{"nothing", ""},
		{"the cancel", OTA_CANCEL},
	};
	struct ota_invitation in = {.port = 41003, .size = 20000};
	char out[OTA_DATAGRAM];
	size_t n;

	memcpy(in.md5, md5, sizeof(md5));
	n = ota_put_invitation(&in, out);
	is_span(span_of(out, n), SPAN_LIT(captured), "an invitation is what espota.py sends");

	struct ota_ask ask = ota_read_ask(SPAN_LIT(captured));

	ok(ask.kind == OTA_ASK_INVITATION && !ask.invitation.is_filesystem &&
		   ask.invitation.port == 41003 && ask.invitation.size == 20000,
	   "and is read back");
	is_str(ask.invitation.md5, md5, "with its digest");
	in = (struct ota_invitation){.is_filesystem = true, .port = 65535, .size = UINT32_MAX};
	memcpy(in.md5, md5, sizeof(md5));
	n = ota_put_invitation(&in, out);
	is_span(span_of(out, n),
		SPAN_LIT("100 65535 4294967295 24fdb9fcf2fa01c571986a7e3dad50f9\n"),
		"the longest one, for a file system");
	ok(ota_read_ask(span_of(out, n)).invitation.is_filesystem, "is read back");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(ota_read_ask(span_str(bad[i].text)).kind == OTA_ASK_OTHER, "refused: %s",
		   bad[i].name);
}

static void test_answer(void)
{
	static const char captured[] = "200 aef313c9db76a14c3198d92b3bdf9422 "
				       "37cd3d924715f3dee62eab3dda8999fc\n";
	char longest[OTA_DATAGRAM];
	char digits[OTA_SHA_HEX];
	size_t n;
	struct ota_ask ask = ota_read_ask(SPAN_LIT(captured));

	ok(ask.kind == OTA_ASK_ANSWER, "a captured answer is one");
	is_span(ask.cnonce, SPAN_LIT("aef313c9db76a14c3198d92b3bdf9422"), "with its nonce");
	is_span(ask.response, SPAN_LIT("37cd3d924715f3dee62eab3dda8999fc"), "and its response");
	n = ota_put_answer(ask.cnonce, ask.response, longest);
	is_span(span_of(longest, n), SPAN_LIT(captured), "and is written the same");
	memset(digits, 'a', sizeof(digits));
	n = ota_put_answer(span_of(digits, sizeof(digits)), span_of(digits, sizeof(digits)),
			   longest);
	ok(n == 134 && ota_read_ask(span_of(longest, n)).kind == OTA_ASK_ANSWER,
	   "the SHA-256 form fits");
	for (size_t cut = 0; cut < n; cut++)
		if (ota_read_ask(span_of(longest, cut)).kind != OTA_ASK_OTHER)
			ok(false, "cut at %zu it is still an answer", cut);
	ok(ota_read_ask(SPAN_LIT("200 aef313c9db76a14c3198d92b3bdf9422 37cd\n")).kind ==
		   OTA_ASK_OTHER,
	   "unequal lengths are refused");
	ok(ota_read_ask(SPAN_LIT("200 aef313c9db76a14c3198d92b3bdf9422 "
				 "37cd3d924715f3dee62eab3dda8999fc"))
			   .kind == OTA_ASK_OTHER,
	   "and so is a missing line feed");
}

static void test_reply(void)
{
	static const struct {
		const char *text;
		enum ota_reply_kind kind;
		const char *said;
	} cases[] = {
		{"OK", OTA_REPLY_OK, "OK"},
		{"OK\n", OTA_REPLY_OTHER, "OK\n"},
		{"AUTH 1b2f8de6ab9db74083f9b5843f31f81d", OTA_REPLY_NONCE,
		 "1b2f8de6ab9db74083f9b5843f31f81d"},
		{"AUTH 1b2f8de6ab9db74083f9b5843f31f81", OTA_REPLY_OTHER,
		 "AUTH 1b2f8de6ab9db74083f9b5843f31f81"},
		{"AUTH", OTA_REPLY_OTHER, "AUTH"},
		{"Authentication Failed", OTA_REPLY_DENIED, "Authentication Failed"},
		{"ERR: ERROR[5]: Bad Size Given\n", OTA_REPLY_ERROR, "ERROR[5]: Bad Size Given"},
		{"\x1b[2J", OTA_REPLY_OTHER, "\x1b[2J"},
		{"", OTA_REPLY_OTHER, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ota_reply reply = ota_read_reply(span_str(cases[i].text));

		ok(reply.kind == cases[i].kind, "reply %zu is of its kind", i);
		is_span(reply.text, span_str(cases[i].said), "and says what it says");
	}
}

static void test_stream(void)
{
	static const struct {
		const char *name, *text;
		bool is_closed;
		enum ota_result result;
		const char *said;
	} cases[] = {
		{"counts", "14601460", false, OTA_RUNNING, ""},
		{"counts, then closed", "1460", true, OTA_ENDED, ""},
		{"nothing, then closed", "", true, OTA_ENDED, ""},
		{"OK glued to a count", "1024OK", false, OTA_DONE, "OK"},
		{"OK alone, closed", "OK", true, OTA_DONE, "OK"},
		{"half of OK", "1024O", false, OTA_RUNNING, "O"},
		{"half of OK, closed", "1024O", true, OTA_ERROR, "O"},
		{"OK and more", "OK?", true, OTA_ERROR, "OK?"},
		{"ESP8266's text", "1020ERROR[10]: Magic byte is not 0xE9\n", false, OTA_ERROR,
		 "ERROR[10]: Magic byte is not 0xE9"},
		{"ESP32's text, cut and closed", "1024MD5 Check", true, OTA_ERROR, "MD5 Check"},
		{"a text that may go on", "1024MD5 Check", false, OTA_RUNNING, "MD5 Check"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span s = span_str(cases[i].text);

		for (size_t cut = 0; cut <= s.n; cut++) {
			struct ota_stream stream = {0};

			ota_stream_take(&stream, span_cut(s, cut));
			ota_stream_take(&stream, span_skip(s, cut));
			if (ota_stream_result(&stream, cases[i].is_closed) != cases[i].result ||
			    !span_is(ota_stream_text(&stream), cases[i].said))
				ok(false, "%s, cut at %zu", cases[i].name, cut);
		}
		ok(true, "stream: %s", cases[i].name);
	}

	struct ota_stream endless = {0};

	for (int i = 0; i < 1000; i++)
		ota_stream_take(&endless, SPAN_LIT("xxxxxxxxxx"));
	ok(endless.n == OTA_TEXT && ota_stream_result(&endless, false) == OTA_ERROR,
	   "an endless text is cut, and is an error at once");
}

static void test_errors(void)
{
	const struct ota_error *e = ota_error_find(SPAN_LIT("ERROR[10]: Magic byte is not 0xE9"));

	ok(e && e->code == 10, "ESP8266's text is known");
	e = ota_error_find(SPAN_LIT("MD5 Check Failed\n"));
	ok(e && e->code == 7, "ESP32's text is known");
	ok(!ota_error_find(SPAN_LIT("ERROR[99]: Whatever")), "another is not");
	ok(!ota_error_find(SPAN_LIT("")), "nor is nothing");
	for (unsigned code = 1; code <= 16; code++)
		if (!ota_error_at(code) || ota_error_at(code)->code != code)
			ok(false, "error %u has its row", code);
	ok(!ota_error_at(0) && !ota_error_at(17), "no other numbers");
}

/* test/data/proto/mdns/arduino-ota.hex: the ESP8266 library on Linux, our own capture */
static const uint8_t announced[] = {
	0x00, 0x00, 0x84, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01, 0x09, 0x5f, 0x73,
	0x65, 0x72, 0x76, 0x69, 0x63, 0x65, 0x73, 0x07, 0x5f, 0x64, 0x6e, 0x73, 0x2d, 0x73, 0x64,
	0x04, 0x5f, 0x75, 0x64, 0x70, 0x05, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x00, 0x00, 0x0c, 0x00,
	0x01, 0x00, 0x00, 0x11, 0x94, 0x00, 0x15, 0x08, 0x5f, 0x61, 0x72, 0x64, 0x75, 0x69, 0x6e,
	0x6f, 0x04, 0x5f, 0x74, 0x63, 0x70, 0x05, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x00, 0xc0, 0x34,
	0x00, 0x0c, 0x00, 0x01, 0x00, 0x00, 0x11, 0x94, 0x00, 0x24, 0x0e, 0x65, 0x73, 0x70, 0x38,
	0x32, 0x36, 0x36, 0x2d, 0x65, 0x65, 0x31, 0x33, 0x33, 0x37, 0x08, 0x5f, 0x61, 0x72, 0x64,
	0x75, 0x69, 0x6e, 0x6f, 0x04, 0x5f, 0x74, 0x63, 0x70, 0x05, 0x6c, 0x6f, 0x63, 0x61, 0x6c,
	0x00, 0xc0, 0x55, 0x00, 0x21, 0x80, 0x01, 0x00, 0x00, 0x11, 0x94, 0x00, 0x1c, 0x00, 0x00,
	0x00, 0x00, 0x0c, 0xa0, 0x0e, 0x65, 0x73, 0x70, 0x38, 0x32, 0x36, 0x36, 0x2d, 0x65, 0x65,
	0x31, 0x33, 0x33, 0x37, 0x05, 0x6c, 0x6f, 0x63, 0x61, 0x6c, 0x00, 0xc0, 0x55, 0x00, 0x10,
	0x80, 0x01, 0x00, 0x00, 0x11, 0x94, 0x00, 0x39, 0x0f, 0x61, 0x75, 0x74, 0x68, 0x5f, 0x75,
	0x70, 0x6c, 0x6f, 0x61, 0x64, 0x3d, 0x79, 0x65, 0x73, 0x0d, 0x62, 0x6f, 0x61, 0x72, 0x64,
	0x3d, 0x67, 0x65, 0x6e, 0x65, 0x72, 0x69, 0x63, 0x0d, 0x73, 0x73, 0x68, 0x5f, 0x75, 0x70,
	0x6c, 0x6f, 0x61, 0x64, 0x3d, 0x6e, 0x6f, 0x0c, 0x74, 0x63, 0x70, 0x5f, 0x63, 0x68, 0x65,
	0x63, 0x6b, 0x3d, 0x6e, 0x6f, 0xc0, 0x8b, 0x00, 0x01, 0x80, 0x01, 0x00, 0x00, 0x00, 0x78,
	0x00, 0x04, 0x0a, 0x4d, 0x00, 0x01,
};

static void test_boards(void)
{
	static struct ota_boards boards;
	static uint8_t question[1400];
	uint8_t asked[sizeof(announced)];
	struct span whole = span_of(announced, sizeof(announced));
	size_t n;

	n = ota_put_question(&boards, 0x1234, question, sizeof(question));
	is_span(span_of(question, n),
		SPAN_LIT("\x12\x34\0\0\0\1\0\0\0\0\0\0\x08_arduino\x04_tcp\x05local\0\0\x0c\0\1"),
		"the first question is for the type");
	for (size_t cut = 0; cut < whole.n; cut++)
		if (ota_boards_take(&boards, span_cut(whole, cut), 0, 0) || boards.n)
			ok(false, "cut at %zu something is taken", cut);
	memcpy(asked, announced, sizeof(asked));
	asked[0] = 0x12;
	asked[1] = 0x35;
	ok(!ota_boards_take(&boards, span_of(asked, sizeof(asked)), 0x1234, 0) && boards.n == 0,
	   "an answer to another's question is not taken");
	asked[1] = 0x34;
	ok(ota_boards_take(&boards, span_of(asked, sizeof(asked)), 0x1234, 0), "one to ours is");
	ok(ota_boards_take(&boards, whole, 0x1234, 0), "and so is a captured announcement");
	ota_boards_join(&boards);
	if (!ok(boards.n == 1 && boards.n_dropped == 0, "one board"))
		return;

	struct ota_board *b = &boards.rows[0];
	char text[ADDRESS_TEXT];

	is_span(span_of(b->name, b->n_name), SPAN_LIT("esp8266-ee1337"), "its name");
	is_span(span_of(b->host, b->n_host), SPAN_LIT("esp8266-ee1337.local"), "its host");
	is_span(span_of(b->board, b->n_board), SPAN_LIT("generic"), "its board");
	is_str(address_text(&b->address, text), "10.77.0.1", "its address");
	ok(b->port == 3232 && b->auth == OTA_AUTH_YES && ota_board_is_whole(b),
	   "its port, and that it asks for a password");
	b->port = 0;
	b->auth = OTA_AUTH_UNKNOWN;
	b->address.family = ADDRESS_NONE;
	memcpy(b->name, "a.b", 3);
	b->n_name = 3;
	n = ota_put_question(&boards, 1, question, sizeof(question));
	ok(question[5] == 5, "what is missing is asked: %u questions", question[5]);
	ok(span_find(span_of(question, n), SPAN_LIT("\x03"
						    "a.b\x08_arduino\x04_tcp")) > 0,
	   "a name with a dot is one label");
	for (size_t size = 0; size < n; size++)
		if (ota_put_question(&boards, 1, question, size) > size)
			ok(false, "a question for %zu bytes is longer", size);
}

int main(void)
{
	test_invitation();
	test_answer();
	test_reply();
	test_stream();
	test_errors();
	test_boards();
	return done();
}
