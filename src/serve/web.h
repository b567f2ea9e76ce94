/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web: what a page is made with (private to serve).
 *
 * html() takes our own markup, everything else encodes. Sentences pass say() and are translated;
 * {1} to {9} in them stand for parts, which are foreign bytes and set apart by <bdi>.
 */
#ifndef PERIPLUS_SERVE_WEB_H
#define PERIPLUS_SERVE_WEB_H

#include "base/arena.h"
#include "serve/serve.h"
#include "serve/tongue.h"

enum visitor { VISITOR_LINUX, VISITOR_MACOS, VISITOR_WINDOWS, VISITOR_FREEBSD, N_VISITORS };

struct asset {
	struct span text;
	const char *hash; /* "sha256-..." for the policy */
};
extern const struct asset asset_page_css;
extern const struct asset asset_page_js;
extern const struct asset asset_chart_js;
extern const struct asset asset_host_js;

struct web {
	const struct web_site *site;
	const struct web_request *request;
	struct web_answer *answer;
	struct buf *out; /* of the answer */
	const struct tongue *tongue;
	enum visitor visitor;
	bool is_chosen;	    /* the path names the language */
	struct span path;   /* without the language */
	struct span query;  /* after the '?' */
	const struct asset *script; /* of this page, besides that of every page */
	struct span word;   /* what the route's {} stands for, decoded */
	struct arena arena;
};

/* Parts of a sentence. */
enum part_kind { PART_TEXT, PART_CODE, PART_PORT };
struct part {
	enum part_kind kind;
	struct span text;
	uint32_t number; /* PART_PORT */
};
#define TEXT(s) ((struct part){PART_TEXT, s, 0})
#define CODE(s) ((struct part){PART_CODE, s, 0})
#define PORT(n) ((struct part){PART_PORT, {0}, n})

static inline void html(struct web *web, const char *markup)
{
	struct span s = span_str(markup); /* the compiler knows how long our words are */
	struct buf *out = web->out;

	if (out->size - out->n >= s.n && !out->error && s.n) {
		memcpy(out->p + out->n, s.p, s.n);
		out->n += s.n;
	} else {
		buf_raw(out, s);
	}
}
void put_text(struct web *web, struct span text);	 /* encoded */
void put_bdi(struct web *web, struct span text);	 /* encoded, set apart */
void put_number(struct web *web, uint64_t number);
void put_link(struct web *web, const char *path, struct span rest); /* href of a page here, with its quotes */
void put_port_link(struct web *web, uint16_t port);
void put_command(struct web *web, const char *before, uint16_t port, const char *after);
const char *word(const struct web *web, const char *text); /* translated, not encoded */
void say(struct web *web, const char *text);
void put_data(struct web *web, const char *key, const char *text); /* data-KEY: for a script */
void say_parts(struct web *web, const char *text, const struct part *parts, size_t n);
#define SAY(web, text, ...)                                                                        \
	say_parts(web, text, (struct part[]){__VA_ARGS__},                                         \
		  sizeof((struct part[]){__VA_ARGS__}) / sizeof(struct part))
/* The form for that number; {1} is the number. */
void say_count(struct web *web, const char *one, const char *many, uint64_t n);
struct span number_text(struct web *web, uint64_t number);

/* The frame. The title is encoded here; script NULL: only that of every page. */
void page_begin(struct web *web, struct span title, const struct asset *script);
void page_end(struct web *web);
/* A section with its heading; end it with html(web, "</section>"). */
void section(struct web *web, const char *id, const char *heading);
/* Tables may be wider than a phone: they scroll for themselves. */
void table_begin(struct web *web, const char *caption, const char *const *heads, size_t n);
void table_end(struct web *web);

/* Parts of the query, decoded into the arena; empty when it is not there. */
struct span web_field(struct web *web, struct span form, const char *name);
bool web_decode(struct web *web, struct span text, bool is_form, struct span *plain) must_check;
void web_refuse(struct web *web, unsigned status, const char *detail);

/* A page stays under 20 KB: lists end where the page is that long, in bytes, and say so. */
enum page_limit {
	LIMIT_USES = 9500,
	LIMIT_NAMES = 11000,
	LIMIT_EVIDENCE = 13600,
	LIMIT_INCIDENTS = 15000,
	LIMIT_PLATFORMS = 16400,
	LIMIT_PAGE = 20000,
};

/* Pages: one file each. */
void page_home(struct web *web);
void page_port(struct web *web);
void page_service(struct web *web);
void page_search(struct web *web);
void page_range(struct web *web);
void page_ghosts(struct web *web);
void page_about(struct web *web);
void page_host(struct web *web);
void page_chart(struct web *web);
void page_chart_json(struct web *web);
void api_listeners(struct web *web);
void api_stream(struct web *web);
void api_scan(struct web *web);
void api_metrics(struct web *web);
void api_openapi(struct web *web);
void page_port_json(struct web *web);
void api_port(struct web *web);
void api_service(struct web *web);
void api_search(struct web *web);
void post_feedback(struct web *web);

/* The texts of standings and kinds, for people. */
const char *standing_text(const struct web *web, enum map_standing standing);
const char *standing_class(enum map_standing standing);
const char *kind_text(const struct web *web, enum practice_kind kind);
const char *grade_text(const struct web *web, enum practice_grade grade);
struct span product_title(const struct web *web, struct span slug);
/* Registrations that were asked for by name; returns the count, hits in the arena. */
size_t hits_named(struct web *web, struct span name, struct map_hit **hits);

#endif
