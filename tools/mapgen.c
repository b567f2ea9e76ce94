/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mapgen: makes the map that is built into the program, out of the text in data/.
 *
 *     mapgen --source ROOT --registry OUT --practice OUT --assembly OUT --depfile OUT
 *     mapgen --source ROOT --check
 *
 * Reads data/iana/registry.tsv and the tables of map/make.h, complains of every bad line as
 * file:line: text, and ends 1 when there was one. The assembly file embeds both images, so that
 * nothing large is compiled. --check writes nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "import/import.h"
#include "map/make.h"

enum { FILE_MAX = 16 << 20, EXIT_USAGE = 64 };

struct outputs {
	const char *registry, *practice, *assembly, *depfile;
};

struct work {
	const char *root;
	struct make_knowledge knowledge;
	struct arena arena;
	struct span *files; /* that were read, for the dependency file */
	size_t n_files, size_files;
	struct make_complaints complaints;
};

static const char *const places[] = {
#define T(name, place, header) place,
	MAKE_TABLES(T)
#undef T
};

static void put_complaint(struct make_complaints *to, const char *file, size_t line,
			  const char *text)
{
	(void)to;
	fprintf(stderr, "%s:%zu: %s\n", file, line, text);
}

/* For the dependency file. */
static void note_file(struct work *work, struct span path)
{
	struct span *file = arena_push(&work->arena, &work->files, &work->n_files,
				       &work->size_files, sizeof(*file));

	*file = path;
}

/* The whole file in the arena; its path is kept for the dependency file. */
static int read_file(struct work *work, struct span path, struct span *text)
{
	auto_close int fd = open((const char *)path.p, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	bytes = arena_get(&work->arena, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t r = read(fd, bytes + n, (size_t)st.st_size - n);

		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	note_file(work, path);
	*text = span_of(bytes, n);
	return 0;
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "mapgen: %s: %s\n", what, strerror(-error));
	return error;
}

static int read_table(struct work *work, enum make_table table, const char *name)
{
	struct span path = arena_print(&work->arena, "%s/data/%s", work->root, name);
	struct span label = arena_print(&work->arena, "data/%s", name);
	struct span text;
	int r = read_file(work, path, &text);

	if (r)
		return fail((const char *)path.p, r);
	make_read(&work->knowledge, table, (const char *)label.p, text, &work->complaints);
	return 0;
}

static int is_table(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && span_ends(span_str(entry->d_name), ".tsv");
}

/* All tables of a directory in the order of their names; none when it does not exist. */
static int read_tables(struct work *work, enum make_table table, const char *place)
{
	struct span path = arena_print(&work->arena, "%s/data/%s", work->root, place);
	struct dirent **entries;
	int n = scandir((const char *)path.p, &entries, is_table, alphasort);
	int r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : fail((const char *)path.p, -errno);
	note_file(work, path); /* a new file in it is a change, too */
	for (int i = 0; i < n; i++) {
		struct span name = arena_print(&work->arena, "%s/%s", place, entries[i]->d_name);

		if (!r)
			r = read_table(work, table, (const char *)name.p);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int read_knowledge(struct work *work)
{
	for (int i = 0; i < N_MAKE_TABLES; i++) {
		bool is_file = span_ends(span_str(places[i]), ".tsv");
		int r = is_file ? read_table(work, (enum make_table)i, places[i])
				: read_tables(work, (enum make_table)i, places[i]);

		if (r)
			return r;
	}
	make_check(&work->knowledge, &work->complaints);
	return work->complaints.n ? -EINVAL : 0;
}

static struct map_registration row_of(const struct fact *fact)
{
	return (struct map_registration){
		.has_port = fact->has_port,
		.first = fact->first,
		.last = fact->last,
		.transport = fact->transport,
		.service = fact->text[FACT_SERVICE],
		.description = fact->text[FACT_DESCRIPTION],
		.organisation = fact->text[FACT_ORGANISATION],
		.domain = fact->text[FACT_DOMAIN],
		.registered = fact->text[FACT_REGISTERED],
		.modified = fact->text[FACT_MODIFIED],
		.references = fact->text[FACT_REFERENCES],
		.service_code = fact->text[FACT_SERVICE_CODE],
		.unauthorized = fact->text[FACT_UNAUTHORIZED],
		.notes = fact->text[FACT_NOTES],
	};
}

static int make_registry_image(struct work *work, struct buf *out, struct why *why)
{
	struct span path = arena_print(&work->arena, "%s/data/iana/registry.tsv", work->root);
	struct facts facts = {0};
	struct map_registration *rows;
	struct span text;
	int r = read_file(work, path, &text);

	if (r)
		return why_set(why, -r, "%s", (const char *)path.p);
	r = import_read(&facts, text, "data/iana/registry.tsv", why);
	if (!r) {
		rows = arena_get_array(&work->arena, facts.n_rows + 1, sizeof(*rows));
		for (size_t i = 0; i < facts.n_rows; i++)
			rows[i] = row_of(&facts.rows[i]);
		r = make_registry(rows, facts.n_rows, facts.rows_from.date, &work->knowledge, out,
				  why);
	}
	facts_done(&facts);
	return r;
}

static int write_file(const char *path, struct span bytes)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct buf out = {.fd = fd};
	int r;

	if (fd < 0)
		return fail(path, -errno);
	buf_raw(&out, bytes);
	r = buf_flush(&out);
	buf_done(&out);
	return r ? fail(path, r) : 0;
}

static void put_embedded(struct buf *out, const char *symbol, const char *path)
{
	buf_print(out, "\t.globl NAME(%s)\n\tHIDE(NAME(%s))\n\t.balign 8\nNAME(%s):\n"
		  "\t.incbin \"%s\"\n\t.byte 0\n", symbol, symbol, symbol, path);
}

/* ELF (Linux, FreeBSD), Mach-O (macOS), whose names begin with '_', and PE (Windows). */
static const char assembly_head[] =
	"/* made by mapgen: the images of the map as constant data */\n"
	"#ifdef __CET__\n#include <cet.h>\n#endif\n" /* marks the object as sound for it */
	"#if defined(__ELF__)\n"
	"#define NAME(name) name\n#define HIDE(name) .hidden name\n"
	"\t.section .note.GNU-stack,\"\",%progbits\n"
	"\t.section .rodata,\"a\"\n"
	"#elif defined(__APPLE__)\n"
	"#define NAME(name) _##name\n#define HIDE(name) .private_extern name\n"
	"\t.section __TEXT,__const\n"
	"#else\n"
	"#define NAME(name) name\n#define HIDE(name)\n"
	"\t.section .rdata,\"dr\"\n"
	"#endif\n";

static int write_assembly(const struct outputs *to)
{
	struct buf out = BUF_INIT;
	int r;

	buf_str(&out, assembly_head);
	put_embedded(&out, "map_registry_image", to->registry);
	put_embedded(&out, "map_practice_image", to->practice);
	r = write_file(to->assembly, buf_span(&out));
	buf_done(&out);
	return r;
}

static int write_depfile(const struct work *work, const struct outputs *to)
{
	struct buf out = BUF_INIT;
	int r;

	buf_print(&out, "%s %s %s:", to->registry, to->practice, to->assembly);
	for (size_t i = 0; i < work->n_files; i++) {
		buf_str(&out, " \\\n ");
		buf_raw(&out, work->files[i]);
	}
	buf_str(&out, "\n");
	r = write_file(to->depfile, buf_span(&out));
	buf_done(&out);
	return r;
}

static int write_all(struct work *work, const struct outputs *to)
{
	struct buf registry = BUF_INIT;
	struct buf practice = BUF_INIT;
	struct why why = {0};
	int r = make_registry_image(work, &registry, &why);

	if (!r)
		r = make_practice(&work->knowledge, &practice, &why);
	if (r)
		fprintf(stderr, "mapgen: %s\n", why.text);
	if (!r && to->registry)
		r = write_file(to->registry, buf_span(&registry));
	if (!r && to->practice)
		r = write_file(to->practice, buf_span(&practice));
	if (!r && to->assembly)
		r = write_assembly(to);
	if (!r && to->depfile)
		r = write_depfile(work, to);
	buf_done(&registry);
	buf_done(&practice);
	return r;
}

static int usage(void)
{
	fprintf(stderr, "usage: mapgen --source ROOT (--check | --registry OUT --practice OUT"
			" --assembly OUT --depfile OUT)\n");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"source", required_argument, NULL, 's'},
		{"registry", required_argument, NULL, 'r'},
		{"practice", required_argument, NULL, 'p'},
		{"assembly", required_argument, NULL, 'a'},
		{"depfile", required_argument, NULL, 'd'},
		{"check", no_argument, NULL, 'c'},
		{0},
	};
	struct work work = {.complaints = {.put = put_complaint}};
	struct outputs to = {0};
	bool is_check = false;
	int c;
	int r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 's': work.root = optarg; break;
		case 'r': to.registry = optarg; break;
		case 'p': to.practice = optarg; break;
		case 'a': to.assembly = optarg; break;
		case 'd': to.depfile = optarg; break;
		case 'c': is_check = true; break;
		default: return usage();
		}
	}
	if (optind != argc || !work.root ||
	    is_check == (to.registry && to.practice && to.assembly && to.depfile))
		return usage();
	r = read_knowledge(&work);
	if (!r)
		r = write_all(&work, &to);
	if (work.complaints.n)
		fprintf(stderr, "mapgen: %zu complaints\n", work.complaints.n);
	make_knowledge_done(&work.knowledge);
	arena_done(&work.arena);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
