/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activation: which .socket unit a socket of systemd's is, and the service that it starts.
 *
 * No bus is asked: the unit files are read where systemd reads them (systemd.unit(5)), with their
 * drop-ins, and the unit that listens on this transport, address and number is it. Of several, the
 * one that is active is taken, else the one that is enabled; when that leaves more than one, none:
 * a wrong name would be worse than no name.
 *
 * Files are opened only after they have shown themselves to be plain ones, because those of a
 * user's manager lie in that user's home. Limits: MAX_UNITS units, MAX_FILE bytes a file; drop-ins
 * of name prefixes ("a-.socket.d") are not read; a unit that changed since systemd read it, is read
 * as it is now.
 */
#include "host/activation.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/proc.h"

enum { MAX_UNITS = 4096, MAX_ENTRIES = 65536, MAX_FILE = 64 << 10, MAX_USERS = 64 };

struct known_unit {
	struct socket_unit unit;
	struct span path; /* of its file; empty: not seen yet, or an instance of a template */
	bool is_masked, is_enabled, is_active;
};

/* One file of a directory "NAME.d". */
struct drop_in {
	struct span of;   /* "ssh.socket"; "socket" for all of them */
	struct span name; /* "10-port.conf" */
	struct span path;
};

/* The text of a plain file, in the arena; empty for anything else. */
static struct span read_plain(struct arena *arena, struct span path)
{
	auto_close int seen = open((const char *)path.p, O_PATH | O_CLOEXEC);
	uint8_t text[MAX_FILE];
	char link[64];
	struct stat st;
	ssize_t n;

	if (seen < 0 || fstat(seen, &st) < 0 || !S_ISREG(st.st_mode))
		return span_of(NULL, 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", seen);
	n = proc_read(-1, link, text, sizeof(text));
	return arena_copy(arena, span_of(text, n > 0 ? (size_t)n : 0));
}

static struct known_unit *find_unit(struct socket_units *units, struct span name)
{
	for (size_t i = 0; i < units->n; i++)
		if (span_eq(units->items[i].unit.name, name))
			return &units->items[i];
	return NULL;
}

static struct known_unit *add_unit(struct socket_units *units, struct span name)
{
	struct known_unit *known = find_unit(units, name);

	if (known || units->n >= MAX_UNITS)
		return known;
	known = arena_push(&units->arena, &units->items, &units->n, &units->capacity,
			   sizeof(*known));
	known->unit.name = arena_copy(&units->arena, name);
	return known;
}

static bool is_template(struct span name)
{
	return span_ends(name, "@.socket");
}

typedef void entry_fn(struct socket_units *units, const char *directory, struct span name);

static void each_entry(struct socket_units *units, const char *directory, entry_fn *fn)
{
	auto_closedir DIR *dir = opendir(directory);
	struct dirent *entry;

	for (size_t i = 0; dir && i < MAX_ENTRIES && (entry = readdir(dir)); i++)
		fn(units, directory, span_str(entry->d_name));
}

/* A link to another unit's name is an alias: that unit has a file of its own name. */
static bool is_alias(struct span path, struct span name)
{
	char text[4096];
	struct span target = proc_link(AT_FDCWD, (const char *)path.p, text, sizeof(text));
	struct span base = span_base(target);

	return target.n && span_ends(base, ".socket") && !span_eq(base, name) && !is_template(base);
}

static bool is_mask(struct span path)
{
	struct stat st;

	return stat((const char *)path.p, &st) == 0 && (S_ISCHR(st.st_mode) || st.st_size == 0);
}

static void add_file(struct socket_units *units, const char *directory, struct span name)
{
	struct span path = arena_print(&units->arena, "%s/%.*s", directory, SPAN_ARG(name));
	struct known_unit *known;

	if (is_alias(path, name))
		return;
	known = add_unit(units, name);
	if (!known || known->path.n || known->is_masked)
		return; /* a directory that wins has it */
	known->is_masked = is_mask(path);
	known->path = path;
}

static void note_wanted(struct socket_units *units, const char *directory, struct span name)
{
	struct known_unit *known;

	(void)directory;
	if (!span_ends(name, ".socket") || is_template(name))
		return;
	known = add_unit(units, name);
	if (known)
		known->is_enabled = true;
}

static void add_drop_in(struct socket_units *units, const char *directory, struct span name)
{
	struct span of = span_base(span_str(directory));
	struct drop_in *more;

	if (!span_ends(name, ".conf"))
		return;
	of.n -= strlen(".d");
	for (size_t i = 0; i < units->n_drop_ins; i++)
		if (span_eq(units->drop_ins[i].of, of) && span_eq(units->drop_ins[i].name, name))
			return; /* a directory that wins has it */
	if (units->n_drop_ins >= MAX_UNITS)
		return;
	more = arena_push(&units->arena, &units->drop_ins, &units->n_drop_ins,
			  &units->drop_ins_capacity, sizeof(*more));
	more->of = arena_copy(&units->arena, of);
	more->name = arena_copy(&units->arena, name);
	more->path = arena_print(&units->arena, "%s/%.*s", directory, SPAN_ARG(name));
}

static void add_entry(struct socket_units *units, const char *directory, struct span name)
{
	entry_fn *below = NULL;

	if (span_ends(name, ".socket")) {
		add_file(units, directory, name);
		return;
	}
	if (span_ends(name, ".wants") || span_ends(name, ".requires"))
		below = note_wanted;
	else if (span_ends(name, ".socket.d") || span_is(name, "socket.d"))
		below = add_drop_in;
	if (below)
		each_entry(units,
			   (const char *)arena_print(&units->arena, "%s/%.*s", directory,
						     SPAN_ARG(name))
				   .p,
			   below);
}

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct drop_in *)a)->name, ((const struct drop_in *)b)->name);
}

static void read_unit(struct socket_units *units, struct known_unit *known, const char *running)
{
	struct arena *arena = &units->arena;
	struct span name = known->unit.name;
	struct span template = socket_unit_template(name, arena);
	struct span path = known->path;

	if (!path.n && template.n) {
		const struct known_unit *from = find_unit(units, template);

		path = from && !from->is_masked ? from->path : path;
	}
	if (known->is_masked || is_template(name) || !path.n)
		return;
	socket_unit_read(&known->unit, read_plain(arena, path), arena);
	for (size_t i = 0; i < units->n_drop_ins; i++) {
		const struct drop_in *more = &units->drop_ins[i];

		if (span_eq(more->of, name) || span_is(more->of, "socket") ||
		    (template.n && span_eq(more->of, template)))
			socket_unit_read(&known->unit, read_plain(arena, more->path), arena);
	}
	if (running && known->unit.n_listens) {
		struct span link =
			arena_print(arena, "%s/invocation:%.*s", running, SPAN_ARG(name));
		char text[64];

		known->is_active =
			proc_link(AT_FDCWD, (const char *)link.p, text, sizeof(text)).n > 0;
	}
}

void socket_units_read(struct socket_units *units, const char *const *directories, size_t n,
		       const char *running)
{
	for (size_t i = 0; i < n; i++)
		each_entry(units, directories[i], add_entry);
	if (units->n_drop_ins)
		qsort(units->drop_ins, units->n_drop_ins, sizeof(*units->drop_ins), by_name);
	for (size_t i = 0; i < units->n; i++)
		read_unit(units, &units->items[i], running);
}

void socket_units_done(struct socket_units *units)
{
	arena_done(&units->arena);
	*units = (struct socket_units){0};
}

static bool is_on_device(const struct socket_unit *unit, const struct address *local)
{
	char name[IF_NAMESIZE];

	if (!unit->device.n)
		return !local->interface || address_is_link_local(local);
	if (!local->interface || !if_indextoname(local->interface, name))
		return false;
	return span_is(unit->device, name);
}

const struct socket_unit *socket_units_find(const struct socket_units *units,
					    enum transport transport, const struct address *local,
					    uint16_t port)
{
	const struct known_unit *best = NULL;
	bool is_certain = false;

	for (size_t i = 0; i < units->n; i++) {
		const struct known_unit *known = &units->items[i];
		int rank = known->is_active * 2 + known->is_enabled;
		int best_rank = best ? best->is_active * 2 + best->is_enabled : -1;

		if (rank < best_rank || !socket_unit_opens(&known->unit, transport, local, port) ||
		    !is_on_device(&known->unit, local))
			continue;
		is_certain = rank > best_rank;
		best = known;
	}
	return best && is_certain ? &best->unit : NULL;
}

static void read_system(struct socket_units *units)
{
	static const char *const directories[] = {
		"/etc/systemd/system.control", "/run/systemd/system.control",
		"/run/systemd/transient",      "/run/systemd/generator.early",
		"/etc/systemd/system",         "/run/systemd/system",
		"/run/systemd/generator",      "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system",     "/lib/systemd/system",
		"/run/systemd/generator.late",
	};

	socket_units_read(units, directories, ARRAY_LEN(directories), "/run/systemd/units");
}

/* The home directory by the file of users; empty when it is not there. */
static struct span home_of(struct survey *survey, uint32_t uid)
{
	struct span text;
	struct span line;

	(void)user_name(survey, uid); /* reads the file */
	text = survey->passwd;
	while (take_line(&text, &line)) {
		struct span cell[6];
		uint64_t value;
		size_t n = 0;

		while (n < ARRAY_LEN(cell) && take_until(&line, ':', &cell[n]))
			n++;
		if (n == ARRAY_LEN(cell) && span_u64(cell[2], UINT32_MAX, &value) && value == uid)
			return cell[5];
	}
	return span_of(NULL, 0);
}

static void read_users(struct socket_units *units, struct survey *survey, uint32_t uid)
{
	/* H the home, R the directory at run time */
	static const char *const forms[] = {
		"H/.config/systemd/user.control",
		"R/systemd/user.control",
		"R/systemd/transient",
		"R/systemd/generator.early",
		"H/.config/systemd/user",
		"/etc/systemd/user",
		"R/systemd/user",
		"/run/systemd/user",
		"R/systemd/generator",
		"H/.local/share/systemd/user",
		"/usr/local/lib/systemd/user",
		"/usr/lib/systemd/user",
		"R/systemd/generator.late",
	};
	const char *directories[ARRAY_LEN(forms)];
	struct span home = home_of(survey, uid);
	struct span run = arena_print(survey->arena, "/run/user/%u", uid);
	struct span units_run = arena_print(survey->arena, "/run/user/%u/systemd/units", uid);

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct span before = forms[i][0] == 'H'   ? home
				     : forms[i][0] == 'R' ? run
							  : SPAN_LIT("");

		directories[i] =
			(const char *)arena_print(survey->arena, "%.*s%s", SPAN_ARG(before),
						  forms[i] + (forms[i][0] != '/'))
				.p;
	}
	socket_units_read(units, directories, ARRAY_LEN(forms), (const char *)units_run.p);
}

/* The units of one manager, read when they are first needed. */
struct manager {
	bool is_system;
	uint32_t uid;
	struct socket_units units;
};

struct managers {
	struct survey *survey;
	struct manager items[MAX_USERS];
	size_t n;
};

static struct socket_units *units_of(struct managers *managers, bool is_system, uint32_t uid)
{
	struct manager *manager;

	for (size_t i = 0; i < managers->n; i++)
		if (managers->items[i].is_system == is_system && managers->items[i].uid == uid)
			return &managers->items[i].units;
	if (managers->n == MAX_USERS)
		return NULL;
	manager = &managers->items[managers->n++];
	*manager = (struct manager){.is_system = is_system, .uid = uid};
	if (is_system)
		read_system(&manager->units);
	else
		read_users(&manager->units, managers->survey, uid);
	return &manager->units;
}

static const struct process *manager_of(const struct survey *survey, const struct socket_row *row)
{
	for (uint32_t i = 0; i < row->n_owners; i++) {
		const struct process *p = survey->owners.rows[row->first_owner + i].process;

		if (process_is_manager(p))
			return p;
	}
	return NULL;
}

static void name(struct survey *survey, struct socket_row *row, const struct socket_unit *unit)
{
	struct socket_extra *extra = arena_get(survey->arena, sizeof(*extra));

	if (row->extra)
		*extra = *row->extra;
	extra->socket_unit = survey_intern(survey, unit->name);
	extra->unit = survey_intern(survey, socket_unit_service(unit, survey->arena));
	row->extra = extra;
}

void activation_fill(struct survey *survey)
{
	auto_free struct managers *managers = calloc(1, sizeof(*managers));

	if (!managers)
		return;
	managers->survey = survey;
	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];
		struct span group = row->extra ? row->extra->unit : span_of(NULL, 0);
		bool is_hidden = !row->n_owners && span_ends(group, ".socket");
		const struct process *p = row->n_owners ? manager_of(survey, row) : NULL;
		const struct socket_unit *unit = NULL;
		struct socket_units *units;

		if (row->is_dropped || row->is_elsewhere || !socket_state_waits((enum socket_state)row->state) ||
		    (!p && !is_hidden))
			continue;
		units = units_of(managers, is_hidden || p->pid == 1, is_hidden ? 0 : p->uid);
		if (units)
			unit = socket_units_find(units, row->transport, &row->local, row->port);
		/* The group of a hidden one names its unit: another's listening there is not it. */
		if (unit && (!is_hidden || span_eq(unit->name, group)))
			name(survey, row, unit);
		else if (is_hidden)
			name(survey, row, &(struct socket_unit){.name = group});
	}
	for (size_t i = 0; i < managers->n; i++)
		socket_units_done(&managers->items[i].units);
}
