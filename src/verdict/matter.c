/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matter: works out what a socket is: its product, its unit, its place, its fact of practice.
 *
 * A product is recognised by what the process is, never by the number. Two traps are met here:
 *
 * A unit is a strong sign, but everything that a service starts stays in the service's cgroup. A
 * shell that a web page opened "is" php-fpm by its unit. So the unit names the program only where
 * the program does not contradict it (fits).
 *
 * An interpreter is a product of its own, and its package would win over the script it runs. So
 * where there is a script, it alone is asked for.
 *
 * Limit: of several owners only the one that was started first is judged.
 */
#include "verdict/matter.h"

#define WINDOWS_SERVICE "svc:" /* before the name of one, in a product's units */

bool product_has_role(const struct map_product *product, const char *role)
{
	return list_has(product->roles, span_str(role));
}

bool product_is_worker(const struct map_product *product)
{
	return product_has_role(product, "web-worker") || product_has_role(product, "mail-worker");
}

bool place_is_volatile(enum place place)
{
	return place >= PLACE_TEMPORARY;
}

/* Directories that begin with a dot and hold installed tools all the same. */
static bool is_tool_directory(struct span name)
{
	static const char *const tools[] = {
		".asdf",  ".bun",         ".cargo",  ".deno", ".dotnet",      ".linuxbrew",
		".local", ".nix-profile", ".npm",    ".nvm",  ".pnpm",        ".pyenv",
		".rbenv", ".rustup",      ".sdkman", ".venv", ".virtualenvs", ".volta",
	};

	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (span_is(name, tools[i]))
			return true;
	return false;
}

/* Most differ in the second byte: their lengths need not be counted. */
static bool starts(struct span path, const char *prefix)
{
	for (size_t i = 0; prefix[i]; i++)
		if (i >= path.n || path.p[i] != (uint8_t)prefix[i])
			return false;
	return true;
}

static bool starts_any(struct span path, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (starts(path, prefixes[i]))
			return true;
	return false;
}

static enum place place_of(const struct process *p, enum package_answer package)
{
	static const char *const temporary[] = {"/tmp/", "/var/tmp/", "/dev/shm/", "/run/shm/"};
	static const char *const programs[] = {
		"/usr/",     "/bin/",     "/sbin/",         "/lib",
		"/opt/",     "/snap/",    "/nix/store/",    "/gnu/store/",
		"/var/lib/", "/Library/", "/Applications/", "/System/",
	};
	static const char *const homes[] = {"/home/", "/root/", "/Users/", "/var/home/"};
	struct span rest = span_dir(p->executable);
	bool is_installed = starts_any(p->executable, programs, ARRAY_LEN(programs));
	bool is_tool = false;
	struct span part;

	if (!p->executable.n)
		return PLACE_PROGRAMS;
	/* A live system may have all of itself in memory. */
	if (p->is_in_tmpfs && !(is_installed && package != PACKAGE_NONE))
		return PLACE_MEMORY;
	if (p->is_in_world_writable)
		return PLACE_WRITABLE;
	if (starts_any(p->executable, temporary, ARRAY_LEN(temporary)))
		return PLACE_TEMPORARY;
	while (take_until(&rest, '/', &part)) {
		if (is_tool_directory(part))
			is_tool = true;
		else if (span_starts(part, "."))
			return PLACE_HIDDEN;
	}
	if (is_tool || is_installed)
		return PLACE_PROGRAMS;
	return starts_any(p->executable, homes, ARRAY_LEN(homes)) ? PLACE_HOME : PLACE_ODD;
}

struct span matter_program(const struct matter *m)
{
	if (!m->process)
		return span_of(NULL, 0);
	if (m->process->executable.n)
		return span_base(m->process->executable);
	return m->process->name;
}

static bool is_service(struct span unit)
{
	return (span_ends(unit, ".service") || span_ends(unit, ".socket")) &&
	       !span_starts(unit, "user@");
}

/* A service of Windows has no suffix; where a process has several, the socket tells which. */
static struct span windows_service(const struct process *p, const struct sighting *s)
{
	if (!p || p->name.n <= 4 ||
	    !span_eq_nocase(span_skip(p->name, p->name.n - 4), SPAN_LIT(".exe")))
		return span_of(NULL, 0);
	return p->unit.n ? p->unit : s->unit;
}

static void find_unit(struct matter *m)
{
	const struct sighting *s = m->sighting;
	const struct process *p = m->process;
	struct span system = p ? p->unit : s->unit;

	m->unit = windows_service(p, s);
	m->is_system_unit = m->unit.n > 0;
	if (m->is_system_unit)
		return;

	/* A manager that holds a socket for a service lives in no service itself; a user's manager
	 * has units that the user wrote. */
	if (!is_service(system) && s->socket_unit.n)
		system = s->socket_unit;
	m->is_system_unit = is_service(system) && !(p && span_starts(p->unit, "user@"));
	if (m->is_system_unit || (p && p->is_manager && s->socket_unit.n))
		m->unit = system;
	else if (p && is_service(p->user_unit))
		m->unit = p->user_unit;
}

/* A login session's scope, or the manager of the process's own user. */
static bool is_in_session(const struct process *p)
{
	uint64_t uid;

	if (span_starts(p->unit, "session-") && span_ends(p->unit, ".scope"))
		return true;
	if (!span_starts(p->unit, "user@"))
		return false;
	struct span digits = span_skip(p->unit, strlen("user@"));

	digits = span_cut(digits, digits.n - (span_ends(digits, ".service") ? 8 : 0));
	return span_u64(digits, UINT32_MAX, &uid) && uid == p->uid;
}

static enum map_match ask(const struct matter *m, struct map_identity who,
			  struct map_product *product)
{
	return map_product_match(m->map, &who, m->sighting->port, m->transport, product);
}

static struct span with_prefix(const struct matter *m, const char *prefix, struct span package)
{
	size_t n = strlen(prefix);
	uint8_t *whole = arena_get(m->arena, n + package.n + 1);

	memcpy(whole, prefix, n);
	if (package.n)
		memcpy(whole + n, package.p, package.n);
	return span_of(whole, n + package.n);
}

/* Packages are filed with the kind of their database in front; the looker may leave it out. */
static bool lists_package(const struct matter *m, const struct map_product *product)
{
	struct span package = m->process->package;

	return m->package == PACKAGE_OWNS && package.n &&
	       (list_has(product->packages, package) ||
		list_has(product->packages, with_prefix(m, "deb:", package)) ||
		list_has(product->packages, with_prefix(m, "rpm:", package)));
}

static enum map_match ask_package(const struct matter *m, struct map_product *product)
{
	static const char *const prefixes[] = {"deb:", "rpm:", ""};
	struct map_identity who = {.program = matter_program(m), .runtime = m->process->runtime};
	struct map_product named;
	bool is_named = program_product(m, &who, m->sighting->port, m->transport, &named);
	enum map_match match = MATCH_NONE;

	for (size_t i = 0; m->package == PACKAGE_OWNS && i < ARRAY_LEN(prefixes); i++) {
		if (match == MATCH_PACKAGE || !m->process->package.n)
			break;
		who.package = with_prefix(m, prefixes[i], m->process->package);
		match = ask(m, who, product);
	}
	if (!is_named)
		return match;
	/* One package may hold several products: the one that lists the program too is meant. */
	if (match == MATCH_PACKAGE &&
	    (list_has(product->programs, who.program) || !lists_package(m, &named)))
		return match;
	*product = named;
	return match == MATCH_PACKAGE ? match : MATCH_PROGRAM;
}

static enum map_match ask_process(const struct matter *m, struct map_product *product)
{
	const struct process *p = m->process;

	if (!p)
		return MATCH_NONE;
	if (p->runtime.n && p->script.n) {
		struct map_identity who = {.runtime = p->runtime, .script = p->script};

		return ask(m, who, product);
	}
	return ask_package(m, product);
}

bool matter_is_of(const struct matter *m, const struct map_product *product)
{
	const struct process *p = m->process;
	struct map_product other;

	if (!p)
		return false;
	if (list_has(product->programs, matter_program(m)))
		return true;
	if (!p->runtime.n && lists_package(m, product))
		return true;
	return p->runtime.n && p->script.n &&
	       ask(m, (struct map_identity){.runtime = p->runtime, .script = p->script}, &other) !=
		       MATCH_NONE &&
	       other.index == product->index;
}

/* "ssh" of ssh.socket, ssh.service and ssh@.service */
static struct span unit_stem(struct span unit)
{
	ptrdiff_t end = span_find_last(unit, '.');
	struct span stem = end < 0 ? unit : span_cut(unit, (size_t)end);

	return span_ends(stem, "@") ? span_cut(stem, stem.n - 1) : stem;
}

/* A socket that its manager still holds is what it starts, whatever the socket's unit is called.
 * Its product is often known by one of the two names only, or by the service without the '@'. */
static bool find_unit_product(const struct matter *m, struct map_product *product)
{
	struct span started = m->sighting->unit;
	struct span stem;

	if (windows_service(m->process, m->sighting).n)
		return unit_product(m, with_prefix(m, WINDOWS_SERVICE, m->unit), product);
	if (!span_ends(m->unit, ".socket"))
		return unit_product(m, m->unit, product);
	if (!span_eq(m->unit, m->sighting->socket_unit) || !started.n)
		started = m->unit;
	if (unit_product(m, started, product))
		return true;
	stem = unit_stem(started);
	if (unit_product(m, arena_print(m->arena, "%.*s.service", SPAN_ARG(stem)), product))
		return true;
	return span_eq(stem, unit_stem(m->unit)) && unit_product(m, m->unit, product);
}

/* Whether the unit's product may be the name of this program; see the top of the file. */
static bool fits(const struct matter *m, const struct map_product *of_unit, bool is_known)
{
	if (!m->process || !matter_program(m).n || list_has(of_unit->programs, matter_program(m)))
		return true;
	/* A helper that is a product of its own, in the package and the unit of another. */
	if (is_known && list_has(m->product.programs, matter_program(m)))
		return false;
	if (matter_is_of(m, of_unit))
		return true;
	if (span_eq(m->unit, m->sighting->socket_unit))
		return true;
	if (!of_unit->programs.n && m->process->runtime.n)
		return true;
	return !is_known && !product_is_worker(of_unit) && !m->process->is_memfd &&
	       !place_is_volatile(m->place);
}

static bool has_fact_of(const struct matter *m, const struct map_product *product)
{
	struct map_practice fact;
	uint32_t cursor = 0;

	while (map_next_practice(m->map, m->sighting->port, m->transport, &cursor, &fact))
		if (span_eq(fact.product, product->slug))
			return true;
	return false;
}

/* svchost.exe is the program of every service, and the kernel's System of every driver: such a name
 * belongs to many products, and only the number can tell which. */
static bool is_shared_program(const struct matter *m)
{
	const struct process *p = m->process;

	return p && (windows_service(p, m->sighting).n ||
		     (p->is_kernel_thread && span_is(p->name, "System")));
}

/* A product that is known by its services is none of another service. */
static bool is_of_another_service(const struct matter *m, const struct map_product *product)
{
	return windows_service(m->process, m->sighting).n &&
	       span_starts(product->units, WINDOWS_SERVICE) &&
	       !list_has(product->units, with_prefix(m, WINDOWS_SERVICE, m->unit));
}

static void identify(struct matter *m)
{
	struct map_product of_unit;

	m->match = ask_process(m, &m->product);
	if (m->match != MATCH_NONE && is_shared_program(m) &&
	    (!has_fact_of(m, &m->product) || is_of_another_service(m, &m->product)))
		m->match = MATCH_NONE;
	if (!find_unit_product(m, &of_unit)) {
		m->is_unit_own =
			m->unit.n &&
			!(m->process && (m->process->is_memfd || place_is_volatile(m->place)));
		return;
	}
	m->is_unit_own = fits(m, &of_unit, m->match != MATCH_NONE);
	if (m->is_unit_own) {
		m->match = MATCH_UNIT;
		m->product = of_unit;
	}
}

static bool scope_parse(struct span word, enum bind_scope *scope)
{
	if (span_is(word, "lo"))
		*scope = BIND_LOOPBACK;
	else if (span_is(word, "host"))
		*scope = BIND_HOST;
	else if (span_is(word, "any"))
		*scope = BIND_ANY;
	else
		return false;
	return true;
}

/* The best fact of this product on this number, and the widest scope that a sure one knows. */
static void find_fact(struct matter *m)
{
	struct map_practice fact;
	enum bind_scope scope;
	uint32_t cursor = 0;

	if (m->match == MATCH_NONE || !(1U << m->sighting->state & WITH_PORT))
		return;
	while (map_next_practice(m->map, m->sighting->port, m->transport, &cursor, &fact)) {
		if (fact.kind == PRACTICE_MALWARE || !span_eq(fact.product, m->product.slug))
			continue;
		if (!m->has_fact || fact.grade < m->fact.grade)
			m->fact = fact;
		m->has_fact = true;
		if (fact.grade == GRADE_UNCONFIRMED)
			continue;
		m->is_fact_sure = true;
		if (scope_parse(fact.bind, &scope) && (!m->has_usual || scope > m->usual)) {
			m->has_usual = true;
			m->usual = scope;
		}
	}
	/* The product's own habit, but not of an interpreter that runs somebody's script. */
	if (!m->has_usual && (m->has_fact || !m->process || !m->process->runtime.n))
		m->has_usual = scope_parse(m->product.bind, &m->usual);
}

bool matter_is_ephemeral(const struct matter *m)
{
	return m->around->ephemeral_last && m->sighting->port >= m->around->ephemeral_first &&
	       m->sighting->port <= m->around->ephemeral_last;
}

/* The kernel hands out ephemeral numbers, and the C library privileged ones to who asks for any of
 * them (bindresvport(3)). */
static bool is_handed(const struct matter *m)
{
	enum { RESERVED_FIRST = 512, RESERVED_LAST = 1023 };
	uint16_t port = m->sighting->port;

	return !m->has_fact && m->package == PACKAGE_OWNS && m->is_system_unit && m->is_unit_own &&
	       1U << m->sighting->state & WITH_PORT && m->match != MATCH_NONE &&
	       product_has_role(&m->product, "rpc-service") &&
	       (matter_is_ephemeral(m) || (port >= RESERVED_FIRST && port <= RESERVED_LAST));
}

void matter_init(struct matter *m, const struct map *map, const struct surroundings *around,
		 const struct sighting *s, struct arena *arena)
{
	const struct process *p = sighting_process(s);

	*m = (struct matter){
		.map = map,
		.around = around,
		.sighting = s,
		.process = p,
		.arena = arena,
		.transport = transport_registered(s->transport),
		.scope = 1U << s->state & WITHOUT_PORT ? BIND_ANY : address_scope(&s->local),
	};
	if (p) {
		m->is_contained = p->container.n > 0;
		m->is_viewers = p->uid == around->viewer_uid || is_in_session(p);
		if (!m->is_contained &&
		    (p->package_answer == PACKAGE_OWNS || around->can_ask_packages))
			m->package = p->package_answer;
		m->place = place_of(p, m->package);
	}
	find_unit(m);
	identify(m);
	find_fact(m);
	m->is_handed = is_handed(m);
	m->is_helper = !m->is_handed && s->state == SOCKET_BOUND && m->transport == TRANSPORT_UDP &&
		       matter_is_ephemeral(m) && !m->has_fact && m->package == PACKAGE_OWNS &&
		       m->is_system_unit;
}

struct span matter_who(const struct matter *m)
{
	const struct process *p = m->process;

	if (m->sighting->container.n)
		return m->sighting->container;
	if (p && p->script.n)
		return p->script;
	if (m->unit.n && m->is_unit_own)
		return m->unit;
	if (!p)
		return span_of(NULL, 0);
	if (p->container.n)
		return p->container;
	if (m->package == PACKAGE_OWNS && p->package.n)
		return p->package;
	return matter_program(m);
}

struct span matter_title(const struct matter *m)
{
	struct span who = matter_who(m);

	if (m->match != MATCH_NONE)
		return m->product.title.n ? m->product.title : m->product.slug;
	return who.n ? who : span_str(_("a program without name"));
}
