/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regimport: derives data/iana/registry.tsv from what IANA publishes; for maintainers.
 *
 *     regimport service-names-port-numbers.csv service-names-port-numbers.xml > registry.tsv
 *
 * Rows are those of the first file; organisation and domain come from the second for rows in both.
 * With one file, the facts are those of that file alone.
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/scope.h"
#include "import/import.h"

/* The bytes of a file, at most one more than a reader accepts. */
static int read_file(const char *path, struct buf *bytes, struct why *why)
{
	auto_fclose FILE *file = fopen(path, "rbe");
	char piece[65536];
	size_t n;

	if (!file)
		return why_errno(why, "cannot read '%s'", path);
	while (bytes->n <= IMPORT_MAX_BYTES && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_raw(bytes, span_of(piece, n));
	if (ferror(file))
		return why_errno(why, "cannot read '%s'", path);
	return -bytes->error;
}

static int import_path(struct facts *facts, const char *path, struct why *why)
{
	struct buf bytes = BUF_INIT;
	int error = read_file(path, &bytes, why);

	if (!error)
		error = import_published(facts, buf_span(&bytes), path, why);
	buf_done(&bytes);
	return error;
}

int main(int argc, char **argv)
{
	struct facts facts = {0}, registrants = {0};
	struct buf out = {.fd = STDOUT_FILENO};
	struct why why = {0};
	int error;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: regimport CSV-OR-XML [XML]\n");
		return EX_USAGE;
	}
	error = import_path(&facts, argv[1], &why);
	if (!error && argc == 3)
		error = import_path(&registrants, argv[2], &why);
	if (error) {
		fprintf(stderr, "regimport: %s\n", why.text);
		return EX_DATAERR;
	}
	if (argc == 3)
		import_join(&facts, &registrants);
	import_write(&facts, &out);
	error = buf_flush(&out);
	buf_done(&out);
	facts_done(&facts);
	facts_done(&registrants);
	return error ? EX_IOERR : 0;
}
