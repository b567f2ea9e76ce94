/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out: a report as text, plain lines, JSON or NDJSON. Pure: it writes into a buf.
 *
 * A format is a row in format.list with a function per kind of report; a NULL function means that
 * the format does not have that report.
 */
#ifndef PERIPLUS_OUT_OUT_H
#define PERIPLUS_OUT_OUT_H

#include "base/buf.h"
#include "host/host.h"
#include "map/map.h"
#include "scan/scan.h"
#include "verdict/verdict.h"
#include "wire/wire.h"

/* periplus identify --pcap: one conversation of a capture. */
struct traffic_row {
	const struct wire_conversation *conversation;
	uint32_t index; /* as in the lines */
	const struct verdict *verdict; /* NULL: not judged, for its bytes prove nothing */
	struct span registered, description; /* name by the number alone; empty: none */
};

struct traffic_report {
	const struct map *map;
	struct span file;
	const struct wire_summary *summary;
	const struct traffic_row *rows; /* in the order in which they are shown */
	size_t n_rows;
	const struct wire_line *lines;
	size_t n_lines;
};

struct style {
	unsigned columns; /* width of the terminal: 80 when unknown */
	bool has_color;
	bool is_utf8;
	bool is_lines;	 /* as the format's */
	bool is_verbose; /* -v: header of --plain, note reasons in text */
	bool show_all;	 /* --all: expected rows are not folded */
	int64_t now;	 /* Unix seconds: ages are counted from here */
	int32_t utc_offset; /* seconds east, for times shown to people */
	double took_ms;	 /* 0: not shown */
	struct span home; /* shortened to ~; may be empty */
};

/* A socket and what was judged of it. */
struct judged {
	const struct sighting *sighting;
	const struct verdict *verdict;
};

/* periplus: everything that listens here. Rows come worst first, then by port. */
struct host_report {
	const struct map *map;
	const struct host_info *host;
	const struct host_listing *listing;
	const struct judged *rows;
	size_t n_rows;
};

/* periplus PORT: one port. `host` and `listing` are NULL when only the map was asked (look). */
struct port_report {
	const struct map *map;
	uint16_t port;
	enum transport transport; /* TRANSPORT_ANY: all */
	const struct host_info *host;
	const struct host_listing *listing;
	const struct judged *rows;
	size_t n_rows;
	const struct sighting *const *peers;
	size_t n_peers;
};

/* periplus look WORD */
struct look_report {
	const struct map *map;
	struct span words;
	const struct map_hit *hits;
	size_t n_hits;
	size_t n_matched; /* in all; more than n_hits when cut */
	const uint32_t *products; /* that the words name, by their index */
	size_t n_products, n_products_matched;
};

/* One change while watching. */
struct event_report {
	const struct map *map;
	const struct host_info *host;
	const char *action; /* "listener-opened", "listener-closed", "owner-changed", "scope-widened" */
	struct judged row;
	int64_t at;
};

/* periplus facts: the chosen facts, by their rows in the map; stats: counts of them instead. */
struct facts_report {
	const struct map *map;
	const uint32_t *rows;
	size_t n_rows;
	bool is_stats;
};

/* periplus identify: one port that was asked. */
struct identify_report {
	struct span host; /* as the user wrote it */
	const struct scan_target *target;
	const struct scan_result *result;
	struct span registered; /* name by the number alone; empty: none */
};

/* periplus why: can the number be bound, and what is in the way? */
struct why_report {
	const struct host_info *host;
	const struct host_listing *listing;
	const struct bind_report *bind;
	const struct judged *rows; /* the sockets that wait there */
	size_t n_rows;
};

/* What is known of the program behind a finding, as it was judged; NULL: no product is. */
const struct verdict *why_known(const struct why_report *report, const struct bind_finding *finding);

/* periplus pick: numbers to use, and the first ones that were passed over. */
struct pick_report {
	const struct pick_query *query;
	struct pick *picks;
	size_t n_picks;
	struct pick *passed;
	size_t n_passed;
	size_t n_considered;
};

/* One port of a scan; texts are borrowed. */
struct scan_row {
	struct address address;
	uint16_t port;
	enum transport transport;
	bool is_open;	       /* false: only the listing of the host has it */
	enum scan_state state; /* OPEN, or FAILED: the parser died over its bytes */
	struct span service;   /* proved protocol */
	struct span fits;      /* protocol that it may be */
	bool was_asked;	       /* or listened to, by identification */
	bool has_spoken;       /* it said something then */
	bool needs_no_login;   /* as scan_result has it */
	struct span product, version;
	const char *certainty; /* "probed", "fits", "table", "none" */
	const char *evidence;  /* "greeting", "answer", "number" */
	struct span registered; /* name by the number alone */
	enum inside inside;
	/* That holds it, by the listing; NONE, 0 and empty where it does not say. */
	struct address inside_address; /* NONE: all */
	struct span process;
	uint32_t pid;
	struct span holder; /* "nginx (pid 812)", for people */
	struct span inside_verdict; /* verdict_key */
	const struct verdict *verdict;
	bool is_like_before; /* as the row before it in all but the address */
};

/* The line of the row before, of which rows that are like it take all but the address. Zeroed it has
 * none (its text with BUF_INIT). */
struct scan_line {
	struct buf text;
	size_t at, end; /* of the address */
};

/* periplus scan. Rows in the order of address and port. */
struct scan_report {
	const struct map *map;
	const struct scan_row *rows;
	size_t n_rows;
	const struct scan_plan *plan;
	const struct scan_summary *summary;
	enum transport transport;
	const char *arguments;	 /* as typed */
	const char *authorised;	 /* by whom; NULL: nobody had to */
	int64_t begin;		 /* Unix seconds */
};

/* periplus scan --dry-run: what it would cost. */
struct scan_plan_report {
	const struct scan_plan *plan;
	enum transport transport;
	uint64_t rate_pps;
	bool is_part;	 /* --shard */
	bool is_resumed; /* --resume, of a file with something in it */
};

#define STOP_RESULTS(R)                                                                            \
	R(PLANNED, "planned") /* a dry run, or it was declined */                                  \
	R(REFUSED, "refused") /* not all of it can be stopped, so nothing was */                   \
	R(STOPPED, "stopped") /* and the number is free */                                         \
	R(FAILED, "failed")   /* it did not end, or something waits there now */
#define R(name, word) STOP_##name,
enum stop_result { STOP_RESULTS(R) N_STOP_RESULTS };
#undef R

/* periplus stop: what will be ended, before anything is; `result` once it is known. */
struct stop_report {
	uint16_t port;
	enum transport transport; /* TRANSPORT_ANY: all */
	const struct stop_step *steps;
	size_t n_steps;
	const struct sighting *const *peers; /* connections of the number */
	size_t n_peers;
	bool is_kill, is_dry_run;
	enum stop_result result;
	int exit_status;
};

/* periplus reserve: what is kept back, and what was changed. */
struct reserve_report {
	const struct port_set *changed; /* NULL: it was only asked what is kept back */
	const struct port_set *now, *ours;
	struct span overridden; /* a later file that sets the same; empty: none */
	bool is_release, is_dry_run, is_runtime;
};

/* periplus snapshot: what the processes at a port leave as evidence. Always JSON. */
struct snapshot_report {
	const struct map *map;
	const struct host_info *host;
	const struct host_listing *listing;
	uint16_t port;
	const struct judged *rows;
	size_t n_rows;
	const struct sighting *const *peers;
	size_t n_peers;
	const struct evidence *evidence; /* one per process */
	size_t n_evidence;
};

void json_snapshot(struct buf *b, const struct style *style, const struct snapshot_report *report);

void text_stop_plan(struct buf *b, const struct style *style, const struct stop_report *report);

struct format {
	const char *name;
	bool is_lines; /* JSON: one object a line */
	bool shows_arguments; /* command lines of every row */
	bool explains_host, explains_port; /* the details of reasons, not only their rules */
	void (*traffic)(struct buf *, const struct style *, const struct traffic_report *);
	void (*host)(struct buf *, const struct style *, const struct host_report *);
	/* Several ports are one document: `first` and `last` say where in the list this one stands. */
	void (*port)(struct buf *, const struct style *, const struct port_report *, bool first,
		     bool last);
	void (*look)(struct buf *, const struct style *, const struct look_report *);
	void (*stats)(struct buf *, const struct style *, const struct map *);
	void (*event)(struct buf *, const struct style *, const struct event_report *);
	void (*facts)(struct buf *, const struct style *, const struct facts_report *);
	/* report NULL: there is none at all (first and last) */
	void (*identify)(struct buf *, const struct style *, const struct identify_report *,
			 bool first, bool last);
	void (*why)(struct buf *, const struct style *, const struct why_report *);
	void (*pick)(struct buf *, const struct style *, const struct pick_report *);
	/* One document when all is done; NULL: the command tells people as it goes, or has none. */
	void (*stop)(struct buf *, const struct style *, const struct stop_report *);
	void (*reserve)(struct buf *, const struct style *, const struct reserve_report *);
	void (*scan)(struct buf *, const struct style *, const struct scan_report *);
	void (*scan_plan)(struct buf *, const struct style *, const struct scan_plan_report *);
	/* One row as it comes; then scan writes only what follows. NULL: all rows come at the end. */
	void (*scan_row)(struct buf *, const struct style *, const struct map *,
			 const struct scan_row *, struct scan_line *before);
};

/* What a scan has found, with what is known of the number; texts are copied into the arena. The
 * verdict is left to the caller. */
void scan_row_fill(struct arena *arena, const struct map *map, const struct scan_found *found,
		   struct scan_row *row);
/* Whether every target was asked, and every answer understood. */
bool scan_is_complete(const struct scan_summary *summary);
/* Formats that only a scan has: RFC 4180 with a header, one line a host for grep, and nmap's XML. */
void scan_csv(struct buf *b, const struct scan_report *report);
void scan_grep(struct buf *b, const struct scan_report *report);
void scan_xml(struct buf *b, const struct scan_report *report);

const struct format *format_find(struct span name);
size_t format_count(void);
const struct format *format_at(size_t index);
/*
 * --plain, one record a line, parted by tabs, an empty cell is "-" (a real "-" is \x2d); a header
 * only with is_verbose. Columns are only ever added at the end.
 *
 *   host, port: verdict transport address port pid user name executable unit reasons
 *               `name` is the most useful one (verdict.who); `reasons` are rule ids by comma,
 *               without those that another rule cancelled
 *   event:      time action, then the columns of host
 *   look, and port when only the map was asked:
 *               registered ports transport service standing description organisation domain date
 *                          purpose
 *               practice   ports transport product kind grade bind note source
 *               platform   ports transport system kind note source (of a port)
 *   scan:       verdict transport address port service product version certainty evidence
 *               registered inside reasons process pid; then a line that begins with "summary":
 *               state and the numbers as key=value
 *   facts:      port transport product kind grade bind setting since note source read
 *   identify:   state transport host port service product version certainty evidence connections
 *               sent heard (the last two: bytes)
 *   traffic:    verdict transport server port client flows packets bytes service product version
 *               certainty evidence registered tunnel vlan reasons
 *   stats:      count of number; facts --stats too
 *   pick:       pick port, then passed port reason detail
 *   why:        transport port can-bind error cause hinders sockets state address remote
 *               remote-port pid user name detail; one row whose cause is "-" when there is none
 */
/* Sorts rows worst first, then port, transport, address. */
void judged_sort(struct judged *rows, size_t n);

#endif
