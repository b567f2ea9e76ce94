/* SPDX-License-Identifier: Apache-2.0 */
/* search: what the searches of this room share. Not a door. */
#ifndef PERIPLUS_MAP_SEARCH_H
#define PERIPLUS_MAP_SEARCH_H

#include "map/map.h"

/* How a word stands in a text, best last. */
enum fit { FIT_NONE, FIT_INSIDE, FIT_WORD, FIT_START, FIT_WHOLE };

enum fit search_fit(struct span text, struct span word);
/* A product is named by the word when its slug or a word of its title begins so. */
bool search_names(const struct map_product *product, struct span word);
/* "standing:ghost" is a filter; "http://x" and ":80" are words. */
bool search_is_filter(struct span item, struct span *key, struct span *value);

#endif
