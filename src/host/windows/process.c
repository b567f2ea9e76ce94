/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process: what is known of a process: its file, start, user, arguments, parents, services.
 *
 * The number of a user is the last part of its SID (1001), and 0 for the system itself (S-1-5-18),
 * so that what runs with all rights has the number that it has elsewhere. A parent's number may be
 * another's by now: only one that was started before the child is taken for its parent.
 */
#include "host/windows/windows.h"

#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"
#include "base/windows/winapi.h"
#include "host/argv.h"
#include "host/script.h"

enum {
	PATH_SIZE = 32768, /* the longest path, in UTF-16 */
	ANCESTORS = 16,
	SERVICES_SIZE = 64 << 10,
	PID_KERNEL = 4, /* with its drivers: http.sys, file sharing */
	TICKS = 10000000, /* of FILETIME, a second */
};
static const int64_t epoch = 11644473600; /* seconds from 1601 to 1970 */

static void read_programs(struct windows_look *look)
{
	auto_handle all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
	PROCESSENTRY32W entry = {.dwSize = sizeof(entry)};

	if (all == INVALID_HANDLE_VALUE)
		return;
	for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
		struct windows_program *program =
			arena_push(look->survey->arena, &look->programs, &look->n_programs,
				   &look->programs_capacity, sizeof(*program));

		*program = (struct windows_program){
			entry.th32ProcessID, entry.th32ParentProcessID,
			windows_text(look->survey->arena, entry.szExeFile)};
	}
}

static void read_services(struct windows_look *look)
{
	SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ENUMERATE_SERVICE);
	auto_free BYTE *bytes = malloc(SERVICES_SIZE);
	DWORD next = 0;
	BOOL more = manager && bytes;

	while (more) {
		const ENUM_SERVICE_STATUS_PROCESSW *rows = (const void *)bytes;
		DWORD needed = 0;
		DWORD n = 0;
		BOOL done = EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32,
						  SERVICE_ACTIVE, bytes, SERVICES_SIZE, &needed, &n, &next,
						  NULL);

		more = !done && GetLastError() == ERROR_MORE_DATA && n > 0;
		for (DWORD i = 0; (done || more) && i < n; i++) {
			struct windows_service *service =
				arena_push(look->survey->arena, &look->services, &look->n_services,
					   &look->services_capacity, sizeof(*service));

			*service = (struct windows_service){
				rows[i].ServiceStatusProcess.dwProcessId,
				windows_text(look->survey->arena, rows[i].lpServiceName)};
		}
	}
	if (manager)
		CloseServiceHandle(manager);
}

static int by_pid(const void *x, const void *y)
{
	const struct windows_program *a = x;
	const struct windows_program *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

void windows_programs_read(struct windows_look *look)
{
	read_programs(look);
	read_services(look);
	if (look->n_programs)
		qsort(look->programs, look->n_programs, sizeof(*look->programs), by_pid);
}

static const struct windows_program *find_program(const struct windows_look *look, uint32_t pid)
{
	const struct windows_program wanted = {.pid = pid};

	return look->n_programs ? bsearch(&wanted, look->programs, look->n_programs,
					  sizeof(*look->programs), by_pid)
				: NULL;
}

size_t windows_services_of(const struct windows_look *look, uint32_t pid, struct span *name)
{
	size_t n = 0;

	for (size_t i = 0; i < look->n_services; i++)
		if (look->services[i].pid == pid && n++ == 0)
			*name = look->services[i].name;
	return n;
}

static struct span read_path(struct arena *arena, HANDLE process)
{
	auto_free wchar_t *path = malloc(PATH_SIZE * sizeof(*path));
	DWORD n = PATH_SIZE;

	return path && QueryFullProcessImageNameW(process, 0, path, &n) ? windows_text(arena, path)
									: span_of(NULL, 0);
}

/* Of the creation; 0 unknown. */
static uint64_t read_start(HANDLE process)
{
	FILETIME start;
	FILETIME other[3];

	if (!GetProcessTimes(process, &start, &other[0], &other[1], &other[2]))
		return 0;
	return (uint64_t)start.dwHighDateTime << 32 | start.dwLowDateTime;
}

static uint32_t user_number(PSID sid)
{
	DWORD n = *GetSidSubAuthorityCount(sid);

	if (IsWellKnownSid(sid, WinLocalSystemSid))
		return 0;
	return n ? *GetSidSubAuthority(sid, n - 1) : WINDOWS_NO_USER;
}

static bool read_user(struct arena *arena, HANDLE handle, struct process *p)
{
	union {
		TOKEN_USER user;
		BYTE bytes[256];
	} answer;
	wchar_t name[256];
	wchar_t domain[256];
	DWORD n = ARRAYSIZE(name);
	DWORD n_domain = ARRAYSIZE(domain);
	DWORD size;
	SID_NAME_USE use;
	auto_handle token = NULL;

	if (!OpenProcessToken(handle, TOKEN_QUERY, &token) ||
	    !GetTokenInformation(token, TokenUser, &answer, sizeof(answer), &size))
		return false;
	p->uid = user_number(answer.user.User.Sid);
	if (LookupAccountSidW(NULL, answer.user.User.Sid, name, &n, domain, &n_domain, &use))
		p->user = windows_text(arena, name);
	return true;
}

/* "node.exe" is node to the table of interpreters. */
static struct span without_exe(struct span name)
{
	return name.n > 4 && span_eq_nocase(span_skip(name, name.n - 4), SPAN_LIT(".exe")) ? span_cut(name, name.n - 4) : name;
}

static uint64_t start_of(uint32_t pid, struct arena *arena, struct span *path)
{
	auto_handle process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);

	*path = process ? read_path(arena, process) : span_of(NULL, 0);
	return process ? read_start(process) : 0;
}

static void draw_line(struct windows_look *look, struct process *p, uint32_t parent)
{
	struct arena *arena = look->survey->arena;
	struct ancestor *line = arena_get_array(arena, ANCESTORS, sizeof(*line));
	uint64_t before = p->start_ticks;
	const struct windows_program *program;
	size_t n = 0;

	while (parent && n < ANCESTORS && (program = find_program(look, parent)) != NULL) {
		struct span path;
		uint64_t start = start_of(parent, arena, &path);

		if (!start || !before || start > before)
			break;
		line[n++] = (struct ancestor){.pid = parent, .name = program->name,
					      .executable = path};
		before = start;
		parent = program->parent;
	}
	p->ancestors = line;
	p->n_ancestors = n;
}

static void describe(struct windows_look *look, struct process *p)
{
	struct arena *arena = look->survey->arena;

	if (p->pid == PID_KERNEL) {
		p->name = SPAN_LIT("System");
		p->user = SPAN_LIT("SYSTEM");
		p->is_kernel_thread = true;
		return;
	}

	auto_handle handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, p->pid);

	p->uid = WINDOWS_NO_USER;
	if (handle) {
		p->executable = read_path(arena, handle);
		p->start_ticks = read_start(handle);
		if (p->start_ticks)
			p->start_time = (int64_t)(p->start_ticks / TICKS) - epoch;
		if (!look->survey->query->no_arguments || script_read(without_exe(p->name), span_of(NULL, 0)).runtime)
			windows_arguments_read(arena, handle, p);
	}
	if (!handle || !read_user(arena, handle, p))
		look->survey->n_denied++;
	argv_tell(arena, without_exe(p->name), p);
}

struct process_row *windows_process(struct windows_look *look, uint32_t pid)
{
	struct survey *survey = look->survey;
	struct process_row **slot = &survey->by_pid[pid % PROCESS_SLOTS];
	const struct windows_program *program = find_program(look, pid);
	struct process_row *row;
	struct span service;

	for (row = *slot; row; row = row->next_of_pid)
		if (row->process.pid == pid)
			return row;
	if (!program && look->n_programs)
		return NULL;
	row = arena_get(survey->arena, sizeof(*row));
	row->process = (struct process){.pid = pid};
	if (program)
		row->process.name = program->name;
	describe(look, &row->process);
	if (windows_services_of(look, pid, &service) == 1)
		row->process.unit = service;
	row->process.package = survey->query->is_plain ? span_of(NULL, 0)
						       : windows_signer_of(look, &row->process);
	if (row->process.package.n)
		row->process.package_answer = PACKAGE_OWNS;
	if (program)
		draw_line(look, &row->process, program->parent);
	row->next_of_pid = *slot;
	*slot = row;
	row->next = survey->processes;
	survey->processes = row;
	return row;
}
