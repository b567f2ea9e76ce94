/* SPDX-License-Identifier: Apache-2.0 */
/* rights: see rights.h. capget(2) and capset(2) by system call: libc has no words for them. */
#include "base/rights.h"

#ifdef __linux__

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

enum { MOST = 64, OF_A_WORD = 32, N_WORDS = MOST / OF_A_WORD };

/* What a program started later could have again. Without CAP_SETPCAP the set cannot be changed;
 * that there are no new privileges holds all the same. */
static int shrink_bounds(uint64_t kept)
{
	for (unsigned i = 0; i < MOST; i++)
		if (!(kept >> i & 1) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
		    prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return errno == EPERM ? 0 : -errno;
	return 0;
}

static int shrink(uint64_t kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[N_WORDS] = {0};
	struct __user_cap_data_struct before[N_WORDS];

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	memcpy(before, data, sizeof(before));
	for (size_t i = 0; i < N_WORDS; i++) {
		data[i].permitted &= (uint32_t)(kept >> (i * OF_A_WORD));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno; /* EINVAL: a kernel before 4.3 has none */
	if (memcmp(before, data, sizeof(before)) == 0)
		return 0;
	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int rights_keep(const uint8_t *kept, size_t n_kept, struct why *why)
{
	uint64_t set = 0;
	int r;

	for (size_t i = 0; i < n_kept; i++)
		set |= 1ull << kept[i];
	r = shrink_bounds(set);
	if (r == 0)
		r = shrink(set);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? why_set(why, -r, _("cannot give up this process's rights: %s"),
			       strerror(-r))
		     : 0;
}

#else

int rights_keep(const uint8_t *kept, size_t n_kept, struct why *why)
{
	(void)kept, (void)n_kept, (void)why;
	return 0;
}

#endif
