/* SPDX-License-Identifier: Apache-2.0 */
/* windows: one look at this machine. Private to the host room, and to its Windows files. */
#ifndef PERIPLUS_HOST_WINDOWS_H
#define PERIPLUS_HOST_WINDOWS_H

#include "host/excluded.h"
#include "host/survey.h"

/* A process as the snapshot of all has it (toolhelp): every user sees all of them. */
struct windows_program {
	uint32_t pid, parent;
	struct span name; /* of its file, "svchost.exe" */
};

/* A service that runs; several may share a process. */
struct windows_service {
	uint32_t pid;
	struct span name; /* its short name, "Dnscache" */
};

/* A file, and who has signed it; empty: nobody whom this machine trusts. */
struct windows_signed {
	wchar_t *path;
	struct span signer;
};

struct windows_trust;

struct windows_look {
	struct survey *survey;
	struct windows_program *programs; /* by pid */
	size_t n_programs, programs_capacity;
	struct windows_service *services;
	size_t n_services, services_capacity;
	struct windows_signed *signed_files; /* that were asked for */
	size_t n_signed, signed_capacity;
	struct windows_trust *trust;
};

enum { WINDOWS_NO_USER = UINT32_MAX }; /* the process may not be asked for its user */

/* UTF-16 as UTF-8 in the arena; what is no UTF-16 becomes U+FFFD. */
struct span windows_text(struct arena *arena, const wchar_t *text);

/* process.c. Lists all processes and services. */
void windows_programs_read(struct windows_look *look);
/* What is known of a process; the same one for the same pid. NULL: there is none any more. */
struct process_row *windows_process(struct windows_look *look, uint32_t pid);
/* How many services run in a process; *name becomes the first. */
size_t windows_services_of(const struct windows_look *look, uint32_t pid, struct span *name);

/* arguments.c. Sets command_line and argv where the process lets us read them. */
void windows_arguments_read(struct arena *arena, void *handle, struct process *process);

/* signature.c. Who has signed the file, by Windows' own verification; empty: nobody. */
struct span windows_signer(struct windows_look *look, const wchar_t *path);
/* service.c. Who has signed what the process runs: all services in it, else its program. Empty when
 * nobody has, or not the same for all. */
struct span windows_signer_of(struct windows_look *look, const struct process *process);

/* sockets.c. Fills the tables of sockets and owners. */
int windows_sockets_read(struct windows_look *look, struct why *why) must_check;

/* netsh.c. The ranges kept back, as netsh prints them, in the arena; empty when it does not
 * answer. */
struct span windows_excluded(struct arena *arena, enum transport transport);
/* What source ports come from: as netsh says, or Windows' own default. */
void windows_ephemeral(uint16_t *first, uint16_t *last);

#endif
