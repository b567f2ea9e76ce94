/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine: what sends probes and takes replies, behind one door. Private to scan.
 *
 * The rounds (rounds.c) decide what is sent, how fast and when it is enough; an engine only carries
 * it out. It is called again and again with a slice: steps of the plan that may be sent, packets
 * per second, and how long to stay. It skips what has been answered, marks what answers, counts,
 * and returns. Within a slice it may do everything by itself, in the kernel too: it needs nothing
 * but the plan (target.h, mix.h), and what it has found must be in the session when it returns.
 *
 *     open -> work, work, work ... -> close
 *
 * An engine that parses replies as root is not wanted: open gets what needs rights and gives the
 * rights up (a child may keep what the kernel asks for again and again).
 */
#ifndef PERIPLUS_SCAN_ENGINE_H
#define PERIPLUS_SCAN_ENGINE_H

#include <signal.h>

#include "scan/target.h"

/* Which targets are done: one bit each, by index. Memory of the resume file where there is one. */
struct engine_seen {
	uint64_t *answered; /* (plan->n + 63) / 64 words: open or closed */
	uint64_t *open;
	uint64_t *elsewhere; /* of which another port has answered; NULL: not kept (TCP) */
};

static inline bool engine_is_answered(const struct engine_seen *seen, uint64_t index)
{
	return seen->answered[index / 64] >> (index % 64) & 1;
}

/* OPEN: SYN-ACK, or a datagram from the port asked. CLOSED: RST, or ICMP port unreachable.
 * ELSEWHERE: a datagram from another port of the host asked, for what we sent to this port (TFTP):
 * the port is open if identification proves it, and stays unanswered until then. */
enum engine_answer { ENGINE_OPEN, ENGINE_CLOSED, ENGINE_ELSEWHERE };

/* Since open. What is not known stays 0. */
struct engine_counts {
	uint64_t sent;         /* probes, every packet of ours that a target may see counted once */
	uint64_t answered;     /* targets */
	uint64_t open;         /* of these */
	uint64_t elsewhere;    /* targets for which another port has answered */
	uint64_t no_buffer;    /* sends that failed for want of room (ENOBUFS) */
	uint64_t dropped;      /* replies that the kernel had no room for, as far as it tells */
	uint64_t prohibited;   /* ICMP: administratively prohibited */
	uint64_t unreachable;  /* ICMP: host or network unreachable */
	uint64_t refused_here; /* this machine itself refused to send (firewall, no route) */
};

/* Of the time from a probe to its answer; microseconds. n == 0: none measured. */
struct engine_rtt {
	uint64_t n;
	uint32_t smooth, most; /* as RFC 6298's SRTT, and the longest seen */
};

struct engine_session;

/* What a UDP port is asked with; n == 0: an empty datagram. By row of plan->ports. */
struct engine_payload {
	const uint8_t *bytes;
	uint16_t n;
	bool may_answer_elsewhere; /* its protocol answers from a port of its own choice */
};

struct engine_session {
	/* Given. */
	const struct target_plan *plan;
	struct engine_seen seen;
	uint64_t *absent; /* a bit a host: it is asked nothing (more); NULL: all are asked */
	const struct engine_payload *payloads; /* UDP only */
	uint32_t wait_ms;                  /* how long a probe is waited for; the rounds adapt it */
	const volatile sig_atomic_t *stop; /* not 0: return soon */
	/* Told of every first answer, but closed ones that an engine marks by itself; `at` is where
	 * another port answered. NULL: nobody. */
	void (*tell)(struct engine_session *session, uint64_t index, enum engine_answer answer);
	void *listener;

	/* Kept by the engine. */
	struct engine_counts counts;
	struct engine_rtt rtt;
	uint64_t in_flight; /* probes that the engine itself still waits for; 0 when it cannot know
			     */
	uint64_t lowest;    /* the lowest step among these; a resumed scan begins there */
	void *state;        /* its own; NULL before open and after close */
};

/* Whether there is nothing to ask of a target. */
static inline bool engine_is_settled(const struct engine_session *session, uint64_t index)
{
	uint64_t host;

	if (engine_is_answered(&session->seen, index))
		return true;
	if (!session->absent)
		return false;
	host = index / session->plan->n_ports;
	return session->absent[host / 64] >> (host % 64) & 1;
}

/* A host of an own link whose link address nobody has told, asked as often as it takes: no packet
 * can be for it. That is no guess, as silence to an echo would be. */
static inline void engine_give_up(struct engine_session *session, uint64_t host)
{
	if (session->absent)
		session->absent[host / 64] |= 1ull << (host % 64);
}

struct engine_slice {
	uint64_t next;     /* in: first step to send; out: first that was not sent */
	uint64_t until;    /* steps before this one may be sent; next == until: only listen */
	uint64_t rate_pps; /* at most so many probes a second, spread evenly */
	uint32_t ms;       /* return after so long at the latest, or when nothing is left to do */
};

struct engine {
	const char *name;
	const char *needs; /* N_(): what it asks of the machine, for people */
	bool is_raw;       /* sends packets of its own; else the kernel resends a lost SYN itself */
	bool is_only_named; /* taken only by its name: it changes more than our own sockets */
	uint32_t slice_ms; /* a slice that pays, so long as nothing has to be learnt; 0: 50 */
	uint32_t learn_ms; /* one that is long enough to find the rate; 0: 50 */
	/* 0, or a negative errno with why. -EOPNOTSUPP and -EPERM: the next engine may do it. */
	int (*open)(struct engine_session *session, struct why *why);
	/* 0 with slice->next moved and the session up to date, or a negative errno with why, which
	 * ends the scan. What a single target does is never an error. */
	int (*work)(struct engine_session *session, struct engine_slice *slice, struct why *why);
	void (*close)(struct engine_session *session); /* NULL state: does nothing */
};

size_t engine_count(void);
const struct engine *engine_at(size_t index); /* preferred first */
const struct engine *engine_find(struct span name);

/* Marks an answer, counts and tells it, once per target. False: it was known. */
bool engine_answer(struct engine_session *session, uint64_t index, enum engine_answer answer);
void engine_measure(struct engine_session *session, uint32_t us);

#endif
