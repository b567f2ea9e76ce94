/* SPDX-License-Identifier: Apache-2.0 */
/* freebsd: what FreeBSD's kernel answers: a list of sockets, of files, a process, a directory. */
#include "host/freebsd.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP};
	struct span all = span_of(p, n);
	struct freebsd_process process;
	struct freebsd_file file;
	struct socket_row row;
	struct span list;

	(void)!freebsd_list_check(all);
	for (size_t i = 0; i < 2; i++) {
		list = freebsd_list_rows(all);
		while (freebsd_next_socket(&list, transports[i], &row) > 0)
			if (row.transport != transports[i])
				__builtin_trap();
	}
	list = all;
	while (freebsd_next_file(&list, &file) > 0)
		;
	if (freebsd_process_read(all, &process) && process.name.n > KINFO_PROC_NAME_SIZE)
		__builtin_trap();
	if (freebsd_directory(all).n > n)
		__builtin_trap();
	return 0;
}
