/* SPDX-License-Identifier: Apache-2.0 */
/* rpm: one file in the header of an RPM package. Private to the host room. */
#ifndef PERIPLUS_HOST_RPM_H
#define PERIPLUS_HOST_RPM_H

#include "host/package.h"

struct rpm_file {
	struct span directory; /* with a '/' at its end */
	struct span name;
	struct span package, version, release;
};

/* File number `index` of a header as the database keeps it. False: there is none, or the bytes are
 * no header. */
bool rpm_header_file(struct span header, uint32_t index, struct rpm_file *file);

#endif
