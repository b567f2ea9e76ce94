/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplusd: tells the members of a group who owns the sockets of this host (periplusd(8)).
 *
 * Started by systemd with one listening socket, or by hand with --listen PATH. Once it has its
 * socket it keeps only what looking needs, for good: four capabilities, no new privileges, and the
 * system calls of looking and answering. It stays uid 0, which owns what it reads; without
 * CAP_DAC_OVERRIDE, CAP_SETUID and the like that is all that it means. It never connects, never writes
 * a file, and starts nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/capability.h>
#include <locale.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/jail.h"
#include "base/rights.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/daemon.h"
#include "cli/say.h"

enum { FIRST_PASSED = 3, BACKLOG = 64 };

static const char usual_group[] = "periplus";

/* Descriptors of others' processes, their links, and the kernel's own pass over them. */
static const uint8_t kept_capabilities[] = {CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_PERFMON,
					    CAP_BPF};

int daemon_say(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	status = say_line("periplusd", status, format, args);
	va_end(args);
	return status;
}

static bool is_option(int fd, int name, int wanted)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 && value == wanted;
}

/* The one socket that systemd passes (sd_listen_fds(3)): its descriptor, or -1 when it does not. */
static int passed_socket(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	uint64_t number;

	if (!pid || !fds || !span_u64(span_str(pid), INT32_MAX, &number) ||
	    number != (uint64_t)getpid())
		return -1;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (strcmp(fds, "1") != 0 || !is_option(FIRST_PASSED, SO_DOMAIN, AF_UNIX) ||
	    !is_option(FIRST_PASSED, SO_TYPE, SOCK_STREAM) ||
	    !is_option(FIRST_PASSED, SO_ACCEPTCONN, 1))
		return -1;
	return FIRST_PASSED;
}

static bool find_group(const char *name, gid_t *gid)
{
	const struct group *group = getgrnam(name ? name : usual_group);
	uint64_t number;

	if (group)
		*gid = group->gr_gid;
	else if (!name)
		*gid = 0; /* not made yet: root's alone */
	else if (span_u64(span_str(name), UINT32_MAX - 1, &number))
		*gid = (gid_t)number;
	else
		return false;
	return true;
}

/* A socket that an earlier run of ours has left. */
static void remove_old(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid())
		unlink(path);
}

/* The file has its group and its mode from the start: nobody meets it with others. */
static int listen_at(const char *path, gid_t group)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask = umask(0117);
	int r = -1;

	if (n >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
	} else if (fd >= 0 && setegid(group) == 0) {
		memcpy(address.sun_path, path, n);
		remove_old(path);
		r = bind(fd, (const struct sockaddr *)&address, sizeof(address));
		if (r == 0)
			r = listen(fd, BACKLOG);
	}
	umask(mask);
	if (r == 0)
		r = setegid(getgid());
	if (r < 0 && fd >= 0) {
		int error = errno;

		close(fd);
		errno = error;
	}
	return r < 0 ? -1 : fd;
}

/* Gives up, for good, what looking does not need. Where systemd has done so already there is
 * nothing to do, and the system calls for it are closed. */
static bool shed(void)
{
	umask(0077);
	return rights_keep(kept_capabilities, ARRAY_LEN(kept_capabilities), NULL) == 0 &&
	       chdir("/") == 0;
}

/* From here on it opens nothing to write, starts nothing and dials nobody. */
static bool close_calls(struct why *why)
{
#ifdef __SANITIZE_ADDRESS__
	(void)why;
	return true; /* which at the end looks for leaks by calls of its own */
#else
	bool has_wall;

	return jail_calls(JAIL_LOOKS, &has_wall, why) == 0;
#endif
}

static int usage(int status)
{
	struct buf out = {.fd = status ? STDERR_FILENO : STDOUT_FILENO};

	buf_str(&out, "usage: periplusd [--listen PATH [--group GROUP]] [--version] [--help]\n");
	if (buf_flush(&out) < 0)
		status = EX_IOERR;
	buf_done(&out);
	return status;
}

static int version(void)
{
	struct buf out = {.fd = STDOUT_FILENO};
	int r;

	buf_str(&out, "periplusd " PERIPLUS_VERSION "\n");
	r = buf_flush(&out);
	buf_done(&out);
	return r < 0 ? EX_IOERR : EX_OK;
}

static int start(const char *path, const char *group_name)
{
	int fd = path ? -1 : passed_socket();
	struct why why = {0};
	gid_t group;

	if (geteuid() != 0)
		return daemon_say(EX_NOPERM, "%s",
				  _("it shows what root sees, so root must start it"));
	if (path) {
		if (!find_group(group_name, &group))
			return daemon_say(EX_NOUSER, _("there is no group '%s'"), group_name);
		fd = listen_at(path, group);
		if (fd < 0)
			return daemon_say(EX_CANTCREAT, _("cannot listen at '%s': %s"), path,
					  strerror(errno));
	}
	if (fd < 0)
		return daemon_say(EX_USAGE, "%s",
				  _("no socket was passed; 'systemctl start periplusd.socket' or "
				    "--listen PATH makes one"));
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || !shed())
		return daemon_say(EX_OSERR, _("cannot give up privileges: %s"), strerror(errno));
	if (!close_calls(&why))
		return daemon_say(EX_OSERR, "%s", why.text);
	return daemon_serve(fd, !path);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
						{"group", required_argument, NULL, 'g'},
						{"version", no_argument, NULL, 'v'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *path = NULL;
	const char *group = NULL;
	int found;

	setlocale(LC_CTYPE, "");
	while ((found = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (found) {
		case 'l': path = optarg; break;
		case 'g': group = optarg; break;
		case 'v': return version();
		case 'h': return usage(EX_OK);
		default: return usage(EX_USAGE);
		}
	}
	if (optind < argc || (group && !path))
		return usage(EX_USAGE);
	return start(path, group);
}
