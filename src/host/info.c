/* SPDX-License-Identifier: Apache-2.0 */
/* info: what this machine is: its name, its system, the ports it hands out by itself. */
#include <sys/utsname.h>
#include <time.h>

#include "base/scope.h"
#include "host/info.h"
#include "host/proc.h"

enum { TEXT_SIZE = 4096 };

static struct span read_small(struct arena *arena, const char *path)
{
	uint8_t text[TEXT_SIZE];
	ssize_t n = proc_read(-1, path, text, sizeof(text));

	return arena_copy(arena, span_trim(span_of(text, n > 0 ? (size_t)n : 0)));
}

/* os-release(5): shell assignments; the value may stand in quotes. */
static struct span release_value(struct span text, const char *key)
{
	struct span line;
	struct span name;

	while (take_line(&text, &line)) {
		if (!take_until(&line, '=', &name) || !span_is(name, key))
			continue;
		line = span_trim(line);
		if (line.n >= 2 && (line.p[0] == '"' || line.p[0] == '\'') &&
		    line.p[line.n - 1] == line.p[0])
			line = span_of(line.p + 1, line.n - 2);
		return line;
	}
	return span_of(NULL, 0);
}

struct span info_system(struct arena *arena, struct span release)
{
	struct span name = release_value(release, "NAME");
	struct span version = release_value(release, "VERSION_ID");

	if (span_ends(name, " GNU/Linux"))
		name.n -= strlen(" GNU/Linux");
	if (name.n == 0)
		return span_of(NULL, 0);
	return arena_print(arena, "%.*s%s%.*s", SPAN_ARG(name), version.n ? " " : "",
			   SPAN_ARG(version));
}

static struct span read_system(struct arena *arena)
{
	static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
	struct utsname kernel;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct span system = info_system(arena, read_small(arena, paths[i]));

		if (system.n)
			return system;
	}
	return uname(&kernel) == 0 ? arena_copy(arena, span_str(kernel.sysname)) : SPAN_LIT("Linux");
}

bool info_ephemeral(struct span text, uint16_t *first, uint16_t *last)
{
	struct span word[2];
	uint64_t value[2];

	text = span_trim(text);
	for (size_t i = 0; i < 2; i++)
		if (!take_word(&text, &word[i]) || !span_u64(word[i], PORT_MAX, &value[i]))
			return false;
	*first = (uint16_t)value[0];
	*last = (uint16_t)value[1];
	return true;
}

void info_describe(struct arena *arena, struct host_info *info)
{
	struct utsname kernel;

	*info = (struct host_info){
		.id = read_small(arena, "/etc/machine-id"),
		.boot_id = read_small(arena, "/proc/sys/kernel/random/boot_id"),
		.system = read_system(arena),
		.now = time(NULL),
		.is_root = geteuid() == 0,
		.uid = geteuid(),
	};
	if (uname(&kernel) == 0)
		info->name = arena_copy(arena, span_str(kernel.nodename));
	if (!info_ephemeral(read_small(arena, "/proc/sys/net/ipv4/ip_local_port_range"),
			    &info->ephemeral_first, &info->ephemeral_last))
		info->ephemeral_first = info->ephemeral_last = 0;
}
