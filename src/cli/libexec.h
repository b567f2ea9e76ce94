/* SPDX-License-Identifier: Apache-2.0 */
/* libexec: the programs of this house that link what the answering program does not (private to
 * cli). */
#ifndef PERIPLUS_CLI_LIBEXEC_H
#define PERIPLUS_CLI_LIBEXEC_H

#include <stdbool.h>
#include <stddef.h>

/* Runs the program of that name in place of this one: from the directory of libexec, or from beside
 * this program when that is a build directory. Comes back only when it cannot; errno says why. */
void libexec_become(const char *name, char *const *arguments);
/* The path of this program itself. */
bool libexec_self(char *path, size_t size);

#endif
