/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows_test: what stands on the numbers of Windows. A service is expected there when its files are
 * signed, Windows says that it is this service, and practice knows the service on the number; short of
 * one of the three it needs a look. Source ports are 49152-65535.
 */
#include "test/tap.h"
#include "verdict/verdict.h"

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define ANY .local = {.family = ADDRESS_IPV4}
#define TCP(number) .transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .port = number
#define UDP(number) .transport = TRANSPORT_UDP, .state = SOCKET_BOUND, .port = number
#define SVCHOST .pid = 1012, .name = S("svchost.exe"), .executable = S("C:\\Windows\\System32\\svchost.exe")
#define SYSTEM32(file) .pid = 900, .name = S(file), .executable = S("C:\\Windows\\System32\\" file)
#define SIGNED .package = S("Microsoft Windows"), .package_answer = PACKAGE_OWNS
#define SERVICE(word) .unit = S(word)

static const struct {
	enum verdict_kind kind;
	const char *name, *product;
	struct sighting sighting;
	struct process process;
} cases[] = {
	{VERDICT_EXPECTED, "the endpoint mapper", "windows-rpc",
	 {TCP(135), ANY}, {SVCHOST, SIGNED, SERVICE("RpcEptMapper")}},
	{VERDICT_EXPECTED, "where several services share a process, the socket tells", "windows-rpc",
	 {TCP(135), ANY, .unit = S("RpcSs")}, {SVCHOST, SIGNED}},
	{VERDICT_EXPECTED, "the DNS client's multicast", "windows-dns-client",
	 {UDP(5353), ANY}, {SVCHOST, SIGNED, SERVICE("Dnscache")}},
	{VERDICT_EXPECTED, "and its link-local names", "windows-dns-client",
	 {UDP(5355), ANY}, {SVCHOST, SIGNED, SERVICE("Dnscache")}},
	{VERDICT_EXPECTED, "discovery of devices", "windows-ssdp",
	 {UDP(1900), ANY}, {SVCHOST, SIGNED, SERVICE("SSDPSRV")}},
	{VERDICT_EXPECTED, "connected devices", "windows-connected-devices",
	 {TCP(5040), ANY}, {SVCHOST, SIGNED, SERVICE("CDPSvc")}},
	{VERDICT_EXPECTED, "delivery of updates", "windows-delivery-optimization",
	 {TCP(7680), ANY}, {SVCHOST, SIGNED, SERVICE("DoSvc")}},
	{VERDICT_EXPECTED, "remote desktop", "windows-rdp",
	 {TCP(3389), ANY}, {SVCHOST, SIGNED, SERVICE("TermService")}},
	{VERDICT_EXPECTED, "a number that the event log was handed for its calls", "windows-rpc-server",
	 {TCP(49665), ANY}, {SVCHOST, SIGNED, SERVICE("EventLog")}},
	{VERDICT_EXPECTED, "and the spooler", "windows-rpc-server",
	 {TCP(49669), ANY}, {SYSTEM32("spoolsv.exe"), SIGNED, SERVICE("Spooler")}},

	{VERDICT_LOOK, "nobody has signed it", "windows-rpc",
	 {TCP(135), ANY}, {SVCHOST, SERVICE("RpcEptMapper")}},
	{VERDICT_LOOK, "signed, and no service", "windows-connected-devices",
	 {TCP(5040), ANY}, {SVCHOST, SIGNED}},
	{VERDICT_LOOK, "another service on the number", "",
	 {TCP(135), ANY}, {SVCHOST, SIGNED, SERVICE("BackdoorSvc")}},
	{VERDICT_LOOK, "a known service on a number that it is not known on", "windows-rdp",
	 {TCP(4444), ANY}, {SVCHOST, SIGNED, SERVICE("TermService")}},
	{VERDICT_LOOK, "a number that somebody chose for a service of calls", "windows-rpc-server",
	 {TCP(8080), ANY}, {SVCHOST, SIGNED, SERVICE("EventLog")}},
	{VERDICT_LOOK, "a signed program that a user started", "nodejs",
	 {TCP(3000), ANY}, {.pid = 9, .name = S("node.exe"), .executable = S("C:\\Program Files\\nodejs\\node.exe"),
	  .package = S("OpenJS Foundation"), .package_answer = PACKAGE_OWNS}},
	{VERDICT_LOOK, "a driver: nothing tells which", "windows-smb",
	 {TCP(445), ANY}, {.pid = 4, .name = S("System"), .is_kernel_thread = true}},
};
/* clang-format on */

int main(void)
{
	static const struct surroundings around = {
		.ephemeral_first = 49152, .ephemeral_last = 65535, .viewer_uid = 1001};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct owner owner = {.process = &cases[i].process};
		struct sighting sighting = cases[i].sighting;
		struct arena arena = {0};
		struct verdict verdict;

		sighting.owners = &owner;
		sighting.n_owners = 1;
		verdict_judge(NULL, NULL, &around, &sighting, &arena, &verdict);
		is_int(verdict.kind, cases[i].kind, cases[i].name);
		is_span(verdict.product->slug, span_str(cases[i].product), "  named so");
		for (size_t k = 0; verdict.kind != cases[i].kind && k < verdict.n_reasons; k++)
			note("%s: %.*s", verdict.reasons[k].rule->id, SPAN_ARG(verdict.reasons[k].detail));
		arena_done(&arena);
	}
	return done();
}
