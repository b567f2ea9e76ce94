/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: which ports of many hosts are open. A part of the door scan.h.
 *
 * An order becomes a plan, from which everything that is never asked has been cut out; the plan
 * says what it would cost before anything is sent. Then it is run: rounds of probes by an engine,
 * each round to those that have not answered, until the measured loss says that another would
 * change nothing; what is open is identified meanwhile, by a worker without rights.
 */
#ifndef PERIPLUS_SCAN_SEARCH_H
#define PERIPLUS_SCAN_SEARCH_H

#include <signal.h>

#include "scan/scan.h"

enum { SCAN_RATE = 500, SCAN_RATE_MOST = 20000000 };
enum { SCAN_UNASKED_MOST = 65536 }; /* targets; more are confirmed by a person */

struct scan_order {
	const struct scan_scope *scope;
	const struct scan_scope *kept_to; /* networks of it outside of which nothing may be named; NULL: all */
	char *const *words; /* "@FILE" reads one */
	size_t n_words;
	const char *file;    /* of targets; "-" is standard input; NULL: none */
	const char *opt_out; /* file of hosts that are never asked; NULL: none */
	const uint16_t *ports;
	uint32_t n_ports;         /* sorted, each once, none 0 */
	enum transport transport; /* TCP or UDP; over UDP class A ports are left out */
	uint32_t shard, n_shards; /* from 1; 0, 0: all */
	const char *resume;       /* file; NULL: none */
	bool is_patient; /* UDP: no faster than hosts tell of closed ports */
};

struct scan_plan {
	struct address first; /* of the hosts */
	uint64_t n_hosts;
	const uint16_t *ports; /* that are asked, sorted */
	uint32_t n_ports;
	uint64_t n_targets;            /* hosts times ports, of all shards */
	uint64_t n_own;                /* of this shard */
	uint64_t n_done;               /* of these, by the runs before (resume) */
	uint64_t n_never, n_opted_out; /* hosts that were named and are not asked */
	uint64_t n_outside;            /* hosts outside of the scope */
	uint64_t n_public;             /* of these, with addresses of the public Internet */
	uint32_t n_networks_outside; /* /24 (IPv6: /64) that these lie in, at most counted to 2^32-1
				      */
	uint32_t n_spared; /* ports left out for what a datagram may do to their servers */
};

struct scan_found {
	struct scan_target target;
	const struct scan_result *result; /* NULL: not identified, only open */
};

struct scan_progress {
	double seconds;
	double share;   /* of the round's steps */
	unsigned round; /* from 1 */
	uint64_t sent, answered, open, n_targets;
	uint64_t n_told;   /* open ports that were told of */
	uint64_t rate_pps; /* at the moment allowed */
	double loss;       /* share of the probes, as measured by the rounds so far; -1: not yet */
	double seconds_left; /* of this round */
	bool is_telling;     /* all is sent: open ports are still being identified */
	bool is_discovering; /* hosts are looked for, before all else: only these two are known */
	uint64_t n_hosts, n_there;
};

#define SCAN_ENDS(E)                                                                               \
	E(DONE, "done", N_("every target that answers has answered"))                              \
	E(STOPPED, "stopped", N_("stopped by a signal"))                                           \
	E(CONNTRACK, "conntrack", N_("this host's table of connections fills up: a lower --rate")) \
	E(BUFFERS, "buffers",                                                                      \
	  N_("this host cannot send so much (ENOBUFS): a lower --rate, or there is no carrier"))   \
	E(COLLAPSE, "collapse",                                                                    \
	  N_("answers have stopped altogether: the scan harms somebody, or is blocked"))           \
	E(UNSENT, "unsent",                                                                        \
	  N_("this host does not send: no interface, no route, or its own firewall"))              \
	E(PROHIBITED, "prohibited", N_("a network says that it forbids this (ICMP)"))
#define E(name, word, sentence) SCAN_END_##name,
enum scan_end { SCAN_ENDS(E) N_SCAN_ENDS };
#undef E
const char *scan_end_word(enum scan_end end);
const char *scan_end_sentence(enum scan_end end); /* N_() */

struct scan_summary {
	uint64_t targets, sent, answered, open, closed, silent;
	uint64_t lost; /* probes to targets that answered a later one */
	uint64_t unreachable, prohibited;
	uint64_t unsent; /* targets that this host could not send to: no route, own firewall */
	bool has_recall; /* something answered, so that loss could be measured */
	double recall;   /* estimated share of the targets that answer which were heard */
	double seconds;
	unsigned rounds;
	uint64_t n_answered; /* hosts that answered on a port */
	uint64_t n_absent; /* hosts that gave no sign of being there; their targets are silent */
	uint64_t n_failed; /* open ports whose parser failed */
	const char *engine;
	enum scan_end end;
};

struct scan_way {
	const char *engine; /* NULL: the first that this machine allows */
	uint64_t rate_pps;  /* at most; 0: SCAN_RATE */
	bool is_identifying;
	bool is_discovering; /* ask first which hosts are there, and only these for ports */
	uint32_t timeout_ms;               /* of identification; 0: SCAN_TIMEOUT_MS */
	const volatile sig_atomic_t *stop; /* set by a signal: end with what is known */
};

struct scan_listener {
	/* All that needs rights is open; may be NULL. Not 0, with why, ends the scan. */
	int (*opened)(struct scan_listener *listener, struct why *why);
	/* An open port, once; not 0 stops the scan. */
	int (*found)(struct scan_listener *listener, const struct scan_found *found);
	/* After some of these, at most about 50 ms later: what they said may be written out. Not 0
	 * stops the scan; may be NULL. */
	int (*rest)(struct scan_listener *listener);
	/* Which protocols the caller expects there; may be NULL. */
	void (*expect)(struct scan_listener *listener, struct scan_target *target);
	/* About ten times a second; may be NULL. */
	void (*progress)(struct scan_listener *listener, const struct scan_progress *progress);
	/* A remark for people, such as why another engine is used; may be NULL. */
	void (*remark)(struct scan_listener *listener, const char *text);
};

struct scan_search;

/* Reads and resolves what the order names, and makes the plan. -EINVAL, -ENOENT, -E2BIG or another
 * negative errno with why: of what `kept_to` refuses, -EPERM when a wider list would allow it, -EACCES
 * when none would. */
int scan_search_new(struct scan_search **search, const struct scan_order *order,
		    struct why *why) must_check;
struct scan_search *scan_search_free(struct scan_search *search);
const struct scan_plan *scan_search_plan(const struct scan_search *search);
/* What a scan of the plan takes by itself at this rate: packets of one round, and seconds, with
 * the caps of addresses outside. */
uint64_t scan_search_rate(const struct scan_search *search, uint64_t rate_pps);
/* 0 with the summary, also when it was stopped; what found returned; or a negative errno. */
int scan_search_run(struct scan_search *search, const struct scan_way *way,
		    struct scan_listener *listener, struct scan_summary *summary,
		    struct why *why) must_check;

#endif
