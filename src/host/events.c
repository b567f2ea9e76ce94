/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: what the kernel tells by itself of sockets that begin and end to listen.
 *
 * With CAP_BPF: TCP both ways and bound UDP from a ring, closed UDP sockets from netlink. Without:
 * what closes, from netlink. What is not told (a descriptor that is passed on, UDP that is bound
 * without bind(2), other control groups than ours) is for its reader to find by looking.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "host/events.h"

struct host_watch {
	struct events_bpf *bpf; /* NULL: none */
	int netlink;		/* -1: none */
	struct host_watch_facts facts;
	struct why why;
};

int host_watch_new(struct host_watch **watch, struct why *why)
{
	struct host_watch *made = calloc(1, sizeof(*made));
	struct host_watch_facts *facts;
	int r;

	if (!made)
		return why_set(why, ENOMEM, _("out of memory"));
	facts = &made->facts;
	facts->method = "bpf";
	if (events_bpf_new(&made->bpf, &facts->sees_all, &made->why) < 0) {
		facts->method = "netlink";
		facts->fallback = made->why.text;
	} else if (!facts->sees_all) {
		facts->fallback = _("no root of cgroup v2 to see UDP sockets bound");
	}
	r = made->netlink = events_netlink_open(!made->bpf);
	if (r < 0) {
		errno = -r;
		r = why_errno(&made->why, _("the kernel does not tell of closed sockets"));
		facts->sees_all = false;
		facts->fallback = made->why.text;
	}
	if (r < 0 && !made->bpf) {
		if (why)
			*why = made->why;
		host_watch_free(made);
		return r;
	}
	*watch = made;
	return 0;
}

struct host_watch *host_watch_free(struct host_watch *watch)
{
	if (!watch)
		return NULL;
	events_bpf_free(watch->bpf);
	if (watch->netlink >= 0)
		close(watch->netlink);
	free(watch);
	return NULL;
}

const struct host_watch_facts *host_watch_facts(const struct host_watch *watch)
{
	return &watch->facts;
}

int host_watch_next(struct host_watch *watch, int timeout_ms, const sigset_t *mask,
		    host_event_fn *each, void *arg, uint64_t *n_lost)
{
	const struct timespec limit = {.tv_sec = timeout_ms / 1000,
				       .tv_nsec = (long)(timeout_ms % 1000) * 1000000};
	struct pollfd fds[2] = {
		{.fd = watch->bpf ? events_bpf_fd(watch->bpf) : -1, .events = POLLIN},
		{.fd = watch->netlink, .events = POLLIN},
	};

	if (ppoll(fds, 2, &limit, mask) < 0)
		return -errno;
	/* Openings first: what closes is then known. */
	if (watch->bpf)
		events_bpf_read(watch->bpf, each, arg, n_lost);
	return watch->netlink >= 0 ? events_netlink_read(watch->netlink, each, arg, n_lost) : 0;
}
