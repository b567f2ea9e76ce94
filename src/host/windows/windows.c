/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows: who listens on this machine, by the IP helper functions of Windows.
 *
 * Any user sees every socket with the number and the name of its process. The file, the user and the
 * arguments of another user's process are an administrator's; without them the listing is told to be
 * incomplete.
 *
 * A recording is read as on every system (replay.c).
 */
#include "host/windows/windows.h"

#include <errno.h>
#include <time.h>

#include "base/text.h"
#include "base/windows/winapi.h"

struct span windows_text(struct arena *arena, const wchar_t *text)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
	char *bytes;

	if (n <= 1)
		return span_of(NULL, 0);
	bytes = arena_get(arena, (size_t)n);
	WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, n, NULL, NULL);
	return span_of(bytes, (size_t)n - 1);
}

int survey_look(struct survey *survey, struct sink *sink, struct why *why)
{
	struct windows_look all = {.survey = survey};
	struct host_listing *listing = survey->listing;
	int r;

	survey->is_root = geteuid() == 0;
	survey->seen_by = listing->method = "iphlpapi";
	listing->remedy = survey->is_root ? _("Windows names no process for them")
					  : _("run it as administrator to see them");
	if (!survey->query->no_owners)
		windows_programs_read(&all);
	r = windows_sockets_read(&all, why);
	if (r < 0)
		return r;
	owners_sort(survey);
	r = survey_push(survey, sink, why);
	if (r < 0)
		return r;
	if (survey->n_denied)
		listing->fallback = _("files and users of some programs are an administrator's to see");
	listing->is_complete = !listing->hidden_owners && !survey->n_denied;
	return 0;
}

static struct span computer_name(struct arena *arena)
{
	wchar_t name[256];
	DWORD n = ARRAYSIZE(name);

	return GetComputerNameExW(ComputerNameDnsHostname, name, &n) ? windows_text(arena, name)
								     : span_of(NULL, 0);
}

/* What sets one installation apart, as /etc/machine-id does. */
static struct span machine_id(struct arena *arena)
{
	wchar_t id[64];
	DWORD n = sizeof(id);

	return RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Cryptography", L"MachineGuid",
			    RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, NULL, id, &n) == ERROR_SUCCESS
		       ? windows_text(arena, id)
		       : span_of(NULL, 0);
}

/* GetVersionEx tells a program what its manifest asks for; RtlGetVersion (wdm.h) what there is. */
static struct span version(struct arena *arena)
{
	typedef LONG WINAPI get_version(OSVERSIONINFOW *info);
	union {
		FARPROC found;
		get_version *call;
	} get = {GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion")};
	OSVERSIONINFOW info = {.dwOSVersionInfoSize = sizeof(info)};

	if (!get.found || get.call(&info) != 0)
		return SPAN_LIT("Windows");
	return arena_print(arena, "Windows %lu.%lu.%lu", info.dwMajorVersion, info.dwMinorVersion,
			   info.dwBuildNumber);
}

void host_describe(const struct host_query *query, struct arena *arena, struct host_info *info)
{
	if (query->replay) {
		replay_describe(query->replay, arena, info);
		return;
	}
	*info = (struct host_info){
		.name = computer_name(arena),
		.id = machine_id(arena),
		.system = version(arena),
		.now = time(NULL),
		.is_root = geteuid() == 0,
	};

	windows_ephemeral(&info->ephemeral_first, &info->ephemeral_last);

	struct host_query plain = {.is_plain = true};
	struct survey survey = {.query = &plain, .arena = arena};
	struct windows_look self = {.survey = &survey};
	const struct process_row *us;

	survey.listing = &(struct host_listing){0};
	us = windows_process(&self, GetCurrentProcessId());
	info->uid = us ? us->process.uid : WINDOWS_NO_USER;
}
