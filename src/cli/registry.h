/* SPDX-License-Identifier: Apache-2.0 */
/* registry: where an updated registry lies, and which one answers. Private to cli; used by periplus
 * and periplus-update alike. */
#ifndef PERIPLUS_CLI_REGISTRY_H
#define PERIPLUS_CLI_REGISTRY_H

#include "map/map.h"

#define REGISTRY_ROOT "/var/lib/periplus"
#define REGISTRY_IMAGE "registry.img"

/* The directory of this user's updated registry, on the heap; NULL without a home or memory.
 * Root has REGISTRY_ROOT and never a user's; PERIPLUS_STATE_DIR is for others' tests. */
char *registry_directory(void);
/* Makes what is not there of that directory, or of one below it; the path is changed and restored. A
 * user's is for that user alone. */
int registry_make_directories(char *path, struct why *why) must_check;
/* The newest of the built-in registry, root's and this user's. *opened owns an updated one (NULL:
 * the built-in answers). refused (may be NULL) says why an image that lies there is not used; its
 * text stays empty otherwise. */
const struct map *registry_newest(struct map **opened, struct why *refused);

#endif
