/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_skel: loads one build of look.bpf.c, runs it and maps its tables. The file that includes this has
 * included the build's skeleton and names the function (BPF_RUN).
 *
 * The program is embedded as a light skeleton: a loader program that the kernel runs, so no library
 * is linked.
 */
#ifndef PERIPLUS_HOST_BPF_SKEL_H
#define PERIPLUS_HOST_BPF_SKEL_H

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/scope.h"
#include "host/bpf_run.h"

/* Reads the iterator to its end: the program runs while we read, and writes to its maps only, but for a
 * byte when it needs to see no more. */
static int iterate(int link)
{
	union bpf_attr attr = {.iter_create = {.link_fd = (uint32_t)link}};
	auto_close int fd = (int)syscall(SYS_bpf, BPF_ITER_CREATE, &attr, sizeof(attr));
	char byte;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = read(fd, &byte, sizeof(byte));
	while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n < 0 ? -errno : 0;
}

static const void *map_table(int fd, size_t n, size_t size, size_t *bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	*bytes = ((n ? n : 1) * size + page - 1) / page * page; /* of what was written */
	p = mmap(NULL, *bytes, PROT_READ, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

static int keep(struct look_bpf *skel, struct bpf_look *look)
{
	*look = (struct bpf_look){
		.n_sockets = skel->bss->counts.n_sockets,
		.n_processes = skel->bss->counts.n_processes,
		.n_tasks = skel->bss->counts.n_tasks,
		.n_failed = skel->bss->counts.n_failed,
		.is_by_number = skel->bss->counts.by_number,
		.is_early = skel->bss->counts.is_over,
	};
	look->sockets = map_table(skel->maps.sockets.map_fd, look->n_sockets,
				  sizeof(*look->sockets), &look->sockets_size);
	look->processes = map_table(skel->maps.processes.map_fd, look->n_processes,
				    sizeof(*look->processes), &look->processes_size);
	if (!look->sockets || !look->processes) {
		int error = errno;

		bpf_look_done(look);
		return -error;
	}
	return 0;
}

int BPF_RUN(struct look_query *query, const struct look_layout *layout,
		    struct bpf_look *look, struct why *why)
{
	struct look_bpf *skel = look_bpf__open();
	int r;

	if (!skel)
		return why_set(why, ENOMEM, "out of memory");
	skel->rodata->query = *query;
	skel->rodata->layout = *layout;
	skel->maps.sockets.max_entries = query->max_sockets;
	skel->maps.processes.max_entries = query->max_processes;
	r = look_bpf__load(skel);
	if (r < 0) {
		r = why_set(why, -r, "the kernel refuses the BPF reader: %s", strerror(-r));
		goto out;
	}
	r = look_bpf__attach(skel);
	if (r >= 0)
		r = iterate(skel->links.look_fd);
	if (r < 0) {
		r = why_set(why, -r, "cannot run the BPF reader: %s", strerror(-r));
		goto out;
	}
	if (skel->bss->counts.n_sockets > query->max_sockets ||
	    skel->bss->counts.n_processes > query->max_processes) {
		query->max_sockets = skel->bss->counts.n_sockets + skel->bss->counts.n_sockets / 4 + 64;
		query->max_processes =
			skel->bss->counts.n_processes + skel->bss->counts.n_processes / 4 + 64;
		r = -EAGAIN;
		goto out;
	}
	r = keep(skel, look);
	if (r < 0)
		why_set(why, -r, "cannot map the tables of the BPF reader: %s", strerror(-r));
out:
	look_bpf__destroy(skel);
	return r;
}

#endif
