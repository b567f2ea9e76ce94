/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service: which file a service of svchost.exe really is.
 *
 * svchost.exe is Windows' own whatever it runs; the service is a library that the registry names, by
 * ServiceDll beneath the service's key or its Parameters ("Service host grouping" and the svchost.exe
 * notes of Microsoft). So who has signed svchost.exe says nothing, and who has signed the library does.
 */
#include "host/windows/windows.h"

#include <stdlib.h>

#include "base/scope.h"
#include "base/windows/winapi.h"

#define HOST "svchost.exe"
enum { KEY_SIZE = 512, PATH_SIZE = 32768 };

/* The library's path with its variables replaced; false: the service has none. */
static bool read_library(const wchar_t *service, wchar_t *path)
{
	static const wchar_t *const places[] = {L"\\Parameters", L""};
	wchar_t key[KEY_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		DWORD n = PATH_SIZE * sizeof(*path);

		if (_snwprintf(key, KEY_SIZE, L"SYSTEM\\CurrentControlSet\\Services\\%ls%ls", service,
			       places[i]) < 0)
			return false;
		key[KEY_SIZE - 1] = 0;
		/* With its variables replaced a text counts as REG_SZ; to ask for REG_EXPAND_SZ beside it is
		 * refused before Windows 8. */
		if (RegGetValueW(HKEY_LOCAL_MACHINE, key, L"ServiceDll", RRF_RT_REG_SZ, NULL, path, &n) ==
		    ERROR_SUCCESS)
			return true;
	}
	return false;
}

static wchar_t *wide(struct span text)
{
	wchar_t *to = text.n ? calloc(text.n + 1, sizeof(*to)) : NULL;

	if (to && !MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, (const char *)text.p,
				       (int)text.n, to, (int)text.n)) {
		free(to);
		to = NULL;
	}
	return to;
}

/* Of the library; of the program when the service has none. Empty: not signed, or not known. */
static struct span signer_of(struct windows_look *look, struct span service, struct span program)
{
	auto_free wchar_t *name = wide(service);
	auto_free wchar_t *path = calloc(PATH_SIZE, sizeof(*path));

	return name && path && read_library(name, path) ? windows_signer(look, path) : program;
}

struct span windows_signer_of(struct windows_look *look, const struct process *p)
{
	auto_free wchar_t *path = wide(p->executable);
	struct span none = {NULL, 0};
	struct span program = path ? windows_signer(look, path) : none;
	struct span found = none;
	size_t n = 0;

	if (!program.n)
		return none;
	if (span_eq_nocase(p->name, span_str(HOST)))
		program = none; /* it only holds services, and its signer proves nothing of them */
	for (size_t i = 0; i < look->n_services; i++) {
		if (look->services[i].pid != p->pid)
			continue;

		struct span its = signer_of(look, look->services[i].name, program);

		if (n++ && !span_eq(its, found))
			return none;
		found = its;
	}
	return n ? found : program;
}
