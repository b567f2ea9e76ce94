/* SPDX-License-Identifier: Apache-2.0 */
/* libintl: sentences stay in English where there is no gettext. */
#ifndef PERIPLUS_BARE_LIBINTL_H
#define PERIPLUS_BARE_LIBINTL_H

#define dgettext(domain, text) ((char *)(text))
#define dngettext(domain, one, many, n) ((char *)((n) == 1 ? (one) : (many)))

#endif
