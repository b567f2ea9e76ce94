/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc: what /proc/PID tells, and the readers of its texts. Private to the host room.
 *
 * A descriptor of a directory of /proc/PID belongs to that process, not to its number: when the
 * process has ended, every look through it fails, even after the number was given away again.
 * That is how descriptors, start time and names are known to be of one process.
 */
#ifndef PERIPLUS_HOST_PROC_H
#define PERIPLUS_HOST_PROC_H

#include <sys/types.h>

#include "host/survey.h"

/* Reads a small file whole, at most `size` bytes, and never blocks. Bytes read, or -errno. */
ssize_t proc_read(int dir, const char *path, void *bytes, size_t size) must_check;
/* Target of a symbolic link without NUL; the empty span when it cannot be read. */
struct span proc_link(int dir, const char *path, void *bytes, size_t size);

/* walk.c: calls fn for every entry of an open directory whose name is a number, by pieces of `size` bytes,
 * which `entries` has room for and stands on 8 bytes. A negative errno of fn ends it. */
typedef int proc_number_fn(void *arg, int dir, const char *name, uint64_t number);
int proc_each_number(int dir, uint8_t *entries, size_t size, proc_number_fn *fn, void *arg) must_check;

/* stat.c: /proc/PID/stat and /proc/PID/status (proc(5)). False: not understood. */
struct stat_facts {
	struct span name; /* between the first '(' and the LAST ')' */
	uint8_t state;
	uint32_t parent;
	uint32_t terminal; /* number of the device; 0 none */
	uint64_t flags;
	uint64_t start_ticks;
};

struct status_facts {
	uint32_t uid;
	uint64_t capabilities; /* effective */
};

bool stat_read(struct span text, struct stat_facts *facts) must_check;
bool status_read(struct span text, struct status_facts *facts) must_check;
/* "pts/3" for a terminal's device number; returns its length, 0 for none. */
size_t terminal_name(uint32_t device, char name[16]);

/* capability.c: names of the capabilities worth naming, blank-separated; "all" for all. */
enum { CAPABILITY_TEXT = 256 };
size_t capability_names(uint64_t set, uint64_t all, char text[CAPABILITY_TEXT]);
/* The capabilities that this kernel knows, as a set. */
uint64_t capability_known(void);

/* process.c: everything shown of a process. `dir` is a descriptor of /proc/PID/fd (or another
 * directory in /proc/PID); the row is kept in the survey. NULL: it has ended, or memory is out.
 * May be called by several threads. */
const struct process *process_read(struct survey *survey, int dir, uint32_t pid);
/* The same by number, for sources that have no descriptor: the row read before, or a fresh one
 * when its start is `start_ticks` (0: whatever it is). */
const struct process *process_find(struct survey *survey, uint32_t pid, uint64_t start_ticks);

/* Under the lock: makes a row one of the survey's processes. */
void process_add(struct survey *survey, struct process_row *row);
/* Unix seconds of a start given in ticks since boot. */
int64_t process_start_time(const struct survey *survey, uint64_t start_ticks);

/* parents.c: lines of parents for all processes of the survey. */
void parents_fill(struct survey *survey);
/* users.c: names of users for all processes and, by uid, for sockets. */
struct span user_name(struct survey *survey, uint32_t uid);
/* git.c, package.c: the slow identity of all processes of the survey. */
void git_fill(struct survey *survey);
void package_fill(struct survey *survey);

#endif
