/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm: which RPM package owns a file, by rpm's SQLite database (rpm 4.16 and newer).
 *
 * The table Basenames leads from the last part of a path to headers; the header's own lists say in
 * which directory that file lies (rpm's "Package format" document, tags by number). SQLite is
 * loaded when there is such a database, so that nothing else pays for it. Older databases
 * (Berkeley DB, NDB) are not read: the answer is then "not asked".
 */
#include <dlfcn.h>
#include <unistd.h>

#include "base/scope.h"
#include "host/rpm.h"

enum { OPEN_READONLY = 1, STEP_ROW = 100, MAX_ENTRIES = 1 << 16 };

enum {
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_DIRINDEXES = 1116,
	TAG_BASENAMES = 1117,
	TAG_DIRNAMES = 1118,
	TYPE_INT32 = 4,
};

struct sqlite {
	void *library;
	int (*open)(const char *, void **, int, const char *);
	int (*prepare)(void *, const char *, int, void **, const char **);
	int (*bind_text)(void *, int, const char *, int, void (*)(void *));
	int (*step)(void *);
	int (*reset)(void *);
	int (*column_int)(void *, int);
	const void *(*column_blob)(void *, int);
	int (*column_bytes)(void *, int);
	int (*finalize)(void *);
	int (*close)(void *);
};

struct tag {
	uint32_t tag, type, offset, count;
};

/* The data of one tag, from its offset to the end of all data. */
static bool find_tag(struct span header, uint32_t wanted, struct tag *tag, struct span *data)
{
	uint32_t n_entries;
	uint32_t n_bytes;

	if (!take_u32be(&header, &n_entries) || !take_u32be(&header, &n_bytes) ||
	    n_entries > MAX_ENTRIES)
		return false;

	struct span all = span_skip(header, (size_t)n_entries * 16);

	if (header.n < (size_t)n_entries * 16 || all.n < n_bytes)
		return false;
	for (uint32_t i = 0; i < n_entries; i++) {
		if (!take_u32be(&header, &tag->tag) || !take_u32be(&header, &tag->type) ||
		    !take_u32be(&header, &tag->offset) || !take_u32be(&header, &tag->count))
			return false;
		if (tag->tag == wanted && tag->offset < n_bytes) {
			*data = span_skip(span_cut(all, n_bytes), tag->offset);
			return true;
		}
	}
	return false;
}

/* The string number `index` of a tag. */
static bool find_text(struct span header, uint32_t wanted, uint32_t index, struct span *text)
{
	struct tag tag;
	struct span data;

	if (!find_tag(header, wanted, &tag, &data) || index >= tag.count)
		return false;
	for (uint32_t i = 0; i <= index; i++)
		if (!take_until(&data, 0, text))
			return false;
	return true;
}

bool rpm_header_file(struct span header, uint32_t index, struct rpm_file *file)
{
	struct tag tag;
	struct span data;
	uint32_t directory;

	if (!find_tag(header, TAG_DIRINDEXES, &tag, &data) || tag.type != TYPE_INT32 ||
	    index >= tag.count || data.n / 4 <= index)
		return false;
	data = span_skip(data, (size_t)index * 4);
	return take_u32be(&data, &directory) &&
	       find_text(header, TAG_DIRNAMES, directory, &file->directory) &&
	       find_text(header, TAG_BASENAMES, index, &file->name) &&
	       find_text(header, TAG_NAME, 0, &file->package) &&
	       find_text(header, TAG_VERSION, 0, &file->version) &&
	       find_text(header, TAG_RELEASE, 0, &file->release);
}

static bool load(struct sqlite *sqlite)
{
	static const char *const names[] = {
		"sqlite3_open_v2",	"sqlite3_prepare_v2",	"sqlite3_bind_text",
		"sqlite3_step",		"sqlite3_reset",	"sqlite3_column_int",
		"sqlite3_column_blob",	"sqlite3_column_bytes", "sqlite3_finalize",
		"sqlite3_close",
	};
	void *functions[ARRAY_LEN(names)];

	sqlite->library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!sqlite->library)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		functions[i] = dlsym(sqlite->library, names[i]);
		if (!functions[i]) {
			dlclose(sqlite->library);
			return false;
		}
	}
	/* The members stand in the order of the names. */
	memcpy(&sqlite->open, functions, sizeof(functions));
	return true;
}

static bool is_at(const struct rpm_file *file, struct span path)
{
	return path.n == file->directory.n + file->name.n &&
	       span_eq(span_cut(path, file->directory.n), file->directory) &&
	       span_eq(span_skip(path, file->directory.n), file->name);
}

static void ask_one(const struct sqlite *sqlite, void *query, struct arena *arena,
		    struct package_want *want)
{
	struct span base = span_base(want->path);
	struct rpm_file file;

	want->answer = PACKAGE_NONE;
	if (base.n == 0 || base.n > 255 ||
	    sqlite->bind_text(query, 1, (const char *)base.p, (int)base.n, NULL) != 0)
		return;
	while (sqlite->step(query) == STEP_ROW && want->answer != PACKAGE_OWNS) {
		int n = sqlite->column_bytes(query, 0);
		int index = sqlite->column_int(query, 1);
		struct span header = span_of(sqlite->column_blob(query, 0), n > 0 ? (size_t)n : 0);

		if (index < 0 || !rpm_header_file(header, (uint32_t)index, &file) ||
		    !is_at(&file, want->path))
			continue;
		want->answer = PACKAGE_OWNS;
		want->package = arena_copy(arena, file.package);
		want->version = arena_print(arena, "%.*s-%.*s", SPAN_ARG(file.version),
					    SPAN_ARG(file.release));
	}
	sqlite->reset(query);
}

bool rpm_ask(const char *path, struct arena *arena, struct package_want *wants, size_t n)
{
	static const char question[] = "SELECT p.blob, b.idx FROM Basenames b "
				       "JOIN Packages p ON p.hnum = b.hnum WHERE b.key = ?";
	struct sqlite sqlite;
	void *db = NULL;
	void *query = NULL;
	bool is_open = false;

	if (access(path, R_OK) < 0 || !load(&sqlite))
		return false;
	if (sqlite.open(path, &db, OPEN_READONLY, NULL) == 0 &&
	    sqlite.prepare(db, question, -1, &query, NULL) == 0) {
		for (size_t i = 0; i < n; i++)
			ask_one(&sqlite, query, arena, &wants[i]);
		is_open = true;
	}
	sqlite.finalize(query);
	sqlite.close(db);
	dlclose(sqlite.library);
	return is_open;
}
