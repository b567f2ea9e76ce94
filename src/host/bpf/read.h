/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * read: members of the kernel's structures, by the places that layout.h tells. For look.bpf.c.
 *
 * Where the kernel can (6.2), pointers are cast to their type and members read directly; such a read
 * through a pointer that leads nowhere gives 0. Else each member is copied by a call: the program is
 * built for either (LOOK_COPIES), because leaving one way out while loading took longer than all of a
 * short listing.
 */
#ifndef PERIPLUS_HOST_BPF_READ_H
#define PERIPLUS_HOST_BPF_READ_H

typedef void *pointer;

#define COPIER(type)                                                                               \
	static __always_inline type copy_##type(void *object, __u32 offset)                        \
	{                                                                                          \
		type value = 0;                                                                    \
		bpf_probe_read_kernel(&value, sizeof(value), object + offset);                     \
		return value;                                                                      \
	}

#ifdef LOOK_COPIES

static __always_inline void *cast(void *object, __u32 type)
{
	return object;
}

#define READER(type)                                                                               \
	COPIER(type)                                                                               \
	static __always_inline type read_##type(void *object, __u32 offset)                        \
	{                                                                                          \
		return copy_##type(object, offset);                                                \
	}

#else

/* Gives a pointer its type. What is reached through such a pointer has its type from the kernel, and is
 * not trusted; for trusted ones the verifier searches the kernel's types at each step. */
extern void *bpf_rdonly_cast(void *object, __u32 type) __ksym __weak;

static __always_inline void *cast(void *object, __u32 type)
{
	return bpf_rdonly_cast(object, type);
}

#define READER(type)                                                                               \
	COPIER(type)                                                                               \
	static __always_inline type read_##type(void *object, __u32 offset)                        \
	{                                                                                          \
		return *(volatile type *)(object + offset);                                        \
	}

#endif

READER(pointer)
READER(__u64)
READER(__u32)
READER(__u16)
READER(__u8)

/* COPY and JUMP always copy: for a holder that has no type. */
#define READ(type, object, member) read_##type(object, layout.member)
#define COPY(type, object, member) copy_##type(object, layout.member)
#define FOLLOW(object, member) READ(pointer, object, member)
#define JUMP(object, member) COPY(pointer, object, member)

#endif
