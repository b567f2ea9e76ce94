/* SPDX-License-Identifier: Apache-2.0 */
/* who: rows for people: sockets that are one thing joined, and what they are called (private). */
#ifndef PERIPLUS_OUT_WHO_H
#define PERIPLUS_OUT_WHO_H

#include "out/page.h"

/* Sockets that a person takes for one: IPv4 and IPv6 twins of a process, SO_REUSEPORT groups. */
struct joined {
	const struct judged *row; /* the first of them */
	size_t n_sockets;
	bool has_ipv4, has_ipv6; /* over which it answers */
};

/* Sockets of different network namespaces never join. Keeps the order of rows. The list lives in the page's arena. */
size_t joined_rows(struct page *page, const struct judged *rows, size_t n, struct joined **joined);

struct span who_number(struct page *page, const struct sighting *s);  /* "3476/tcp" */
struct span who_bind(struct page *page, const struct joined *joined); /* "*", "*!", "lo", address */
struct span who_netns(struct page *page, const struct sighting *s);   /* "-": ours */
struct span who_user(struct page *page, const struct sighting *s);    /* name or number */
struct span who_hidden(struct page *page, const struct sighting *s);  /* "(hidden) user dev" */
struct span who_service(struct page *page, const struct map *map,
			const struct sighting *s); /* "~x" */
/* The most useful name, and in a cell what tells more: directory, container, program file. */
struct span who_name(struct page *page, const struct judged *row);
void who_cell(struct page *page, const struct judged *row, struct cell *cell);
/* Whether a rule weighed in: it fired and was not cancelled. */
const struct reason *who_reason(const struct verdict *verdict, const char *id);

#endif
