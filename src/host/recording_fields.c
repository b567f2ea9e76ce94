/* SPDX-License-Identifier: Apache-2.0 */
/* recording_fields: the keys of a recording and the members that they stand for, both ways. */
#include "base/scope.h"
#include "host/recording.h"

#define P(member, kind) {#member, kind, offsetof(struct process, member)}

static const struct field process_rows[] = {
	P(pid, KIND_U32),
	P(start_ticks, KIND_U64),
	P(start_time, KIND_U64),
	P(uid, KIND_U32),
	P(user, KIND_TEXT),
	P(name, KIND_TEXT),
	P(executable, KIND_TEXT),
	P(command_line, KIND_TEXT),
	P(argv, KIND_TEXT),
	P(working_directory, KIND_TEXT),
	P(git_branch, KIND_TEXT),
	P(runtime, KIND_TEXT),
	P(script, KIND_TEXT),
	P(unit, KIND_TEXT),
	P(user_unit, KIND_TEXT),
	P(cgroup, KIND_TEXT),
	P(container, KIND_TEXT),
	P(package, KIND_TEXT),
	P(package_version, KIND_TEXT),
	P(capabilities, KIND_TEXT),
	P(terminal, KIND_TEXT),
	P(net_namespace, KIND_U64),
	P(is_deleted, KIND_FLAG),
	P(is_replaced, KIND_FLAG),
	P(is_memfd, KIND_FLAG),
	P(is_in_tmpfs, KIND_FLAG),
	P(is_in_world_writable, KIND_FLAG),
	P(is_kernel_thread, KIND_FLAG),
	P(is_script_missing, KIND_FLAG),
	P(is_manager, KIND_FLAG),
	{"parent", KIND_U32, offsetof(struct process_row, parent)},
};

#define S(member, kind) {#member, kind, offsetof(struct socket_row, member)}

static const struct field socket_rows[] = {
	S(cookie, KIND_U64),
	S(inode, KIND_U64),
	S(net_namespace, KIND_U64),
	S(uid, KIND_U32),
	S(backlog, KIND_U32),
	S(queued, KIND_U32),
	S(port, KIND_U16),
	S(remote_port, KIND_U16),
	S(is_v6only, KIND_FLAG),
	S(is_elsewhere, KIND_FLAG),
};

#define E(member) {#member, KIND_TEXT, offsetof(struct socket_extra, member)}

static const struct field extra_rows[] = {
	E(user), E(container), E(socket_unit), E(unit), E(cgroup),
};

#define L(member, kind) {#member, kind, offsetof(struct host_listing, member)}

static const struct field listing_rows[] = {
	L(is_torn, KIND_FLAG),
	L(net_namespace, KIND_U64),
	L(lacks_ptrace, KIND_FLAG),
	L(is_contained, KIND_FLAG),
};

#define I(member, kind) {#member, kind, offsetof(struct host_info, member)}

static const struct field info_rows[] = {
	I(name, KIND_TEXT),   I(id, KIND_TEXT),	     I(boot_id, KIND_TEXT), I(system, KIND_TEXT),
	I(is_root, KIND_FLAG), I(uid, KIND_U32),     I(now, KIND_U64),
};

#define TABLE(rows) {rows, ARRAY_LEN(rows)}

const struct field_table recording_process_fields = TABLE(process_rows);
const struct field_table recording_socket_fields = TABLE(socket_rows);
const struct field_table recording_extra_fields = TABLE(extra_rows);
const struct field_table recording_listing_fields = TABLE(listing_rows);
const struct field_table recording_info_fields = TABLE(info_rows);

const char *const recording_states[N_STATES] = {
	[SOCKET_LISTEN] = "listen", [SOCKET_BOUND] = "bound",	[SOCKET_PEER] = "peer",
	[SOCKET_RAW] = "raw",	    [SOCKET_PACKET] = "packet",
	[SOCKET_IDLE] = "idle",	    [SOCKET_WAITING] = "waiting",
};

const char *const recording_hidden_from[N_HIDDEN_FROM] = {
	[FROM_NETLINK] = "netlink",
	[FROM_PROC] = "proc",
};
