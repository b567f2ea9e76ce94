/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: the table of all rules, in the order of their ids, with the help that people read.
 *
 * To add one: write its function beside its family, declare it in matter.h, add a row here, and
 * give rules_test.c a sighting that fires it and the nearest innocent one. An id is never given
 * out twice, not even after its rule is gone. A rule that cancels others stands before them. Rows
 * without function are of ports that a scan has seen from outside: outside.c fires them.
 */
#include "verdict/matter.h"

/* clang-format off */
static const struct rule_row rows[] = {
	{{"PP102", EFFECT_EXPECTED, N_("packaged service on its own port"), N_("packages, practice"),
	  N_("The program belongs to a package of this system, or on Windows it and "
	     "its service's library are signed; it runs as a system service, and "
	     "practice knows this product on this number, reachable as far as it is "
	     "here or further. While this holds, PP201 to PP214 are only notes. It never "
	     "excuses PP301 and the rules after it.")},
	 .states = WITH_PORT, .cancels = true, .fires = fires_packaged_service},
	{{"PP103", EFFECT_EXPECTED, N_("answers as what is usual here"), N_("probe, practice"),
	  N_("Asked with --probe or by a scan, or overheard, it proved by its bytes to be a product "
	     "that practice knows on this number, and nothing that was seen of its "
	     "program contradicts that. Bytes can be forged: it excuses no other rule.")},
	 .states = WITH_PORT | PASSING, .fires = fires_says_so},
	{{"PP120", EFFECT_NOTE, N_("registered for something else"), N_("IANA"),
	  N_("The registry (IANA) gives this number a name that does not describe the "
	     "program seen here, or, with --probe, what it answered. That is ordinary: most numbers in use are borrowed. "
	     "It is a note and weighs nothing.")},
	 .states = WITH_PORT | PASSING, .fires = fires_other_registration},
	{{"PP121", EFFECT_NOTE, N_("the registration is a ghost"), N_("IANA, evidence"),
	  N_("The number is registered, but the sources that were searched have no "
	     "software and no document that uses the registration. That is not proof "
	     "that there is none. What listens here is most likely something else. It "
	     "is a note and weighs nothing.")},
	 .states = WITH_PORT | PASSING, .fires = fires_ghost},
	{{"PP130", EFFECT_NOTE, N_("malware has used this number"), N_("practice"),
	  N_("Malware is known to have used this number, at the time and by the "
	     "source named. A number alone proves nothing, so this is a note and "
	     "weighs nothing. Stories that nobody could confirm are not told here.")},
	 .states = WITH_PORT | PASSING, .fires = fires_malware},
	{{"PP201", EFFECT_LOOK, N_("nobody has claimed it"), N_("kernel"),
	  N_("The program is known, but no claim of yours and no package explains why "
	     "it holds this number. If it is yours, claim it. A UDP number that the "
	     "kernel handed to a packaged service for its own questions is only noted, "
	     "and so is one that a service was handed and told rpcbind.")},
	 .states = WITH_PORT, .may_be_cancelled = true, .fires = fires_unclaimed},
	{{"PP202", EFFECT_LOOK, N_("its program is hidden from you"), N_("kernel"),
	  N_("The kernel shows the socket and its user, but not the program behind "
	     "it, for the reason named. Run periplus as root to see it.")},
	 .states = ALL_WAITING, .may_be_cancelled = true, .fires = fires_hidden},
	{{"PP203", EFFECT_LOOK, N_("reachable from outside, and unclaimed"), N_("kernel"),
	  N_("The socket is bound to an address that is not loopback, so other "
	     "machines may reach it unless a firewall forbids it. If only this "
	     "machine needs it, bind it to 127.0.0.1 or ::1.")},
	 .states = WITH_PORT, .may_be_cancelled = true, .fires = fires_reachable},
	{{"PP204", EFFECT_LOOK, N_("runs an older copy of its package's file"), N_("proc, packages"),
	  N_("The file of the program was deleted, and a package owns its path: the "
	     "package was upgraded or removed and the program was not restarted. "
	     "Security fixes of the new file do not work until it is.")},
	 .states = ALL_WAITING, .may_be_cancelled = true, .fires = fires_older_copy},
	{{"PP205", EFFECT_LOOK, N_("no program is behind the socket"), N_("kernel, proc"),
	  N_("Nothing is hidden from us, and still no process has this socket open. "
	     "Services inside the kernel (network file systems, tunnels) look like "
	     "this; so does a socket on its way from one process to another, and a "
	     "program that hides itself.")},
	 .states = ALL_WAITING, .may_be_cancelled = true, .fires = fires_nobody},
	{{"PP206", EFFECT_LOOK, N_("speaks another protocol than its program"), N_("probe, practice"),
	  N_("Asked with --probe, the socket proved to speak a protocol that its "
	     "program is not known for, on the very number where it usually speaks its "
	     "own. A tunnel, a changed setting, or a program that is not what its name "
	     "says. TLS alone is no other protocol.")},
	 .states = WITH_PORT, .fires = fires_other_protocol},
	{{"PP207", EFFECT_LOOK, N_("speaks what is not known on this number"), N_("traffic"),
	  N_("A capture proves this protocol, and neither the registry, nor the practice, "
	     "nor the protocol's own usual ports have it on this number. Most often "
	     "somebody chose a number of their own; tunnels and hidden services look the "
	     "same. TLS alone is no reason: anything may be inside.")},
	 .states = PASSING, .fires = fires_unknown_here},
	{{"PP208", EFFECT_LOOK, N_("travels outside of the tunnel where it belongs"), N_("traffic"),
	  N_("The standard of this protocol has it inside of a GRE tunnel only, and routers "
	     "must drop it elsewhere. Bare, it is a leak of the provider's network, or "
	     "somebody forges it. For MDT Join see RFC 6037 section 7.2 and RFC 6513.")},
	 .states = PASSING, .fires = fires_untunnelled},
	{{"PP211", EFFECT_LOOK, N_("bound wider than usual"), N_("practice"),
	  N_("This product usually listens on fewer addresses than it does here. "
	     "Somebody configured it so, or a default was changed. Check that it is "
	     "meant, above all when the product asks for no password.")},
	 .states = WITH_PORT, .may_be_cancelled = true, .fires = fires_wider},
	{{"PP212", EFFECT_LOOK, N_("published by a container past the firewall"), N_("container runtime"),
	  N_("A container runtime publishes this port by rewriting packets before the "
	     "host's input rules see them, so a firewall that closes the port on this "
	     "host may not close it here. Publish it on 127.0.0.1, or filter where "
	     "the runtime lets you.")},
	 .states = WITH_PORT, .may_be_cancelled = true, .fires = fires_published},
	{{"PP213", EFFECT_LOOK, N_("two owners on one number"), N_("kernel"),
	  N_("Another user's socket is bound to the same number on another address or "
	     "family, or shares it, and could receive what was meant for this one. "
	     "See both with periplus PORT.")},
	 .states = WITH_PORT, .may_be_cancelled = true, .fires = fires_rival},
	{{"PP214", EFFECT_LOOK, N_("fixed number inside the ephemeral range"), N_("sysctl"),
	  N_("This host hands out numbers of that range as source ports. Any outgoing "
	     "connection may hold the number when the service starts, which then "
	     "fails. Keep it out with net.ipv4.ip_local_reserved_ports. Where it is "
	     "not known that the number is fixed, this is only noted.")},
	 .states = WITH_PORT, .may_be_cancelled = true, .fires = fires_ephemeral},
	{{"PP220", EFFECT_LOOK, N_("open to others, and nobody has claimed it"), N_("scan"),
	  N_("A scan saw the port open from outside, and what answers is not proved, or "
	     "is proved and not usual on this number. Look at the host itself to see "
	     "the program.")}},
	{{"PP221", EFFECT_LOOK, N_("open from outside, and nothing listens inside"), N_("scan, listing"),
	  N_("The port answers from outside, and the listing of the host has no listener "
	     "there. Something else answers in its name: address translation, a load "
	     "balancer, a container or another network namespace, or a socket that is "
	     "hidden from the listing. A service that was started between the two "
	     "looks is the ordinary cause.")}},
	{{"PP222", EFFECT_LOOK, N_("open from outside, though it listens on loopback only"),
	  N_("scan, listing"),
	  N_("By the listing of the host only loopback addresses are bound, and still the "
	     "port answers from outside: a forwarder or a proxy publishes it.")}},
	{{"PP223", EFFECT_NOTE, N_("listens inside, did not answer outside"), N_("scan, listing"),
	  N_("The listing of the host has a listener that others may reach by its "
	     "address, and the scan got no answer: a firewall on the way, as it is "
	     "mostly meant. It is a note and weighs nothing.")}},
	{{"PP301", EFFECT_UNEXPECTED, N_("its program file was deleted"), N_("proc, packages"),
	  N_("The program runs from a file that has no name any more, or never had "
	     "one, and no package owns the path. Intruders delete their files; so do "
	     "builds and private upgrades. It only needs a look when another file "
	     "took the name, when packages could not be asked, or when it is your own "
	     "on loopback.")},
	 .states = ALL_WAITING, .fires = fires_deleted},
	{{"PP302", EFFECT_UNEXPECTED, N_("its program lies where anybody can write"), N_("proc"),
	  N_("The program runs from a file system in memory or from a directory that "
	     "everybody may write. No installed server does. It only needs a look "
	     "when it is your own on loopback (tests and builds do that), in a "
	     "container, or owned by a package.")},
	 .states = ALL_WAITING, .fires = fires_volatile},
	{{"PP303", EFFECT_UNEXPECTED, N_("it carries another's name"), N_("proc"),
	  N_("A program calls itself like a thread of the kernel, which has no "
	     "program file; or its file is named like a known server but lies where "
	     "none is installed and belongs to no package. The second only needs a "
	     "look unless it lies in a temporary or hidden directory.")},
	 .states = ALL_WAITING, .fires = fires_disguised},
	{{"PP304", EFFECT_UNEXPECTED, N_("opened by a child of a web or mail worker"), N_("lineage"),
	  N_("A server that handles strangers' requests started another program, and "
	     "that one opened a port. Intruders come that way. A known helper that "
	     "stays on loopback, or your own, only needs a look.")},
	 .states = ALL_WAITING, .fires = fires_worker_child},
	{{"PP312", EFFECT_UNEXPECTED, N_("speaks another protocol than claimed"), N_("claims, probe"),
	  N_("A claim of yours says which protocol is spoken on this number, and asked with "
	     "--probe the socket proved to speak another. Either the claim is old, or "
	     "somebody else has the number. TLS that was not looked into proves nothing "
	     "of the kind.")},
	 .states = WITH_PORT, .fires = fires_unclaimed_protocol},
	{{"PP320", EFFECT_UNEXPECTED, N_("the views of the machine disagree"), N_("kernel"),
	  N_("The kernel's own look at processes shows a socket or a process that its "
	     "lists for programs keep back. Ordinary systems do not do that; what hides "
	     "itself from ss and ps does. It is told only after asking again.")},
	 .states = ALL_WAITING, .fires = fires_unlisted},
	{{"PP321", EFFECT_UNEXPECTED, N_("listens without a port"), N_("kernel"),
	  N_("The program reads packets below the level of ports, where no port scan "
	     "finds it. DHCP clients, packet capture and intrusion detection do so "
	     "and are expected when they come from a package. Other packaged programs "
	     "need a look.")},
	 .states = WITHOUT_PORT, .fires = fires_portless},
	{{"PP330", EFFECT_UNEXPECTED, N_("whoever reaches it commands it, without a login"), N_("probe"),
	  N_("Asked with --probe or by a scan, without credentials, it answered what it refuses "
	     "to strangers where a login is set: a data base gave itself away, an engine took "
	     "commands. It was asked from another address than loopback, so others are "
	     "answered as well unless a firewall keeps them off. Where only loopback is "
	     "answered, what rules the machine (an engine of containers) needs a look, for "
	     "every local program commands it, and a data base is only noted. Set a "
	     "password, or bind it to where only those reach it who may.")},
	 .states = WITH_PORT, .fires = fires_no_login},
	{{"PP331", EFFECT_LOOK, N_("takes new firmware without a password"), N_("announcement"),
	  N_("The board announces that an upload needs no password (auth_upload=no): whoever "
	     "reaches it changes its program. Told by periplus ota list, by what the board "
	     "says of itself; nothing was tried. Set a password in the sketch.")}},
};
/* clang-format on */

const struct rule_row *rule_row(size_t index)
{
	return &rows[index];
}

size_t verdict_n_rules(void)
{
	return ARRAY_LEN(rows);
}

const struct rule *verdict_rule(size_t index)
{
	return index < ARRAY_LEN(rows) ? &rows[index].rule : NULL;
}

const struct rule *verdict_rule_find(struct span id)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(id, span_str(rows[i].rule.id)))
			return &rows[i].rule;
	return NULL;
}
