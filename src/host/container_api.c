/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_api: one question to a container engine over its Unix socket: HTTP/1.0, so that the
 * answer is what comes until the end. One megabyte and half a second are the limits; what has come
 * until then is read. Who answers must be root or the user asked for.
 */
#include "host/container_api.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"

enum { ANSWER_MAX = 1 << 20, PATIENCE_MS = 500 };

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False when the time is over. */
static bool await(int fd, short event, int64_t end)
{
	struct pollfd wait = {.fd = fd, .events = event};
	int64_t left;

	while ((left = end - now_ms()) > 0) {
		int r = poll(&wait, 1, (int)left);

		if (r > 0)
			return true;
		if (r < 0 && errno != EINTR)
			return false;
	}
	return false;
}

static int say(int fd, struct span question, int64_t end)
{
	while (question.n) {
		ssize_t n = send(fd, question.p, question.n, MSG_NOSIGNAL);

		if (n > 0)
			question = span_skip(question, (size_t)n);
		else if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		else if (!await(fd, POLLOUT, end))
			return -ETIMEDOUT;
	}
	return 0;
}

static size_t hear(int fd, uint8_t *answer, int64_t end)
{
	size_t n = 0;

	while (n < ANSWER_MAX && now_ms() < end) {
		ssize_t got = recv(fd, answer + n, ANSWER_MAX - n, 0);

		if (got > 0)
			n += (size_t)got;
		else if (got == 0 || (errno != EINTR && errno != EAGAIN) || !await(fd, POLLIN, end))
			break;
	}
	return n;
}

static int open_engine(const char *path, uint32_t uid)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd;

	if (strlen(path) >= sizeof(name.sun_path))
		return -ENAMETOOLONG;
	memcpy(name.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	if (peer.uid != 0 && peer.uid != uid) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

int container_api_ask(const char *path, uint32_t uid, struct arena *arena,
		      struct container_list *list, struct why *why)
{
	static const char question[] = "GET /containers/json HTTP/1.0\r\nHost: localhost\r\n\r\n";
	int64_t end = now_ms() + PATIENCE_MS;
	auto_free uint8_t *answer = malloc(ANSWER_MAX);
	auto_close int fd = answer ? open_engine(path, uid) : -ENOMEM;
	int r = fd < 0 ? fd : say(fd, span_of(question, sizeof(question) - 1), end);

	*list = (struct container_list){0};
	if (r < 0) {
		errno = -r;
		return why_errno(why, _("cannot ask '%s'"), path);
	}
	if (!container_answer_read(span_of(answer, hear(fd, answer, end)), arena, list))
		return why_set(why, EBADMSG, _("the answer of '%s' is not understood"), path);
	return 0;
}
