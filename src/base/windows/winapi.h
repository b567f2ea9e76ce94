/* SPDX-License-Identifier: Apache-2.0 */
/* winapi: the headers of Windows that the rooms use, in the order that they want, without the macro
 * "interface". */
#ifndef PERIPLUS_BASE_WINDOWS_WINAPI_H
#define PERIPLUS_BASE_WINDOWS_WINAPI_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <iphlpapi.h>
#include <sddl.h>
#include <shellapi.h>
#include <tlhelp32.h>
#include <winternl.h>

#undef interface

static inline void scope_close_handle(HANDLE *handle)
{
	if (*handle && *handle != INVALID_HANDLE_VALUE)
		CloseHandle(*handle);
}

#define auto_handle __attribute__((cleanup(scope_close_handle))) HANDLE

#endif
