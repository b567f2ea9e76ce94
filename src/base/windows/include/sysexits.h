/* SPDX-License-Identifier: Apache-2.0 */
/* sysexits: exit statuses above 63, with the numbers of sysexits.h(3head). */
#ifndef PERIPLUS_WINDOWS_SYSEXITS_H
#define PERIPLUS_WINDOWS_SYSEXITS_H

enum {
	EX_OK = 0,
	EX_USAGE = 64,
	EX_DATAERR,
	EX_NOINPUT,
	EX_NOUSER,
	EX_NOHOST,
	EX_UNAVAILABLE,
	EX_SOFTWARE,
	EX_OSERR,
	EX_OSFILE,
	EX_CANTCREAT,
	EX_IOERR,
	EX_TEMPFAIL,
	EX_PROTOCOL,
	EX_NOPERM,
	EX_CONFIG,
};

#endif
