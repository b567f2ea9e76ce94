/* SPDX-License-Identifier: Apache-2.0 */
/* stop: what the reports of `periplus stop` have in common (private to out). */
#ifndef PERIPLUS_OUT_STOP_H
#define PERIPLUS_OUT_STOP_H

#include "out/out.h"

/* Connections that end with what is stopped. One within this host has two ends, and the server's
 * end is no client. */
size_t stop_n_connections(const struct stop_report *report);

#endif
