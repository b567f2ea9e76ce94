/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout: see layout.h. Every member must be there: a program that reads at a guessed place would
 * name wrong owners. Without the members of the tables of numbers it can do, and they are not used.
 */
#include "host/layout.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/btf.h"

enum wanted {
#define S(name) WANTED_##name,
	LOOK_STRUCTS(S)
#undef S
		WANTED_CAST,
	N_WANTED,
};

static const struct place {
	const char *path;
	uint16_t wanted, at; /* index of its structure, and of its number in the layout */
	bool is_bit, is_of_tables;
} places[] = {
#define M(name, type, path) {path, WANTED_##type, offsetof(struct look_layout, name), false, false},
	LOOK_MEMBERS(M)
#undef M
#define M(name, type, path) {path, WANTED_##type, offsetof(struct look_layout, name), true, false},
		LOOK_BITS(M)
#undef M
#define M(name, type, path) {path, WANTED_##type, offsetof(struct look_layout, name), false, true},
			LOOK_TABLES(M)
#undef M
};

/* Since 6.13 a counter that is 0 for one reference; before, 1. */
static void find_references(const struct btf *btf, uint32_t file, struct look_layout *layout)
{
	int64_t bits = btf_offset(btf, file, SPAN_LIT("f_ref.refcnt.counter"));

	layout->first_reference = bits >= 0;
	if (bits < 0)
		bits = btf_offset(btf, file, SPAN_LIT("f_count.counter"));
	if (bits < 0)
		layout->has_tables = false;
	else
		layout->file_references = (uint32_t)(bits / 8);
}

static int fill(const struct btf *btf, const struct btf_wanted *wanted, struct look_layout *layout,
		struct why *why)
{
	layout->has_tables = true;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct btf_wanted *type = &wanted[places[i].wanted];
		int64_t bits = btf_offset(btf, type->number, span_str(places[i].path));

		if (bits < 0 && places[i].is_of_tables) {
			layout->has_tables = false;
			continue;
		}
		if (bits < 0 || bits > UINT32_MAX || (!places[i].is_bit && bits % 8))
			return why_set(why, ENOTSUP, _("this kernel has no %s.%s"), type->name,
				       places[i].path);

		uint32_t number = (uint32_t)(places[i].is_bit ? bits : bits / 8);

		memcpy((uint8_t *)layout + places[i].at, &number, sizeof(number));
	}
	find_references(btf, wanted[WANTED_file].number, layout);
	layout->tcp_chain_size = btf_size(btf, wanted[WANTED_inet_bind_hashbucket].number);
	layout->udp_chain_size = btf_size(btf, wanted[WANTED_udp_hslot].number);
	layout->upid_size = btf_size(btf, wanted[WANTED_upid].number);
	layout->type_bind = wanted[WANTED_inet_bind_bucket].number;
	layout->type_bind2 = wanted[WANTED_inet_bind2_bucket].number;
	layout->type_net = wanted[WANTED_net].number;
	layout->type_sock = wanted[WANTED_sock].number;
	layout->type_file = wanted[WANTED_file].number;
	layout->type_socket = wanted[WANTED_socket].number;
	layout->type_task = wanted[WANTED_task_struct].number;
	layout->has_cast = wanted[WANTED_CAST].number != 0;
	return 0;
}

int layout_read(struct span bytes, struct look_layout *layout, struct why *why)
{
	struct btf_wanted wanted[N_WANTED] = {
#define S(struct_name) [WANTED_##struct_name] = {.name = #struct_name, .kind = BTF_STRUCT},
		LOOK_STRUCTS(S)
#undef S
			[WANTED_CAST] = {.name = "bpf_rdonly_cast", .kind = BTF_FUNCTION},
	};
	struct btf btf;
	int r = btf_read(&btf, bytes, wanted, N_WANTED);

	if (r < 0)
		return why_set(why, ENOTSUP,
			       _("the kernel's description of its types is not understood"));
	*layout = (struct look_layout){0};
	r = fill(&btf, wanted, layout, why);
	btf_done(&btf);
	return r;
}

int layout_find(struct look_layout *layout, struct why *why)
{
	struct span bytes;
	int r = btf_load(&bytes, why);

	if (r < 0)
		return r;
	r = layout_read(bytes, layout, why);
	btf_unload(bytes);
	return r;
}
