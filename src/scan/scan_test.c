/* SPDX-License-Identifier: Apache-2.0 */
/* scan: whom it may ask, what a dead worker costs, and what a lying worker cannot do. */
#include "scan/scan.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "scan/talk.h"
#include "scan/worker.h"
#include "test/tap.h"

static const struct {
	const char *address;
	enum scan_allowed allowed;
	const char *name;
} asked[] = {
	{"127.0.0.1", SCAN_HERE, "loopback is here"},
	{"127.9.8.7", SCAN_HERE, "all of it"},
	{"::1", SCAN_HERE, "in IPv6 too"},
	{"::ffff:127.0.0.1", SCAN_HERE, "and in its clothes"},
	{"127.255.255.255", SCAN_NEVER, "but for its broadcast"},
	{"10.1.2.3", SCAN_HERE, "an own address is here"},
	{"10.1.2.4", SCAN_INSIDE, "its subnet is inside"},
	{"10.1.2.255", SCAN_NEVER, "but for the broadcast"},
	{"10.1.3.1", SCAN_OUTSIDE, "the next subnet is outside"},
	{"192.0.2.129", SCAN_INSIDE, "a network that was named is inside"},
	{"192.0.2.127", SCAN_OUTSIDE, "to the bit"},
	{"2001:db8::1", SCAN_INSIDE, "in IPv6 too"},
	{"2001:db9::1", SCAN_OUTSIDE, "to the bit"},
	{"0.1.2.3", SCAN_NEVER, "this-network"},
	{"0.0.0.0", SCAN_NEVER, "no address"},
	{"::", SCAN_NEVER, "no address in IPv6"},
	{"224.0.0.251", SCAN_NEVER, "multicast"},
	{"ff02::fb", SCAN_NEVER, "multicast in IPv6"},
	{"240.0.0.1", SCAN_NEVER, "reserved"},
	{"255.255.255.255", SCAN_NEVER, "broadcast"},
	{"169.254.169.254", SCAN_NEVER, "the metadata of a cloud"},
	{"::ffff:169.254.169.254", SCAN_NEVER, "in IPv6 clothes"},
	{"fd00:ec2::254", SCAN_NEVER, "and in its own"},
};

static void test_scope(void)
{
	static struct scan_scope scope;
	struct address a;

	if (!address_parse(SPAN_LIT("10.1.2.3"), &a))
		return;
	scope.own[scope.n_own++] = a;
	scope.networks[scope.n_networks++] = (struct scan_network){a, 24};
	ok(scan_scope_add(&scope, SPAN_LIT("192.0.2.128/25"), NULL) == 0 &&
		   scan_scope_add(&scope, SPAN_LIT("2001:db8::/32"), NULL) == 0,
	   "networks are read");
	ok(scan_scope_add(&scope, SPAN_LIT("192.0.2.0/33"), NULL) == -EINVAL &&
		   scan_scope_add(&scope, SPAN_LIT("all"), NULL) == -EINVAL &&
		   scan_scope_add(&scope, SPAN_LIT(""), NULL) == -EINVAL,
	   "and what is none is refused");
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		ok(address_parse(span_str(asked[i].address), &a) &&
			   scan_scope_ask(&scope, &a) == asked[i].allowed,
		   "%s: %s", asked[i].address, asked[i].name);
}

/* A row that each kind of damage shows itself to, by the first byte that a server says. */
static const struct proto *recognise(struct span bytes, enum proto_side side,
				     enum transport transport, uint16_t port,
				     enum proto_match *match)
{
	volatile size_t n = 0;

	if (bytes.n && bytes.p[0] == '!') {
		signal(SIGSEGV, SIG_DFL); /* the sanitizer need not report it */
		raise(SIGSEGV);
	}
	while (bytes.n && bytes.p[0] == '?')
		n++;
	if (bytes.n && bytes.p[0] == '*')
		abort();
	return proto_recognise(bytes, side, transport, port, match);
}

static const struct {
	const char *says;
	enum scan_state state;
	const char *name;
} servers[] = {
	{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", SCAN_OPEN, "an honest server"},
	{"!", SCAN_FAILED, "bytes that crash the parser"},
	{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", SCAN_OPEN, "another honest one"},
	{"?", SCAN_FAILED, "bytes that keep the parser for ever"},
	{"*", SCAN_FAILED, "bytes that the parser gives up on"},
	{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", SCAN_OPEN, "a third honest one"},
};

enum { N_SERVERS = sizeof(servers) / sizeof(*servers) };

_Noreturn static void serve(const int fds[N_SERVERS])
{
	struct pollfd waits[N_SERVERS];

	for (;;) {
		for (size_t i = 0; i < N_SERVERS; i++)
			waits[i] = (struct pollfd){fds[i], POLLIN, 0};
		poll(waits, N_SERVERS, -1);
		for (size_t i = 0; i < N_SERVERS; i++) {
			int fd = waits[i].revents ? accept(fds[i], NULL, NULL) : -1;

			if (fd < 0)
				continue;
			send(fd, servers[i].says, strlen(servers[i].says), MSG_NOSIGNAL);
			shutdown(fd, SHUT_WR);
			close(fd);
		}
	}
}

static int listen_somewhere(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

struct kept {
	struct scan_sink sink;
	struct scan_result results[N_SERVERS];
	unsigned n_put[N_SERVERS];
};

static int put(struct scan_sink *sink, size_t index, const struct scan_result *result)
{
	struct kept *kept = (struct kept *)sink;

	kept->results[index] = *result;
	kept->n_put[index]++;
	return 0;
}

static void test_workers(void)
{
	static struct kept kept = {.sink = {put}};
	struct scan_target targets[N_SERVERS] = {0};
	/* generous: the honest ones must not be cut short on a slow machine */
	struct scan_query query = {.targets = targets,
				   .n_targets = N_SERVERS,
				   .timeout_ms = 20000,
				   .recognise = recognise};
	struct why why = {0};
	int fds[N_SERVERS];
	pid_t pid;

	for (size_t i = 0; i < N_SERVERS; i++) {
		targets[i].transport = TRANSPORT_TCP;
		targets[i].is_here = true;
		fds[i] = listen_somewhere(&targets[i].port);
		if (fds[i] < 0 || !address_parse(SPAN_LIT("127.0.0.1"), &targets[i].address)) {
			skip(1, "cannot listen on loopback");
			return;
		}
	}
	pid = fork();
	if (pid == 0)
		serve(fds);
	ok(scan_identify(&query, &kept.sink, &why) == 0, "a scan survives its workers%s", why.text);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < N_SERVERS; i++) {
		const struct scan_result *r = &kept.results[i];

		is_str(scan_state_word(r->state), scan_state_word(servers[i].state),
		       servers[i].name);
		ok(kept.n_put[i] == 1, "%s is reported once", servers[i].name);
		ok((r->proto != NULL) == (servers[i].state == SCAN_OPEN), "%s is %sknown",
		   servers[i].name, servers[i].state == SCAN_OPEN ? "" : "not ");
	}
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no worker is left");
}

static void test_records(void)
{
	static struct record good = {
		.magic = RECORD_MAGIC, .index = 2, .proto = 0, .spared = NO_PROTO};
	static struct record r;

	good.result.n_steps = 1;
	good.result.n_bytes = 10;
	good.result.steps[0] = (struct scan_step){.n = 20, .at = 4, .kept = 6};
	r = good;
	ok(record_check(&r, 3) && r.result.proto == proto_at(0) && !r.result.spared,
	   "a sound record is taken, its rows by number");

#define LIE(change, name)                                                                          \
	do {                                                                                       \
		r = good;                                                                          \
		change;                                                                            \
		ok(!record_check(&r, 3), "refused: %s", name);                                     \
	} while (0)
	LIE(r.magic = 0, "no record");
	LIE(r.index = 3, "a target that nobody asked for");
	LIE(r.proto = (int32_t)proto_count(), "a row that is not there");
	LIE(r.spared = -2, "a row before the first");
	LIE(r.result.state = (enum scan_state)77, "a state without word");
	LIE(r.result.match = (enum proto_match)9, "a match without word");
	LIE(memset(r.result.product, 'x', PROTO_TEXT), "a product without end");
	LIE(memset(r.result.version, 'x', PROTO_TEXT), "a version without end");
	LIE(r.result.n_facts = SCAN_FACTS + 1, "more facts than there is room");
	LIE((r.result.n_facts = 1, memset(r.result.facts[0].name, 'x', SCAN_NAME)),
	    "a fact's name without end");
	LIE(r.result.n_steps = SCAN_STEPS + 1, "more steps than there is room");
	LIE(r.result.n_bytes = SCAN_BYTES + 1, "more bytes than there is room");
	LIE(r.result.steps[0].at = 11, "bytes from behind the end");
	LIE(r.result.steps[0].kept = 7, "bytes up to behind the end");
	LIE(r.result.steps[0].n = 5, "more bytes kept than there were");
	LIE(r.result.steps[0].reason = (enum scan_reason)99, "a reason without word");
	LIE(memset(r.result.steps[0].proto, 'x', SCAN_NAME), "a protocol's name without end");
#undef LIE
}

static bool is_asked(struct scan_target *target)
{
	static struct scan_query query;
	static struct talk_shop shop;
	static struct talk talk;

	shop.query = &query;
	talk = (struct talk){.shop = &shop, .target = target, .carrier = &talk_tcp};
	plan_questions(&talk);
	ok(talk.is_restrained == (talk.n_queue == 0), "who is asked nothing is asked nothing later");
	return talk.n_queue > 0;
}

static void test_plan(void)
{
	struct scan_target target = {.port = 9100, .transport = TRANSPORT_TCP};

	ok(!is_asked(&target), "9100 hears nothing: it may be a printer, and print it");
	target.expected[0] = proto_find(SPAN_LIT("http"));
	ok(!is_asked(&target), "nor where practice has a web server too");
	target.is_owner_known = true;
	ok(is_asked(&target), "a program that is known to speak HTTP there is asked");
	target.expected[0] = proto_find(SPAN_LIT("pjl"));
	ok(!is_asked(&target), "and one that is known to print is not");
	target = (struct scan_target){.port = 47110, .transport = TRANSPORT_TCP};
	ok(is_asked(&target), "who is on a number of no practice is asked");
}

int main(void)
{
	test_scope();
	test_plan();
	test_records();
	test_workers();
	return done();
}
