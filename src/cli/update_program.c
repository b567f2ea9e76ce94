/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplus-update: takes in a newer registry file; `periplus update` starts it.
 *
 * Reads the whole file, at most 64 MB, as the XML or the CSV that IANA publishes. Only a file that
 * is sound to its end and not older than the registry in use goes further. It is compiled to an
 * image with the knowledge that this program has, written beside the one in use, read back, and
 * compared number by number; then both files are swapped by rename. Whatever fails before leaves
 * everything as it was. Exit status: 0 done or nothing to do, 1 more changes than go without
 * --yes, and sysexits: 64 usage, 69 no such file or none to be trusted, 75 another update runs, 77
 * no permission.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/scope.h"
#include "base/text.h"
#include "cli/registry.h"
#include "cli/say.h"
#include "cli/update.h"
#include "map/make.h"

enum { NEEDS_YES = 1, PERCENT = 1 };

struct update {
	const char *path;
	bool is_sure, is_dry;
	struct state state;
	struct map *opened; /* the registry in use, when it is not the built-in one */
	const struct map *current;
	struct map *staged;
	struct facts before, after;
	struct changes changes;
	struct arena arena;
	struct buf out;
	struct why why;
};

/* One line on stderr; returns status. */
static int complain(int status, struct span line)
{
	struct buf err = {.fd = STDERR_FILENO, .is_ascii = say_is_ascii()};

	buf_str(&err, "periplus: ");
	buf_term(&err, line);
	buf_byte(&err, '\n');
	if (buf_flush(&err) < 0)
		status = status ? status : EX_IOERR;
	buf_done(&err);
	return status;
}

/* The exit status of an error, after its line. */
static int fail(const struct update *u, int error)
{
	int status = EX_UNAVAILABLE;

	if (error == -EACCES || error == -EPERM || error == -EROFS)
		status = EX_NOPERM;
	if (error == -EAGAIN)
		status = EX_TEMPFAIL;
	return complain(status, span_str(u->why.text));
}

static int read_bytes(struct update *u, int fd, struct buf *bytes)
{
	char piece[65536];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_errno(&u->why, _("cannot read '%s'"), u->path);
		if (n == 0)
			break;
		buf_raw(bytes, span_of(piece, (size_t)n));
		if (bytes->n > IMPORT_MAX_BYTES)
			return why_set(&u->why, EFBIG, _("'%s' is larger than %d MB"), u->path,
				       IMPORT_MAX_BYTES >> 20);
	}
	return bytes->error ? why_set(&u->why, ENOMEM, _("out of memory")) : 0;
}

static int read_file(struct update *u)
{
	struct buf bytes = BUF_INIT;
	struct stat info;
	auto_close int fd = open(u->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &info) < 0)
		return why_errno(&u->why, _("cannot read '%s'"), u->path);
	if (!S_ISREG(info.st_mode))
		return why_set(&u->why, EINVAL, _("'%s' is not a plain file"), u->path);
	if (info.st_size > IMPORT_MAX_BYTES)
		return why_set(&u->why, EFBIG, _("'%s' is larger than %d MB"), u->path,
			       IMPORT_MAX_BYTES >> 20);
	int error = read_bytes(u, fd, &bytes);

	if (!error)
		error = import_published(&u->after, buf_span(&bytes), u->path, &u->why);
	buf_done(&bytes);
	return error;
}

static struct span port_text(struct arena *arena, const struct map_registration *row)
{
	if (!row->has_port)
		return SPAN_LIT("");
	if (row->first == row->last)
		return arena_print(arena, "%u", row->first);
	return arena_print(arena, "%u-%u", row->first, row->last);
}

/* The rows of the registry in use as facts, to be compared with the newer ones. */
static int facts_of_map(struct update *u)
{
	struct facts *facts = &u->before;
	struct map_registration row;

	for (uint32_t i = 0; i < map_n_registrations(u->current); i++) {
		map_registration_get(u->current, i, &row);
		struct span text[N_FACT_FIELDS] = {
			[FACT_PORT] = port_text(&u->arena, &row),
			[FACT_TRANSPORT] = row.transport == TRANSPORT_ANY
						   ? SPAN_LIT("")
						   : span_str(transport_word(row.transport)),
			[FACT_SERVICE] = row.service,
			[FACT_DESCRIPTION] = row.description,
			[FACT_ORGANISATION] = row.organisation,
			[FACT_DOMAIN] = row.domain,
			[FACT_REGISTERED] = row.registered,
			[FACT_MODIFIED] = row.modified,
			[FACT_REFERENCES] = row.references,
			[FACT_SERVICE_CODE] = row.service_code,
			[FACT_UNAUTHORIZED] = row.unauthorized,
			[FACT_NOTES] = row.notes,
		};
		int error = import_add(facts, text, &u->why);

		if (error)
			return error;
	}
	facts->rows_from.date = map_registry_date(u->current);
	facts->rows_from.file = span_str(_("the registry before"));
	import_sort(facts);
	return 0;
}

static struct map_registration registration(const struct fact *fact, uint32_t index)
{
	const struct span *text = fact->text;

	return (struct map_registration){
		.index = index,
		.has_port = fact->has_port,
		.first = fact->first,
		.last = fact->last,
		.transport = fact->transport,
		.service = text[FACT_SERVICE],
		.description = text[FACT_DESCRIPTION],
		.organisation = text[FACT_ORGANISATION],
		.domain = text[FACT_DOMAIN],
		.registered = text[FACT_REGISTERED],
		.modified = text[FACT_MODIFIED],
		.references = text[FACT_REFERENCES],
		.service_code = text[FACT_SERVICE_CODE],
		.unauthorized = text[FACT_UNAUTHORIZED],
		.notes = text[FACT_NOTES],
	};
}

static int make_image(struct update *u, struct buf *image)
{
	const struct facts *facts = &u->after;
	struct map_registration *rows = arena_get_array(&u->arena, facts->n_rows, sizeof(*rows));
	struct make_knowledge knowledge = {0};

	for (uint32_t i = 0; i < facts->n_rows; i++)
		rows[i] = registration(&facts->rows[i], i);
	make_knowledge_of(&knowledge, map_builtin());
	int error = make_registry(rows, facts->n_rows, facts->rows_from.date, &knowledge, image,
				  &u->why);

	make_knowledge_done(&knowledge);
	return error;
}

/* Writes image and facts beside those in use, and opens the image as programs will. */
static int stage(struct update *u)
{
	struct buf image = BUF_INIT, text = BUF_INIT;
	int error = make_image(u, &image);

	import_write(&u->after, &text);
	if (!error && (image.error || text.error))
		error = why_set(&u->why, ENOMEM, _("out of memory"));
	if (!error)
		error = u->is_dry ? state_open_scratch(&u->state, &u->why)
				  : state_open(&u->state, &u->why);
	if (!error)
		error = state_stage(&u->state, STATE_FACTS, buf_span(&text), &u->why);
	if (!error)
		error = state_stage(&u->state, STATE_IMAGE, buf_span(&image), &u->why);
	buf_done(&image);
	buf_done(&text);
	if (error)
		return error;
	u->staged = state_staged_map(&u->state, &u->why);
	return u->staged ? 0 : -EINVAL;
}

/* 1 % of what answers now, or of the rows, goes without being asked. */
static bool is_much(const struct update *u, struct answers answers)
{
	size_t n_gone = u->changes.n_by_kind[CHANGE_REMOVED];

	return answers.n_changed * 100 > answers.n_named * PERCENT ||
	       n_gone * 100 > u->before.n_rows * PERCENT;
}

static int swap(struct update *u, struct answers answers)
{
	int error;

	if (u->is_dry) {
		buf_str(&u->out, _("nothing was changed (--dry-run)\n"));
		return 0;
	}
	if (is_much(u, answers) && !u->is_sure) {
		state_unstage(&u->state);
		if (buf_flush(&u->out) < 0)
			return EX_IOERR;
		return complain(NEEDS_YES,
				span_str(_("more than 1 % would change: nothing was changed; "
					   "if that is right, add --yes")));
	}
	error = state_swap(&u->state, &u->why);
	if (error) {
		state_unstage(&u->state);
		return fail(u, error);
	}
	buf_print(&u->out, _("in use now: the registry of %.*s, %zu rows, in "),
		  SPAN_ARG(u->after.rows_from.date), u->after.n_rows);
	buf_term(&u->out, span_str(u->state.path));
	buf_byte(&u->out, '\n');
	return 0;
}

static int compare(struct update *u)
{
	int error = facts_of_map(u);

	if (error)
		return fail(u, error);
	if (span_cmp(u->after.rows_from.date, u->before.rows_from.date) < 0) {
		why_set(&u->why, ESTALE,
			_("'%s' is of %.*s, older than the registry in use (%.*s)"), u->path,
			SPAN_ARG(u->after.rows_from.date), SPAN_ARG(u->before.rows_from.date));
		return fail(u, -ESTALE);
	}
	import_join(&u->after, &u->before);
	import_compare(&u->changes, &u->before, &u->after, &u->arena);
	if (u->changes.n_rows == 0 && span_eq(u->after.rows_from.date, u->before.rows_from.date)) {
		buf_print(&u->out, _("nothing to do: the registry of %.*s is in use\n"),
			  SPAN_ARG(u->before.rows_from.date));
		return 0;
	}
	error = stage(u);
	if (error)
		return fail(u, error);
	buf_print(&u->out, _("registry of %.*s -> %.*s\n"), SPAN_ARG(u->before.rows_from.date),
		  SPAN_ARG(u->after.rows_from.date));
	show_changes(&u->out, &u->changes);
	return swap(u, show_answers(&u->out, u->current, u->staged));
}

static void usage(struct buf *out)
{
	buf_str(out, _("usage: periplus update [--yes] [--dry-run] FILE\n"));
}

/* 0, or the status to end with plus 1. */
static int parse_options(struct update *u, int argc, char **argv)
{
	static const struct option options[] = {
		{"yes", no_argument, NULL, 'y'},
		{"dry-run", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, "ynh", options, NULL)) >= 0)
		switch (letter) {
		case 'y': u->is_sure = true; break;
		case 'n': u->is_dry = true; break;
		case 'h': usage(&u->out); return 1;
		default:
			return 1 + complain(EX_USAGE,
					    span_str(_("unknown option; usage: periplus update "
						       "[--yes] [--dry-run] FILE")));
		}
	if (argc - optind != 1)
		return 1 +
		       complain(EX_USAGE, span_str(_("one file is needed, as in 'periplus update "
						     "service-names-port-numbers.csv'")));
	u->path = argv[optind];
	return 0;
}

int main(int argc, char **argv)
{
	struct update u = {.out = {.fd = STDOUT_FILENO}, .state = {.fd = -1}};
	int status;

	speak();
	status = parse_options(&u, argc, argv) - 1;
	if (status < 0) {
		int error = read_file(&u);

		u.current = registry_newest(&u.opened, NULL);
		status = error ? fail(&u, error) : compare(&u);
	}
	if (buf_flush(&u.out) < 0 && status == 0)
		status = EX_IOERR;
	map_free(u.staged);
	map_free(u.opened);
	state_done(&u.state);
	facts_done(&u.before);
	facts_done(&u.after);
	arena_done(&u.arena);
	buf_done(&u.out);
	return status;
}
