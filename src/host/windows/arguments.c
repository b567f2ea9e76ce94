/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arguments: the command line of another process, and its arguments by Windows' own rules.
 *
 * Since Windows 8.1 the kernel tells it. Before, and under wine, it is read from the other's memory:
 * its environment block (PEB) points to its parameters; both are in winternl.h. A process of another
 * user refuses the latter to all but administrators.
 */
#include "host/windows/windows.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/scope.h"
#include "base/windows/winapi.h"

enum {
	LINE_MAX_BYTES = 64 << 10, /* a UNICODE_STRING holds no more */
	COMMAND_LINE = 60,	   /* ProcessCommandLineInformation (NtQueryInformationProcess) */
};

typedef NTSTATUS WINAPI query_fn(HANDLE, int, void *, ULONG, ULONG *);

static void split(struct arena *arena, const wchar_t *line, struct process *p)
{
	int n = 0;
	wchar_t **words = CommandLineToArgvW(line, &n);
	struct buf argv = BUF_INIT;

	for (int i = 0; words && i < n; i++) {
		buf_raw(&argv, windows_text(arena, words[i]));
		buf_byte(&argv, 0);
	}
	p->argv = arena_copy(arena, buf_span(&argv));
	buf_done(&argv);
	LocalFree(words);
}

/* Both put the line into text, which has room for LINE_MAX_BYTES and a zero. */
static bool ask_kernel(query_fn *query, HANDLE process, wchar_t *text)
{
	auto_free UNICODE_STRING *answer = malloc(LINE_MAX_BYTES + sizeof(*answer));
	ULONG n = 0;

	if (!answer ||
	    query(process, COMMAND_LINE, answer, LINE_MAX_BYTES + sizeof(*answer), &n) < 0 ||
	    !answer->Buffer)
		return false;
	memcpy(text, answer->Buffer, answer->Length);
	text[answer->Length / sizeof(wchar_t)] = 0;
	return true;
}

static bool read_at(HANDLE process, const void *at, void *to, size_t n)
{
	SIZE_T got = 0;

	return at && ReadProcessMemory(process, at, to, n, &got) && got == n;
}

static bool ask_memory(query_fn *query, HANDLE process, wchar_t *text)
{
	auto_handle reader = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE,
					 GetProcessId(process));
	PROCESS_BASIC_INFORMATION basic = {0};
	RTL_USER_PROCESS_PARAMETERS parameters;
	PEB block;
	ULONG n = 0;

	if (!reader || query(reader, ProcessBasicInformation, &basic, sizeof(basic), &n) < 0 ||
	    !read_at(reader, basic.PebBaseAddress, &block, sizeof(block)) ||
	    !read_at(reader, block.ProcessParameters, &parameters, sizeof(parameters)) ||
	    !read_at(reader, parameters.CommandLine.Buffer, text, parameters.CommandLine.Length))
		return false;
	text[parameters.CommandLine.Length / sizeof(wchar_t)] = 0;
	return true;
}

void windows_arguments_read(struct arena *arena, void *handle, struct process *p)
{
	union {
		FARPROC found;
		query_fn *call;
	} query = {GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtQueryInformationProcess")};
	auto_free wchar_t *text = malloc(LINE_MAX_BYTES + sizeof(*text));

	if (!query.found || !text ||
	    (!ask_kernel(query.call, handle, text) && !ask_memory(query.call, handle, text)))
		return;
	p->command_line = span_trim(windows_text(arena, text));
	if (p->command_line.n)
		split(arena, text, p);
}
