/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay: a slow wire between two interfaces: every frame leaves the other one so many milliseconds
 * after it came. For kernels without sch_netem; what is to be lost, nftables drops at the far side.
 *
 *	relay LEFT RIGHT MS
 *
 * Needs root and interfaces whose neighbours write checksums themselves (no transmit offload). Prints
 * "ready" and runs until it is killed. A frame that finds no room is dropped, and told on stderr.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAMES = 1 << 15, FRAME = 1600, BATCH = 64, ROOM = 64 << 20, IGNORE_OUTGOING = 23 };

struct frame {
	int64_t due_ns;
	uint32_t n;
	uint8_t bytes[FRAME];
};

struct way {
	int from, to;
	int64_t delay_ns;
	struct frame *frames; /* a ring */
	unsigned head, tail;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_at(const char *name)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	const int yes = 1;
	const int room = ROOM;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, IGNORE_OUTGOING, &yes, sizeof(yes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die(name);
	return fd;
}

/* Takes what has come, as far as the ring has room. */
static void take(struct way *w)
{
	struct mmsghdr heads[BATCH];
	struct iovec parts[BATCH];
	unsigned room = FRAMES - (w->head - w->tail);
	int64_t due = now_ns() + w->delay_ns;
	int n = BATCH;

	if (room < BATCH) {
		fprintf(stderr, "relay: no room\n");
		return;
	}
	memset(heads, 0, sizeof(heads));
	for (unsigned i = 0; i < BATCH; i++) {
		struct frame *f = &w->frames[(w->head + i) % FRAMES];

		parts[i] = (struct iovec){f->bytes, FRAME};
		heads[i].msg_hdr.msg_iov = &parts[i];
		heads[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(w->from, heads, BATCH, 0, NULL);
	for (int i = 0; i < n; i++) {
		struct frame *f = &w->frames[(w->head + (unsigned)i) % FRAMES];

		f->n = heads[i].msg_len;
		f->due_ns = due;
	}
	if (n > 0)
		w->head += (unsigned)n;
}

static void give(struct way *w)
{
	int64_t now = now_ns();

	while (w->tail != w->head && w->frames[w->tail % FRAMES].due_ns <= now) {
		struct mmsghdr heads[BATCH];
		struct iovec parts[BATCH];
		unsigned n = 0;
		int r;

		memset(heads, 0, sizeof(heads));
		for (; n < BATCH && w->tail + n != w->head; n++) {
			struct frame *f = &w->frames[(w->tail + n) % FRAMES];

			if (f->due_ns > now)
				break;
			parts[n] = (struct iovec){f->bytes, f->n};
			heads[n].msg_hdr.msg_iov = &parts[n];
			heads[n].msg_hdr.msg_iovlen = 1;
		}
		r = sendmmsg(w->to, heads, n, 0);
		if (r < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
			die("send");
		if (r <= 0)
			return;
		w->tail += (unsigned)r;
	}
}

static void *run(void *arg)
{
	struct way *w = arg;

	for (;;) {
		struct pollfd fd = {w->from, POLLIN, 0};
		int64_t ns = w->tail == w->head
				     ? 1000000000
				     : w->frames[w->tail % FRAMES].due_ns - now_ns();
		struct timespec t = {ns / 1000000000, ns % 1000000000};

		if (ns > 0)
			ppoll(&fd, 1, &t, NULL);
		take(w);
		give(w);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct way ways[2];
	pthread_t other;
	int fds[2];

	if (argc != 4) {
		fprintf(stderr, "usage: relay LEFT RIGHT MS\n");
		return 64;
	}
	for (int i = 0; i < 2; i++)
		fds[i] = open_at(argv[1 + i]);
	for (int i = 0; i < 2; i++)
		ways[i] = (struct way){.from = fds[i],
				       .to = fds[1 - i],
				       .delay_ns = strtol(argv[3], NULL, 10) * 1000000,
				       .frames = calloc(FRAMES, sizeof(struct frame))};
	if (!ways[0].frames || !ways[1].frames ||
	    pthread_create(&other, NULL, run, &ways[1]) != 0)
		die("start");
	puts("ready");
	fflush(stdout);
	run(&ways[0]);
	return 0;
}
