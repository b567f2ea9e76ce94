/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contested_test: on the numbers that many products use, each is named by what it is.
 *
 * The table is made from the built-in map: every number with at least three products; on it, each
 * product that can be recognised at all, once by its program and once by its script, with the unit
 * and the package that go with them. It must be named right there; and on a number that nobody
 * uses, the same process must be named as well, so that it was not the number that named it. Where
 * several products show the same evidence (svchost.exe, one program with two duties), the number
 * may choose between those, and between no others.
 *
 * From outside, where there is no program to see, each user is named by what its answer proves: its
 * product where it says so, or its protocol where no other user of the number speaks it. So are
 * devices, and what is known as a container's image only. The same answer on a number that nobody
 * uses is not called usual.
 */
#include "test/tap.h"
#include "verdict/verdict.h"

enum { NOBODYS_PORT = 64999, CONTESTED = 3, MAX_USERS = 256, WIDE_RANGE = 200 };

static const struct surroundings around = {
	.ephemeral_first = 32768,
	.ephemeral_last = 60999,
	.viewer_uid = 1000,
	.can_ask_packages = true,
};

static void judge(const struct process *process, uint16_t port, enum transport transport,
		  struct arena *arena, struct verdict *verdict)
{
	struct owner owner = {.process = process, .fd = 3};
	struct sighting sighting = {
		.transport = transport,
		.state = transport == TRANSPORT_UDP ? SOCKET_BOUND : SOCKET_LISTEN,
		.port = port,
		.local = {.family = ADDRESS_IPV4, .bytes = {127, 0, 0, 1}},
		.owners = &owner,
		.n_owners = 1,
	};

	verdict_judge(NULL, NULL, &around, &sighting, arena, verdict);
}

static bool lists(struct span list, struct span word)
{
	struct span item;

	while (word.n && take_until(&list, ',', &item))
		if (span_glob(word, item))
			return true;
	return false;
}

/* The first item with this prefix, without it; a '*' stands for "main". */
static struct span first_item(struct arena *arena, struct span list, const char *prefix)
{
	struct span item;

	while (take_until(&list, ',', &item)) {
		if (!span_starts(item, prefix))
			continue;
		item = span_skip(item, strlen(prefix));

		ptrdiff_t star = span_find_byte(item, '*');

		if (star < 0)
			return item;
		return arena_print(arena, "%.*smain%.*s", (int)star, (const char *)item.p,
				   (int)(item.n - (size_t)star - 1),
				   (const char *)item.p + star + 1);
	}
	return span_of(NULL, 0);
}

/* What such a process looks like on a machine where its packages installed it. */
static void show(struct arena *arena, const struct map_product *product, bool by_script,
		 struct process *process)
{
	struct span script = first_item(arena, product->scripts, "");
	struct span program = first_item(arena, product->programs, "");
	struct span package = first_item(arena, product->packages, "deb:");

	*process = (struct process){
		.pid = 4242,
		.unit = first_item(arena, product->units, ""),
		.package_answer = PACKAGE_NONE,
	};
	if (by_script) {
		if (take_until(&script, ':', &process->runtime))
			process->script = script;
		process->executable =
			arena_print(arena, "/usr/bin/%.*s", SPAN_ARG(process->runtime));
		process->package = process->runtime;
		process->package_answer = PACKAGE_OWNS;
		return;
	}
	if (program.n)
		process->executable = arena_print(arena, "/usr/bin/%.*s", SPAN_ARG(program));
	if (package.n) {
		process->package = package;
		process->package_answer = PACKAGE_OWNS;
	}
}

/* Whether this product, too, shows what the process shows. */
static bool shares(struct arena *arena, const struct map_product *product,
		   const struct process *process)
{
	return lists(product->units, process->unit) ||
	       lists(product->programs, span_base(process->executable)) ||
	       lists(product->packages,
		     arena_print(arena, "deb:%.*s", SPAN_ARG(process->package))) ||
	       lists(product->scripts, arena_print(arena, "%.*s:%.*s", SPAN_ARG(process->runtime),
						   SPAN_ARG(process->script)));
}

/* Returns false, with a note, when the product is not named for what it is. */
static bool is_named(const struct map_product *product, const struct map_practice *fact,
		     uint16_t port, bool by_script)
{
	enum transport transport =
		fact->transport == TRANSPORT_ANY ? TRANSPORT_TCP : fact->transport;
	struct arena arena = {0};
	struct process process;
	struct verdict here;
	struct verdict elsewhere;
	bool is_right;

	show(&arena, product, by_script, &process);
	judge(&process, port, transport, &arena, &here);
	judge(&process, NOBODYS_PORT, transport, &arena, &elsewhere);
	is_right = here.match != MATCH_NONE && here.product->index == product->index &&
		   elsewhere.match != MATCH_NONE &&
		   (elsewhere.product->index == product->index ||
		    shares(&arena, elsewhere.product, &process));
	if (!is_right)
		note("%u: %.*s by %s is '%.*s', and on no number '%.*s'", port,
		     SPAN_ARG(product->slug), by_script ? "script" : "program",
		     SPAN_ARG(here.product->slug), SPAN_ARG(elsewhere.product->slug));
	arena_done(&arena);
	return is_right;
}

/* The products of a number, one fact each. Ranges as wide as those for media are left out. */
static size_t users_of(uint16_t port, struct map_practice *users)
{
	struct map_practice fact;
	uint32_t cursor = 0;
	size_t n = 0;

	while (map_next_practice(NULL, port, TRANSPORT_ANY, &cursor, &fact)) {
		size_t i = 0;

		if (fact.kind == PRACTICE_MALWARE || fact.last - fact.first > WIDE_RANGE)
			continue;
		while (i < n && !span_eq(users[i].product, fact.product))
			i++;
		if (i == n && n < MAX_USERS)
			users[n++] = fact;
	}
	return n;
}

/* A number of which practice knows nothing at all. */
static uint16_t unknown_port(void)
{
	struct map_practice fact;
	uint16_t port = NOBODYS_PORT;

	for (uint32_t cursor = 0; map_next_practice(NULL, port, TRANSPORT_ANY, &cursor, &fact);
	     cursor = 0)
		port--;
	return port;
}

/* Whether an answer that proves this is taken for the product here, and on no number for none. */
static bool is_heard(const struct map_practice *fact, uint16_t port, struct span product,
		     struct span protocol)
{
	struct outside here = {
		.port = port,
		.transport = fact->transport,
		.is_open = true,
		.product = product,
		.protocol = protocol,
	};
	struct outside elsewhere = here;
	struct arena arena = {0};
	struct verdict verdict;
	struct verdict other;
	bool is_right;

	elsewhere.port = unknown_port();
	verdict_outside(NULL, &here, &arena, &verdict);
	verdict_outside(NULL, &elsewhere, &arena, &other);
	is_right = verdict.kind == VERDICT_EXPECTED &&
		   span_eq(verdict.product->slug, fact->product) && other.kind == VERDICT_LOOK &&
		   !other.has_fact;
	if (!is_right)
		note("%u: what proves '%.*s%.*s' is taken for '%.*s', and not for '%.*s'", port,
		     SPAN_ARG(product), SPAN_ARG(protocol), SPAN_ARG(verdict.product->slug),
		     SPAN_ARG(fact->product));
	arena_done(&arena);
	return is_right;
}

/* A protocol that this user speaks and no other user of the number; empty: there is none. */
static struct span own_protocol(const struct map_product *product, uint16_t port)
{
	struct span protocols = product->protocols;
	struct span protocol;

	while (take_until(&protocols, ',', &protocol)) {
		struct map_practice fact;
		uint32_t cursor = 0;
		bool is_own = true;

		while (is_own && map_next_practice(NULL, port, TRANSPORT_ANY, &cursor, &fact)) {
			struct map_product other;

			is_own = span_eq(fact.product, product->slug) ||
				 !map_product_find(NULL, fact.product, &other) ||
				 !lists(other.protocols, protocol);
		}
		if (is_own)
			return protocol;
	}
	return span_of(NULL, 0);
}

struct tally {
	unsigned n_ports, n_users, n_named, n_wrong, n_unseen, n_said, n_misheard, n_unconfirmed;
};

/* From outside; a fact that nobody has confirmed names nothing. */
static void test_from_outside(const struct map_product *product, const struct map_practice *fact,
			      uint16_t port, struct tally *tally)
{
	struct span protocol = own_protocol(product, port);

	if (fact->grade == GRADE_UNCONFIRMED) {
		tally->n_unconfirmed++;
		return;
	}
	tally->n_said++;
	tally->n_misheard += !is_heard(fact, port, product->slug, span_of(NULL, 0));
	if (protocol.n) {
		tally->n_said++;
		tally->n_misheard += !is_heard(fact, port, span_of(NULL, 0), protocol);
	}
}

static void test_port(uint16_t port, struct tally *tally)
{
	struct map_practice users[MAX_USERS];
	size_t n = users_of(port, users);

	if (n < CONTESTED)
		return;
	tally->n_ports++;
	for (size_t i = 0; i < n; i++) {
		struct arena arena = {0};
		struct map_product product;
		bool has_program;

		tally->n_users++;
		if (!map_product_find(NULL, users[i].product, &product))
			continue;
		test_from_outside(&product, &users[i], port, tally);
		has_program = product.programs.n || product.units.n ||
			      first_item(&arena, product.packages, "deb:").n;
		if (!has_program && !product.scripts.n)
			tally->n_unseen++;
		if (product.programs.n || (has_program && !product.scripts.n)) {
			tally->n_named++;
			tally->n_wrong += !is_named(&product, &users[i], port, false);
		}
		if (product.scripts.n) {
			tally->n_named++;
			tally->n_wrong += !is_named(&product, &users[i], port, true);
		}
		arena_done(&arena);
	}
}

static void test_all(void)
{
	struct tally tally = {0};

	for (unsigned port = 1; port <= PORT_MAX; port++)
		test_port((uint16_t)port, &tally);
	note("%u numbers with %u users; %u of these are devices, protocols or images only",
	     tally.n_ports, tally.n_users, tally.n_unseen);
	ok(tally.n_ports >= 100, "at least 100 contested numbers (%u)", tally.n_ports);
	ok(tally.n_named > 0 && tally.n_wrong == 0,
	   "%u fixtures on them are named for what they are", tally.n_named);
	ok(tally.n_said + tally.n_unconfirmed >= tally.n_users && tally.n_misheard == 0,
	   "%u answers on them, at least one of each user, are taken for what they prove",
	   tally.n_said);
}

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define EXE(path, comm) .pid = 4242, .executable = S(path), .name = S(comm)
#define OF(name) .package = S(name), .package_answer = PACKAGE_OWNS
#define ALIEN .package_answer = PACKAGE_NONE
#define SHELL .unit = S("session-3.scope"), .uid = 1000

static const struct {
	const char *name;
	uint16_t port;
	enum transport transport;
	const char *want; /* slug; NULL: must stay without a name */
	struct process process;
} machines[] = {
	{"8080: Tomcat from its package, run by the Java of another", 8080, TRANSPORT_TCP, "tomcat",
	 {EXE("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "java"), OF("openjdk-17-jre-headless"),
	  .unit = S("tomcat10.service"), .runtime = S("java"),
	  .script = S("org.apache.catalina.startup.Bootstrap")}},
	{"8080: Jenkins by its archive", 8080, TRANSPORT_TCP, "jenkins",
	 {EXE("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "java"), OF("openjdk-17-jre-headless"),
	  .unit = S("jenkins.service"), .runtime = S("java"),
	  .script = S("/usr/share/java/jenkins.war")}},
	{"8080: somebody's own program", 8080, TRANSPORT_TCP, NULL,
	 {EXE("/home/dev/src/shop/shop", "shop"), ALIEN, SHELL}},
	{"3000: Grafana as a service", 3000, TRANSPORT_TCP, "grafana",
	 {EXE("/usr/share/grafana/bin/grafana", "grafana"), OF("grafana"),
	  .unit = S("grafana-server.service")}},
	{"3000: Next.js in a shell", 3000, TRANSPORT_TCP, "nextjs",
	 {EXE("/home/dev/.nvm/versions/node/v22.1.0/bin/node", "next-server"), ALIEN, SHELL,
	  .runtime = S("node"), .script = S("/home/dev/shop/node_modules/next/dist/bin/next")}},
	{"5000: Flask by its module", 5000, TRANSPORT_TCP, "flask",
	 {EXE("/usr/bin/python3.11", "python3"), OF("python3.11-minimal"), SHELL,
	  .runtime = S("python"), .script = S("-m flask")}},
	{"8000: Django's own server in a project", 8000, TRANSPORT_TCP, "django",
	 {EXE("/usr/bin/python3.11", "python3"), OF("python3.11-minimal"), SHELL,
	  .runtime = S("python"), .script = S("manage.py")}},
	{"8000: uvicorn in a virtual environment", 8000, TRANSPORT_TCP, "uvicorn",
	 {EXE("/usr/bin/python3.11", "uvicorn"), OF("python3.11-minimal"), SHELL,
	  .runtime = S("python"), .script = S("/srv/app/venv/bin/uvicorn")}},
	{"9090: Cockpit, while the manager holds its socket", 9090, TRANSPORT_TCP, "cockpit",
	 {EXE("/usr/lib/cockpit/cockpit-tls", "cockpit-tls"), OF("cockpit-ws"),
	  .unit = S("cockpit.service")}},
	{"9090: Prometheus unpacked by hand", 9090, TRANSPORT_TCP, "prometheus",
	 {EXE("/opt/prometheus/prometheus", "prometheus"), ALIEN, .unit = S("prometheus.service")}},
	{"53: the stub resolver", 53, TRANSPORT_UDP, "systemd-resolved",
	 {EXE("/usr/lib/systemd/systemd-resolved", "systemd-resolve"), OF("systemd-resolved"),
	  .unit = S("systemd-resolved.service")}},
	{"53: dnsmasq that libvirt started", 53, TRANSPORT_UDP, "dnsmasq",
	 {EXE("/usr/sbin/dnsmasq", "dnsmasq"), OF("dnsmasq-base"), .unit = S("libvirtd.service")}},
	{"25: Postfix, whose listener is called master", 25, TRANSPORT_TCP, "postfix",
	 {EXE("/usr/lib/postfix/sbin/master", "master"), OF("postfix"),
	  .unit = S("postfix@-.service")}},
	{"25: Exim", 25, TRANSPORT_TCP, "exim4",
	 {EXE("/usr/sbin/exim4", "exim4"), OF("exim4-daemon-light"), .unit = S("exim4.service")}},
	{"26379: Sentinel, which is the program of Redis", 26379, TRANSPORT_TCP, "redis-sentinel",
	 {EXE("/usr/bin/redis-check-rdb", "redis-sentinel"), OF("redis-tools"),
	  .unit = S("redis-sentinel.service")}},
	{"5672: RabbitMQ inside Erlang's machine", 5672, TRANSPORT_TCP, "rabbitmq",
	 {EXE("/usr/lib/erlang/erts-13.1.5/bin/beam.smp", "beam.smp"), OF("erlang-base"),
	  .unit = S("rabbitmq-server.service"), .runtime = S("erlang"), .script = S("-m rabbit")}},
	{"8888: Jupyter by its starter", 8888, TRANSPORT_TCP, "jupyter-server",
	 {EXE("/usr/bin/python3.11", "jupyter-lab"), OF("python3.11-minimal"), SHELL,
	  .runtime = S("python"), .script = S("/usr/local/bin/jupyter-lab")}},
	{"9100: the node exporter on the printers' number", 9100, TRANSPORT_TCP,
	 "prometheus-node-exporter",
	 {EXE("/usr/bin/prometheus-node-exporter", "prometheus-node"), OF("prometheus-node-exporter"),
	  .unit = S("prometheus-node-exporter.service")}},
};
/* clang-format on */

static void test_machines(void)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct arena arena = {0};
		struct verdict verdict;
		const char *want = machines[i].want;

		judge(&machines[i].process, machines[i].port, machines[i].transport, &arena,
		      &verdict);
		if (want)
			is_span(verdict.product->slug, span_str(want), machines[i].name);
		else
			ok(verdict.match == MATCH_NONE && !verdict.has_fact, "%s",
			   machines[i].name);
		arena_done(&arena);
	}
}

int main(void)
{
	test_all();
	test_machines();
	return done();
}
