/* SPDX-License-Identifier: Apache-2.0 */
/* words: what standings, kinds and grades are called on a page. The keys stay what they are. */
#include "serve/web.h"

const char *standing_text(const struct web *web, enum map_standing standing)
{
	static const char *const texts[] = {
		[STANDING_ALIVE] = N_("alive"),
		[STANDING_QUIET] = N_("quiet"),
		[STANDING_GHOST] = N_("ghost"),
		[STANDING_OVERTAKEN] = N_("overtaken"),
		[STANDING_RESERVED] = N_("reserved"),
		[STANDING_UNASSIGNED] = N_("unassigned"),
		[STANDING_DYNAMIC] = N_("dynamic"),
	};

	return word(web, texts[standing]);
}

const char *standing_class(enum map_standing standing)
{
	return map_standing_word(standing);
}

const char *kind_text(const struct web *web, enum practice_kind kind)
{
	static const char *const texts[] = {
		[PRACTICE_COMMON] = N_("usual"),
		[PRACTICE_CONFLICT] = N_("although registered to another"),
		[PRACTICE_CONVENTION] = N_("by convention"),
		[PRACTICE_MALWARE] = N_("malware"),
	};

	return word(web, texts[kind]);
}

const char *grade_text(const struct web *web, enum practice_grade grade)
{
	static const char *const texts[] = {
		[GRADE_PACKAGE] = N_("read in the package"),
		[GRADE_PRIMARY] = N_("from its makers"),
		[GRADE_SECONDARY] = N_("from others"),
		[GRADE_UNCONFIRMED] = N_("unconfirmed"),
	};

	return word(web, texts[grade]);
}

struct span product_title(const struct web *web, struct span slug)
{
	struct map_product product;

	if (map_product_find(web->site->map, slug, &product) && product.title.n)
		return product.title;
	return slug;
}
