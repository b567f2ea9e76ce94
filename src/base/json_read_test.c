/* SPDX-License-Identifier: Apache-2.0 */
/* json_read: what is found in documents of others, and what is no document. */
#include "base/json_read.h"

#include "base/scope.h"
#include "test/tap.h"

static const struct {
	const char *text;
	bool is_valid;
} texts[] = {
	{"{}", true},
	{" [ 1 , -2.5e3, true,false , null, \"a\\\"b\", {\"k\" : []} ] \n", true},
	{"\"\\u00e9\"", true},
	{"", false},
	{"{", false},
	{"[1,]", false},
	{"{\"a\"}", false},
	{"{\"a\":1,}", false},
	{"\"a", false},
	{"\"a\\", false},
	{"\"a\nb\"", false},
	{"[1] 2", false},
	{"nul", false},
	{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", false},
};

static void test_strings(void)
{
	static const struct {
		const char *json, *bytes;
	} cases[] = {
		{"\"plain\"", "plain"},
		{"\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "a\"\\/\b\f\n\r\tz"},
		{"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"",
		 "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"\"\\ud83d\"", NULL},
		{"\"\\u12\"", NULL},
		{"\"\\x\"", NULL},
		{"12", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = {0};
		struct span bytes = {0};
		bool is_string = json_string(&arena, span_str(cases[i].json), &bytes);

		ok(is_string == (cases[i].bytes != NULL) &&
			   (!is_string || span_is(bytes, cases[i].bytes)),
		   "%s as a string", cases[i].json);
		arena_done(&arena);
	}
}

int main(void)
{
	struct span rest = SPAN_LIT("{\"a\":{\"b\":[1,22,333]},\"c\":\"x\"}\n{\"c\":2}\n");
	struct span lines = rest;
	struct span first;
	struct span value;
	bool is_begun = false;
	uint64_t number;
	uint64_t sum = 0;
	unsigned n = 0;
	unsigned n_keys = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		bool is_valid = json_is_valid(span_str(texts[i].text));

		ok(is_valid == texts[i].is_valid, "text %zu is %s", i,
		   is_valid ? "a value" : "none");
	}
	for (size_t i = 0; i + 1 < rest.n; i++) {
		struct span cut = span_cut(rest, i);

		while (json_take(&cut, &value))
			n++;
	}
	ok(n > 0, "no cut of a document is read past its end");
	ok(json_take(&lines, &first) && json_take(&lines, &value) && !json_take(&lines, &value),
	   "lines are taken one by one");
	ok(json_member(first, "a", &value) && json_member(value, "b", &rest), "members are found");
	while (json_element(&rest, &is_begun, &value))
		sum += json_number(value, 1000, &number) ? number : 0;
	ok(sum == 356, "so are elements");
	ok(json_member(first, "c", &value) && span_is(value, "\"x\""), "and what stands behind");
	ok(!json_member(first, "b", &value), "a member of a member is none");
	rest = first;
	for (is_begun = false; json_key(&rest, &is_begun, &value); n_keys++)
		ok(value.n == 3 && value.p[0] == '"', "a key, with its quotes");
	ok(n_keys == 2 && span_is(rest, "}"), "all keys");
	ok(!json_member(SPAN_LIT("[1]"), "b", &value), "an array has none");
	test_strings();
	return done();
}
