/* SPDX-License-Identifier: Apache-2.0 */
/*
 * btf: see btf.h.
 *
 * A header, then types in the order of their numbers, each of 12 bytes and what its kind adds, then
 * the strings that they name. One pass finds the names that are wanted and notes where every 32nd type
 * stands; names are compared only when their first two bytes may be those of a wanted one: there are
 * 130,000 types, and this is done for every listing. Since 6.16 the kernel's description can be
 * mapped; before, it is read.
 */
#include "host/btf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"

enum {
	MAGIC = 0xeb9f,
	TYPE_SIZE = 12,
	MEMBER_SIZE = 12,
	KIND_UNION = 5,
	MAX_NESTED = 16,
	MAX_BYTES = 64 << 20,
	FIRST_NOTES = 1 << 13,
	N_BEGINNINGS = 4096,
};

struct header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t size, types_at, types_size, strings_at, strings_size;
};

struct type {
	uint32_t name, info, size; /* size, or the number of the type that it stands for */
};

struct member {
	uint32_t name, type, offset;
};

static uint32_t kind_of(const struct type *type)
{
	return type->info >> 24 & 0x1f;
}

static uint32_t count_of(const struct type *type)
{
	return type->info & 0xffff;
}

/* Bytes behind the 12 of a type; SIZE_MAX for a kind that is not known. */
static size_t extra_size(const struct type *type)
{
	static const struct {
		uint8_t fixed, each;
	} sizes[] = {
		[1] = {4, 0},  [2] = {0, 0},  [3] = {12, 0}, [4] = {0, MEMBER_SIZE}, [5] = {0, 12},
		[6] = {0, 8},  [7] = {0, 0},  [8] = {0, 0},  [9] = {0, 0},           [10] = {0, 0},
		[11] = {0, 0}, [12] = {0, 0}, [13] = {0, 8}, [14] = {4, 0},          [15] = {0, 12},
		[16] = {0, 0}, [17] = {4, 0}, [18] = {0, 0}, [19] = {0, 12},
	};
	uint32_t kind = kind_of(type);

	return kind == 0 || kind >= ARRAY_LEN(sizes)
		       ? SIZE_MAX
		       : sizes[kind].fixed + (size_t)count_of(type) * sizes[kind].each;
}

static bool take_bytes(struct span s, size_t at, void *p, size_t n)
{
	if (at > s.n || s.n - at < n)
		return false;
	memcpy(p, s.p + at, n);
	return true;
}

/* The text at an offset; the empty span for none. Strings end in a NUL, the last one too. */
static struct span name_at(const struct btf *btf, uint32_t offset)
{
	if (offset == 0 || offset >= btf->strings.n)
		return span_of(NULL, 0);
	return span_str((const char *)btf->strings.p + offset);
}

static bool is_name(const struct btf *btf, uint32_t offset, struct span name)
{
	return span_eq(name_at(btf, offset), name);
}

static bool split(struct span bytes, struct span *types, struct span *strings)
{
	struct header h;
	struct span rest;

	if (!take_bytes(bytes, 0, &h, sizeof(h)) || h.magic != MAGIC || h.size > bytes.n)
		return false;
	rest = span_skip(bytes, h.size);
	if (h.types_at > rest.n || h.types_size > rest.n - h.types_at || h.strings_at > rest.n ||
	    h.strings_size > rest.n - h.strings_at || h.strings_size == 0)
		return false;
	*types = span_cut(span_skip(rest, h.types_at), h.types_size);
	*strings = span_cut(span_skip(rest, h.strings_at), h.strings_size);
	return strings->p[strings->n - 1] == 0;
}

/* Counts a type, and notes the place of every BTF_STEP-th. */
static int note_type(struct btf *btf, size_t *capacity, uint32_t at)
{
	uint32_t i = btf->n / BTF_STEP;

	if (btf->n++ % BTF_STEP)
		return 0;
	if (i == *capacity) {
		size_t more = *capacity ? *capacity * 2 : FIRST_NOTES;
		uint32_t *grown = reallocarray(btf->at, more, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		btf->at = grown;
		*capacity = more;
	}
	btf->at[i] = at;
	return 0;
}

/* Of the first two bytes of a name, which are there: it ends in a NUL and is not empty. */
static size_t beginning(const char *name)
{
	return ((size_t)(uint8_t)name[0] << 8 | (uint8_t)name[1]) % N_BEGINNINGS;
}

static void compare(const struct btf *btf, const struct type *type, const char *name,
		    struct btf_wanted *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (wanted[i].kind == kind_of(type) && strcmp(wanted[i].name, name) == 0 &&
		    !wanted[i].number)
			wanted[i].number = btf->n - 1;
}

static int read_types(struct btf *btf, struct btf_wanted *wanted, size_t n_wanted)
{
	uint32_t kinds[N_BEGINNINGS] = {0}; /* sets of those with such a beginning */
	size_t capacity = 0;
	int r = note_type(btf, &capacity, 0);

	for (size_t i = 0; i < n_wanted; i++)
		kinds[beginning(wanted[i].name)] |= 1u << wanted[i].kind;
	for (size_t at = 0; at < btf->types.n && r == 0;) {
		struct type type;
		const char *name;
		size_t extra;

		if (!take_bytes(btf->types, at, &type, sizeof(type)))
			return -EBADMSG;
		extra = extra_size(&type);
		if (extra > btf->types.n - at - TYPE_SIZE || type.name >= btf->strings.n)
			return -EBADMSG;
		r = note_type(btf, &capacity, (uint32_t)at);
		name = (const char *)btf->strings.p + type.name;
		if ((kind_of(&type) == BTF_STRUCT || kind_of(&type) == BTF_FUNCTION) && *name &&
		    kinds[beginning(name)] >> kind_of(&type) & 1)
			compare(btf, &type, name, wanted, n_wanted);
		at += TYPE_SIZE + extra;
	}
	return r;
}

int btf_read(struct btf *btf, struct span bytes, struct btf_wanted *wanted, size_t n_wanted)
{
	int r;

	*btf = (struct btf){0};
	if (bytes.n > MAX_BYTES || !split(bytes, &btf->types, &btf->strings))
		return -EBADMSG;
	r = read_types(btf, wanted, n_wanted);
	if (r < 0)
		btf_done(btf);
	return r;
}

void btf_done(struct btf *btf)
{
	free(btf->at);
	*btf = (struct btf){0};
}

/* The type of that number and where it stands; the pass has seen that all are whole. Void is none. */
static bool get_type(const struct btf *btf, uint32_t number, struct type *type, size_t *at)
{
	uint32_t from = number / BTF_STEP * BTF_STEP;

	if (number == 0 || number >= btf->n)
		return false;
	*at = btf->at[from / BTF_STEP];
	for (uint32_t i = from ? from : 1; take_bytes(btf->types, *at, type, sizeof(*type)); i++) {
		if (i == number)
			return true;
		*at += TYPE_SIZE + extra_size(type);
	}
	return false;
}

static bool is_structure(const struct type *type)
{
	return kind_of(type) == BTF_STRUCT || kind_of(type) == KIND_UNION;
}

/* Through names and qualifiers: typedef, volatile, const, restrict, type tag. */
static uint32_t bare(const struct btf *btf, uint32_t number)
{
	struct type type;
	size_t at;

	for (int i = 0; i < MAX_NESTED && get_type(btf, number, &type, &at); i++) {
		uint32_t kind = kind_of(&type);

		if (kind != 8 && kind != 9 && kind != 10 && kind != 11 && kind != 18)
			break;
		number = type.size;
	}
	return number;
}

/* The member of that name, its offset from the beginning of the structure; depth by depth. */
static bool find_member(const struct btf *btf, uint32_t number, struct span name, int depth,
			struct member *found)
{
	struct type type;
	struct member m;
	size_t at;

	if (depth > MAX_NESTED || !get_type(btf, bare(btf, number), &type, &at) ||
	    !is_structure(&type))
		return false;
	at += TYPE_SIZE;
	for (uint32_t i = 0; i < count_of(&type); i++, at += MEMBER_SIZE) {
		if (!take_bytes(btf->types, at, &m, sizeof(m)))
			return false;
		if (type.info >> 31) /* the size of a bit field stands above */
			m.offset &= 0xffffff;
		if (is_name(btf, m.name, name)) {
			*found = m;
			return true;
		}
		if (name_at(btf, m.name).n == 0 &&
		    find_member(btf, m.type, name, depth + 1, found)) {
			found->offset += m.offset;
			return true;
		}
	}
	return false;
}

int64_t btf_offset(const struct btf *btf, uint32_t structure, struct span path)
{
	int64_t offset = 0;
	struct span name;

	while (take_until(&path, '.', &name)) {
		struct member member;

		if (!find_member(btf, structure, name, 0, &member))
			return -ENOENT;
		offset += member.offset;
		structure = member.type;
	}
	return offset;
}

uint32_t btf_size(const struct btf *btf, uint32_t structure)
{
	struct type type;
	size_t at;

	return get_type(btf, structure, &type, &at) && is_structure(&type) ? type.size : 0;
}

static int read_whole(int fd, uint8_t *bytes, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = read(fd, bytes + done, n - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EBADMSG;
		done += (size_t)got;
	}
	return 0;
}

int btf_load(struct span *bytes, struct why *why)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return why_errno(why, _("cannot read '%s'"), path);
	if (st.st_size <= 0 || st.st_size > MAX_BYTES)
		return why_set(why, EFBIG, _("cannot read '%s'"), path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return why_errno(why, _("cannot read '%s'"), path);
		r = read_whole(fd, p, (size_t)st.st_size);
		if (r < 0) {
			munmap(p, (size_t)st.st_size);
			return why_set(why, -r, _("cannot read '%s'"), path);
		}
	}
	*bytes = span_of(p, (size_t)st.st_size);
	return 0;
}

void btf_unload(struct span bytes)
{
	if (bytes.n)
		munmap((void *)(uintptr_t)bytes.p, bytes.n);
}
