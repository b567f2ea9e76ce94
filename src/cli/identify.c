/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify: what speaks on HOST:PORT.
 *
 * Operands are HOST:PORT, [ADDRESS]:PORT, HOST:FIRST-LAST, PORT alone for this machine, each with
 * /udp or /tcp. A name is resolved once, and its first address is asked. The map and, on this
 * machine, the program that listens tell which protocols to expect; that orders the questions and
 * spares what questions harm. Addresses outside of this machine's own networks need --scope.
 */
#include "cli/capture.h"
#include "cli/call.h"
#include "cli/probe.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/scope.h"

enum { UDP, SCOPE, INTRUSIVE, TIMEOUT, PCAP, CALL };

static const struct cli_option options[] = {
	[UDP] = {"udp", 'u', NULL, N_("ask over UDP where a target does not say")},
	[SCOPE] = {"scope", 0, "NETWORKS",
		   N_("others' networks that may be asked: 192.0.2.0/24,...")},
	[INTRUSIVE] = {"allow-intrusive", 0, NULL,
		       N_("questions too that must be undone behind them")},
	[TIMEOUT] = {"timeout", 0, "SECONDS",
		     N_("time for a port in all (8), measure of every wait")},
	[PCAP] = {"pcap", 0, "FILE", N_("name the conversations of a capture instead; - is stdin")},
	[CALL] = {"call", 0, "PROTOCOL",
		  N_("ask everybody on the networks of INTERFACE... instead: xcp")},
};

enum { TARGETS_MAX = 4096 };

struct work {
	struct scan_sink sink; /* first: put gets its address */
	struct cli *cli;
	struct scan_scope scope;
	struct scan_target *targets;
	size_t n_targets, capacity;
	struct span *hosts; /* of each target */
	size_t n_hosts, hosts_capacity;
	const struct scan_result **results;
	size_t n_shown; /* in the order of the targets */
	bool has_failed;
};

static bool take_sockaddr(const struct sockaddr *from, struct address *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;

	if (from->sa_family == AF_INET) {
		*a = address_ipv4((const uint8_t *)&v4->sin_addr);
		return true;
	}
	if (from->sa_family != AF_INET6)
		return false;
	*a = address_ipv6(v6->sin6_addr.s6_addr);
	a->interface = v6->sin6_scope_id;
	return true;
}

static int resolve(struct span host, struct address *address)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *all = NULL;
	char name[256];
	bool is_found = false;
	int r;

	if (address_parse(host, address))
		return 0;
	if (host.n == 0 || host.n >= sizeof(name) || span_find_byte(host, 0) >= 0)
		return cli_fail(EX_USAGE, _("'%.*s' is not a host"), SPAN_ARG(host));
	memcpy(name, host.p, host.n);
	name[host.n] = 0;
	r = getaddrinfo(name, NULL, &hints, &all);
	for (struct addrinfo *i = r ? NULL : all; i && !is_found; i = i->ai_next)
		is_found = take_sockaddr(i->ai_addr, address);
	if (r == 0)
		freeaddrinfo(all);
	if (!is_found)
		return cli_fail(EX_UNAVAILABLE, _("cannot find the address of '%s': %s"), name,
				r ? gai_strerror(r) : _("none is known"));
	return 0;
}

/* "host:22/udp" into host and the query of the ports. */
static int split(const char *word, struct span *host, struct port_query *query)
{
	struct span text = span_str(word);
	ptrdiff_t colon = span_find_last(text, ':');
	struct span ports = text;
	struct why why;

	*host = SPAN_LIT("127.0.0.1");
	if (colon > 0) {
		*host = span_cut(text, (size_t)colon);
		ports = span_skip(text, (size_t)colon + 1);
	} else if (!port_query_looks_like(text)) {
		return cli_fail(EX_USAGE, _("'%s' names no port: write HOST:PORT"), word);
	}
	if (span_starts(*host, "[") && span_ends(*host, "]"))
		*host = span_of(host->p + 1, host->n - 2);
	else if (span_find_byte(*host, ':') >= 0)
		return cli_fail(EX_USAGE, _("'%s' is ambiguous: write [ADDRESS]:PORT"), word);
	if (port_query_parse(ports, query, &why) < 0)
		return cli_fail(EX_USAGE, "%s", why.text);
	if (query->transport != TRANSPORT_ANY && query->transport != TRANSPORT_TCP &&
	    query->transport != TRANSPORT_UDP)
		return cli_fail(EX_USAGE, _("'%s': only tcp and udp can be asked"), word);
	return 0;
}

/* The address itself is asked for on a terminal: a range is not typed by accident. */
static bool confirms(const char *text)
{
	char line[16] = "";

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, _("%s is outside of this machine's own networks; ask it? type 'yes': "),
		text);
	fflush(stderr);
	return fgets(line, sizeof(line), stdin) && span_is(span_trim(span_str(line)), "yes");
}

static int check_scope(struct work *work, const struct address *address, bool *is_here)
{
	char text[ADDRESS_TEXT];

	address_text(address, text);
	switch (scan_scope_ask(&work->scope, address)) {
	case SCAN_NEVER:
		return cli_fail(EX_NOPERM,
				_("'%s' is never asked: it is no single host's own address"), text);
	case SCAN_OUTSIDE:
		if (confirms(text))
			return scan_scope_add(&work->scope, span_str(text), NULL) < 0 ? EX_SOFTWARE
										      : 0;
		return cli_fail(EX_NOPERM,
				_("'%s' is outside of this machine's own networks; if it may "
				  "be asked: --scope %s"),
				text, text);
	case SCAN_HERE: *is_here = true; return 0;
	default: return 0;
	}
}

static int add(struct work *work, const char *word)
{
	struct arena *arena = &work->cli->arena;
	struct scan_target target = {0};
	struct port_query query = {0};
	struct address literal;
	struct span host;
	int status = split(word, &host, &query);

	if (status == 0)
		status = resolve(host, &target.address);
	if (status == 0)
		status = check_scope(work, &target.address, &target.is_here);
	if (status)
		return status;
	if (!address_parse(host, &literal))
		target.host = (const char *)arena_print(arena, "%.*s%c", SPAN_ARG(host), 0).p;
	target.transport = query.transport != TRANSPORT_ANY ? query.transport
			   : work->cli->values[UDP]         ? TRANSPORT_UDP
							    : TRANSPORT_TCP;
	for (uint32_t port = query.first; port <= query.last; port++) {
		if (port == 0)
			return cli_fail(EX_USAGE, _("nothing can be asked on port 0"));
		if (work->n_targets == TARGETS_MAX)
			return cli_fail(EX_USAGE, _("more than %d ports at once"), TARGETS_MAX);
		target.port = (uint16_t)port;
		*(struct scan_target *)arena_push(arena, &work->targets, &work->n_targets,
						  &work->capacity, sizeof(target)) = target;
		*(struct span *)arena_push(arena, &work->hosts, &work->n_hosts,
					   &work->hosts_capacity, sizeof(host)) = host;
	}
	return 0;
}

static bool is_of(const struct sighting *s, const struct scan_target *target)
{
	return s->port == target->port && transport_registered(s->transport) == target->transport &&
	       !s->is_elsewhere && s->state != SOCKET_PEER &&
	       (address_is_any(&s->local) || address_eq(&s->local, &target->address));
}

/* The program that listens here knows best what it speaks. */
static void expect_owners(struct work *work)
{
	struct host_query query = {.first = PORT_MAX, .last = 0};
	struct gathered all;

	for (size_t i = 0; i < work->n_targets; i++) {
		if (!work->targets[i].is_here)
			continue;
		if (work->targets[i].port < query.first)
			query.first = work->targets[i].port;
		if (work->targets[i].port > query.last)
			query.last = work->targets[i].port;
	}
	if (query.first > query.last || gather(work->cli, &query, &all))
		return;
	for (size_t i = 0; i < work->n_targets; i++)
		for (size_t k = 0; k < all.n_rows && work->targets[i].is_here; k++) {
			const struct verdict *v = all.rows[k].verdict;

			if (!is_of(all.rows[k].sighting, &work->targets[i]) ||
			    v->match == MATCH_NONE)
				continue;
			expect_words(&work->targets[i], v->product->protocols);
			work->targets[i].is_owner_known = work->targets[i].expected[0] != NULL;
		}
}

/* Shows what has come, in the order in which it was asked for. */
static void show(struct work *work)
{
	while (work->n_shown < work->n_targets && work->results[work->n_shown]) {
		size_t i = work->n_shown++;
		struct identify_report report = {
			.host = work->hosts[i],
			.target = &work->targets[i],
			.result = work->results[i],
			.registered = map_service_name(work->cli->map, work->targets[i].port,
						       work->targets[i].transport),
		};

		work->cli->format->identify(&work->cli->out, &work->cli->style, &report, i == 0,
					    work->n_shown == work->n_targets);
	}
}

static int put(struct scan_sink *sink, size_t index, const struct scan_result *result)
{
	struct work *work = (struct work *)sink;
	struct scan_result *kept = arena_get(&work->cli->arena, sizeof(*kept));

	*kept = *result;
	work->results[index] = kept;
	work->has_failed = work->has_failed || result->state == SCAN_FAILED;
	show(work);
	return 0;
}

static int set_scope(struct work *work, const char *networks)
{
	struct span rest = span_str(networks);
	struct span item;
	struct why why = {0};

	if (scan_scope_init(&work->scope, &why) < 0)
		return cli_fail(EX_UNAVAILABLE, "%s", why.text);
	while (take_until(&rest, ',', &item))
		if (scan_scope_add(&work->scope, item, &why) < 0)
			return cli_fail(EX_USAGE, "%s", why.text);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct work work = {.sink = {put}, .cli = cli};
	struct scan_query query = {.allow_intrusive = cli->values[INTRUSIVE]};
	struct why why = {0};
	int status;

	if (cli->values[PCAP] && (argc || cli->values[UDP] || cli->values[SCOPE] ||
				  cli->values[INTRUSIVE] || cli->values[CALL]))
		return cli_fail(EX_USAGE, _("--pcap reads a file and asks nobody: leave out targets "
					    "and what is for asking"));
	if (cli->values[PCAP])
		return identify_capture(cli, cli->values[PCAP], cli->values[TIMEOUT]);
	if (cli->values[CALL] && (cli->values[UDP] || cli->values[SCOPE]))
		return cli_fail(EX_USAGE, _("--call asks a multicast group: leave out targets "
					    "and what is for them"));
	if (cli->values[CALL])
		return identify_call(cli, cli->values[CALL], cli->values[TIMEOUT], argc,
					 argv);
	if (argc == 0)
		return cli_fail(EX_USAGE,
				_("what shall be asked? write 'periplus identify HOST:PORT'"));
	status = probe_time(cli->values[TIMEOUT], SCAN_TIMEOUT_MS, &query.timeout_ms);
	if (status)
		return status;
	status = set_scope(&work, cli->values[SCOPE]);
	for (int i = 0; i < argc && status == 0; i++)
		status = add(&work, argv[i]);
	if (status)
		return status;
	cli_open_map(cli);
	expect_owners(&work);
	for (size_t i = 0; i < work.n_targets; i++)
		if (!work.targets[i].is_owner_known)
			expect_practice(cli->map, &work.targets[i]);
	work.results = arena_get_array(&cli->arena, work.n_targets, sizeof(*work.results));
	query.targets = work.targets;
	query.n_targets = work.n_targets;
	if (scan_identify(&query, &work.sink, &why) < 0)
		return cli_fail(EXIT_BLIND, "%s", why.text);
	return work.has_failed ? EXIT_BLIND : EXIT_EXPECTED;
}

const struct command command_identify = {
	.name = "identify",
	.does = N_("what speaks on HOST:PORT, and how we know"),
	.args = "HOST:PORT...",
	.example = "periplus identify localhost:8000 -v",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};
