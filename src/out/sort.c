/* SPDX-License-Identifier: Apache-2.0 */
/* sort: the order of rows, the same in every format and for every run over the same sockets. */
#include <stdlib.h>

#include "out/out.h"

static int cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint32_t pid_of(const struct sighting *s)
{
	const struct process *p = sighting_process(s);

	return p ? p->pid : 0;
}

static int compare(const void *left, const void *right)
{
	const struct judged *a = left;
	const struct judged *b = right;
	const struct sighting *s = a->sighting;
	const struct sighting *t = b->sighting;
	int order = cmp_u64(b->verdict->kind, a->verdict->kind);

	if (!order)
		order = cmp_u64(s->port, t->port);
	if (!order)
		order = cmp_u64(s->transport, t->transport);
	if (!order)
		order = address_cmp(&s->local, &t->local);
	if (!order)
		order = cmp_u64(s->net_namespace, t->net_namespace);
	if (!order)
		order = cmp_u64(pid_of(s), pid_of(t));
	if (!order)
		order = cmp_u64(s->cookie, t->cookie);
	return order ? order : cmp_u64(s->inode, t->inode);
}

void judged_sort(struct judged *rows, size_t n)
{
	if (n > 1)
		qsort(rows, n, sizeof(*rows), compare);
}
