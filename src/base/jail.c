/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jail: see jail.h. Landlock is asked by system call, since libc has no words for it; a kernel
 * without it (ENOSYS) or with it switched off (EOPNOTSUPP) gives a jail without that wall.
 */
#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"

#ifdef __linux__
#include <grp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#ifdef __SANITIZE_ADDRESS__
enum { HAS_SHADOW = 1 }; /* the sanitizer's own memory alone is terabytes */
#else
enum { HAS_SHADOW = 0 };
#endif
enum { NOBODY = 65534 };

static int limit(int what, rlim_t most, struct why *why)
{
	const struct rlimit rows = {most, most};

	if (setrlimit((__rlimit_resource_t)what, &rows) < 0)
		return why_errno(why, _("cannot limit what the worker may use"));
	return 0;
}

static int limits(const struct jail *jail, struct why *why)
{
	int r = limit(RLIMIT_FSIZE, 0, why);

	if (r == 0)
		r = limit(RLIMIT_CORE, 0, why);
	if (r == 0)
		r = limit(RLIMIT_NPROC, 0, why);
	if (r == 0 && jail->memory && !HAS_SHADOW)
		r = limit(RLIMIT_AS, jail->memory, why);
	return r;
}

/* Standard descriptors stay: they are the caller's to point elsewhere. */
static void close_others(const struct jail *jail)
{
	long most = sysconf(_SC_OPEN_MAX);

	if (most < 0 || most > 65536)
		most = 65536;
	for (int fd = STDERR_FILENO + 1; fd < most; fd++) {
		bool is_kept = false;

		for (size_t i = 0; i < jail->n_keep; i++)
			is_kept = is_kept || jail->keep[i] == fd;
		if (!is_kept)
			close(fd);
	}
}

#ifdef __linux__

/* linux/landlock.h of ABI 1; older headers lack the file, older kernels the calls. */
enum { LANDLOCK_CREATE = 444, LANDLOCK_RESTRICT = 446, LANDLOCK_ASK_ABI = 1 };

static int leave_filesystem(bool *has, struct why *why)
{
	/* rights known to each ABI: 13 bits in the first, then refer, truncate, ioctl */
	static const uint8_t bits[] = {13, 13, 14, 15, 15, 16};
	long abi = syscall(LANDLOCK_CREATE, NULL, (size_t)0, LANDLOCK_ASK_ABI);
	struct {
		uint64_t fs;
	} rules;

	*has = false;
	if (abi < 1)
		return 0;
	rules.fs =
		(1ull << bits[(size_t)abi < ARRAY_LEN(bits) ? (size_t)abi : ARRAY_LEN(bits) - 1]) -
		1;

	auto_close int fd = (int)syscall(LANDLOCK_CREATE, &rules, sizeof(rules), 0);

	if (fd < 0 || syscall(LANDLOCK_RESTRICT, fd, 0) < 0)
		return why_errno(why, _("cannot close the file system to the worker"));
	*has = true;
	return 0;
}

static int leave_root(struct why *why)
{
	if (geteuid() != 0 && getuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return why_errno(why, _("cannot make the worker an ordinary user"));
	if (setuid(0) == 0)
		return why_set(why, EPERM, _("the worker would still be root"));
	return 0;
}

int jail_start(const struct jail *jail, struct jail_has *has, struct why *why)
{
	int r;

	close_others(jail);
	r = leave_root(why);
	if (r < 0)
		return r;
	has->user = true;
	/* after the change of user, which clears it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != jail->parent)
		return why_set(why, ESRCH, _("the worker's parent is gone"));
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return why_errno(why, _("cannot take privileges from the worker"));
	r = leave_filesystem(&has->filesystem, why);
	if (r == 0)
		r = limits(jail, why);
	return r < 0 ? r : jail_calls(jail->kind, &has->calls, why);
}

#else

int jail_start(const struct jail *jail, struct jail_has *has, struct why *why)
{
	close_others(jail);
	*has = (struct jail_has){.user = geteuid() != 0};
	if (!has->user)
		return why_set(why, ENOTSUP, _("this system has no jail for a worker of root"));
	return limits(jail, why);
}

#endif
