/* SPDX-License-Identifier: Apache-2.0 */
/* proc_stat: texts of /proc/PID: stat, status, a line of /proc/net, arguments of an interpreter. */
#include "host/proc.h"
#include "host/proc_net_line.h"
#include "host/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const programs[] = {"python3", "node", "ruby", "perl", "java", "deno", "bun",
					       "php", "dotnet", "bash", "lua", "R", "beam.smp"};
	struct span text = span_of(p, n);
	struct stat_facts facts;
	struct status_facts status;
	struct socket_row row;
	volatile uint8_t last = 0;

	if (stat_read(text, &facts) && facts.name.n)
		last = facts.name.p[facts.name.n - 1];
	(void)!status_read(text, &status);
	(void)!proc_net_line(text, TRANSPORT_TCP, &row);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct script script = script_read(span_str(programs[i]), text);

		if (script.name.n)
			last = script.name.p[script.name.n - 1];
	}
	(void)last;
	return 0;
}
