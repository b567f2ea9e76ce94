/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host: who listens on this machine, and who owns it.
 *
 * One reader per system (linux.c; none.c where there is none) and replay.c, which reads recorded
 * dumps. A reader pushes sightings; it knows neither the map nor verdicts.
 */
#ifndef PERIPLUS_HOST_HOST_H
#define PERIPLUS_HOST_HOST_H

#include <signal.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sighting.h"
#include "base/why.h"

struct host_query {
	uint16_t first, last;	  /* 0, 65535: every port */
	enum transport transport; /* TRANSPORT_ANY: all */
	bool peers;		  /* established connections of these local ports too (SOCKET_PEER) */
	bool holders;		  /* peers in every state of TCP, SOCKET_IDLE, SOCKET_WAITING too */
	bool namespaces;	  /* other network namespaces too */
	bool no_owners;		  /* sockets only: cheap */
	bool is_plain;		  /* leave out the slow identity (packages, git branch) */
	bool no_arguments;	  /* command lines may be left out where no script hangs on them */
	const char *reader;	  /* "bpf" or "walk" finds the owners; NULL: the quicker one */
	const char *replay;	  /* directory of a recording instead of this machine; NULL: live */
};

#define HOST_QUERY_ALL ((struct host_query){.first = 0, .last = PORT_MAX})

/* What the listing is worth (reliability.md R4). */
struct host_listing {
	bool is_complete;      /* every socket asked for is there, with every owner visible to root */
	bool is_torn;	       /* passes did not agree: sockets may be missing */
	size_t n_sockets;      /* pushed, peers not counted */
	size_t hidden_owners;  /* sockets whose process is hidden from this user */
	size_t n_elsewhere;    /* listeners seen in other network namespaces */
	uint64_t net_namespace;
	bool lacks_ptrace;     /* root without CAP_SYS_PTRACE: names of others are hidden */
	bool is_contained;     /* we run in a container or a pid namespace of its own */
	const char *method;    /* "bpf", "sock_diag", "periplusd", "replay" */
	const char *fallback;  /* why the better method was not used; NULL when it was */
	const char *remedy;    /* what would show hidden owners; NULL: what helps on Linux */
};

struct host_info {
	struct span name;      /* host name */
	struct span id;	       /* machine-id, empty when unreadable */
	struct span boot_id;
	struct span system;    /* "Debian 12" */
	uint16_t ephemeral_first, ephemeral_last; /* 0, 0: unknown */
	int64_t now;	       /* Unix seconds */
	bool is_root;
	uint32_t uid;
};

/* Pushes one sighting per socket. Spans, owners and processes live in the arena. Returns 0 or a
 * negative errno with why: -EPERM when nothing at all may be seen, and so on; a listing that is
 * merely incomplete returns 0 and says so in *listing. */
int host_each_listener(const struct host_query *query, struct arena *arena, struct sink *sink,
		       struct host_listing *listing, struct why *why) must_check;
void host_describe(const struct host_query *query, struct arena *arena, struct host_info *info);

/* What the kernel tells by itself: a socket of this network namespace begins or ends to listen. Who
 * wants to know all of it looks again; the event carries what will be gone by then. */
struct host_event {
	bool is_closed; /* else opened */
	enum transport transport;
	struct address local;
	uint16_t port; /* 0: not chosen yet */
	uint64_t cookie;
	uint32_t pid, uid;   /* of who did it; pid 0 unknown */
	struct span name; /* of the process; lent for the call */
};

typedef void host_event_fn(void *arg, const struct host_event *event);

struct host_watch_facts {
	const char *method;   /* "bpf" or "netlink" */
	const char *fallback; /* why not all is told; NULL when it is */
	bool sees_all;	      /* else only looking finds the rest */
};

struct host_watch;

/* Begins to watch; what opens from now on is told. Negative errno with why: there are no events at
 * all here. Release with host_watch_free. */
int host_watch_new(struct host_watch **watch, struct why *why) must_check;
struct host_watch *host_watch_free(struct host_watch *watch);
const struct host_watch_facts *host_watch_facts(const struct host_watch *watch);
/* Waits for at most timeout_ms and hands over all that came. *n_lost grows by the events that found
 * no place. Signals are blocked as in mask while waiting (NULL: as they are). Returns 0, or -EINTR
 * after a signal, or another negative errno. */
int host_watch_next(struct host_watch *watch, int timeout_ms, const sigset_t *mask,
		    host_event_fn *each, void *arg, uint64_t *n_lost) must_check;

/* What was seen, to be written as a recording that `replay` reads. */
struct host_recording {
	const struct host_info *host;
	const struct host_listing *listing;
	const struct sighting *const *sightings;
	size_t n;
};

/* Makes the directory, or fills it when it is empty; whole, or not at all. */
int host_record(const char *directory, const struct host_recording *recording,
		struct why *why) must_check;
/* The same as one text: what periplusd answers. */
void host_record_stream(const struct host_recording *recording, struct buf *out);

/* Numbers that this host keeps back (ip_local_reserved_ports), and the first one that needs no
 * privilege. What cannot be read is as the kernel's default. */
void host_port_rules(struct port_set *kept, uint16_t *unprivileged_first);

/*
 * Numbers that must not become source ports (ip_local_reserved_ports): now, and at every start by a
 * file of sysctl.d(5) that also remembers which of them are ours.
 */
struct host_reservation {
	struct port_set now;	/* what the kernel keeps back */
	struct port_set ours;	/* what the file says that we keep back */
	bool has_file;
	struct span overridden; /* a later file that sets the same key; empty: none */
};

#define HOST_RESERVE_FILE "/etc/sysctl.d/90-periplus-reserve.conf"

int host_reservation_read(struct arena *arena, struct host_reservation *r, struct why *why) must_check;
/* Makes kernel and file as `r` says: the file first, and as it was when the kernel then refuses.
 * runtime_only leaves the file alone. -EACCES, -EPERM and -EROFS with why: rights are missing. */
int host_reservation_write(const struct host_reservation *r, bool runtime_only,
			   struct why *why) must_check;

/*
 * Ending what listens (reliability.md R3). A plan is made from sightings; each step ends one thing,
 * by the one that supervises it where there is one.
 */
#define STOP_MEANS(M)                                                                              \
	M(SIGNAL, "signal")	  /* by a descriptor of the very process */                        \
	M(SYSTEMD, "systemd")	  /* systemctl stop UNIT, or of the user's manager */              \
	M(CONTAINER, "container") /* docker or podman stop NAME */                                 \
	M(NONE, "none")		  /* must not or cannot: `refusal` says why */
#define M(name, word) STOP_##name,
enum stop_means { STOP_MEANS(M) N_STOP_MEANS };
#undef M

#define STOP_REFUSALS(R)                                                                           \
	R(ALLOWED, "allowed")                                                                      \
	R(HIDDEN, "hidden")   /* the owner may not be seen */                                      \
	R(KERNEL, "kernel")   /* the kernel's own socket */                                        \
	R(SYSTEM, "system")   /* pid 1, or periplus itself and what it runs under */               \
	R(FOREIGN, "foreign") /* in another network namespace */
#define R(name, word) STOP_##name,
enum stop_refusal { STOP_REFUSALS(R) N_STOP_REFUSALS };
#undef R

struct stop_step {
	enum stop_means means;
	enum stop_refusal refusal;
	const struct process *process; /* NULL with STOP_HIDDEN and STOP_KERNEL */
	struct span unit;	 /* STOP_SYSTEMD */
	struct span socket_unit; /* that would start it again; stopped before it */
	bool is_user_unit;	 /* of the manager of process->uid */
	const char *engine;	 /* STOP_CONTAINER: "docker", "podman" */
	struct span container;
};

enum { STOP_STEPS_MAX = 32 };

/* Pure. What to do so that nothing waits at the number any more: one step per supervisor, container
 * or family of processes (its eldest). At most STOP_STEPS_MAX; returns how many. self: pids that
 * must not be ended, at least ours. */
size_t host_plan_stop(const struct sighting *const *waiting, size_t n, const uint32_t *self,
		      size_t n_self, struct stop_step steps[STOP_STEPS_MAX]);

/* A process held by descriptor: no other can take its place. */
struct held_process {
	int pidfd;
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t exe_device, exe_inode; /* 0, 0: may not be read */
};

/* -ESRCH with why: it has ended, or another has its number now. Release with host_let_go. */
int host_hold(const struct process *process, struct held_process *held, struct why *why) must_check;
void host_let_go(struct held_process *held);
/* Compares start and executable once more, then sends. -ESRCH: it has ended meanwhile; -ESTALE with
 * why: it runs another program now. */
int host_signal(const struct held_process *held, int number, struct why *why) must_check;
/* Waits until it has ended. False after timeout_ms. */
bool host_wait_end(const struct held_process *held, int timeout_ms);

/* What a process leaves behind as evidence: all of it of one process, held by its directory in
 * /proc. Texts live in the arena; what may not be read is empty and is_complete false. */
struct evidence_file {
	struct span path;
	struct span permissions; /* of the mapping, "r-xp"; empty for the executable */
	struct span sha256;	 /* 64 hexadecimal digits; empty: not read */
	uint64_t size, inode, device;
	uint32_t mode, uid, gid; /* mode with type, as in inode(7) */
	int64_t modified;
	bool is_deleted;
};

struct evidence_descriptor {
	uint32_t fd;
	struct span target; /* "socket:[123]", "/var/log/x" */
};

struct evidence {
	const struct process *process;
	bool is_complete;
	struct evidence_file executable;
	const struct evidence_file *mapped; /* files in memory, each once */
	size_t n_mapped;
	const struct evidence_descriptor *descriptors;
	size_t n_descriptors;
	const struct span *environment; /* names only: values may be secrets */
	size_t n_environment;
	const struct span *status; /* lines of /proc/PID/status */
	size_t n_status;
	struct span root, cgroup;
	struct span package_says; /* what `dpkg --verify` printed of its package; empty: as installed */
	bool is_package_verified; /* it was asked */
};

/* -ESRCH with why: the process has ended. */
int host_evidence(const struct process *process, struct arena *arena, struct evidence *evidence,
		  struct why *why) must_check;

/*
 * Why can a number not be bound? Word for JSON, and whether the cause alone keeps a program that
 * asks for every address from binding.
 */
#define BIND_CAUSES(C)                                                                             \
	C(LISTENER, "listener")		    /* a socket waits there, on every address */           \
	C(OTHER_ADDRESS, "other-address")   /* ... on one address or family only */                \
	C(BOUND, "bound")		    /* bound, and not listening */                         \
	C(CONNECTION, "connection")	    /* a connection has it as its own port */              \
	C(TIME_WAIT, "time-wait")	    /* the kernel keeps it after a connection */           \
	C(PRIVILEGED, "privileged")	    /* below ip_unprivileged_port_start */                 \
	C(EXCLUDED, "excluded-range")	    /* Windows keeps a range back */                       \
	C(SECCOMP, "seccomp")		    /* a filter refuses the system call itself */          \
	C(CGROUP_PROGRAM, "cgroup-program") /* a BPF program of the control group refuses */       \
	C(SELINUX, "selinux")		    /* the policy gives this type of port to others */     \
	C(SECURITY_MODULE, "security-module") /* another module refuses, or may */                 \
	C(NO_FAMILY, "no-family")	    /* this host has neither IPv4 nor IPv6 for it */       \
	C(HIDDEN, "hidden")		    /* in use by a socket that we cannot see */            \
	C(UNKNOWN, "unknown")							                   \
	C(NAMESPACE, "other-namespace")	    /* taken in another network namespace: no hindrance */ \
	C(EPHEMERAL, "ephemeral")	    /* may be handed out as a source port: no hindrance */
#define C(name, word) BIND_##name,
enum bind_cause { BIND_CAUSES(C) N_BIND_CAUSES };
#undef C

const char *bind_cause_word(enum bind_cause cause);
bool bind_cause_hinders(enum bind_cause cause);

struct bind_finding {
	enum bind_cause cause;
	const struct sighting *sighting; /* NULL: none */
	size_t n;	    /* sockets of that kind; the sighting is the first of them */
	struct span detail; /* what was read: a name, a number; may be empty */
};

struct bind_report {
	uint16_t port;
	enum transport transport; /* TCP or UDP */
	bool is_tried;
	bool is_recorded; /* nothing could be tried: a recording was read */
	struct address tried; /* what the probe asked for */
	bool is_dual_stack;   /* ... for IPv4 at once */
	int error;	      /* errno of the probe; 0: it could be bound */
	const struct bind_finding *findings; /* weightiest first */
	size_t n_findings;
};

/*
 * Binds the number once, without SO_REUSEADDR, on every address of both families, closes it at once
 * and never listens; then says why it failed, from what was seen of the number (sightings of a query
 * with `holders`) and from what the kernel tells of its rules. Nothing is tried when something waits
 * on every address anyhow. Findings live in the arena.
 */
void host_try_bind(uint16_t port, enum transport transport, const struct sighting *const *seen,
		   size_t n_seen, bool is_complete, struct arena *arena, struct bind_report *report);
/* The same of a recording: nothing is tried, and no rule of its kernel is known. */
void host_explain_bind(uint16_t port, enum transport transport, const struct sighting *const *seen,
		       size_t n_seen, struct arena *arena, struct bind_report *report);

#endif
