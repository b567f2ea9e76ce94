/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: documents as they are written. With --round-trip it prints a document of many strings
 * with their bytes in hex, which test/json.t reads with another parser.
 */
#include "base/json.h"

#include "base/scope.h"
#include "tap.h"

enum { N_NOISE = 4000, NOISE_MAX = 24 };

static void values(struct json *j)
{
	json_object(j, NULL);
	json_str(j, "text", "a\"b");
	json_str(j, "none", NULL);
	json_null(j, "null");
	json_bool(j, "yes", true);
	json_bool(j, "no", false);
	json_u64(j, "u64", UINT64_MAX);
	json_i64(j, "i64", INT64_MIN);
	json_time(j, "at", 0);
	json_span_if(j, "left out", span_of(NULL, 0));
	json_span_if(j, "span", SPAN_LIT("x"));
	json_array(j, "list");
	json_u64(j, NULL, 1);
	json_array(j, NULL);
	json_array_end(j);
	json_object(j, NULL);
	json_object_end(j);
	json_array_end(j);
	json_object_end(j);
	json_end(j);
}

static void deep(struct json *j)
{
	for (int i = 0; i + 1 < JSON_DEPTH; i++)
		json_array(j, NULL);
	for (int i = 0; i + 1 < JSON_DEPTH; i++)
		json_array_end(j);
	json_end(j);
}

static void is_document(void (*write)(struct json *), bool is_pretty, const char *want,
			const char *name)
{
	struct buf b = BUF_INIT;
	struct json j;

	json_init(&j, &b, is_pretty);
	write(&j);
	is_span(buf_span(&b), span_str(want), name);
	buf_done(&b);
}

static void one_string(struct json *j, struct span s)
{
	char hex[2 * NOISE_MAX + 1] = "";

	for (size_t i = 0; i < s.n; i++)
		snprintf(hex + 2 * i, 3, "%02x", s.p[i]);
	json_object(j, NULL);
	json_str(j, "hex", hex);
	json_span(j, "text", s);
	json_object_end(j);
}

static int round_trip(void)
{
	struct buf b = {.fd = STDOUT_FILENO};
	uint64_t seed = 88172645463325252;
	struct json j;

	json_init(&j, &b, false);
	json_array(&j, NULL);
	for (unsigned i = 0; i < 256; i++)
		one_string(&j, span_of(&(uint8_t){(uint8_t)i}, 1));
	one_string(&j, SPAN_LIT("\xee\xbe\x80\xee\xbf\xbf")); /* the private characters */
	one_string(&j, SPAN_LIT("\xf3\xa0\x81\x81"));         /* escaped as a surrogate pair */
	for (unsigned i = 0; i < N_NOISE; i++) {
		uint8_t bytes[NOISE_MAX];

		for (size_t k = 0; k < sizeof(bytes); k++) {
			seed ^= seed << 13; /* xorshift64 */
			seed ^= seed >> 7;
			seed ^= seed << 17;
			bytes[k] = (uint8_t)(seed & 1 ? 0x80 | seed >> 40 : seed >> 40);
		}
		one_string(&j, span_of(bytes, i % NOISE_MAX));
	}
	json_array_end(&j);
	json_end(&j);
	return buf_flush(&b) < 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--round-trip") == 0)
		return round_trip();
	is_document(values, false,
		    "{\"text\":\"a\\\"b\",\"none\":null,\"null\":null,\"yes\":true,\"no\":false,"
		    "\"u64\":18446744073709551615,\"i64\":-9223372036854775808,"
		    "\"at\":\"1970-01-01T00:00:00Z\",\"span\":\"x\",\"list\":[1,[],{}]}\n",
		    "every kind of value on one line");
	is_document(values, true,
		    "{\n  \"text\": \"a\\\"b\",\n  \"none\": null,\n  \"null\": null,\n"
		    "  \"yes\": true,\n  \"no\": false,\n  \"u64\": 18446744073709551615,\n"
		    "  \"i64\": -9223372036854775808,\n  \"at\": \"1970-01-01T00:00:00Z\",\n"
		    "  \"span\": \"x\",\n  \"list\": [\n    1,\n    [],\n    {}\n  ]\n}\n",
		    "the same, indented");
	is_document(deep, false, "[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]\n", "as deep as it goes");
	return done();
}
