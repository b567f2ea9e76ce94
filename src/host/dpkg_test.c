/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg, rpm: who owns a file, by databases made here. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "host/package.h"
#include "host/rpm.h"
#include "tap.h"

static const char diversions[] = "/usr/bin/perf\n/usr/bin/perf.real\nwrapper\n"
				 "/usr/bin/tool\n/usr/bin/tool.orig\n:\n"
				 "/bin/sh\n/bin/sh.distrib\ndash\n";

struct file {
	const char *name, *text;
};

static const struct file files[] = {
	{"status", "Package: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2\n\n"
		   "Package: bind9\nMulti-Arch: no\nVersion: 1:9.18\nDescription: x\n Version: none\n\n"
		   "Package: libx\nVersion: 3\n\nPackage: wrapper\nVersion: 0.1"},
	{"diversions", diversions},
	{"info/openssh-server.list", "/.\n/usr\n/usr/sbin\n/usr/sbin/sshd\n"},
	{"info/bind9.list", "/.\n/usr/sbin\n/usr/sbin/named\n/usr/sbin/named-checkconf\n"},
	{"info/libx:amd64.list", "/lib/x86/helper\n"},
	{"info/perf.list", "/usr/bin/perf\n"},
	{"info/wrapper.list", "/usr/bin/perf\n"},
	{"info/tools.list", "/usr/bin/tool\n"},
	{"info/bash.list", "/bin/bash\n"},
	{"info/postgresql-15.list", "/usr/lib/postgresql/15/bin/postgres"},
	{"info/odd.md5sums", "/opt/x/x\n"},
};

struct want_case {
	const char *path, *unit;
	enum package_answer answer;
	const char *package, *version;
};

static const struct want_case wants[] = {
	{"/usr/sbin/sshd", "ssh.service", PACKAGE_OWNS, "openssh-server", "1:9.2p1-2"},
	{"/usr/sbin/named", "named.service", PACKAGE_OWNS, "bind9", "1:9.18"},
	{"/usr/lib/x86/helper", "", PACKAGE_OWNS, "libx", "3"},
	{"/usr/bin/bash", "", PACKAGE_OWNS, "bash", ""},
	{"/usr/lib/postgresql/15/bin/postgres", "", PACKAGE_OWNS, "postgresql-15", ""},
	{"/usr/bin/perf", "", PACKAGE_OWNS, "wrapper", "0.1"},
	{"/usr/bin/perf.real", "", PACKAGE_OWNS, "perf", ""},
	{"/usr/bin/tool", "", PACKAGE_NONE, "", ""},
	{"/usr/bin/tool.orig", "", PACKAGE_OWNS, "tools", ""},
	{"/usr/sbin/named-check", "", PACKAGE_NONE, "", ""},
	{"/usr/local/bin/sshd", "ssh.service", PACKAGE_NONE, "", ""},
	{"/home/dev/sshd", "", PACKAGE_NONE, "", ""},
	{"/opt/x/x", "", PACKAGE_NONE, "", ""},
	{"/usr/sbin/sshd\n/usr/sbin/named", "", PACKAGE_NONE, "", ""},
	{"/usr/bin/../../etc/shadow", "../../../etc/passwd.service", PACKAGE_NONE, "", ""},
	{"", "", PACKAGE_NONE, "", ""},
};

static void path_of(char *path, size_t size, const char *top, const char *name)
{
	snprintf(path, size, "%s/%s", top, name);
}

static bool make_database(char *top)
{
	char path[256];

	if (!mkdtemp(top))
		return false;
	path_of(path, sizeof(path), top, "info");
	if (mkdir(path, 0700) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		path_of(path, sizeof(path), top, files[i].name);

		auto_fclose FILE *f = fopen(path, "w");

		if (!f || fputs(files[i].text, f) < 0)
			return false;
	}
	return true;
}

static void remove_database(const char *top)
{
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		path_of(path, sizeof(path), top, files[i].name);
		unlink(path);
	}
	path_of(path, sizeof(path), top, "info");
	rmdir(path);
	rmdir(top);
}

static void test_dpkg(void)
{
	char top[] = "/tmp/periplus-dpkg.XXXXXX";
	struct package_want asked[ARRAY_LEN(wants)];
	struct arena arena = {0};

	ok(make_database(top), "a database is made");
	for (size_t i = 0; i < ARRAY_LEN(wants); i++)
		asked[i] = (struct package_want){.path = span_str(wants[i].path),
						 .unit = span_str(wants[i].unit)};
	ok(dpkg_ask(top, &arena, asked, ARRAY_LEN(asked)), "it is found");
	for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
		const struct want_case *c = &wants[i];

		if (!ok(asked[i].answer == c->answer && span_is(asked[i].package, c->package) &&
				span_is(asked[i].version, c->version),
			"%s of '%.20s'", c->answer == PACKAGE_OWNS ? c->package : "nobody",
			c->path[0] && !strchr(c->path, '\n') ? c->path : "a bad path"))
			note("got %d '%.*s' '%.*s'", asked[i].answer, SPAN_ARG(asked[i].package),
			     SPAN_ARG(asked[i].version));
	}
	remove_database(top);
	ok(!dpkg_ask(top, &arena, asked, 1), "where there is no database, nobody was asked");
	arena_done(&arena);
}

struct header {
	uint8_t bytes[512];
	size_t n;
};

static void put_u32(struct header *h, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		h->bytes[h->n++] = (uint8_t)(v >> shift);
}

/* One package with /usr/bin/a and /usr/sbin/b. */
static struct header make_header(void)
{
	static const struct {
		uint32_t tag, type, offset, count;
	} entries[] = {
		{1000, 6, 0, 1}, {1001, 6, 4, 1}, {1002, 6, 8, 1},
		{1116, 4, 12, 2}, {1117, 8, 20, 2}, {1118, 8, 24, 2},
	};
	static const char data[] = "pkg\0"
				   "1.2\0"
				   "3.x\0"
				   "\0\0\0\0\0\0\0\1"
				   "a\0b\0"
				   "/usr/bin/\0/usr/sbin/";
	struct header h = {0};

	put_u32(&h, ARRAY_LEN(entries));
	put_u32(&h, sizeof(data));
	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		put_u32(&h, entries[i].tag);
		put_u32(&h, entries[i].type);
		put_u32(&h, entries[i].offset);
		put_u32(&h, entries[i].count);
	}
	memcpy(h.bytes + h.n, data, sizeof(data));
	h.n += sizeof(data);
	return h;
}

static void test_rpm(void)
{
	struct header h = make_header();
	struct rpm_file file;
	unsigned n_wrong = 0;

	ok(rpm_header_file(span_of(h.bytes, h.n), 1, &file) && span_is(file.directory, "/usr/sbin/") &&
		   span_is(file.name, "b") && span_is(file.package, "pkg") &&
		   span_is(file.version, "1.2") && span_is(file.release, "3.x"),
	   "rpm: a file of a header");
	ok(!rpm_header_file(span_of(h.bytes, h.n), 2, &file), "rpm: there is no third file");
	for (size_t n = 0; n < h.n - 1; n++) {
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, h.bytes, n);
		n_wrong += rpm_header_file(span_of(cut, n), 0, &file);
		free(cut);
	}
	is_int(n_wrong, 0, "rpm: a header that is cut is none");
	for (size_t i = 0; i < h.n; i++) {
		struct header broken = h;

		broken.bytes[i] ^= 0xff;
		(void)!rpm_header_file(span_of(broken.bytes, broken.n), 1, &file);
	}
	ok(true, "rpm: no wrong byte leads out of the header");
}

int main(void)
{
	test_dpkg();
	test_rpm();
	return done();
}
