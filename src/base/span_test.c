/* SPDX-License-Identifier: Apache-2.0 */
/* span: comparing, searching, and readers that cannot run past the end. */
#include "base/scope.h"
#include "base/span.h"
#include "tap.h"

#define L(text) SPAN_LIT(text)

static void compares(void)
{
	ok(span_eq(L(""), span_of(NULL, 0)), "nothing is nothing, wherever it stands");
	ok(!span_eq(L("a"), L("b")) && !span_eq(L("a"), L("ab")), "eq looks at length and bytes");
	ok(span_cmp(L("a"), L("b")) < 0 && span_cmp(L("b"), L("a")) > 0, "cmp orders by bytes");
	ok(span_cmp(L("a"), L("ab")) < 0 && span_cmp(L("ab"), L("a")) > 0, "a prefix sorts first");
	ok(span_cmp(L("a"), L("a")) == 0 && span_cmp(L(""), L("")) == 0, "cmp of the same");
	ok(span_cmp(L("\xff"), L("a")) > 0, "bytes have no sign");
	ok(span_eq_nocase(L("SsH"), L("sSh")) && !span_eq_nocase(L("ssh"), L("ssj")), "nocase");
	ok(!span_eq_nocase(L("ssh"), L("ss")), "nocase looks at length");
	ok(!span_eq_nocase(L("["), L("{")), "nocase folds letters only");
	ok(span_starts(L("ssh.service"), "ssh") && !span_starts(L("ss"), "ssh") &&
		   span_starts(L("x"), ""),
	   "starts");
	ok(span_ends(L("ssh.service"), ".service") && !span_ends(L("e"), "ce") &&
		   span_ends(L("x"), ""),
	   "ends");
	ok(span_is(L("tcp"), "tcp") && !span_is(L("tcp"), "tc") && span_is(L(""), ""), "is");
	ok(span_str(NULL).n == 0, "NULL is the empty text");
	is_span(span_skip(L("abc"), 1), L("bc"), "skip");
	is_span(span_skip(L("abc"), 9), L(""), "skip ends at the end");
	/* UndefinedBehaviorSanitizer of clang watches these. */
	is_span(span_skip(span_of(NULL, 0), 0), L(""), "skip of what is nothing");
	is_span(span_base(span_of(NULL, 0)), L(""), "base of what is nothing");
	is_span(span_cut(L("abc"), 2), L("ab"), "cut");
	is_span(span_cut(L("abc"), 9), L("abc"), "cut of more is all");
}

static void searches(void)
{
	is_int(span_find(L("abcabc"), L("ca")), 2, "find");
	is_int(span_find(L("abc"), L("")), 0, "nothing is found at once");
	is_int(span_find(L("a"), L("ab")), -1, "find of something longer");
	is_int(span_find(L("abc"), L("x")), -1, "find of something else");
	is_int(span_find_nocase(L("The SSH protocol"), L("ssh")), 4, "find_nocase");
	is_int(span_find_nocase(L("The"), L("ssh")), -1, "find_nocase of something else");
	is_int(span_find_nocase(L("s"), L("ssh")), -1, "find_nocase of something longer");
	is_int(span_find_byte(L("a/b/c"), '/'), 1, "find_byte is the first");
	is_int(span_find_last(L("a/b/c"), '/'), 3, "find_last is the last");
	is_int(span_find_byte(L("abc"), '/'), -1, "find_byte of none");
	is_int(span_find_last(L("abc"), '/'), -1, "find_last of none");
	is_int(span_find_byte(L(""), '/'), -1, "find_byte in nothing");
	is_int(span_find_last(L(""), '/'), -1, "find_last in nothing");
	is_span(span_trim(L(" \t a b\r\n")), L("a b"), "trim");
	is_span(span_trim(L("  ")), L(""), "trim of blanks");
	is_span(span_base(L("/usr/bin/node")), L("node"), "base");
	is_span(span_base(L("node")), L("node"), "base of a bare name");
	is_span(span_base(L("/usr/")), L(""), "base of a directory");
	is_span(span_dir(L("/usr/bin/node")), L("/usr/bin"), "dir");
	is_span(span_dir(L("/node")), L("/"), "dir of a file in the root");
	is_span(span_dir(L("node")), L(""), "dir of a bare name");
	ok(span_list_has(L("a,bc,d"), ',', L("bc")) && span_list_has(L("a"), ',', L("a")),
	   "list_has");
	ok(!span_list_has(L("a,bc"), ',', L("b")) && !span_list_has(L(""), ',', L("a")),
	   "list_has wants whole words");
}

static const struct {
	const char *path, *directory, *base;
} paths[] = {
	{"/usr/bin/x", "/usr/bin", "x"},
	{"/x", "/", "x"},
	{"x", "", "x"},
	{"/a\\b", "/", "a\\b"},
	{"C:\\Program Files\\x.exe", "C:\\Program Files", "x.exe"},
	{"c:/a\\b/x.exe", "c:/a\\b", "x.exe"},
	{"\\\\host\\share\\x", "\\\\host\\share", "x"},
	{"1:\\x", "", "1:\\x"},
	{"C:x\\y", "", "C:x\\y"},
};

static const struct {
	const char *text, *pattern;
	bool matches;
} globs[] = {
	{"postgresql@15-main.service", "postgresql@*.service", true},
	{"ssh.service", "ssh.service", true},
	{"ssh.service", "ssh", false},
	{"ssh", "ssh.service", false},
	{"", "", true},
	{"", "*", true},
	{"x", "", false},
	{"abc", "*", true},
	{"abc", "a*c", true},
	{"ac", "a*c", true},
	{"abcb", "a*c", false},
	{"aXbXc", "a*b*c", true},
	{"aab", "*ab", true},
	{"abc", "abc**", true},
	{"mississippi", "m*issip*", true},
};

static const struct {
	const char *text;
	uint64_t max;
	bool is_number;
	uint64_t value;
} numbers[] = {
	{"0", 10, true, 0},
	{"10", 10, true, 10},
	{"11", 10, false, 0},
	{"007", 10, true, 7},
	{"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	{"18446744073709551616", UINT64_MAX, false, 0},
	{"99999999999999999999", UINT64_MAX, false, 0},
	{"", 10, false, 0},
	{"-1", 10, false, 0},
	{"+1", 10, false, 0},
	{" 1", 10, false, 0},
	{"1x", 10, false, 0},
};

static void tables(void)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		is_span(span_dir(span_str(paths[i].path)), span_str(paths[i].directory), paths[i].path);
		is_span(span_base(span_str(paths[i].path)), span_str(paths[i].base), paths[i].path);
	}
	for (size_t i = 0; i < ARRAY_LEN(globs); i++) {
		bool matches = span_glob(span_str(globs[i].text), span_str(globs[i].pattern));

		ok(matches == globs[i].matches, "glob: '%s' %s '%s'", globs[i].text,
		   globs[i].matches ? "is" : "is not", globs[i].pattern);
	}
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		uint64_t value = 0;
		bool is_number = span_u64(span_str(numbers[i].text), numbers[i].max, &value);

		ok(is_number == numbers[i].is_number && value == numbers[i].value,
		   "u64: '%s' %s a number", numbers[i].text,
		   numbers[i].is_number ? "is" : "is not");
	}
}

static void takes_numbers(void)
{
	struct span s = L("\x01\x02\x03\x04\x05");
	struct span whole = s;
	uint8_t a = 0;
	uint16_t b = 0;
	uint32_t c = 0;

	ok(take_u8(&s, &a) && a == 1 && s.n == 4, "take_u8");
	ok(take_u32be(&s, &c) && c == 0x02030405 && s.n == 0, "take_u32be");
	ok(!take_u8(&s, &a) && a == 1, "nothing is taken past the end");
	s = whole;
	ok(take_u16be(&s, &b) && b == 0x0102, "take_u16be");
	ok(take_u16le(&s, &b) && b == 0x0403, "take_u16le");
	ok(!take_u16be(&s, &b) && !take_u16le(&s, &b) && s.n == 1 && b == 0x0403,
	   "a take that fails reads nothing");
	s = whole;
	ok(take_u32le(&s, &c) && c == 0x04030201, "take_u32le");
	ok(!take_u32le(&s, &c) && !take_u32be(&s, &c) && s.n == 1, "four bytes of one");
}

static void takes_text(void)
{
	struct span s = L("a,,b");
	struct span v = {0};
	struct span piece;

	ok(take_until(&s, ',', &v) && span_is(v, "a"), "until: the first");
	ok(take_until(&s, ',', &v) && span_is(v, ""), "until: an empty one");
	ok(take_until(&s, ',', &v) && span_is(v, "b"), "until: the rest");
	ok(!take_until(&s, ',', &v), "until: no more");
	s = L("one\r\ntwo\n\nthree");
	ok(take_line(&s, &v) && span_is(v, "one"), "line: CR LF");
	ok(take_line(&s, &v) && span_is(v, "two"), "line: LF");
	ok(take_line(&s, &v) && span_is(v, ""), "line: an empty one");
	ok(take_line(&s, &v) && span_is(v, "three"), "line: without end");
	ok(!take_line(&s, &v), "line: no more");
	s = L(" \tone  two ");
	ok(take_word(&s, &v) && span_is(v, "one"), "word: the first");
	ok(take_word(&s, &v) && span_is(v, "two"), "word: the second");
	ok(!take_word(&s, &v), "word: no more");
	s = L("abc");
	ok(take_span(&s, 2, &piece) && span_is(piece, "ab") && span_is(s, "c"),
	   "span: two of three");
	ok(!take_span(&s, 2, &piece) && span_is(s, "c"), "span: two of one");
}

int main(void)
{
	compares();
	searches();
	tables();
	takes_numbers();
	takes_text();
	return done();
}
