/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey: one listing under way. Private to the host room.
 *
 * A socket source fills the table of sockets, an owner source the table of owners; relations,
 * reasons and identity are then worked out from the tables alone (join.c), whoever filled them.
 * linux.c holds the sources in order of preference. replay.c fills the same tables from a file.
 *
 * Tables are heap memory of the survey; what sightings point to lies in the caller's arena, which
 * several readers may fill at once under the survey's lock (survey_lock).
 */
#ifndef PERIPLUS_HOST_SURVEY_H
#define PERIPLUS_HOST_SURVEY_H

#include <pthread.h>

#include "host/host.h"

enum { NOT_FOUND = UINT32_MAX };

/* What few sockets have beside their row. */
struct socket_extra {
	struct span user;
	struct span container, socket_unit;
	struct span unit, cgroup; /* of the socket itself, when its owner is hidden */
};

struct socket_row {
	uint64_t cookie; /* 0 unknown: then the inode tells sockets apart */
	uint64_t inode;
	uint64_t net_namespace;
	uint64_t cgroup_id; /* of the socket, in cgroup v2; 0 unknown */
	const struct socket_extra *extra; /* NULL: nothing of that */
	const struct socket_row *rival;	  /* with has_rival; once rows do not move any more */
	struct address local;
	struct address remote;
	uint32_t uid;
	uint32_t backlog;
	uint32_t queued;
	uint32_t n_peers;
	uint32_t first_owner, n_owners; /* in the table of owners, once that is sorted */
	uint16_t port, remote_port;
	uint16_t n_reuseport;
	uint8_t transport; /* enum transport */
	uint8_t state;	   /* enum socket_state */
	uint8_t hidden;	   /* enum hidden_reason */
	uint8_t pass;	   /* of its dump that saw it last */
	uint8_t hidden_from; /* enum hidden_from */
	bool is_v6only;
	bool is_elsewhere;
	bool has_rival;
	bool has_lost; /* a process that held it ended before it could be read */
	bool is_dropped; /* the twin of another row, or gone before the listing was ready */
};

struct socket_table {
	struct socket_row *rows;
	size_t n, capacity;
	uint32_t *by_key; /* hash of cookies (of inodes where there is none) */
	size_t n_keys;
	uint32_t *by_inode; /* hash of inodes, made by socket_table_index */
	size_t n_inodes;
};

/* One descriptor of one process for one socket. */
struct owner_row {
	uint32_t socket; /* index in the table of sockets */
	uint32_t fd;
	const struct process *process;
};

struct owner_table {
	struct owner_row *rows;
	size_t n, capacity;
};

/* What is known of a process beside what is shown. */
struct process_row {
	struct process process; /* first: a struct process * of the survey is one of these */
	uint32_t parent;
	uint64_t exe_device, exe_inode;
	bool is_of_this_system; /* the executable's path means the same file to us */
	struct process_row *next; /* all that were read, newest first */
	struct process_row *next_of_pid, *next_of_exe; /* in the same slot of a hash */
};

struct word; /* an interned string */
struct user; /* a name that was asked for */

enum { WORD_SLOTS = 1024, PROCESS_SLOTS = 1024, USER_SLOTS = 64 };

struct survey {
	const struct host_query *query;
	struct host_listing *listing;
	struct arena *arena; /* the caller's; under the lock while readers run */
	pthread_mutex_t lock;
	struct socket_table sockets;
	struct owner_table owners;
	struct word *words[WORD_SLOTS];
	struct user *users[USER_SLOTS];
	struct span passwd; /* /etc/passwd, once it was needed */
	bool has_passwd;
	struct process_row *processes; /* that hold at least one socket */
	struct process_row *by_pid[PROCESS_SLOTS];
	struct process_row *by_exe[PROCESS_SLOTS]; /* by inode */
	int64_t boot_time_ms; /* Unix time of boot, milliseconds */
	uint64_t known_capabilities;
	uint64_t net_namespace;
	uint32_t viewer_uid;
	bool is_root; /* effective uid 0 */
	size_t n_denied;   /* processes whose descriptors we may not read */
	size_t n_vanished; /* processes that ended while we looked */
	size_t n_failed;   /* processes that could not be read for another reason */
	bool has_witness;     /* an owner source will see the sockets too: ask the kernel only once */
	bool is_contradicted; /* and it saw others, or could not look: ask again without it */
	bool is_walk_quicker; /* found when a witness was looked for */
	bool is_tcp_and_udp;  /* no other transport that is asked for can have sockets here */
	const char *seen_by;
	struct span (*user_of)(struct survey *survey, uint32_t uid); /* NULL: names are not known */
};

struct socket_source {
	const char *name; /* of the method, as in struct host_listing */
	/* Fills the table of sockets. A negative errno: this source cannot, ask the next one. */
	int (*fill)(struct survey *survey, struct why *why);
	/* Sets is_dropped of rows without owner that are gone by now. NULL: nothing to ask. */
	void (*recheck)(struct survey *survey);
};

struct owner_source {
	const char *name;
	/* Whether it will look, and see the sockets by itself. NULL: it sees owners only. */
	bool (*is_witness)(struct survey *survey);
	/* Fills the table of owners for sockets that are there. */
	int (*fill)(struct survey *survey, struct why *why);
};

extern const struct socket_source socket_source_diag; /* sockets.c: NETLINK_SOCK_DIAG */
/* sockets.c: true when NETLINK_SOCK_DIAG answers and does not show this socket, though asked
 * twice. */
bool socket_is_unlisted(const struct socket_row *row);
extern const struct socket_source socket_source_proc; /* proc_net.c: /proc/net */
extern const struct owner_source owner_source_bpf;    /* bpf_owners.c: one pass of the kernel */
extern const struct owner_source owner_source_walk;   /* walk.c: /proc/PID/fd */

/* A zeroed survey with query, arena and listing set; releases nothing of the arena. */
int survey_init(struct survey *survey, const struct host_query *query, struct arena *arena,
		struct host_listing *listing) must_check;
void survey_done(struct survey *survey);
void survey_lock(struct survey *survey);
void survey_unlock(struct survey *survey);

/* The row with this key, or a new zeroed one with cookie, inode and namespace set; NULL when
 * memory is out. Rows move when others are added. */
struct socket_row *socket_table_add(struct socket_table *table, uint64_t cookie, uint64_t inode,
				    uint64_t net_namespace) must_check;
/* Forgets all rows. */
void socket_table_clear(struct socket_table *table);
/* Makes the hash of inodes; rows with is_dropped or without inode are left out. */
int socket_table_index(struct socket_table *table) must_check;
/* Index of the row, or NOT_FOUND. Needs socket_table_index. */
uint32_t socket_table_find_inode(const struct socket_table *table, uint64_t inode);
int owner_table_add(struct owner_table *table, struct owner_row row) must_check;
int owner_table_append(struct owner_table *table, const struct owner_row *rows, size_t n) must_check;

/* The same bytes give the same pointer. Under the lock while readers run. */
struct span survey_intern(struct survey *survey, struct span text);
/* The transports that a query for one wants: TCP wants MPTCP's too. */
bool query_wants(const struct host_query *query, enum transport transport);
/* The same for a socket whose number, transport and state are set. */
bool query_wants_row(const struct host_query *query, const struct socket_row *row);

/* Whether the reason means that somebody with more rights would see an owner. */
bool reason_is_hidden(enum hidden_reason reason);

/* group.c: fills n_reuseport, has_rival and n_peers of all rows. */
int group_relate(struct socket_table *table) must_check;
/* owners.c: sorts owners by socket and start, and gives every row its share. */
void owners_sort(struct survey *survey);
/* systemd as the first process, or as the manager of a user. */
bool process_is_manager(const struct process *process);
/* join.c: relations, then one sighting per row that is not dropped, by port. */
int survey_push(struct survey *survey, struct sink *sink, struct why *why) must_check;
/* SYSTEM.c: reads this system's sockets and owners into the survey and pushes them. */
int survey_look(struct survey *survey, struct sink *sink, struct why *why) must_check;
/* replay.c: the whole listing from a recording. */
int replay_each_listener(const struct host_query *query, struct arena *arena, struct sink *sink,
			 struct host_listing *listing, struct why *why) must_check;
void replay_describe(const char *directory, struct arena *arena, struct host_info *info);

#endif
