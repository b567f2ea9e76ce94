/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign: what the tools of other systems print, read as if it were a recording. Private to the host
 * room.
 *
 * A row of the table in foreign.c is a tool. Its reader fills the survey's tables; it takes what it
 * understands and refuses a line that looks like one of a socket and is none.
 */
#ifndef PERIPLUS_HOST_FOREIGN_H
#define PERIPLUS_HOST_FOREIGN_H

#include "host/survey.h"

struct foreign {
	const char *name; /* as it is called: "netstat -abno" */
	bool (*is_mine)(struct span text);
	/* "Windows"; empty: the text does not tell. */
	const char *(*system_of)(struct span text);
	int (*read)(struct survey *survey, struct span text, struct why *why);
};

extern const struct foreign foreign_lsof;     /* foreign_lsof.c: lsof -F (lsof(8)) */
extern const struct foreign foreign_netstat;  /* foreign_netstat.c: netstat of Windows */
extern const struct foreign foreign_sockstat; /* foreign_sockstat.c: sockstat(1) of FreeBSD */

enum { FOREIGN_NO_USER = UINT32_MAX }; /* the text gives no number */

/* The tool that has printed the text. NULL: none that we know. */
const struct foreign *foreign_find(struct span text);

/* The process of that number; made when it is new, without name and user. NULL: there are too many.
 * It stays the survey's. */
struct process_row *foreign_process(struct survey *survey, uint32_t pid) must_check;
/* A text that outlives the reader. */
struct span foreign_keep(struct survey *survey, struct span text);
/* "127.0.0.1:22", "[::1]:22", "::1:22", "*:22", "*:*", "fe80::1%en0:22". family is what "*" stands
 * for. False: it is none of these. */
bool foreign_endpoint(struct span text, enum address_family family, struct address *address,
		      uint16_t *port) must_check;
/* Adds the socket when the query wants it. *row becomes the one in the table, or NULL. 0, -ENOMEM or
 * -E2BIG. process may be NULL: then row->hidden says why. */
int foreign_add(struct survey *survey, const struct socket_row *socket,
		const struct process_row *process, uint32_t fd, struct socket_row **row) must_check;
/* "line 3: '...' is not understood": returns -EINVAL. */
int foreign_bad(const struct foreign *foreign, size_t number, struct span line, struct why *why);

#endif
