/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * layout: where the running kernel keeps the members that look.bpf.c reads.
 *
 * The reader finds them in the kernel's own description of its types (btf.h) and hands them over as
 * constants. Letting the kernel relocate the program itself (CO-RE) is the usual way, but it searches
 * all its types by name, again and again: most of the time of a short listing.
 */
#ifndef PERIPLUS_HOST_BPF_LAYOUT_H
#define PERIPLUS_HOST_BPF_LAYOUT_H

#include <linux/types.h>

#define LOOK_STRUCTS(S)                                                                            \
	S(cgroup)                                                                                  \
	S(cred)                                                                                    \
	S(css_set)                                                                                 \
	S(dentry)                                                                                  \
	S(fdtable)                                                                                 \
	S(file)                                                                                    \
	S(files_struct)                                                                            \
	S(fs_struct)                                                                               \
	S(inet_bind2_bucket)                                                                       \
	S(inet_bind_bucket)                                                                        \
	S(inet_bind_hashbucket)                                                                    \
	S(inet_hashinfo)                                                                           \
	S(inode)                                                                                   \
	S(kernfs_node)                                                                             \
	S(mm_struct)                                                                               \
	S(mnt_namespace)                                                                           \
	S(net)                                                                                     \
	S(nsproxy)                                                                                 \
	S(pid)                                                                                     \
	S(signal_struct)                                                                           \
	S(sock)                                                                                    \
	S(socket)                                                                                  \
	S(super_block)                                                                             \
	S(task_struct)                                                                             \
	S(tty_driver)                                                                              \
	S(tty_struct)                                                                              \
	S(udp_hslot)                                                                               \
	S(udp_table)                                                                               \
	S(upid)

/* name here, structure, path of the member; in bytes from the beginning of the structure */
#define LOOK_MEMBERS(M)                                                                            \
	M(cgroup_node, cgroup, "kn")                                                               \
	M(cred_capabilities, cred, "cap_effective")                                                \
	M(cred_uid, cred, "uid")                                                                   \
	M(css_cgroup, css_set, "dfl_cgrp")                                                         \
	M(dentry_inode, dentry, "d_inode")                                                         \
	M(driver_major, tty_driver, "major")                                                       \
	M(driver_minor, tty_driver, "minor_start")                                                 \
	M(file_inode, file, "f_inode")                                                             \
	M(file_operations, file, "f_op")                                                           \
	M(file_private, file, "private_data")                                                      \
	M(files_table, files_struct, "fdt")                                                        \
	M(fs_cwd, fs_struct, "pwd.dentry")                                                         \
	M(fs_root, fs_struct, "root.dentry")                                                       \
	M(inode_links, inode, "i_nlink")                                                           \
	M(inode_number, inode, "i_ino")                                                            \
	M(inode_super, inode, "i_sb")                                                              \
	M(mm_arg_end, mm_struct, "arg_end")                                                        \
	M(mm_arg_start, mm_struct, "arg_start")                                                    \
	M(mm_file, mm_struct, "exe_file")                                                          \
	M(mnt_number, mnt_namespace, "ns.inum")                                                    \
	M(net_number, net, "ns.inum")                                                              \
	M(node_id, kernfs_node, "id")                                                              \
	M(nsproxy_mnt, nsproxy, "mnt_ns")                                                          \
	M(nsproxy_net, nsproxy, "net_ns")                                                          \
	M(pid_level, pid, "level")                                                                 \
	M(pid_numbers, pid, "numbers")                                                             \
	M(signal_tty, signal_struct, "tty")                                                        \
	M(sk_ack_backlog, sock, "sk_ack_backlog")                                                  \
	M(sk_bound_if, sock, "__sk_common.skc_bound_dev_if")                                       \
	M(sk_cgroup, sock, "sk_cgrp_data.cgroup")                                                  \
	M(sk_cookie, sock, "__sk_common.skc_cookie")                                               \
	M(sk_daddr, sock, "__sk_common.skc_daddr")                                                 \
	M(sk_dport, sock, "__sk_common.skc_dport")                                                 \
	M(sk_family, sock, "__sk_common.skc_family")                                               \
	M(sk_max_ack_backlog, sock, "sk_max_ack_backlog")                                          \
	M(sk_net, sock, "__sk_common.skc_net.net")                                                 \
	M(sk_num, sock, "__sk_common.skc_num")                                                     \
	M(sk_protocol, sock, "sk_protocol")                                                        \
	M(sk_rcv_saddr, sock, "__sk_common.skc_rcv_saddr")                                         \
	M(sk_rmem, sock, "sk_backlog.rmem_alloc")                                                  \
	M(sk_state, sock, "__sk_common.skc_state")                                                 \
	M(sk_type, sock, "sk_type")                                                                \
	M(sk_uid, sock, "sk_uid")                                                                  \
	M(sk_v6_daddr, sock, "__sk_common.skc_v6_daddr")                                           \
	M(sk_v6_rcv_saddr, sock, "__sk_common.skc_v6_rcv_saddr")                                   \
	M(socket_sk, socket, "sk")                                                                 \
	M(super_device, super_block, "s_dev")                                                      \
	M(super_magic, super_block, "s_magic")                                                     \
	M(table_fd, fdtable, "fd")                                                                 \
	M(table_max, fdtable, "max_fds")                                                           \
	M(table_open, fdtable, "open_fds")                                                         \
	M(task_cgroups, task_struct, "cgroups")                                                    \
	M(task_comm, task_struct, "comm")                                                          \
	M(task_cred, task_struct, "real_cred")                                                     \
	M(task_files, task_struct, "files")                                                        \
	M(task_flags, task_struct, "flags")                                                        \
	M(task_fs, task_struct, "fs")                                                              \
	M(task_leader, task_struct, "group_leader")                                                \
	M(task_mm, task_struct, "mm")                                                              \
	M(task_nsproxy, task_struct, "nsproxy")                                                    \
	M(task_parent, task_struct, "real_parent")                                                 \
	M(task_pid, task_struct, "pid")                                                            \
	M(task_signal, task_struct, "signal")                                                      \
	M(task_start, task_struct, "start_boottime")                                               \
	M(task_tgid, task_struct, "tgid")                                                          \
	M(task_thread_pid, task_struct, "thread_pid")                                              \
	M(tty_driver, tty_struct, "driver")                                                        \
	M(tty_index, tty_struct, "index")                                                          \
	M(upid_number, upid, "nr")

/* Members of the tables of numbers, which may be otherwise in this kernel (has_tables). */
#define LOOK_TABLES(M)                                                                             \
	M(bind2_node, inet_bind2_bucket, "bhash_node")                                             \
	M(bind2_owners, inet_bind2_bucket, "owners")                                               \
	M(bind2_port, inet_bind2_bucket, "port")                                                   \
	M(bind_addresses, inet_bind_bucket, "bhash2")                                              \
	M(bind_net, inet_bind_bucket, "ib_net.net")                                                \
	M(bind_node, inet_bind_bucket, "node")                                                     \
	M(bind_port, inet_bind_bucket, "port")                                                     \
	M(files_count, files_struct, "count.counter")                                              \
	M(net_mix, net, "hash_mix")                                                                \
	M(net_tcp, net, "ipv4.tcp_death_row.hashinfo")                                             \
	M(net_udp, net, "ipv4.udp_table")                                                          \
	M(signal_threads, signal_struct, "nr_threads")                                             \
	M(sk_bind_node, sock, "__sk_common.skc_bind_node")                                         \
	M(sk_node, sock, "__sk_common.skc_node")                                                   \
	M(sk_socket, sock, "sk_socket")                                                            \
	M(socket_file, socket, "file")                                                             \
	M(tcp_buckets, inet_hashinfo, "bhash")                                                     \
	M(tcp_chain, inet_bind_hashbucket, "chain")                                                \
	M(tcp_size, inet_hashinfo, "bhash_size")                                                   \
	M(udp_chains, udp_table, "hash")                                                           \
	M(udp_mask, udp_table, "mask")

/* The same for members of one bit; in bits. */
#define LOOK_BITS(M)                                                                               \
	M(sk_ipv6only, sock, "__sk_common.skc_ipv6only")                                           \
	M(sk_reuseport, sock, "__sk_common.skc_reuseport")

struct look_layout {
	__u32 has_cast;	  /* the kernel has bpf_rdonly_cast (6.2) */
	__u32 has_tables; /* all members of its tables are known */
	/* numbers of types, for the cast */
	__u32 type_bind, type_bind2, type_file, type_net, type_sock, type_socket, type_task;
	__u32 upid_size, tcp_chain_size, udp_chain_size;
	__u32 file_references, first_reference; /* the counter of a file, and what the first counts less */
#define M(name, type, path) __u32 name;
	LOOK_MEMBERS(M)
	LOOK_TABLES(M)
	LOOK_BITS(M)
#undef M
};

#endif
