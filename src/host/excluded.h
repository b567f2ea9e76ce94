/* SPDX-License-Identifier: Apache-2.0 */
/* excluded: numbers that Windows keeps back from programs. Pure; private to the host room. */
#ifndef PERIPLUS_HOST_EXCLUDED_H
#define PERIPLUS_HOST_EXCLUDED_H

#include "base/port.h"

struct excluded_range {
	uint16_t first, last;
	bool is_administered; /* made by an administrator, not by a service such as Hyper-V's */
};

/* The next range in what "netsh interface ipv4 show excludedportrange" prints, whatever the language
 * of its headings: a line of two numbers, and a '*' where an administrator made it. False: no more. */
bool excluded_next(struct span *text, struct excluded_range *range) must_check;

/* `netsh interface ipv4 show dynamicport tcp`: what Windows hands out as source ports, as the first
 * number and how many (Microsoft's article 929851). False: the text has no such range. */
bool dynamic_ports_read(struct span text, struct excluded_range *range) must_check;

#endif
