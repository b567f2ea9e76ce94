/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict: map + claims + sighting -> expected, needs a look, unexpected, with reasons. Pure.
 *
 * The verdict is the worst effect among the rules that fired; PP101 and PP102 cancel the rules
 * PP201-PP214, never PP3xx. Every rule is a row in rules.c: id, effect, title, function.
 */
#ifndef PERIPLUS_VERDICT_VERDICT_H
#define PERIPLUS_VERDICT_VERDICT_H

#include "base/arena.h"
#include "base/sighting.h"
#include "claim/claim.h"
#include "map/map.h"

/* Severity grows with the number. Words: "expected", "needs a look" (JSON: "look"), "unexpected" */
enum verdict_kind { VERDICT_EXPECTED, VERDICT_LOOK, VERDICT_UNEXPECTED };
enum verdict_effect { EFFECT_NOTE, EFFECT_EXPECTED, EFFECT_LOOK, EFFECT_UNEXPECTED };

struct rule {
	const char *id;	    /* "PP203": stable, never reused */
	enum verdict_effect effect; /* the worst it can have */
	const char *title;  /* N_(): the reason in a few words */
	const char *source; /* N_(): "kernel", "practice", "IANA", "proc" ... */
	const char *help;   /* N_(): a few sentences for `periplus help PP203` */
};

/* Rules in the order of their ids. */
size_t verdict_n_rules(void);
const struct rule *verdict_rule(size_t index);
const struct rule *verdict_rule_find(struct span id);

struct reason {
	const struct rule *rule;
	enum verdict_effect effect; /* what it did here; EFFECT_NOTE when it was cancelled or mild */
	struct span detail;	    /* names the evidence: in the user's language, arena or static */
};

struct verdict {
	enum verdict_kind kind;
	struct reason *reasons; /* worst first, then by id */
	size_t n_reasons;
	enum map_match match;	 /* how the product was recognised; MATCH_NONE: it was not */
	const struct map_product *product; /* an empty one when there is no match */
	bool has_fact;		 /* practice knows this product on this number */
	const struct map_practice *fact; /* an empty one without has_fact */
	struct span who;	 /* the most useful name: script, unit, container, package, program */
};

/* Names that no product has, so that many sockets of few programs ask for each once. Zeroed by who
 * judges many; names are told apart by their place in memory, so it is thrown away with theirs. */
enum { VERDICT_MEMO_SLOTS = 256 };

struct verdict_memo {
	struct {
		const uint8_t *p;
		size_t n;
		unsigned asked;
	} unknown[VERDICT_MEMO_SLOTS];
};

/* What a verdict needs to know of the machine besides the sighting. */
struct surroundings {
	uint16_t ephemeral_first, ephemeral_last; /* 0, 0: unknown */
	uint32_t viewer_uid;
	bool can_ask_packages; /* a package database was readable */
	struct verdict_memo *memo; /* NULL: none is kept */
	bool no_details;       /* nobody reads the details of reasons: leave them empty */
};

/* claims may be NULL: none are known. */
void verdict_judge(const struct map *map, const struct claims *claims,
		   const struct surroundings *around, const struct sighting *sighting,
		   struct arena *arena, struct verdict *verdict);
/* A port as a scan has seen it: from outside, without its program. */
enum inside { INSIDE_UNKNOWN, INSIDE_LISTENS, INSIDE_ON_LOOPBACK, INSIDE_NOTHING };

struct outside {
	uint16_t port;
	enum transport transport;
	bool is_open;	      /* false: it listens inside, and did not answer */
	struct span product;  /* slug that its bytes prove; may be empty */
	struct span protocol; /* that they prove; may be empty */
	bool needs_no_login;  /* as proto_facts has it */
	bool is_loopback;     /* it was asked on a loopback address */
	enum inside inside;   /* what a listing of that host says of the port */
	struct span holder;   /* "nginx, pid 812", by that listing; may be empty */
};

void verdict_outside(const struct map *map, const struct outside *outside, struct arena *arena,
		     struct verdict *verdict);
const char *verdict_word(enum verdict_kind kind);   /* translated: "needs a look" */
const char *verdict_key(enum verdict_kind kind);    /* JSON: "look" */
const char *effect_key(enum verdict_effect effect); /* JSON: "note", "expected", "look" ... */

/*
 * pick.c: which number should be used? Pure: the caller says what is taken here.
 */
#define PICK_REFUSALS(R)                                                                           \
	R(NONE, "none")                                                                            \
	R(PRIVILEGED, "privileged")	    /* binding needs a privilege here */                   \
	R(TAKEN, "taken")		    /* in use on this host, in whatever state */           \
	R(KEPT, "kept")			    /* kept back on this host: ip_local_reserved_ports */  \
	R(REGISTERED, "registered")	    /* somebody's by registration */                       \
	R(PRACTICE, "practice")		    /* programs are known to use it */                     \
	R(BROWSER, "browser-refused")	    /* browsers do not connect to it */                    \
	R(PLATFORM, "platform")		    /* a system takes it or keeps it for itself */         \
	R(EPHEMERAL, "ephemeral")	    /* this host hands it out as a source port */          \
	R(UNBINDABLE, "unbindable")	    /* nothing is known, and the kernel says no */
#define R(name, word) PICK_##name,
enum pick_refusal { PICK_REFUSALS(R) N_PICK_REFUSALS };
#undef R

const char *pick_refusal_word(enum pick_refusal refusal);

struct pick_query {
	uint16_t near;	  /* 0: by name */
	struct span name; /* the same name begins at the same number on every machine */
	const struct map *map;
	const struct port_set *taken, *kept;
	uint16_t unprivileged_first;
	uint16_t ephemeral_first, ephemeral_last; /* 0, 0: unknown */
};

struct pick {
	uint16_t port;
	enum pick_refusal refusal;
	struct span detail; /* who has it: a service or a product; may be empty */
};

/* The step-th number to consider, from 0 on, each exactly once: near the asked one, the higher of
 * two first; by name upwards from its number. False after the last. */
bool pick_candidate(const struct pick_query *query, uint32_t step, uint16_t *port);
/* Whether it should be used; detail lives in the map or the arena. */
void pick_weigh(const struct pick_query *query, uint16_t port, struct pick *pick);

#endif
