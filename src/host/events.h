/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: the two ways by which the kernel tells of sockets: a ring that a BPF program fills
 * (events_bpf.c), and the multicast groups of closed sockets (events_netlink.c).
 *
 * Private to the host room.
 */
#ifndef PERIPLUS_HOST_EVENTS_H
#define PERIPLUS_HOST_EVENTS_H

#include "host/host.h"

struct events_bpf;

/* Loads and attaches. *sees_udp: the hooks behind bind(2) could be attached too. */
int events_bpf_new(struct events_bpf **events, bool *sees_udp, struct why *why) must_check;
struct events_bpf *events_bpf_free(struct events_bpf *events);
int events_bpf_fd(const struct events_bpf *events); /* to wait on */
void events_bpf_read(struct events_bpf *events, host_event_fn *each, void *arg, uint64_t *n_lost);

/* A socket that hears of closed UDP sockets, and with tcp of all the others. Negative errno. */
int events_netlink_open(bool tcp) must_check;
/* Reads what has come. */
int events_netlink_read(int fd, host_event_fn *each, void *arg, uint64_t *n_lost) must_check;
/* One datagram: pure. False for bytes that are no such message. */
bool events_netlink_parse(struct span bytes, host_event_fn *each, void *arg) must_check;

#endif
