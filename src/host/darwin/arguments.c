/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arguments: what a process was started with (sysctl(3), KERN_PROCARGS2): the number of arguments, the
 * path that was executed, zeros, and the arguments with a zero behind each; the environment follows
 * and is not read. Those of other users are root's to see.
 */
#include "host/darwin/darwin.h"

#include <stdlib.h>
#include <sys/sysctl.h>

#include "base/scope.h"

void darwin_arguments_read(struct arena *arena, struct process *p)
{
	int limit_name[] = {CTL_KERN, KERN_ARGMAX};
	int name[] = {CTL_KERN, KERN_PROCARGS2, (int)p->pid};
	int limit = 0;
	int count = 0;
	size_t n = sizeof(limit);
	size_t end;
	size_t at;

	if (sysctl(limit_name, 2, &limit, &n, NULL, 0) != 0 || limit <= (int)sizeof(count))
		return;
	n = (size_t)limit;

	auto_free uint8_t *bytes = malloc(n);

	if (!bytes || sysctl(name, 3, bytes, &n, NULL, 0) != 0 || n <= sizeof(count))
		return;
	memcpy(&count, bytes, sizeof(count));
	at = sizeof(count);
	while (at < n && bytes[at])
		at++;
	while (at < n && !bytes[at])
		at++;
	for (end = at; end < n && count > 0; end++)
		count -= !bytes[end];
	p->argv = arena_copy(arena, span_of(bytes + at, end - at));
}
