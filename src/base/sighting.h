/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sighting: what passes from the rooms that look to the rooms that judge and show.
 *
 * One sighting is one socket that was seen, with everything that was found out about it and how.
 * Looking rooms push sightings into a sink; the pointers are lent for the length of the call
 * unless the looker's door says that they live in the caller's arena (host does).
 */
#ifndef PERIPLUS_BASE_SIGHTING_H
#define PERIPLUS_BASE_SIGHTING_H

#include "base/address.h"
#include "base/port.h"
#include "base/span.h"

enum socket_state {
	SOCKET_LISTEN, /* TCP and SCTP: in LISTEN */
	SOCKET_BOUND,  /* UDP and the like: bound, without a peer */
	SOCKET_PEER,   /* connected */
	SOCKET_RAW,    /* waits for packets without a port: SOCK_RAW */
	SOCKET_PACKET, /* the same at the link layer: AF_PACKET */
	SOCKET_IDLE,   /* TCP: bound, and neither listening nor connected */
	/* TCP: TIME_WAIT (RFC 9293 section 3.6.1), or closing after its program has let go: nobody's any more */
	SOCKET_WAITING,
	SOCKET_PASSING, /* no socket of this machine: a conversation seen in a capture */
};

/* Whether it waits for others to come: what a listing shows, judges and counts. */
static inline bool socket_state_waits(enum socket_state state)
{
	return state != SOCKET_PEER && state != SOCKET_IDLE && state != SOCKET_WAITING &&
	       state != SOCKET_PASSING;
}

/* Why a socket has no owner that we can name. Words are for JSON. */
#define HIDDEN_REASONS(H)                                                                          \
	H(NONE, "none")                                                                            \
	H(PERMISSION, "permission")   /* other users' descriptors are closed to us */              \
	H(KERNEL, "kernel")           /* inode 0 or no descriptor anywhere: the kernel's own */    \
	H(PID_NAMESPACE, "pid-namespace") /* a process outside of our pid namespace */             \
	H(HIDEPID, "hidepid")         /* /proc is mounted with hidepid */                          \
	H(EXITED, "exited")           /* the owner or the socket went away while we looked */      \
	H(UNKNOWN, "unknown")

#define H(name, word) HIDDEN_##name,
enum hidden_reason { HIDDEN_REASONS(H) N_HIDDEN_REASONS };
#undef H

const char *hidden_reason_word(enum hidden_reason reason);

/* A process in the line of parents, nearest first. */
struct ancestor {
	uint32_t pid;
	struct span name;
	struct span executable; /* may be empty */
};

/* Whether a package knows the file. */
enum package_answer { PACKAGE_NOT_ASKED, PACKAGE_NONE, PACKAGE_OWNS };

struct process {
	uint32_t pid;
	uint64_t start_ticks;	/* since boot, clock ticks (proc(5) stat field 22): identity with pid */
	int64_t start_time;	/* Unix seconds; 0 unknown */
	uint32_t uid;		/* real uid of the process */
	struct span user;	/* name of uid; empty when it has none */
	struct span name;	/* comm: at most 15 bytes, any byte */
	struct span executable; /* path without " (deleted)"; empty when hidden */
	struct span command_line; /* arguments joined by single blanks */
	struct span argv;	/* the same with the NULs of the kernel, one behind each argument */
	struct span working_directory;
	struct span git_branch; /* of the repository that holds the working directory */
	struct span runtime;	/* interpreter family: "python", "node" ...; empty when none */
	/* What the interpreter runs: a path, a module after "-m ", an option by which it serves itself
	 * ("-S" of php), or the first word of a title that stands in place of its arguments. */
	struct span script;
	struct span unit;	/* systemd unit by cgroup: ssh.service */
	struct span user_unit;	/* unit of the user's manager, when there is one */
	struct span cgroup;	/* path in cgroup v2 */
	struct span container;	/* runtime and name, or short id: "docker 0123456789ab" */
	struct span package;	/* Debian or RPM package that owns the executable */
	struct span package_version;
	struct span capabilities; /* worth naming, blank-separated: "net_admin sys_admin" */
	struct span terminal;	/* "pts/3"; empty when it has none */
	uint64_t net_namespace; /* inode of the network namespace; 0 unknown */
	enum package_answer package_answer;
	bool is_deleted;	/* the executable's file has no name any more */
	bool is_replaced;	/* is_deleted, and another file has the name now */
	bool is_memfd;
	bool is_in_tmpfs;	/* executable on tmpfs, ramfs or in /dev/shm */
	bool is_in_world_writable; /* executable's directory may be written by everybody */
	bool is_kernel_thread;
	bool is_script_missing; /* the named script does not exist any more */
	bool is_manager; /* systemd, of the system or a user: holds sockets for its services */
	const struct ancestor *ancestors;
	size_t n_ancestors;
};

struct owner {
	const struct process *process;
	uint32_t fd;
};

/* Another user's socket on the same number that could take traffic. */
struct rival {
	struct address local;
	uint32_t uid;
	struct span user; /* name of uid */
	bool is_v6only;
};

/* A view of the machine from which something is missing that another view shows (PP320). */
enum hidden_from { FROM_NOTHING, FROM_NETLINK, FROM_PROC };

/* What came of asking a socket. Words are for JSON. */
#define SPOKEN_STATES(S)                                                                           \
	S(PROVED, "proved")       /* the bytes prove the protocol */                               \
	S(FITS, "fits")           /* they fit it, and others */                                    \
	S(STRANGE, "strange")     /* it said what nothing known says */                            \
	S(NOTHING, "nothing")     /* it was asked, or listened to, and said nothing */             \
	S(SPARED, "spared")       /* a stranger's bytes may harm what is expected there */         \
	S(NOT_ASKED, "not-asked") /* there is no question for it, or no time was left */

#define S(name, word) SPOKEN_##name,
enum spoken_state { SPOKEN_STATES(S) N_SPOKEN_STATES };
#undef S

const char *spoken_word(enum spoken_state state);

/* What a socket said, to a question or by itself: texts of the peer. */
struct spoken {
	enum spoken_state state;
	struct span protocol; /* PROVED, FITS: of a row of proto.list */
	struct span product;  /* slug; empty: not proved */
	struct span version;
	bool is_within_tls;
	bool needs_no_login; /* answered as it answers who commands it, and nobody had logged in */
	bool needs_none_outside;  /* and so it did when asked from another address than loopback */
	uint32_t n_sent, n_heard; /* bytes */
	bool is_in_gre;           /* SOCKET_PASSING: its packets travelled in GRE */
};

struct sighting {
	enum transport transport;
	enum socket_state state;
	struct address local;
	struct address remote; /* SOCKET_PEER and SOCKET_WAITING only */
	uint16_t port;
	uint16_t remote_port;
	uint64_t cookie;	/* of the socket, unique while the kernel runs; 0 unknown */
	uint64_t inode;
	uint64_t net_namespace; /* inode of the namespace; 0 unknown */
	uint32_t uid;		/* of the socket */
	struct span user;	/* name of uid */
	uint32_t backlog;	/* LISTEN: limit of the accept queue */
	uint32_t queued;	/* LISTEN: in the accept queue; else bytes to read */
	uint32_t n_peers;	/* established connections accepted on this port and address */
	bool is_v6only;
	bool is_dual_stack;	/* IPv6 any address that serves IPv4 too */
	bool is_elsewhere;	/* lives in another network namespace than ours */
	bool has_rival;		/* another user's socket on the same number that could take its traffic */
	const struct rival *rival; /* with has_rival, the nearest of them; NULL: not known */
	uint16_t n_reuseport;	/* members of its SO_REUSEPORT group, itself included; 0 or 1: alone */
	struct span container;	/* publishes a container's port: its name or id */
	struct span socket_unit; /* systemd .socket unit that holds it */
	struct span unit;	/* by the socket's cgroup, when the process is hidden; with socket_unit,
				 * the service that it starts: "ssh.service", "ssh@.service" */
	struct span cgroup;
	enum hidden_reason hidden; /* when n_owners is 0 */
	enum hidden_from hidden_from; /* confirmed by asking again */
	const struct owner *owners;
	size_t n_owners;
	const struct spoken *spoken; /* NULL: it was not asked (only --probe asks), nor overheard */
	const char *seen_by;	/* "sock_diag", "bpf", "proc", "replay" */
};

/* A receiver of sightings. put returns 0, or a negative errno that ends the looking. */
struct sink {
	int (*put)(struct sink *sink, const struct sighting *sighting);
};

/* The owner that stands for the socket: the one that was started first; a manager only when no
 * service holds it too. NULL when hidden. */
const struct process *sighting_process(const struct sighting *sighting);

#endif
