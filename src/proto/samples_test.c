/* SPDX-License-Identifier: Apache-2.0 */
/*
 * samples: every sample of test/data/proto/NAME/ against the rows. CASE.hex holds what one side
 * said (first line "# side=server transport=tcp"), CASE.want what it must be taken for.
 *
 * Besides the wanted answers: no prefix of a sample that is not the protocol is called YES, and no
 * other row calls a sample YES that is somebody else's.
 */
#include <dirent.h>
#include <fcntl.h>

#include "base/scope.h"
#include "proto/proto.h"
#include "test/tap.h"

enum { SAMPLE_MAX = 64 << 10 };

static const char *const match_words[] = {"no", "more", "maybe", "yes"};

struct sample {
	char name[512]; /* "ssh/openssh-9.2" */
	char text[2 * SAMPLE_MAX];
	char want[4096];
	uint8_t bytes[SAMPLE_MAX];
	struct span said;
	enum proto_side side;
	enum transport transport;
};

static bool read_file(const char *path, char *text, size_t size)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r = 0;

	while (fd >= 0 && n + 1 < size && (r = read(fd, text + n, size - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = 0;
	return fd >= 0 && r >= 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse(struct sample *s)
{
	struct span rest = span_str(s->text);
	struct span line;
	size_t n = 0;
	int high = -1;

	s->side = PROTO_SERVER;
	s->transport = TRANSPORT_TCP;
	while (take_line(&rest, &line)) {
		if (line.n && line.p[0] == '#') {
			if (span_find(line, SPAN_LIT("side=client")) >= 0)
				s->side = PROTO_CLIENT;
			if (span_find(line, SPAN_LIT("transport=udp")) >= 0)
				s->transport = TRANSPORT_UDP;
			continue;
		}
		for (size_t i = 0; i < line.n; i++) {
			int d = digit((char)line.p[i]);

			if (d < 0 && line.p[i] != ' ' && line.p[i] != '\t')
				return false;
			if (d < 0 || n == sizeof(s->bytes))
				continue;
			if (high < 0) {
				high = d;
			} else {
				s->bytes[n++] = (uint8_t)(high << 4 | d);
				high = -1;
			}
		}
	}
	s->said = span_of(s->bytes, n);
	return high < 0;
}

static struct span wanted(const struct sample *s, const char *key)
{
	struct span rest = span_str(s->want);
	struct span line;
	size_t n = strlen(key);

	while (take_line(&rest, &line))
		if (span_starts(line, key) && line.n > n && line.p[n] == '=')
			return span_skip(line, n + 1);
	return span_of(NULL, 0);
}

static enum proto_match ask(const struct proto *proto, const struct sample *s, size_t n)
{
	/* As long as the cut, so that the sanitizer sees a read past it. */
	auto_free uint8_t *cut = malloc(n + !n);

	memcpy(cut, s->said.p, n);
	return proto->recognise(span_of(cut, n), s->side, s->transport);
}

static void check_facts(const struct proto *proto, const struct sample *s)
{
	struct span rest = span_str(s->want);
	struct proto_facts facts = {0};
	struct span line;

	if (proto->describe)
		proto->describe(s->said, s->side, s->transport, &facts);
	while (take_line(&rest, &line)) {
		ptrdiff_t equals = span_find_byte(line, '=');
		struct span key = span_cut(line, (size_t)equals);
		struct span value = span_skip(line, (size_t)equals + 1);
		struct span got = {0};
		char name[700];

		if (equals < 0 || line.p[0] == '#' || span_is(key, "match"))
			continue;
		if (span_is(key, "product"))
			got = span_str(facts.product);
		if (span_is(key, "version"))
			got = span_str(facts.version);
		for (size_t i = 0; i < facts.n_extras; i++)
			if (span_is(key, facts.extras[i].name) && !span_eq(got, value))
				got = span_str(facts.extras[i].value); /* a name may stand repeatedly */
		snprintf(name, sizeof(name), "%s: %.*s", s->name, SPAN_ARG(key));
		is_span(got, value, name);
	}
	if (!wanted(s, "version").n)
		ok(!facts.version[0], "%s: no version is claimed that was not proved", s->name);
}

static void check_prefixes(const struct proto *proto, const struct sample *s, bool is_yes)
{
	size_t step = s->said.n > 512 ? 17 : 1;
	size_t n_wrong = 0;

	for (size_t n = 0; n < s->said.n; n += step) {
		enum proto_match m = ask(proto, s, n);
		struct proto_facts facts = {0};

		if (s->transport == TRANSPORT_TCP) /* a datagram is whole or nothing */
			n_wrong += is_yes ? m == PROTO_NO : m == PROTO_YES;
		if (proto->describe)
			proto->describe(span_of(s->bytes, n), s->side, s->transport, &facts);
	}
	ok(n_wrong == 0, "%s: no beginning of it is taken wrongly", s->name);
}

static void check(const char *directory, struct sample *s)
{
	const struct proto *proto = proto_find(span_str(directory));
	struct span match = wanted(s, "match");

	if (!ok(proto && parse(s) && match.n, "%s is a sample of a row", s->name))
		return;

	enum proto_match got = ask(proto, s, s->said.n);
	char name[600];

	snprintf(name, sizeof(name), "%s: recognised", s->name);
	is_span(span_str(match_words[got]), match, name);
	check_facts(proto, s);
	check_prefixes(proto, s, got == PROTO_YES);
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *other = proto_at(i);

		if (other == proto || (proto->over && strcmp(proto->over, other->name) == 0))
			continue;
		if (got == PROTO_YES && ask(other, s, s->said.n) == PROTO_YES)
			ok(false, "%s: %s claims it too", s->name, other->name);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t list(const char *path, char *names[], size_t max, const char *suffix)
{
	auto_closedir DIR *dir = opendir(path);
	size_t n = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir)) && n < max;)
		if (entry->d_name[0] != '.' && span_ends(span_str(entry->d_name), suffix))
			names[n++] = strdup(entry->d_name);
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

int main(void)
{
	static struct sample s;
	static char *protos[1024];
	static char *cases[1024];
	char path[2048];
	char root[1024];

	snprintf(root, sizeof(root), "%s/test/data/proto", source_dir());
	size_t n_protos = list(root, protos, ARRAY_LEN(protos), "");

	for (size_t i = 0; i < n_protos; i++) {
		snprintf(path, sizeof(path), "%s/%s", root, protos[i]);
		size_t n_cases = list(path, cases, ARRAY_LEN(cases), ".hex");

		for (size_t k = 0; k < n_cases; k++) {
			int stem = (int)strlen(cases[k]) - 4;

			snprintf(s.name, sizeof(s.name), "%s/%.*s", protos[i], stem, cases[k]);
			snprintf(path, sizeof(path), "%s/%s.hex", root, s.name);
			bool is_read = read_file(path, s.text, sizeof(s.text));

			snprintf(path, sizeof(path), "%s/%s.want", root, s.name);
			is_read = read_file(path, s.want, sizeof(s.want)) && is_read;
			if (ok(is_read, "%s has its answer", s.name))
				check(protos[i], &s);
			free(cases[k]);
		}
		free(protos[i]);
	}
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *p = proto_at(i);

		ok(p->source && *p->source, "%s names its source", p->name);
		ok(p->safety == PROTO_B || !p->greet || p->farewell,
		   "%s: a question that is not harmless can be undone", p->name);
		ok(!p->greet || p->sends, "%s says what it sends", p->name);
		ok(p->title && *p->title && p->proves && *p->proves, "%s says what it proves",
		   p->name);
		ok(!i || strcmp(proto_at(i - 1)->name, p->name) < 0, "%s stands in order", p->name);
	}
	return done();
}
