/* SPDX-License-Identifier: Apache-2.0 */
/* langinfo: the encoding of what is written to a person. */
#ifndef PERIPLUS_WINDOWS_LANGINFO_H
#define PERIPLUS_WINDOWS_LANGINFO_H

enum { CODESET };
/* "UTF-8" when the console shows that, else "". */
const char *nl_langinfo(int item);

#endif
