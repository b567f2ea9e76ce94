/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongue: the languages of the pages, and their sentences (private to serve).
 *
 * The catalogues are po/LANGUAGE.po, compiled by msgfmt at build time and part of the program:
 * gettext(3) would need a locale of the machine and has one language for a whole process.
 */
#ifndef PERIPLUS_SERVE_TONGUE_H
#define PERIPLUS_SERVE_TONGUE_H

#include "base/span.h"

#define N_(text) text

struct tongue {
	const char *code; /* BCP 47, as in paths: "zh-TW" */
	const char *name; /* in itself */
	bool is_rtl;
	unsigned (*plural)(uint64_t n); /* index of the form */
	struct span catalogue;		/* .mo; empty: the texts as they are written */
};

size_t tongue_count(void);
const struct tongue *tongue_at(size_t index);
/* By its code, exactly; NULL for no language of ours. */
const struct tongue *tongue_find(struct span code);
/* By Accept-Language (RFC 9110 section 12.5.4); English when none fits. */
const struct tongue *tongue_choose(struct span accept);
/* The text in that language, or itself. */
const char *tongue_text(const struct tongue *tongue, const char *text);
const char *tongue_plural(const struct tongue *tongue, const char *one, const char *many,
			  uint64_t n);

#endif
