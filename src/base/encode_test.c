/* SPDX-License-Identifier: Apache-2.0 */
/* encode: what each encoder makes of bytes that somebody else chose. */
#include "base/buf.h"
#include "base/scope.h"
#include "tap.h"

#define L(text) SPAN_LIT(text)

struct encoding {
	const char *name;
	struct span in;
	const char *out;
};

static const struct {
	const char *name;
	struct span in;
	size_t n;
	int32_t c;
} utf8_cases[] = {
	{"nothing", L(""), 0, -1},
	{"ASCII", L("a"), 1, 'a'},
	{"NUL is a character", L("\0"), 1, 0},
	{"two bytes", L("\xc3\xa9"), 2, 0xe9},
	{"three bytes", L("\xe2\x82\xac"), 3, 0x20ac},
	{"four bytes", L("\xf0\x9f\x90\x9a"), 4, 0x1f41a},
	{"the last code point", L("\xf4\x8f\xbf\xbf"), 4, 0x10ffff},
	{"beyond the last code point", L("\xf4\x90\x80\x80"), 1, -1},
	{"a continuation alone", L("\x80"), 1, -1},
	{"cut after the lead", L("\xc3"), 1, -1},
	{"cut after two of three", L("\xe2\x82"), 1, -1},
	{"a lead without continuation", L("\xc3("), 1, -1},
	{"an overlong slash of two bytes", L("\xc0\xaf"), 1, -1},
	{"an overlong slash of three bytes", L("\xe0\x80\xaf"), 1, -1},
	{"an overlong form of four bytes", L("\xf0\x80\x80\xaf"), 1, -1},
	{"a surrogate", L("\xed\xa0\x80"), 1, -1},
	{"the last surrogate", L("\xed\xbf\xbf"), 1, -1},
	{"just before the surrogates", L("\xed\x9f\xbf"), 3, 0xd7ff},
	{"a lead of five bytes", L("\xf8\x88\x80\x80\x80"), 1, -1},
	{"0xff", L("\xff"), 1, -1},
};

static const struct encoding term_cases[] = {
	{"plain text stays", L("sshd -D"), "sshd -D"},
	{"nothing stays nothing", L(""), ""},
	{"ESC", L("\033[2J"), "\\x1b[2J"},
	{"line feed and tab", L("a\nb\tc\rd"), "a\\x0ab\\x09c\\x0dd"},
	{"NUL", L("a\0b"), "a\\x00b"},
	{"DEL", L("\x7f"), "\\x7f"},
	{"C1: CSI as UTF-8", L("\xc2\x9b"), "\\xc2\\x9b"},
	{"C1 as a bare byte", L("\x9b"), "\\x9b"},
	{"right-to-left override", L("\xe2\x80\xae"), "\\xe2\\x80\\xae"},
	{"isolates", L("\xe2\x81\xa6\xe2\x81\xa9"), "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"},
	{"Arabic letter mark", L("\xd8\x9c"), "\\xd8\\x9c"},
	{"zero-width joiner", L("\xe2\x80\x8d"), "\\xe2\\x80\\x8d"},
	{"byte order mark", L("\xef\xbb\xbf"), "\\xef\\xbb\\xbf"},
	{"soft hyphen", L("\xc2\xad"), "\\xc2\\xad"},
	{"tag characters", L("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81"},
	{"line separator", L("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"},
	{"a noncharacter", L("\xef\xbf\xbf"), "\\xef\\xbf\\xbf"},
	{"a noncharacter of a higher plane", L("\xf0\x9f\xbf\xbe"), "\\xf0\\x9f\\xbf\\xbe"},
	{"no-break space", L("a\xc2\xa0z"), "a\\xc2\\xa0z"},
	{"ideographic space", L("\xe3\x80\x80"), "\\xe3\\x80\\x80"},
	{"Ogham space", L("\xe1\x9a\x80"), "\\xe1\\x9a\\x80"},
	{"figure space", L("\xe2\x80\x87"), "\\xe2\\x80\\x87"},
	{"mathematical space", L("\xe2\x81\x9f"), "\\xe2\\x81\\x9f"},
	{"empty braille", L("\xe2\xa0\x80"), "\\xe2\\xa0\\x80"},
	{"two blanks part columns", L("a  b"), "a\\x20 b"},
	{"three blanks", L("a   b"), "a\\x20\\x20 b"},
	{"one blank is a blank", L(" a b "), " a b "},
	{"a backslash cannot pass for an escape", L("\\x1b"), "\\\\x1b"},
	{"invalid UTF-8", L("a\xff\xfez"), "a\\xff\\xfez"},
	{"cut UTF-8", L("a\xe2\x82"), "a\\xe2\\x82"},
	{"letters of any script", L("\xc3\xa9\xd0\xb6\xe3\x82\xb5\xf0\x9f\x90\x9a"),
	 "\xc3\xa9\xd0\xb6\xe3\x82\xb5\xf0\x9f\x90\x9a"},
	{"quotes are ordinary", L("x\",pid=1,fd=3"), "x\",pid=1,fd=3"},
};

static const struct encoding ascii_cases[] = {
	{"ASCII stays", L("sshd"), "sshd"},
	{"a letter beyond ASCII", L("\xc3\x9b"), "\\xc3\\x9b"},
	{"the last of ASCII", L("~"), "~"},
};

static const struct encoding plain_cases[] = {
	{"tab", L("a\tb"), "a\\tb"},
	{"line feed", L("a\nb"), "a\\nb"},
	{"carriage return", L("a\rb"), "a\\x0db"},
	{"a backslash and a t", L("a\\tb"), "a\\\\tb"},
	{"ESC", L("\033"), "\\x1b"},
	{"two blanks", L("a  b"), "a\\x20 b"},
	{"text", L("caf\xc3\xa9"), "caf\xc3\xa9"},
};

static const struct encoding json_cases[] = {
	{"text", L("sshd"), "\"sshd\""},
	{"nothing", L(""), "\"\""},
	{"quote and backslash", L("\"\\"), "\"\\\"\\\\\""},
	{"line feed and tab", L("\n\t"), "\"\\n\\t\""},
	{"other C0", L("\0\x01\033\r"), "\"\\u0000\\u0001\\u001b\\u000d\""},
	{"DEL", L("\x7f"), "\"\\u007f\""},
	{"C1", L("\xc2\x85"), "\"\\u0085\""},
	{"bidi", L("\xe2\x80\xae"), "\"\\u202e\""},
	{"unseen beyond the first plane", L("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\""},
	{"an invalid byte", L("\x80\xff"), "\"\\uef80\\uefff\""},
	{"a real U+EF80 is sent as its bytes", L("\xee\xbe\x80"), "\"\\uefee\\uefbe\\uef80\""},
	{"its neighbour is an ordinary character", L("\xee\xbd\xbf"), "\"\xee\xbd\xbf\""},
	{"letters", L("\xe3\x82\xb5"), "\"\xe3\x82\xb5\""},
	{"blanks stay", L("a  b"), "\"a  b\""},
};

static const struct encoding csv_cases[] = {
	{"text", L("sshd"), "sshd"},
	{"nothing", L(""), ""},
	{"a comma", L("a,b"), "\"a,b\""},
	{"a quote", L("a\"b"), "\"a\"\"b\""},
	{"line ends", L("a\nb"), "\"a\nb\""},
	{"carriage return", L("a\rb"), "\"a\rb\""},
	{"=", L("=1+1"), "\"'=1+1\""},
	{"+", L("+1"), "\"'+1\""},
	{"-", L("-1"), "\"'-1\""},
	{"@", L("@SUM(A1)"), "\"'@SUM(A1)\""},
	{"tab first", L("\t=1"), "\"'\t=1\""},
	{"return first", L("\r=1"), "\"'\r=1\""},
	{"= in the middle", L("a=1"), "a=1"},
};

static const struct encoding html_cases[] = {
	{"text", L("sshd"), "sshd"},
	{"markup", L("<b a=\"x\" b='y'>&"), "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;"},
	{"tab and line feed", L("a\tb\nc"), "a\tb\nc"},
	{"NUL and ESC", L("\0\033"), "\xef\xbf\xbd\xef\xbf\xbd"},
	{"bidi", L("\xe2\x80\xae"), "\xef\xbf\xbd"},
	{"invalid", L("\xff"), "\xef\xbf\xbd"},
	{"letters", L("\xc3\xa9"), "\xc3\xa9"},
};

static void check(const char *encoder, void (*encode)(struct buf *, struct span), bool is_ascii,
		  const struct encoding *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT;
		char name[128];

		b.is_ascii = is_ascii;
		encode(&b, cases[i].in);
		snprintf(name, sizeof(name), "%s: %s", encoder, cases[i].name);
		is_span(buf_span(&b), span_str(cases[i].out), name);
		buf_done(&b);
	}
}

static const struct {
	const char *name;
	struct span in;
	size_t columns;
} column_cases[] = {
	{"ASCII", L("sshd"), 4},
	{"a letter with accent", L("\xc3\xa9"), 1},
	{"a combining accent takes none", L("e\xcc\x81"), 1},
	{"Hebrew points take none", L("\xd7\x91\xd6\xb0"), 1},
	{"CJK takes two", L("\xe3\x82\xb5\xe4\xb8\xad\xed\x95\x9c"), 6},
	{"full-width Latin takes two", L("\xef\xbc\xa1"), 2},
	{"a picture takes two", L("\xf0\x9f\x90\x9a"), 2},
	{"an escaped byte takes four", L("\033"), 4},
	{"an escaped character takes four a byte", L("\xe2\x80\xae"), 12},
	{"a backslash takes two", L("\\"), 2},
	{"the marks of verdicts take one each", L("\xe2\x97\x8f\xe2\x96\xb2\xe2\x96\xa0"), 3},
};

static const struct {
	const char *name;
	struct span in;
	size_t columns;
	const char *out;
} cut_cases[] = {
	{"what fits is not cut", L("sshd"), 4, "sshd"},
	{"cut in the middle", L("abcdefghij"), 5, "ab\xe2\x80\xa6ij"},
	{"an even rest favours the head", L("abcdefghij"), 6, "abc\xe2\x80\xa6ij"},
	{"no room for more than the mark", L("abcdef"), 1, "a"},
	{"no room at all", L("abcdef"), 0, ""},
	{"two columns", L("abcdef"), 2, "a\xe2\x80\xa6"},
	{"wide characters are not halved", L("\xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90\xe3\x83\xbc"), 6,
	 "\xe3\x82\xb5\xe2\x80\xa6\xe3\x83\xbc"},
	{"escapes are not halved", L("\033\033\033"), 9, "\\x1b\xe2\x80\xa6\\x1b"},
	{"a combining accent goes with its letter", L("abcdefe\xcc\x81z"), 3, "a\xe2\x80\xa6z"},
};

static void check_columns(void)
{
	for (size_t i = 0; i < ARRAY_LEN(column_cases); i++)
		ok(term_columns(column_cases[i].in) == column_cases[i].columns, "columns: %s",
		   column_cases[i].name);
	for (size_t i = 0; i < ARRAY_LEN(cut_cases); i++) {
		struct buf b = BUF_INIT;
		size_t used =
			buf_term_cut(&b, cut_cases[i].in, cut_cases[i].columns, "\xe2\x80\xa6");
		char name[128];

		snprintf(name, sizeof(name), "cut: %s", cut_cases[i].name);
		is_span(buf_span(&b), span_str(cut_cases[i].out), name);
		ok(used <= cut_cases[i].columns, "%s: %zu columns at most", name,
		   cut_cases[i].columns);
		buf_done(&b);
	}

	struct buf b = {.fd = -1, .is_ascii = true};

	ok(buf_columns(&b, L("\xc3\xa9")) == 8, "columns: what ASCII cannot say is escaped");
	ok(buf_term_cut(&b, L("caf\xc3\xa9"), 8, "...") == 6, "cut: escapes count in ASCII");
	is_span(buf_span(&b), L("caf..."), "cut: an escape that does not fit is left out");
	buf_done(&b);
}

/* What reliability.md R2 promises, over every byte alone, in pairs, and over noise. */
static bool is_tame(struct span s)
{
	while (s.n) {
		int32_t c;
		size_t n = utf8_next(s, &c);

		if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c ||
		    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		    (c >= 0x2060 && c <= 0x206f))
			return false;
		s = span_skip(s, n);
	}
	return true;
}

static bool keeps_promises(struct span s)
{
	struct buf term = BUF_INIT;
	struct buf plain = BUF_INIT;
	struct buf csv = BUF_INIT;
	struct buf cut = BUF_INIT;
	bool is_kept;

	buf_term(&term, s);
	buf_plain(&plain, s);
	buf_csv(&csv, s);
	is_kept = buf_term_cut(&cut, s, 7, "...") <= 7 && is_tame(buf_span(&cut));
	is_kept &= is_tame(buf_span(&term)) && is_tame(buf_span(&plain));
	is_kept &= csv.n == 0 || !memchr("=+-@\t\r", csv.p[0], 6);
	buf_done(&term);
	buf_done(&plain);
	buf_done(&csv);
	buf_done(&cut);
	return is_kept;
}

static void check_promises(void)
{
	uint8_t bytes[32];
	uint64_t seed = 88172645463325252;
	bool is_kept = true;

	for (unsigned i = 0; i < 65536; i++) {
		bytes[0] = (uint8_t)(i >> 8);
		bytes[1] = (uint8_t)i;
		is_kept &= keeps_promises(span_of(bytes, 2));
	}
	ok(is_kept, "every pair of bytes is tame in every encoder");
	is_kept = true;
	for (unsigned i = 0; i < 20000; i++) {
		for (size_t k = 0; k < sizeof(bytes); k++) {
			seed ^= seed << 13; /* xorshift64 */
			seed ^= seed >> 7;
			seed ^= seed << 17;
			bytes[k] = (uint8_t)(seed >> 32);
			if (seed & 1) /* more of what UTF-8 is made of */
				bytes[k] = (uint8_t)(0x80 | (bytes[k] & 0x7f));
		}
		is_kept &= keeps_promises(span_of(bytes, i % sizeof(bytes)));
	}
	ok(is_kept, "noise is tame in every encoder");
}

static void check_time(void)
{
	static const struct {
		int64_t at;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z"},
		{1795234202, "2026-11-21T04:10:02Z"},
		{-1, "1969-12-31T23:59:59Z"},
		{INT64_MAX, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT;

		buf_time(&b, cases[i].at);
		is_span(buf_span(&b), span_str(cases[i].text), "time");
		buf_done(&b);
	}
}

/* Where a line may end, as the bytes of each piece. */
static void check_words(void)
{
	static const struct {
		struct span in;
		bool is_ascii;
		size_t n;
	} cases[] = {
		{L(""), false, 0},
		{L(" a"), false, 0},
		{L("ab cd"), false, 2},
		{L("\xe7\x9b\xa3\xe8\x81\xbd"), false, 3},		    /* behind each */
		{L("\xe7\x9b\xa3\xe3\x80\x82\xe8"), false, 6},	    /* with its full stop */
		{L("\xef\xbc\x88\xe7\x9b\xa3\xe8\x81\xbd"), false, 6}, /* with its bracket */
		{L("ab\xe7\x9b\xa3"), false, 2},
		{L("\xe7\x9b\xa3\xe8\x81\xbd c"), true, 6}, /* escaped: no places between */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = {.is_ascii = cases[i].is_ascii};

		ok(buf_word(&b, cases[i].in) == cases[i].n, "word %zu ends at %zu", i, cases[i].n);
		buf_done(&b);
	}
}

/* Every byte at every place of a text that is looked at in pieces of 16 and 8. */
static void check_html_places(void)
{
	enum { LENGTH = 41 };
	size_t n_wrong = 0;

	for (unsigned c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;
		struct buf alone = BUF_INIT;

		buf_html(&alone, span_of(&byte, 1));
		for (size_t at = 0; at < LENGTH; at++) {
			uint8_t text[LENGTH];
			struct buf got = BUF_INIT;
			struct buf want = BUF_INIT;

			memset(text, 'x', sizeof(text));
			text[at] = byte;
			buf_html(&got, span_of(text, sizeof(text)));
			buf_fill(&want, 'x', at);
			buf_raw(&want, buf_span(&alone));
			buf_fill(&want, 'x', LENGTH - at - 1);
			n_wrong += !span_eq(buf_span(&got), buf_span(&want));
			buf_done(&got);
			buf_done(&want);
		}
		buf_done(&alone);
	}
	is_int((int64_t)n_wrong, 0, "html: a byte is encoded alike wherever it stands");
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(utf8_cases); i++) {
		int32_t c;
		size_t n = utf8_next(utf8_cases[i].in, &c);

		ok(n == utf8_cases[i].n && c == utf8_cases[i].c, "utf8: %s", utf8_cases[i].name);
	}
	check("term", buf_term, false, term_cases, ARRAY_LEN(term_cases));
	check("ascii", buf_term, true, ascii_cases, ARRAY_LEN(ascii_cases));
	check("plain", buf_plain, false, plain_cases, ARRAY_LEN(plain_cases));
	check("json", buf_json, false, json_cases, ARRAY_LEN(json_cases));
	check("csv", buf_csv, false, csv_cases, ARRAY_LEN(csv_cases));
	check("html", buf_html, false, html_cases, ARRAY_LEN(html_cases));
	check_html_places();
	check_columns();
	check_words();
	check_promises();
	check_time();
	return done();
}
