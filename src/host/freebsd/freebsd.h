/* SPDX-License-Identifier: Apache-2.0 */
/* freebsd: what a real FreeBSD is asked by. Private to this directory. */
#ifndef PERIPLUS_HOST_FREEBSD_FREEBSD_H
#define PERIPLUS_HOST_FREEBSD_FREEBSD_H

#include "host/freebsd.h"

/* kernel.c. See freebsd_ask_fn. */
int freebsd_ask(const char *name, int pid, uint8_t **bytes, size_t *n) must_check;

#endif
