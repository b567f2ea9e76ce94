/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_program: who runs behind the socket, from which file, and started by whom.
 *
 * These rules accuse, so each of them says when it does not: a program of one's own on loopback is
 * a developer's day, a rebuilt program loses its old file, a container's files are not this
 * host's, and where packages could not be asked nobody can know that none owns the file.
 */
#include "verdict/matter.h"

static bool is_own_affair(const struct matter *m)
{
	return m->is_viewers && m->scope == BIND_LOOPBACK;
}

bool fires_hidden(const struct matter *m, struct finding *f)
{
	static const char *const words[N_HIDDEN_REASONS] = {
		[HIDDEN_NONE] = N_("its program was not looked for"),
		[HIDDEN_PERMISSION] = N_("its program is closed to you"),
		[HIDDEN_PID_NAMESPACE] = N_("its program is outside of this process namespace"),
		[HIDDEN_HIDEPID] = N_("/proc is mounted so that other users' programs are hidden"),
		[HIDDEN_EXITED] = N_("its program went away while we looked"),
		[HIDDEN_UNKNOWN] = N_("its program was not found, and why is not known"),
	};
	enum hidden_reason hidden = m->sighting->hidden;
	struct span user = m->sighting->user;

	if (m->process || !words[hidden])
		return false;
	f->detail = SAY(m, _(words[hidden]));
	if (user.n)
		f->detail = TELL(m, _("%.*s; the socket is of user '%.*s'"), SPAN_ARG(f->detail),
				 SPAN_ARG(user));
	return true;
}

/* The kernel's own services have no program. Practice may know which one is met on the number:
 * that is said, and excuses nothing. */
static struct span kernel_service(const struct matter *m)
{
	struct map_practice fact;
	struct map_product product;
	uint32_t cursor = 0;

	while (1U << m->sighting->state & WITH_PORT &&
	       map_next_practice(m->map, m->sighting->port, m->transport, &cursor, &fact))
		if (map_product_find(m->map, fact.product, &product) &&
		    product_has_role(&product, "kernel-service"))
			return product.title;
	return span_of(NULL, 0);
}

bool fires_nobody(const struct matter *m, struct finding *f)
{
	struct span service;

	if (m->process || m->sighting->hidden != HIDDEN_KERNEL)
		return false;
	service = kernel_service(m);
	if (service.n)
		f->detail = TELL(m,
				 _("no program has it open; the kernel's %.*s is "
				   "usual on this number"),
				 SPAN_ARG(service));
	else
		f->detail = SAY(m, _("no program has it open though all are visible: a service of "
				     "the kernel, or a hidden program"));
	return true;
}

bool fires_older_copy(const struct matter *m, struct finding *f)
{
	const struct process *p = m->process;

	if (!p || !p->is_deleted || p->is_memfd || m->package != PACKAGE_OWNS)
		return false;
	f->detail = TELL(m,
			 _("'%.*s' of package '%.*s' was replaced after the start; "
			   "restart it"),
			 SPAN_ARG(p->executable), SPAN_ARG(p->package));
	return true;
}

bool fires_deleted(const struct matter *m, struct finding *f)
{
	const struct process *p = m->process;

	if (!p || (!p->is_deleted && !p->is_memfd) || m->package == PACKAGE_OWNS)
		return false;
	if (p->is_memfd) {
		/* Container runtimes start from a sealed copy of themselves in memory. */
		if (m->is_contained ||
		    (m->match != MATCH_NONE && product_has_role(&m->product, "container-proxy")))
			return false;
		f->detail = TELL(m, _("'%.*s' is a program that never had a file"),
				 SPAN_ARG(p->executable));
		return true;
	}
	if (p->is_replaced || m->package == PACKAGE_NOT_ASKED ||
	    (is_own_affair(m) && (p->uid != 0 || product_has_role(&m->product, "dev-server"))))
		f->effect = EFFECT_LOOK;
	if (p->is_replaced)
		f->detail = TELL(m,
				 _("'%.*s' was replaced by another file while it "
				   "runs"),
				 SPAN_ARG(p->executable));
	else if (m->package == PACKAGE_NOT_ASKED)
		f->detail = TELL(m,
				 _("'%.*s' was deleted; whether a package owns it "
				   "is not known"),
				 SPAN_ARG(p->executable));
	else
		f->detail = TELL(m,
				 _("'%.*s' was deleted while it runs, and no "
				   "package owns it"),
				 SPAN_ARG(p->executable));
	return true;
}

bool fires_volatile(const struct matter *m, struct finding *f)
{
	const struct process *p = m->process;

	if (!p || p->is_memfd || !place_is_volatile(m->place))
		return false;
	/* Images that mount themselves beneath /tmp are their user's affair wherever they bind. */
	if (m->is_contained || is_own_affair(m) || m->package == PACKAGE_OWNS ||
	    (m->place == PLACE_TEMPORARY && m->is_viewers))
		f->effect = EFFECT_LOOK;
	if (m->place == PLACE_MEMORY)
		f->detail = TELL(m, _("'%.*s' lies on a file system in memory"),
				 SPAN_ARG(p->executable));
	else if (m->place == PLACE_WRITABLE)
		f->detail = TELL(m, _("'%.*s' lies in a directory that everybody may write"),
				 SPAN_ARG(p->executable));
	else
		f->detail = TELL(m, _("'%.*s' lies beneath a directory that everybody may write"),
				 SPAN_ARG(p->executable));
	return true;
}

/* Threads of the kernel, as ps shows them without the brackets. None of them is a program. */
static bool is_kernel_name(struct span name)
{
	static const char *const threads[] = {
		"cpuhp/",     "idle_inject/", "jbd2/",      "kauditd",     "kblockd",   "kcompactd",
		"kdevtmpfs",  "khugepaged",   "khungtaskd", "kintegrityd", "ksoftirqd", "kswapd",
		"kthreadd",   "kworker",      "migration/", "oom_reaper",  "rcu_bh",    "rcu_gp",
		"rcu_par_gp", "rcu_preempt",  "rcu_sched",  "rcu_tasks_",  "scsi_eh_",  "watchdog/",
	};

	if (span_starts(name, "["))
		name = span_skip(name, 1);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		if (name.n && name.p[0] == threads[i][0] && span_starts(name, threads[i]))
			return true;
	return false;
}

/* A program's file that has a known server's name but lies where no server is installed. The
 * name of the thread is not asked: programs rename themselves for good reasons. */
static bool is_misplaced(const struct matter *m, struct finding *f)
{
	struct map_identity who = {.program = matter_program(m)};
	struct map_product product;
	bool is_grave = false;

	if (m->package != PACKAGE_NONE || m->process->runtime.n || m->process->is_memfd ||
	    !program_product(m, &who, 0, TRANSPORT_ANY, &product))
		return false;
	switch (m->place) {
	case PLACE_PROGRAMS: return false;
	case PLACE_HOME:
		if (m->is_viewers)
			return false;
		break;
	case PLACE_ODD:
		if (m->is_system_unit && m->is_unit_own)
			return false;
		break;
	case PLACE_HIDDEN: is_grave = !m->is_viewers && m->scope != BIND_LOOPBACK; break;
	case PLACE_TEMPORARY: is_grave = !m->is_viewers; break;
	case PLACE_WRITABLE:
	case PLACE_MEMORY: is_grave = !is_own_affair(m); break;
	}
	if (!is_grave)
		f->effect = EFFECT_LOOK;
	f->detail = TELL(m,
			 _("named like %.*s, but it is '%.*s', which no package "
			   "owns"),
			 SPAN_ARG(product.title), SPAN_ARG(m->process->executable));
	return true;
}

bool fires_disguised(const struct matter *m, struct finding *f)
{
	const struct process *p = m->process;
	struct span rest = p ? p->argv : span_of(NULL, 0);
	struct span title = {0};

	if (!p || p->is_kernel_thread || !p->executable.n || m->package == PACKAGE_OWNS)
		return false;
	if (!take_until(&rest, 0, &title))
		title = p->command_line;
	if (!span_starts(title, "["))
		title = span_of(NULL, 0);
	if (is_kernel_name(p->name))
		title = p->name;
	if (!is_kernel_name(title))
		return is_misplaced(m, f);
	f->detail = TELL(m,
			 _("calls itself '%.*s' like a thread of the kernel, but "
			   "is '%.*s'"),
			 SPAN_ARG(title), SPAN_ARG(p->executable));
	return true;
}

static bool find_worker_by(const struct matter *m, struct span program, struct map_product *product)
{
	struct map_identity who = {.program = program};

	return program.n && program_product(m, &who, 0, TRANSPORT_ANY, product) &&
	       product_is_worker(product);
}

/* The nearest parent that serves strangers, or the unit of one: a child that lets go of its
 * parent stays in the cgroup. Nothing is found when the parent runs the same file. */
static bool find_worker(const struct matter *m, struct map_product *product, struct span *name)
{
	const struct process *p = m->process;

	for (size_t i = 0; i < p->n_ancestors; i++) {
		const struct ancestor *a = &p->ancestors[i];
		struct span base = span_base(a->executable);

		if (a->pid == 1)
			continue;
		/* An interpreter's worker has its own name as comm only. */
		if (!find_worker_by(m, base, product) &&
		    (span_eq(a->name, base) || !find_worker_by(m, a->name, product)))
			continue;
		*name = a->name.n ? a->name : span_base(a->executable);
		return !(a->executable.n && span_eq(a->executable, p->executable));
	}
	*name = m->unit;
	return unit_product(m, m->unit, product) && product_is_worker(product) &&
	       !m->is_unit_own;
}

bool fires_worker_child(const struct matter *m, struct finding *f)
{
	struct map_product worker;
	struct span name;

	if (!m->process || !matter_program(m).n || m->is_helper ||
	    !find_worker(m, &worker, &name) || matter_is_of(m, &worker))
		return false;
	/* Application servers start one another. */
	if (m->match != MATCH_NONE && product_is_worker(&m->product))
		return false;
	/* Pages have helpers (browsers that print, office suites), and those stay on loopback. */
	if (m->scope == BIND_LOOPBACK &&
	    (m->is_viewers || m->match != MATCH_NONE || m->package != PACKAGE_NONE))
		f->effect = EFFECT_LOOK;
	f->detail = TELL(m,
			 _("'%.*s' was started by '%.*s' (%.*s), which serves "
			   "strangers"),
			 SPAN_ARG(matter_program(m)), SPAN_ARG(name), SPAN_ARG(worker.title));
	return true;
}

bool fires_unlisted(const struct matter *m, struct finding *f)
{
	switch (m->sighting->hidden_from) {
	case FROM_NETLINK:
		f->detail =
			SAY(m, _("a process holds it, and the kernel's own list of sockets, asked "
				 "twice, does not show it"));
		return true;
	case FROM_PROC:
		f->detail =
			SAY(m, _("the kernel has a process that holds it, and /proc does not show "
				 "that process"));
		return true;
	default: return false;
	}
}

bool fires_portless(const struct matter *m, struct finding *f)
{
	bool is_known = m->match != MATCH_NONE && product_has_role(&m->product, "packet-listener");
	bool is_link = m->sighting->state == SOCKET_PACKET;
	bool is_script = m->process && m->process->script.n;
	const char *what = is_link ? _("packets of the link layer") : _("raw packets");

	if (!m->process) {
		f->effect = EFFECT_LOOK;
		f->detail = TELL(m, _("somebody reads %s, and it is not seen who"), what);
		return true;
	}
	if (is_known && m->package == PACKAGE_OWNS && (m->is_system_unit || m->is_viewers)) {
		f->effect = EFFECT_EXPECTED;
		f->detail = TELL(m,
				 _("%.*s of package '%.*s' reads %s, as it does "
				   "everywhere"),
				 SPAN_ARG(matter_title(m)), SPAN_ARG(m->process->package), what);
		return true;
	}
	if (is_known || m->package == PACKAGE_NOT_ASKED ||
	    (m->package == PACKAGE_OWNS && !is_script))
		f->effect = EFFECT_LOOK;
	f->detail = TELL(m, _("'%.*s' reads %s without a port"), SPAN_ARG(matter_title(m)), what);
	return true;
}
