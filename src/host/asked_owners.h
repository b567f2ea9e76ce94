/* SPDX-License-Identifier: Apache-2.0 */
/* asked_owners: owners from periplusd, for users who are not root. Private to the host room. */
#ifndef PERIPLUS_HOST_ASKED_OWNERS_H
#define PERIPLUS_HOST_ASKED_OWNERS_H

#include "host/survey.h"

/* When sockets are left without owner and periplusd may be asked: fills the table of owners further
 * and sorts it. A daemon that gives no good answer is told as `fallback`; the only error is
 * -ENOMEM. */
int asked_fill(struct survey *survey) must_check;

#endif
