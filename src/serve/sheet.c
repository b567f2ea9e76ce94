/* SPDX-License-Identifier: Apache-2.0 */
/* sheet: the frame of a page and the words on it. See web.h. */
#include <stdio.h>

#include "base/scope.h"
#include "serve/web.h"

void put_text(struct web *web, struct span text)
{
	buf_html(web->out, text);
}

void put_bdi(struct web *web, struct span text)
{
	html(web, "<bdi>");
	put_text(web, text);
	html(web, "</bdi>");
}

void put_number(struct web *web, uint64_t number)
{
	buf_u64(web->out, number);
}

/* Bytes that may stand in a path segment as they are (RFC 3986 section 3.3, without '%'). */
static void put_segment(struct web *web, struct span text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    strchr("-._~", c)) {
			if (c)
				buf_byte(web->out, (char)c);
			continue;
		}
		buf_byte(web->out, '%');
		buf_byte(web->out, hex[c >> 4]);
		buf_byte(web->out, hex[c & 15]);
	}
}

/* Links keep the language that the path has chosen. */
static void put_prefix(struct web *web)
{
	if (web->is_chosen) {
		html(web, "/");
		html(web, web->tongue->code);
	}
}

void put_link(struct web *web, const char *path, struct span rest)
{
	html(web, "\"");
	put_prefix(web);
	html(web, path);
	put_segment(web, rest);
	html(web, "\"");
}

void put_port_link(struct web *web, uint16_t port)
{
	html(web, "<a href=");
	put_link(web, "/", number_text(web, port));
	html(web, ">");
	put_number(web, port);
	html(web, "</a>");
}

void put_command(struct web *web, const char *before, uint16_t port, const char *after)
{
	html(web, "<li><code dir=ltr>");
	put_text(web, span_str(before));
	put_number(web, port);
	put_text(web, span_str(after));
	html(web, "</code>");
}

struct span number_text(struct web *web, uint64_t number)
{
	char digits[20];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + number % 10);
	while (number /= 10);
	return arena_copy(&web->arena, span_of(digits + n, sizeof(digits) - n));
}

const char *word(const struct web *web, const char *text)
{
	return tongue_text(web->tongue, text);
}

void say(struct web *web, const char *text)
{
	put_text(web, span_str(word(web, text)));
}

void put_data(struct web *web, const char *key, const char *text)
{
	html(web, " data-");
	html(web, key);
	html(web, "=\"");
	say(web, text);
	html(web, "\"");
}

static void put_part(struct web *web, const struct part *part)
{
	switch (part->kind) {
	case PART_TEXT: put_bdi(web, part->text); break;
	case PART_CODE:
		html(web, "<code dir=ltr>");
		put_text(web, part->text);
		html(web, "</code>");
		break;
	case PART_PORT: put_port_link(web, (uint16_t)part->number); break;
	}
}

/* A translation may put the parts in another order; a number that there is no part for stays. */
static void put_parts(struct web *web, struct span text, const struct part *parts, size_t n)
{
	ptrdiff_t at;

	while ((at = span_find_byte(text, '{')) >= 0) {
		size_t open = (size_t)at;

		put_text(web, span_cut(text, open));
		text = span_skip(text, open);
		if (text.n >= 3 && text.p[1] >= '1' && text.p[1] <= '9' && text.p[2] == '}' &&
		    (size_t)(text.p[1] - '1') < n) {
			put_part(web, &parts[text.p[1] - '1']);
			text = span_skip(text, 3);
		} else {
			put_text(web, span_cut(text, 1));
			text = span_skip(text, 1);
		}
	}
	put_text(web, text);
}

void say_parts(struct web *web, const char *text, const struct part *parts, size_t n)
{
	put_parts(web, span_str(word(web, text)), parts, n);
}

void say_count(struct web *web, const char *one, const char *many, uint64_t n)
{
	struct part part = TEXT(number_text(web, n));

	put_parts(web, span_str(tongue_plural(web->tongue, one, many, n)), &part, 1);
}

static void put_policy(struct web *web, const struct asset *script)
{
	struct web_answer *answer = web->answer;
	bool is_private = !web->site->is_public;

	/* connect-src: the script of a private page asks this server, and nobody else */
	snprintf(answer->policy, sizeof(answer->policy),
		 "default-src 'none'; style-src '%s'; script-src '%s'%s%s%s; img-src data:; "
		 "form-action 'self'; base-uri 'none'%s%s",
		 asset_page_css.hash, asset_page_js.hash, script ? " '" : "",
		 script ? script->hash : "", script ? "'" : "",
		 is_private || script ? "; connect-src 'self'" : "",
		 web->site->is_static ? "" : "; frame-ancestors 'none'");
}

static void put_languages(struct web *web)
{
	html(web, "<ul class=tongues>");
	for (size_t i = 0; i < tongue_count(); i++) {
		const struct tongue *tongue = tongue_at(i);

		if (web->site->languages.n &&
		    !span_list_has(web->site->languages, ',', span_str(tongue->code)))
			continue;
		html(web, "<li><a lang=");
		html(web, tongue->code);
		html(web, " hreflang=");
		html(web, tongue->code);
		if (tongue == web->tongue)
			html(web, " aria-current=true");
		html(web, " href=\"");
		if (!web->site->is_static || i > 0) {
			html(web, "/");
			html(web, tongue->code);
		}
		put_text(web, web->path);
		if (web->query.n) {
			html(web, "?");
			put_text(web, web->query);
		}
		html(web, "\">");
		html(web, tongue->name);
		html(web, "</a>");
	}
	html(web, "</ul>");
}

static void put_navigation(struct web *web)
{
	static const struct {
		const char *path, *text;
		bool is_live;
	} places[] = {
#define PLACE(path, text, is_live) {path, N_(text), is_live},
#include "serve/place.list"
#undef PLACE
	};

	html(web, "<header><a class=home href=");
	put_link(web, "/", span_of(NULL, 0));
	html(web, ">periplus</a><nav aria-label=\"");
	say(web, N_("Site"));
	html(web, "\"><ul>");
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (places[i].is_live && web->site->is_public)
			continue;
		html(web, "<li><a href=");
		put_link(web, places[i].path, span_of(NULL, 0));
		if (span_is(web->path, places[i].path))
			html(web, " aria-current=page");
		html(web, ">");
		say(web, places[i].text);
		html(web, "</a>");
	}
	html(web, "</ul></nav>");
	if (web->site->is_static) { /* nobody would answer */
		html(web, "</header>");
		return;
	}
	html(web, "<form role=search action=");
	put_link(web, "/search", span_of(NULL, 0));
	html(web, "><input name=q type=search maxlength=100 aria-label=\"");
	say(web, N_("Port, name or word"));
	html(web, "\" placeholder=\"3476, ssh\"><button>");
	say(web, N_("Find"));
	html(web, "</button></form></header>");
}

void page_begin(struct web *web, struct span title, const struct asset *script)
{
	struct web_answer *answer = web->answer;

	answer->status = answer->status ? answer->status : 200;
	answer->type = "text/html; charset=utf-8";
	answer->language = web->tongue->code;
	answer->varies = true;
	put_policy(web, script);
	buf_expect(web->out, LIMIT_PAGE);
	html(web, "<!doctype html><html lang=");
	html(web, web->tongue->code);
	html(web, web->tongue->is_rtl ? " dir=rtl" : " dir=ltr");
	html(web, "><head><meta charset=utf-8>");
	if (web->site->is_static) {
		html(web, "<meta http-equiv=Content-Security-Policy content=\"");
		html(web, answer->policy);
		html(web, "\">");
	}
	html(web, "<meta name=viewport content=\"width=device-width,initial-scale=1\"><meta "
		  "name=color-scheme content=\"light dark\"><title>");
	put_text(web, title);
	html(web, " · periplus</title><link rel=icon href=data:,><style>");
	buf_raw(web->out, asset_page_css.text);
	html(web, "</style></head><body data-copy=\"");
	say(web, N_("Copy"));
	html(web, "\"><a class=skip href=#main>");
	say(web, N_("To the content"));
	html(web, "</a>");
	put_navigation(web);
	html(web, "<main id=main>");
	web->script = script;
}

void page_end(struct web *web)
{
	struct span date = map_registry_date(web->site->map);

	html(web, "</main><footer><p>");
	SAY(web, N_("Registry of {1} (IANA, CC0) and practice with its sources. No cookies, and "
		    "no request to anybody else."),
	    TEXT(date));
	html(web, "</p>");
	put_languages(web);
	html(web, "</footer><script>");
	buf_raw(web->out, asset_page_js.text);
	html(web, "</script>");
	if (web->script) {
		html(web, "<script>");
		buf_raw(web->out, web->script->text);
		html(web, "</script>");
	}
	html(web, "</body></html>\n");
}

void section(struct web *web, const char *id, const char *heading)
{
	html(web, "<section aria-labelledby=");
	html(web, id);
	html(web, "><h2 id=");
	html(web, id);
	html(web, ">");
	say(web, heading);
	html(web, "</h2>");
}

void table_begin(struct web *web, const char *caption, const char *const *heads, size_t n)
{
	html(web, "<div class=wide tabindex=0 role=region aria-label=\"");
	say(web, caption);
	html(web, "\"><table><caption>");
	say(web, caption);
	html(web, "</caption><thead><tr>");
	for (size_t i = 0; i < n; i++) {
		html(web, "<th scope=col>");
		say(web, heads[i]);
	}
	html(web, "<tbody>");
}

void table_end(struct web *web)
{
	html(web, "</table></div>");
}
