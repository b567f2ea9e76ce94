/* SPDX-License-Identifier: Apache-2.0 */
/* libintl: sentences stay in English on Windows. */
#ifndef PERIPLUS_WINDOWS_LIBINTL_H
#define PERIPLUS_WINDOWS_LIBINTL_H

#define dgettext(domain, text) ((char *)(text))
#define dngettext(domain, one, many, n) ((char *)((n) == 1 ? (one) : (many)))

#endif
