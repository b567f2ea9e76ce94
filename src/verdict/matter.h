/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matter: one socket with everything a rule may look at, worked out once. Private to verdict.
 *
 * A rule is a function of a matter that says whether it fires, with which effect and which detail.
 * Rules are rows of the table in rules.c; their functions stand in rules_known.c (what map and
 * packages say), rules_bind.c (where the socket is reachable) and rules_program.c (who runs).
 */
#ifndef PERIPLUS_VERDICT_MATTER_H
#define PERIPLUS_VERDICT_MATTER_H

#include "base/scope.h"
#include "base/text.h"
#include "verdict/verdict.h"

/* Where a program file lies, by its path and by what the looker found of its file system. */
enum place {
	PLACE_PROGRAMS,  /* where programs are installed, or a tool directory of a home */
	PLACE_HOME,      /* elsewhere in somebody's home */
	PLACE_ODD,       /* anywhere else */
	PLACE_HIDDEN,    /* beneath a directory whose name begins with a dot */
	PLACE_TEMPORARY, /* beneath /tmp and the like, but neither of the two below */
	PLACE_WRITABLE,  /* in a directory that everybody may write */
	PLACE_MEMORY,    /* on a file system in memory */
};

struct matter {
	const struct map *map;
	const struct claims *claims; /* may be NULL */
	const struct surroundings *around;
	const struct sighting *sighting;
	const struct process *process; /* NULL: nobody is seen behind the socket */
	struct arena *arena;
	enum transport transport; /* under which registry and practice file it */
	enum bind_scope scope;
	enum place place;            /* of the executable */
	enum package_answer package; /* NOT_ASKED in a container: this host's packages differ */
	struct span unit;    /* service or socket unit behind it; empty for login sessions */
	bool is_system_unit; /* of the system's manager, not of a user's */
	bool is_unit_own;    /* the unit is there for this very program */
	bool is_contained;
	bool is_viewers; /* run by who asks, or from the login session of its user */
	bool is_helper;  /* UDP of a packaged service on a number that the kernel handed out */
	bool is_handed;  /* the same of a service that tells rpcbind: who looks for it asks there */
	enum map_match match;
	struct map_product product;
	bool has_fact;
	bool is_fact_sure; /* at least one of the product's facts is better than unconfirmed */
	struct map_practice fact;
	bool has_usual; /* practice knows the scope at which the product binds here */
	enum bind_scope usual;
};

struct finding {
	enum verdict_effect effect; /* preset to the rule's own; a function may lower it */
	struct span detail;
};

/* A detail by format, or a text that stays. Where details are not wanted nothing
 * is worked out, the arguments neither. */
#define TELL(m, ...)                                                                               \
	((m)->around->no_details ? span_of(NULL, 0) : arena_print((m)->arena, __VA_ARGS__))
#define SAY(m, text) ((m)->around->no_details ? span_of(NULL, 0) : span_str(text))

enum {
	WITH_PORT = 1 << SOCKET_LISTEN | 1 << SOCKET_BOUND,
	PASSING = 1 << SOCKET_PASSING,
	WITHOUT_PORT = 1 << SOCKET_RAW | 1 << SOCKET_PACKET,
	ALL_WAITING = WITH_PORT | WITHOUT_PORT,
};

struct rule_row {
	struct rule rule;
	unsigned states; /* of sockets that it judges: bits 1 << enum socket_state */
	bool cancels;    /* when it fires, the rules that may be cancelled weigh nothing */
	bool may_be_cancelled;
	bool (*fires)(const struct matter *matter, struct finding *finding);
};

const struct rule_row *rule_row(size_t index);
enum verdict_kind verdict_of(enum verdict_effect effect); /* of a reason by itself */

void matter_init(struct matter *matter, const struct map *map, const struct surroundings *around,
		 const struct sighting *sighting, struct arena *arena);
/* Base name of the executable, or comm when the path is hidden. Empty without process. */
struct span matter_program(const struct matter *matter);
/* The product's title when it is known, else the most useful name; "" is never returned. */
struct span matter_title(const struct matter *matter);
bool matter_is_ephemeral(const struct matter *matter); /* inside this host's range */
/* Whether the process is one of the product's own: by program, package or script. */
bool matter_is_of(const struct matter *matter, const struct map_product *product);
/* Whether a comma list has an item, which may be a glob, for the word. */
bool list_has(struct span list, struct span word);
bool product_has_role(const struct map_product *product, const char *role);
bool product_is_worker(const struct map_product *product); /* serves strangers: web or mail */
/* The product that a program belongs to; of `who`, program and runtime are set. */
bool program_product(const struct matter *matter, const struct map_identity *who, uint16_t port,
		     enum transport transport, struct map_product *product);
/* The product that a system or user unit belongs to. */
bool unit_product(const struct matter *matter, struct span unit, struct map_product *product);
bool place_is_volatile(enum place place); /* temporary, writable by all, or in memory */
/* The most useful name: container that is published, script, own unit, container, package,
 * program. Empty when nothing is known. */
struct span matter_who(const struct matter *matter);

/* What it said of itself: product and version, else the protocol; empty when nothing is proved. */
struct span matter_spoken(const struct matter *matter);
/* Whether what it said is what the registered row means. */
bool spoken_is_described(const struct matter *matter, const struct map_registration *row);
/* Whether a row's service begins with one of the words of a comma list (or they with it), or its
 * description holds one. */
bool row_is_alike(const struct map_registration *row, struct span words);

bool fires_packaged_service(const struct matter *m, struct finding *f);   /* PP102 */
bool fires_says_so(const struct matter *m, struct finding *f);            /* PP103 */
bool fires_other_registration(const struct matter *m, struct finding *f); /* PP120 */
bool fires_ghost(const struct matter *m, struct finding *f);              /* PP121 */
bool fires_malware(const struct matter *m, struct finding *f);            /* PP130 */
bool fires_unclaimed(const struct matter *m, struct finding *f);          /* PP201 */
bool fires_hidden(const struct matter *m, struct finding *f);             /* PP202 */
bool fires_reachable(const struct matter *m, struct finding *f);          /* PP203 */
bool fires_older_copy(const struct matter *m, struct finding *f);         /* PP204 */
bool fires_nobody(const struct matter *m, struct finding *f);             /* PP205 */
bool fires_other_protocol(const struct matter *m, struct finding *f);     /* PP206 */
bool fires_unknown_here(const struct matter *m, struct finding *f);       /* PP207 */
bool fires_untunnelled(const struct matter *m, struct finding *f);        /* PP208 */
bool fires_wider(const struct matter *m, struct finding *f);              /* PP211 */
bool fires_published(const struct matter *m, struct finding *f);          /* PP212 */
bool fires_rival(const struct matter *m, struct finding *f);              /* PP213 */
bool fires_ephemeral(const struct matter *m, struct finding *f);          /* PP214 */
bool fires_deleted(const struct matter *m, struct finding *f);            /* PP301 */
bool fires_volatile(const struct matter *m, struct finding *f);           /* PP302 */
bool fires_disguised(const struct matter *m, struct finding *f);          /* PP303 */
bool fires_worker_child(const struct matter *m, struct finding *f);       /* PP304 */
bool fires_unclaimed_protocol(const struct matter *m, struct finding *f); /* PP312 */
bool fires_unlisted(const struct matter *m, struct finding *f);           /* PP320 */
bool fires_portless(const struct matter *m, struct finding *f);           /* PP321 */
bool fires_no_login(const struct matter *m, struct finding *f);           /* PP330 */

/* PP330: what it means that a product was proved to need no login; false: nothing. */
bool weigh_no_login(const struct map_product *product, bool is_for_others,
		    enum verdict_effect *effect);

#endif
