/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capability: the capabilities of a process that are worth naming (capabilities(7)).
 *
 * Worth naming is what lets a process read or change what is not its own. A process that has all
 * of them, root as it is born, gets the one word "all".
 */
#include "host/proc.h"

#include "base/scope.h"

struct capability {
	uint8_t number;
	const char *name;
};

static const struct capability capabilities[] = {
	{0, "chown"},		   {1, "dac_override"}, {2, "dac_read_search"},
	{3, "fowner"},		   {6, "setgid"},	{7, "setuid"},
	{8, "setpcap"},		   {10, "net_bind_service"}, {12, "net_admin"},
	{13, "net_raw"},	   {16, "sys_module"},	{17, "sys_rawio"},
	{18, "sys_chroot"},	   {19, "sys_ptrace"},	{21, "sys_admin"},
	{22, "sys_boot"},	   {25, "sys_time"},	{27, "mknod"},
	{30, "audit_control"},	   {31, "setfcap"},	{32, "mac_override"},
	{33, "mac_admin"},	   {34, "syslog"},	{38, "perfmon"},
	{39, "bpf"},		   {40, "checkpoint_restore"},
};

uint64_t capability_known(void)
{
	char text[16];
	uint64_t last;
	ssize_t n = proc_read(-1, "/proc/sys/kernel/cap_last_cap", text, sizeof(text));

	if (n <= 0 || !span_u64(span_trim(span_of(text, (size_t)n)), 63, &last))
		return 0;
	return UINT64_MAX >> (63 - last);
}

size_t capability_names(uint64_t set, uint64_t all, char text[CAPABILITY_TEXT])
{
	size_t n = 0;

	if (all && (set & all) == all)
		return (size_t)snprintf(text, CAPABILITY_TEXT, "all");
	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++) {
		size_t length = strlen(capabilities[i].name);

		if (!(set >> capabilities[i].number & 1) || n + length + 1 > CAPABILITY_TEXT)
			continue;
		if (n)
			text[n++] = ' ';
		memcpy(text + n, capabilities[i].name, length);
		n += length;
	}
	return n;
}
