/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_receive: the TCP connection of the device's side. It calls the host back, reads at most 1460
 * bytes at a time, writes how many it took after each read, and at the end OK or an error as the
 * ESP8266 core words it. The image is held in memory, so that nothing half is ever on the disk.
 *
 * Between the last count and the result lies a second, as in the ESP8266 core: its espota.py never
 * ends when both come in one piece. Whatever comes in that second is more than was announced.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { READ = 1460, PAUSE_MS = 1000, GOODBYE_MS = 2000, LIMIT_FACTOR = 6, SLOWEST = 512 };

static const struct {
	const char *word;
	unsigned error;
	int status;
} verdicts[] = {
#define V(name, word, error, status) {word, error, status},
	OTA_VERDICTS(V)
#undef V
};

const char *ota_verdict_word(enum ota_verdict verdict)
{
	return verdicts[verdict].word;
}

int ota_verdict_status(enum ota_verdict verdict)
{
	return verdicts[verdict].status;
}

static enum ota_verdict not_called(struct ota_receipt *r, int error)
{
	char words[128];

	why_set(&r->why, error, _("cannot call the host back: %s"),
		strerror_r(error, words, sizeof(words)));
	return OTA_VERDICT_NOT_CALLED;
}

static enum ota_verdict call(const struct ota_peer *own, const struct ota_peer *host, uint16_t port,
			     int64_t deadline, struct ota_receipt *r)
{
	const int yes = 1;
	struct ota_peer from = {.address = own->address};
	struct ota_peer to = {.address = host->address, .port = port};
	union ota_socket_address name;
	socklen_t n = ota_socket_address(&to, &name);
	int error = 0;
	socklen_t size = sizeof(error);

	r->fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd < 0)
		return not_called(r, errno);
	setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (!address_is_any(&own->address)) {
		union ota_socket_address self;
		socklen_t n_self = ota_socket_address(&from, &self);

		if (bind(r->fd, &self.any, n_self) < 0)
			return not_called(r, errno);
	}
	if (connect(r->fd, &name.any, n) < 0 && errno != EINPROGRESS)
		return not_called(r, errno);
	if (ota_wait(r->fd, POLLOUT, deadline) <= 0)
		return not_called(r, ETIMEDOUT);
	if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error)
		return not_called(r, error ? error : errno);
	return OTA_VERDICT_RECEIVED;
}

/* Says a short text; a host that does not read it is not waited for. */
static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static enum ota_verdict read_all(struct ota_receipt *r, size_t size, unsigned timeout_ms)
{
	int64_t limit =
		ota_now_ms() + (int64_t)timeout_ms * LIMIT_FACTOR + (int64_t)size * 1000 / SLOWEST;
	char count[24];

	while (r->n < size) {
		int64_t deadline = ota_now_ms() + timeout_ms;
		size_t room = size - r->n < READ ? size - r->n : READ;
		ssize_t n;

		if (ota_wait(r->fd, POLLIN, deadline < limit ? deadline : limit) <= 0)
			return OTA_VERDICT_SLOW;
		n = recv(r->fd, r->bytes + r->n, room, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return OTA_VERDICT_SHORT;
		r->n += (size_t)n;
		snprintf(count, sizeof(count), "%zd", n);
		say(r->fd, count);
	}
	return OTA_VERDICT_RECEIVED;
}

static enum ota_verdict verify(struct ota_receipt *r, const struct ota_invitation *in)
{
	uint8_t more;

	if (ota_wait(r->fd, POLLIN, ota_now_ms() + PAUSE_MS) > 0 && recv(r->fd, &more, 1, 0) > 0)
		return OTA_VERDICT_LONG;
	if (!ota_md5(span_of(r->bytes, r->n), r->md5)) {
		why_set(&r->why, EIO, _("libcrypto has no MD5 here"));
		return OTA_VERDICT_UNKEPT;
	}
	return span_eq_nocase(span_str(r->md5), span_str(in->md5)) ? OTA_VERDICT_RECEIVED
								   : OTA_VERDICT_DAMAGED;
}

void ota_receive(const struct ota_peer *own, const struct ota_peer *host,
		 const struct ota_invitation *in, unsigned timeout_ms, struct ota_receipt *r)
{
	*r = (struct ota_receipt){.fd = -1, .bytes = malloc(in->size)};
	if (!r->bytes) {
		why_set(&r->why, ENOMEM, _("out of memory"));
		r->verdict = OTA_VERDICT_UNKEPT;
		return;
	}
	r->verdict = call(own, host, in->port, ota_now_ms() + timeout_ms, r);
	if (r->verdict == OTA_VERDICT_RECEIVED)
		r->verdict = read_all(r, in->size, timeout_ms);
	if (r->verdict == OTA_VERDICT_RECEIVED)
		r->verdict = verify(r, in);
}

void ota_receive_end(struct ota_receipt *r, const struct ota_invitation *in)
{
	const struct ota_error *e = ota_error_at(verdicts[r->verdict].error);
	int64_t deadline = ota_now_ms() + GOODBYE_MS;
	char text[192];
	uint8_t rest[256];

	if (r->fd < 0)
		return;
	if (r->verdict == OTA_VERDICT_RECEIVED)
		snprintf(text, sizeof(text), "OK");
	else if (r->verdict == OTA_VERDICT_DAMAGED)
		snprintf(text, sizeof(text),
			 "ERROR[7]: MD5 verification failed: expected: %s, calculated: %s\n",
			 in->md5, r->md5);
	else
		snprintf(text, sizeof(text), "ERROR[%u]: %s\n", e ? e->code : 0,
			 e ? e->text : "UNKNOWN");
	say(r->fd, text);
	shutdown(r->fd, SHUT_WR);
	/* unread bytes would turn the result into a reset: the host hangs up first, for a while */
	while (ota_wait(r->fd, POLLIN, deadline) > 0 && recv(r->fd, rest, sizeof(rest), 0) > 0)
		;
	close(r->fd);
	r->fd = -1;
}

void ota_receipt_done(struct ota_receipt *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->bytes);
	r->fd = -1;
	r->bytes = NULL;
}
