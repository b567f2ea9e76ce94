/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf: one look by look.bpf.c, again with larger tables when they were too small.
 *
 * Where the kernel keeps what it reads is found by us (layout.h), once for all tries.
 */
#include "host/bpf.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"

#include "host/bpf_run.h"

#ifdef PERIPLUS_BPF

enum { TRIES = 4 };

bool bpf_is_allowed(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	const uint32_t wanted = 1u << (CAP_BPF - 32) | 1u << (CAP_PERFMON - 32);

	return syscall(SYS_capget, &header, data) == 0 && (data[1].effective & wanted) == wanted;
}

int bpf_look_run(const struct look_query *query, struct bpf_look *look, struct why *why)
{
	struct look_query sized = *query;
	struct look_layout layout;
	int r = layout_find(&layout, why);

	if (r < 0)
		return r;
	sized.by_number &= layout.has_tables != 0;
	r = -EAGAIN;
	for (int i = 0; i < TRIES && r == -EAGAIN; i++)
		r = layout.has_cast ? bpf_run_cast(&sized, &layout, look, why)
				    : bpf_run_copy(&sized, &layout, look, why);
	return r == -EAGAIN ? why_set(why, EAGAIN, _("sockets appear faster than they can be listed")) : r;
}

#else

bool bpf_is_allowed(void)
{
	return false;
}

int bpf_run_copy(struct look_query *query, const struct look_layout *layout, struct bpf_look *look,
		 struct why *why)
{
	(void)layout;
	return bpf_look_run(query, look, why);
}

int bpf_look_run(const struct look_query *query, struct bpf_look *look, struct why *why)
{
	(void)query;
	(void)look;
	return why_set(why, ENOSYS, _("this build has no BPF reader"));
}

#endif

void bpf_look_done(struct bpf_look *look)
{
	if (look->sockets)
		munmap((void *)(uintptr_t)look->sockets, look->sockets_size);
	if (look->processes)
		munmap((void *)(uintptr_t)look->processes, look->processes_size);
	*look = (struct bpf_look){0};
}
