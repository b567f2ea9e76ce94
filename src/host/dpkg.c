/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg: which Debian package owns a file, by the database as dpkg keeps it.
 *
 * info/PACKAGE.list names the files of one package, one a line; there is no index by file. So the
 * lists of likely packages are read first: those whose names follow from the program's, the unit's
 * or the directory's. What they do not hold is looked for in all lists, in one pass for all files:
 * a line is compared only when its length and its last bytes fit.
 *
 * Two things make names differ: directories that moved beneath /usr (a list may say /bin/x for
 * /usr/bin/x), and diversions (one package's file takes the name of another's, which is kept under
 * a second name). Versions come from the status file.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/package.h"

enum { TEXT_MAX = 64 << 20, NAME_SIZE = 256, LENGTHS = 512 };

struct database {
	int info;
	struct arena *arena;
	struct package_want *wants;
	size_t n, n_left;
	uint8_t *bytes; /* of the list read last */
	size_t size;
	bool lengths[LENGTHS]; /* some wanted name is that long */
};

/* /bin/x where the file is /usr/bin/x: the same file since directories moved. */
static struct span without_usr(struct span path)
{
	static const char *const moved[] = {"/usr/bin/", "/usr/sbin/", "/usr/lib"};

	for (size_t i = 0; i < ARRAY_LEN(moved); i++)
		if (span_starts(path, moved[i]))
			return span_skip(path, strlen("/usr"));
	return path;
}

static bool is_same_file(struct span a, struct span b)
{
	return span_eq(a, b) || span_eq(without_usr(a), without_usr(b));
}

void dpkg_divert(struct span diversions, struct package_want *want)
{
	struct span from;
	struct span to;
	struct span package;

	want->listed = want->path;
	while (take_line(&diversions, &from) && take_line(&diversions, &to) &&
	       take_line(&diversions, &package)) {
		bool is_local = span_is(package, ":"); /* by the administrator */

		if (is_same_file(to, want->path)) {
			want->listed = from;
			want->not_by = is_local ? span_of(NULL, 0) : package;
		} else if (is_same_file(from, want->path)) {
			want->is_nobodys = is_local;
			want->only_by = is_local ? span_of(NULL, 0) : package;
		}
	}
}

bool dpkg_lists(struct span list, const struct package_want *want)
{
	struct span line;

	while (take_line(&list, &line))
		if (is_same_file(line, want->listed))
			return true;
	return false;
}

/* "libc6:amd64.list" without its end. */
static struct span package_of(struct span file)
{
	ptrdiff_t colon;

	file.n -= strlen(".list");
	colon = span_find_byte(file, ':');
	return colon < 0 ? file : span_cut(file, (size_t)colon);
}

static void found(struct database *db, struct package_want *want, struct span package)
{
	if ((want->only_by.n && !span_eq(want->only_by, package)) ||
	    (want->not_by.n && span_eq(want->not_by, package)))
		return;
	want->package = arena_copy(db->arena, package);
	want->answer = PACKAGE_OWNS;
	db->n_left--;
}

static bool is_open(const struct package_want *want)
{
	return want->answer == PACKAGE_NONE && want->listed.n && !want->is_nobodys;
}

static bool read_list(struct database *db, const char *name, struct span *text)
{
	auto_close int fd = openat(db->info, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t n = 0;

	if (fd < 0)
		return false;
	for (;;) {
		ssize_t got;

		if (n == db->size) {
			size_t size = db->size ? db->size * 2 : 256 << 10;
			uint8_t *more = size > TEXT_MAX ? NULL : realloc(db->bytes, size);

			if (!more)
				return false;
			db->bytes = more;
			db->size = size;
		}
		got = read(fd, db->bytes + n, db->size - n);
		if (got < 0)
			return false;
		n += (size_t)got;
		if (got == 0 || n < db->size) /* a short read of a plain file is its end */
			break;
	}
	*text = span_of(db->bytes, n);
	return true;
}

/* All wanted files at once in one list. */
static void search_list(struct database *db, struct span text, struct span package)
{
	struct span line;

	while (text.n && db->n_left) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t length = end ? (size_t)(end - text.p) : text.n;

		line = span_of(text.p, length);
		text = span_skip(text, length + 1);
		if (length >= LENGTHS || !db->lengths[length])
			continue;
		for (size_t i = 0; i < db->n; i++)
			if (is_open(&db->wants[i]) && is_same_file(line, db->wants[i].listed))
				found(db, &db->wants[i], package);
	}
}

static void try_package(struct database *db, struct package_want *want, const char *format,
			struct span stem)
{
	char name[NAME_SIZE];
	struct span text;
	int n;

	if (!is_open(want) || stem.n < 2 || stem.n > NAME_SIZE / 2)
		return;
	n = snprintf(name, sizeof(name) - 5, format, SPAN_ARG(stem));
	if (n <= 0 || n >= NAME_SIZE - 5 || span_find_byte(span_str(name), '/') >= 0)
		return;

	struct span package = span_of(name, (size_t)n);

	memcpy(name + n, ".list", 6);
	if (read_list(db, name, &text) && dpkg_lists(text, want))
		found(db, want, package);
}

/* "postgresql-15" for /usr/lib/postgresql/15/bin/postgres */
static struct span by_directory(struct span path, char name[NAME_SIZE])
{
	struct span component[2] = {0};
	int n;

	if (!span_starts(path, "/usr/lib/"))
		return span_of(NULL, 0);
	path = span_skip(path, strlen("/usr/lib/"));
	if (!take_until(&path, '/', &component[0]) || !take_until(&path, '/', &component[1]))
		return span_of(NULL, 0);
	n = snprintf(name, NAME_SIZE, "%.*s-%.*s", SPAN_ARG(component[0]), SPAN_ARG(component[1]));
	return span_of(name, n > 0 && n < NAME_SIZE ? (size_t)n : 0);
}

static void try_likely(struct database *db, struct package_want *want)
{
	static const char *const formats[] = {
		"%.*s",	    "%.*s-server",  "%.*s-bin",	      "%.*s-core",	 "%.*s-base",
		"%.*s-minimal", "%.*s-daemon", "open%.*s-server", "%.*sjs", "%.*s-common",
	};
	struct span base = span_base(want->path);
	struct span unit = want->unit;
	struct span directory = span_base(span_dir(want->path));
	ptrdiff_t end = span_find_byte(unit, span_find_byte(unit, '@') >= 0 ? '@' : '.');
	char name[NAME_SIZE];

	unit = span_cut(unit, end > 0 ? (size_t)end : 0);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		try_package(db, want, formats[i], base);
		if (!span_eq(unit, base))
			try_package(db, want, formats[i], unit);
	}
	try_package(db, want, "%.*s", by_directory(want->path, name));
	try_package(db, want, "%.*s", directory);
	if (span_ends(base, "d")) /* chronyd is chrony's */
		try_package(db, want, "%.*s", span_cut(base, base.n - 1));
}

static void search_all(struct database *db)
{
	int fd = openat(db->info, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir && fd >= 0)
		close(fd);
	for (size_t i = 0; i < db->n; i++) {
		size_t length = db->wants[i].listed.n;

		/* and as long as without, or with, the directory that moved */
		for (size_t l = length > 4 ? length - 4 : 0; is_open(&db->wants[i]) &&
		     l < LENGTHS && l <= length + 4; l += 4)
			db->lengths[l] = true;
	}
	while (dir && db->n_left && (entry = readdir(dir))) {
		struct span name = span_str(entry->d_name);
		struct span text;

		if (span_ends(name, ".list") && read_list(db, entry->d_name, &text))
			search_list(db, text, package_of(name));
	}
}

/* What dpkg never installs to: asked of nobody. */
static bool is_out_of_reach(struct span path)
{
	static const char *const places[] = {"/home/", "/root/", "/tmp/", "/var/tmp/", "/dev/",
					     "/run/",  "/mnt/",	 "/media/", "/proc/", "/memfd:"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (span_starts(path, places[i]))
			return true;
	return path.n == 0 || path.p[0] != '/';
}

/* The whole file in the arena; empty when it cannot be read. */
static struct span read_whole(struct arena *arena, int dir, const char *path)
{
	auto_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > TEXT_MAX)
		return span_of(NULL, 0);

	uint8_t *bytes = arena_get(arena, (size_t)st.st_size);

	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return span_of(bytes, n);
}

void dpkg_versions(struct span status, struct arena *arena, struct package_want *wants, size_t n)
{
	static const char field[] = "\nPackage: ";
	struct span version;
	struct span name;

	for (bool is_first = true; status.n; is_first = false) {
		/* The first stanza has no line end before it. */
		ptrdiff_t at = is_first && span_starts(status, field + 1) ? 0
				: span_find(status, SPAN_LIT("\nPackage: "));

		if (at < 0)
			break;
		status = span_skip(status, (size_t)at + strlen(field) - (at == 0 && is_first));

		struct span stanza = status;
		ptrdiff_t end = span_find(stanza, SPAN_LIT("\n\n"));

		if (!take_line(&stanza, &name))
			break;
		for (size_t i = 0; i < n; i++) {
			if (wants[i].answer != PACKAGE_OWNS || !span_eq(wants[i].package, name))
				continue;
			stanza = end < 0 ? status : span_cut(status, (size_t)end);
			at = span_find(stanza, SPAN_LIT("\nVersion: "));
			if (at < 0)
				continue;
			stanza = span_skip(stanza, (size_t)at + strlen("\nVersion: "));
			if (take_line(&stanza, &version))
				wants[i].version = arena_copy(arena, version);
		}
	}
}

bool dpkg_ask(const char *directory, struct arena *arena, struct package_want *wants, size_t n)
{
	auto_close int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int info = dir < 0 ? -1 : openat(dir, "info", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct database db = {.info = info, .arena = arena, .wants = wants, .n = n};
	struct arena scratch = {0};
	struct span diversions;

	if (info < 0)
		return false;
	diversions = read_whole(&scratch, dir, "diversions");
	for (size_t i = 0; i < n; i++) {
		wants[i].answer = PACKAGE_NONE;
		if (is_out_of_reach(wants[i].path))
			continue;
		dpkg_divert(diversions, &wants[i]);
		db.n_left += is_open(&wants[i]);
	}
	for (size_t i = 0; i < n && db.n_left; i++)
		try_likely(&db, &wants[i]);
	if (db.n_left)
		search_all(&db);
	free(db.bytes);
	for (size_t i = 0; i < n; i++)
		if (wants[i].answer == PACKAGE_OWNS) {
			dpkg_versions(read_whole(&scratch, dir, "status"), arena, wants, n);
			break;
		}
	arena_done(&scratch);
	return true;
}
