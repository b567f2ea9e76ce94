/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netsh: what netsh prints of the ranges that are kept back, and of those that source ports come from
 * (excluded.c tells why netsh; of the latter, the other documented way is a class of WMI).
 *
 * The program is the one of the system's own directory; it gets LIMIT_MS and its answer ANSWER_SIZE bytes.
 */
#include "host/windows/windows.h"

#include "base/scope.h"
#include "base/windows/winapi.h"

enum { ANSWER_SIZE = 64 << 10, LIMIT_MS = 5000, COMMAND_SIZE = 512 };
/* Of source ports, unless Windows was told otherwise (Microsoft's article 929851). */
enum { EPHEMERAL_FIRST = 49152, EPHEMERAL_LAST = 65535 };

static bool start(const wchar_t *words, HANDLE output, PROCESS_INFORMATION *child)
{
	STARTUPINFOW info = {.cb = sizeof(info), .dwFlags = STARTF_USESTDHANDLES, .hStdOutput = output};
	wchar_t program[COMMAND_SIZE];
	wchar_t command[COMMAND_SIZE];
	UINT n = GetSystemDirectoryW(program, COMMAND_SIZE);

	if (n == 0 || n > COMMAND_SIZE - 16)
		return false;
	wcscat(program, L"\\netsh.exe");
	wcscpy(command, L"netsh interface ipv4 show ");
	wcscat(command, words);
	return CreateProcessW(program, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &info,
			      child);
}

static struct span ask(struct arena *arena, const wchar_t *words)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
	PROCESS_INFORMATION child;
	HANDLE ours;
	HANDLE theirs;
	char *bytes = arena_get(arena, ANSWER_SIZE);
	DWORD size = 0;
	bool has_started;

	/* The pipe holds a whole answer, so the child never waits for us. */

	if (!CreatePipe(&ours, &theirs, &inherited, ANSWER_SIZE))
		return span_of(NULL, 0);
	SetHandleInformation(ours, HANDLE_FLAG_INHERIT, 0);
	has_started = start(words, theirs, &child);
	CloseHandle(theirs);
	if (has_started) {
		DWORD waited = WaitForSingleObject(child.hProcess, LIMIT_MS);

		if (waited != WAIT_OBJECT_0)
			TerminateProcess(child.hProcess, 1);
		else if (!PeekNamedPipe(ours, bytes, ANSWER_SIZE, &size, NULL, NULL))
			size = 0;
		CloseHandle(child.hThread);
		CloseHandle(child.hProcess);
	}
	CloseHandle(ours);
	return span_of(bytes, size);
}

struct span windows_excluded(struct arena *arena, enum transport transport)
{
	return ask(arena, transport == TRANSPORT_UDP ? L"excludedportrange protocol=udp"
						     : L"excludedportrange protocol=tcp");
}

void windows_ephemeral(uint16_t *first, uint16_t *last)
{
	struct excluded_range range = {EPHEMERAL_FIRST, EPHEMERAL_LAST, false};
	struct arena arena = {0};

	if (!dynamic_ports_read(ask(&arena, L"dynamicport tcp"), &range))
		range = (struct excluded_range){EPHEMERAL_FIRST, EPHEMERAL_LAST, false};
	*first = range.first;
	*last = range.last;
	arena_done(&arena);
}
