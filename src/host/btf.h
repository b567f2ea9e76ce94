/* SPDX-License-Identifier: Apache-2.0 */
/*
 * btf: the kernel's description of its own types (BTF, the kernel's Documentation/bpf/btf.rst).
 *
 * Private to the host room. The reader is pure and takes the bytes as foreign ones; only btf_load
 * touches a file.
 */
#ifndef PERIPLUS_HOST_BTF_H
#define PERIPLUS_HOST_BTF_H

#include "base/span.h"
#include "base/why.h"

enum { BTF_STEP = 32 };

struct btf {
	struct span types, strings;
	uint32_t *at; /* offset in `types` of every BTF_STEP-th type, by number; 0 is void */
	uint32_t n;   /* numbers given out, void included */
};

/* A name that is looked for, with its kind; number stays 0 when there is none. */
struct btf_wanted {
	const char *name;
	enum btf_kind { BTF_STRUCT = 4, BTF_FUNCTION = 12 } kind;
	uint32_t number;
};

/* Reads the table of types and finds the wanted names on the way. -EBADMSG: no BTF of this machine's
 * byte order, or broken; -ENOMEM. Release with btf_done; the bytes stay the caller's. */
int btf_read(struct btf *btf, struct span bytes, struct btf_wanted *wanted, size_t n_wanted) must_check;
void btf_done(struct btf *btf);
/* Bits from the beginning of the structure to a member, by a path like "ns.inum"; structures
 * without name are looked through. -ENOENT: there is none. */
int64_t btf_offset(const struct btf *btf, uint32_t structure, struct span path) must_check;
/* Bytes of a structure; 0 when it is none. */
uint32_t btf_size(const struct btf *btf, uint32_t structure);

/* The running kernel's description, mapped or read; release with btf_unload. */
int btf_load(struct span *bytes, struct why *why) must_check;
void btf_unload(struct span bytes);

#endif
