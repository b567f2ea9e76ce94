/* SPDX-License-Identifier: Apache-2.0 */
/* unit: what the path of a control group tells: unit, user's unit, container. Pure; private. */
#ifndef PERIPLUS_HOST_UNIT_H
#define PERIPLUS_HOST_UNIT_H

#include "base/span.h"

struct cgroup_facts {
	struct span path;      /* cgroup v2, or systemd's own tree of v1 when v2 is not used */
	struct span unit;      /* the first unit behind the slices: ssh.service, session-3.scope */
	struct span user_unit; /* the one below user@UID.service */
	const char *runtime;   /* "docker" ...; NULL: no container */
	struct span container; /* id or name, whole */
	bool is_id;	       /* container is an id: 12 hexadecimal digits of it suffice */
};

/* text is that of /proc/PID/cgroup (cgroups(7)). Spans point into it. */
void cgroup_read(struct span text, struct cgroup_facts *facts);
/* The same for one path below the root of the tree. */
void cgroup_read_path(struct span path, struct cgroup_facts *facts);

#endif
