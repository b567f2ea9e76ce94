/* SPDX-License-Identifier: Apache-2.0 */
/* user: struct kinfo_proc and kinfo_file of 64 bits as FreeBSD's sys/sys/user.h has them; see
 * sys/socketvar.h here. A set of signals is four words, a usage 144 bytes. */
#ifndef PERIPLUS_FREEBSD_USER_H
#define PERIPLUS_FREEBSD_USER_H

#include <stdint.h>

struct kinfo_proc {
	int ki_structsize, ki_layout;
	void *of_the_kernel[8];
	int32_t ki_pid, ki_ppid, ki_pgid, ki_tpgid, ki_sid, ki_tsid;
	int16_t ki_jobc, pad_of_jobc;
	uint32_t ki_tdev_freebsd11;
	uint32_t signals[4][4];
	uint32_t ki_uid, ki_ruid, ki_svuid, ki_rgid, ki_svgid;
	int16_t ki_ngroups, pad_of_groups;
	uint32_t ki_groups[16];
	uint64_t ki_size;
	int64_t sizes[5];
	uint16_t ki_xstat, ki_acflag;
	uint32_t ki_pctcpu, ki_estcpu, ki_slptime, ki_swtime, ki_cow;
	uint64_t ki_runtime;
	struct {
		int64_t seconds, microseconds;
	} ki_start, ki_childtime;
	long ki_flag, ki_kiflag;
	int ki_traceflag;
	char ki_stat, ki_nice, ki_lock, ki_rqindex, ki_oncpu_old, ki_lastcpu_old;
	char ki_tdname[17], ki_wmesg[9], ki_login[18], ki_lockname[9], ki_comm[20], ki_emul[17];
	char ki_loginclass[18], ki_moretdname[4], spare_text[46];
	int spare_ints[2];
	uint64_t ki_tdev;
	int ki_oncpu, ki_lastcpu, ki_tracer, ki_flag2, ki_fibnum;
	unsigned ki_cr_flags;
	int ki_jid, ki_numthreads, ki_tid;
	uint8_t ki_pri[4];
	uint64_t usages[2][18];
	void *pointers[10];
	long spare_longs[12], ki_sflag, ki_tdflags;
};

struct kinfo_file {
	int32_t kf_structsize, kf_type, kf_fd, kf_ref_count, kf_flags, pad;
	int64_t kf_offset;
	struct {
		int32_t words[4];
		uint8_t addresses[2][128];
		uint64_t pcbs[3];
		uint16_t states[2];
		uint32_t kf_sock_recvq;
	} of_its_kind;
	uint16_t kf_status, pad_of_status;
	int32_t spare;
	uint64_t kf_cap_rights[2], spare_of_rights;
	char kf_path[1024];
};

#endif
