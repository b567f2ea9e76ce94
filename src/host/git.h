/* SPDX-License-Identifier: Apache-2.0 */
/* git: the branch that a directory's repository is on. Private to the host room. */
#ifndef PERIPLUS_HOST_GIT_H
#define PERIPLUS_HOST_GIT_H

#include "base/arena.h"

/* The branch, 12 digits of the commit when there is none, or the empty span. The repository's
 * files must belong to one of the two users. */
struct span git_branch(struct arena *arena, struct span directory, uint32_t owner, uint32_t viewer);
/* The same from the text of HEAD: points into it. */
struct span git_head(struct span text);

#endif
