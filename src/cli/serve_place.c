/* SPDX-License-Identifier: Apache-2.0 */
/* serve_place: the socket of periplus-serve: made as --listen says, or passed by systemd. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/address.h"
#include "base/text.h"
#include "cli/serve_program.h"

enum { FIRST_PASSED = 3, BACKLOG = 1024 };

static bool is_option(int fd, int name, int wanted)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 && value == wanted;
}

/* sd_listen_fds(3): exactly one listening stream socket. */
static bool passed(int *fd)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	uint64_t number;

	if (!pid || !fds || !span_u64(span_str(pid), INT32_MAX, &number) ||
	    number != (uint64_t)getpid() || strcmp(fds, "1") != 0 ||
	    !is_option(FIRST_PASSED, SO_TYPE, SOCK_STREAM) ||
	    !is_option(FIRST_PASSED, SO_ACCEPTCONN, 1))
		return false;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	*fd = FIRST_PASSED;
	return true;
}

/* What the socket itself says of where it listens. */
static bool describe(struct serve_place *place, struct arena *arena)
{
	struct sockaddr_storage storage = {0};
	socklen_t size = sizeof(storage);
	char text[ADDRESS_TEXT];
	struct address address;

	if (getsockname(place->fd, (struct sockaddr *)&storage, &size) < 0)
		return false;
	if (storage.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&storage;

		address = address_ipv4((const uint8_t *)&in->sin_addr);
		place->port = ntohs(in->sin_port);
		place->text = arena_print(arena, "%s:%u", address_text(&address, text), place->port);
	} else if (storage.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&storage;

		address = address_ipv6((const uint8_t *)&in->sin6_addr);
		place->port = ntohs(in->sin6_port);
		place->text =
			arena_print(arena, "[%s]:%u", address_text(&address, text), place->port);
	} else if (storage.ss_family == AF_UNIX) {
		const struct sockaddr_un *un = (const struct sockaddr_un *)&storage;

		place->is_loopback = true;
		place->text = arena_print(arena, "unix:%s", un->sun_path);
		return true;
	} else {
		return false;
	}
	place->is_loopback = address_is_loopback(&address);
	return true;
}

/* "127.0.0.1:8010", "[::1]:8010", "8010" (of 127.0.0.1). Names are not looked up. */
static bool parse(struct span text, struct address *address, uint16_t *port)
{
	ptrdiff_t colon = span_find_last(text, ':');
	struct span host = colon < 0 ? SPAN_LIT("127.0.0.1") : span_cut(text, (size_t)colon);
	uint64_t number;

	if (!span_u64(colon < 0 ? text : span_skip(text, (size_t)colon + 1), PORT_MAX, &number))
		return false;
	*port = (uint16_t)number;
	if (span_is(host, "localhost"))
		host = SPAN_LIT("127.0.0.1");
	if (span_starts(host, "[") && span_ends(host, "]"))
		host = span_cut(span_skip(host, 1), host.n - 2);
	else if (span_find_byte(host, ':') >= 0)
		return false;
	return address_parse(host, address);
}

static int open_inet(const char *listen_at, struct serve_place *place)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct address address;
	uint16_t port;
	int one = 1;
	bool is_six;

	if (!parse(span_str(listen_at), &address, &port))
		return serve_say(EX_USAGE, _("--listen takes ADDRESS:PORT or unix:PATH, not '%s'"),
				 listen_at);
	is_six = address.family == ADDRESS_IPV6;
	memcpy(is_six ? (void *)&in6.sin6_addr : (void *)&in.sin_addr, address.bytes,
	       is_six ? 16 : 4);
	in6.sin6_port = in.sin_port = htons(port);
	place->fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (place->fd < 0 ||
	    setsockopt(place->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(place->fd, is_six ? (void *)&in6 : (void *)&in, is_six ? sizeof(in6) : sizeof(in)) <
		    0 ||
	    listen(place->fd, BACKLOG) < 0) {
		if (errno == EADDRINUSE)
			return serve_say(EX_UNAVAILABLE,
					 _("'%s' is taken; 'periplus %u' says by whom"), listen_at,
					 (unsigned)port);
		return serve_say(errno == EACCES ? EX_NOPERM : EX_OSERR,
				 _("cannot listen on '%s': %s"), listen_at, strerror(errno));
	}
	return 0;
}

/* A socket that an earlier run of ours has left, and that nobody answers. */
static void remove_old(const struct sockaddr_un *address)
{
	struct stat st;
	int fd;

	if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
	if (fd >= 0)
		close(fd);
}

static int open_unix(const char *path, struct serve_place *place)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	mode_t mask;
	int r = -1;

	if (n == 0 || n >= sizeof(address.sun_path))
		return serve_say(EX_USAGE, _("'%s' is no path of a socket: 1 to %zu bytes"), path,
				 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, n);
	remove_old(&address);
	place->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0117); /* the user and its group */
	if (place->fd >= 0)
		r = bind(place->fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (r < 0 || listen(place->fd, BACKLOG) < 0)
		return serve_say(EX_CANTCREAT, _("cannot listen on '%s': %s"), path,
				 strerror(errno));
	place->is_made = true;
	return 0;
}

int serve_place_open(const char *listen_at, struct arena *arena, struct serve_place *place)
{
	int status = 0;

	*place = (struct serve_place){.fd = -1};
	if (!listen_at && passed(&place->fd)) {
		if (fcntl(place->fd, F_SETFD, FD_CLOEXEC) < 0 ||
		    fcntl(place->fd, F_SETFL, O_NONBLOCK) < 0)
			return serve_say(EX_OSERR, _("cannot use the socket that was passed: %s"),
					 strerror(errno));
	} else if (listen_at && strncmp(listen_at, "unix:", 5) == 0) {
		status = open_unix(listen_at + 5, place);
	} else {
		status = open_inet(listen_at ? listen_at : "127.0.0.1:0", place);
	}
	if (status == 0 && !describe(place, arena))
		status = serve_say(EX_OSERR, _("cannot tell where the socket listens: %s"),
				   strerror(errno));
	return status;
}

void serve_place_close(struct serve_place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	if (place->is_made) {
		char path[128];

		memcpy(path, place->text.p + 5, place->text.n - 5);
		path[place->text.n - 5] = 0;
		unlink(path);
	}
	place->fd = -1;
}
