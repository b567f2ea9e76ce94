/* SPDX-License-Identifier: Apache-2.0 */
/* info: what this machine is. Private to the host room. */
#ifndef PERIPLUS_HOST_INFO_H
#define PERIPLUS_HOST_INFO_H

#include "host/host.h"

void info_describe(struct arena *arena, struct host_info *info);
/* Readers, pure: "Debian 12" from os-release(5), and the range from ip_local_port_range. */
struct span info_system(struct arena *arena, struct span release);
bool info_ephemeral(struct span text, uint16_t *first, uint16_t *last);

#endif
