/* SPDX-License-Identifier: Apache-2.0 */
/* text: sentences for people pass _() so that they can be translated; ids and JSON never do. */
#ifndef PERIPLUS_BASE_TEXT_H
#define PERIPLUS_BASE_TEXT_H

#include <libintl.h>

#define PERIPLUS_DOMAIN "periplus"
#define _(text) dgettext(PERIPLUS_DOMAIN, text)
#define N_(text) text /* marked for translation, translated where it is shown */

#endif
