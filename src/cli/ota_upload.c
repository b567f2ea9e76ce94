/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_upload: one upload, the host's side of proto/ota.h, driven by events and deadlines.
 *
 *     PAUSING -> INVITED -> ANSWERED -> AWAITED -> SENDING -> VERIFYING -> UPLOADED
 *        ^__________|___________|__________|_________|                      or FAILED
 *
 * A lost datagram, a device that does not call or a broken connection is tried again, `tries` times
 * in all. Before each further invitation goes OTA_CANCEL, for a device that still waits for an
 * answer would swallow the invitation. What the device refuses is not tried again, but for one
 * case: a device that keeps the MD5 of its password refuses the SHA-256 of it (core 3.3.1).
 *
 * A call may come before the OK was heard (it was lost): it counts as one. Only the address that
 * was invited may call. The next chunk is sent when something was counted, as both espota.py do,
 * for counts glue together and tell nothing more. No upload is tried again once all was sent: the
 * device may have taken it and be starting.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { CHUNK = 1460, CANCEL_PAUSE_MS = 100, CALM_MS = 1000, RESULT_FACTOR = 6, SLOWEST = 512 };

static const struct {
	const char *word;
	int status;
} failures[] = {
#define F(name, word, status) {word, status},
	OTA_FAILURES(F)
#undef F
};

const char *ota_failure_word(enum ota_failure failure)
{
	return failures[failure].word;
}

int ota_failure_status(enum ota_failure failure)
{
	return failures[failure].status;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void ota_upload_done(struct ota_upload *up)
{
	shut(&up->udp);
	shut(&up->listener);
	shut(&up->tcp);
}

static void end(struct ota_upload *up, enum ota_state state, int64_t now)
{
	up->state = state;
	up->ended_ms = now;
	ota_upload_done(up);
}

static void fail(struct ota_upload *up, enum ota_failure failure, struct span said, int64_t now)
{
	up->failure = failure;
	up->n_said = said.n < OTA_TEXT ? said.n : OTA_TEXT;
	if (up->n_said)
		memcpy(up->said, said.p, up->n_said);
	end(up, OTA_FAILED, now);
}

static void fail_here(struct ota_upload *up, const char *what, int64_t now)
{
	why_errno(&up->why, "%s", what);
	fail(up, OTA_FAIL_LOCAL, span_of(NULL, 0), now);
}

static void say(const struct ota_upload *up, struct span datagram)
{
	/* what is lost is tried again, and an error of an earlier datagram is read by hear() */
	(void)!send(up->udp, datagram.p, datagram.n, MSG_NOSIGNAL);
}

/* The way by which the device is reached is the one by which it will call. */
static bool open_listener(struct ota_upload *up)
{
	const int yes = 1;
	union ota_socket_address own = {.room = {0}};
	socklen_t n = sizeof(own);
	struct ota_peer here;

	if (getsockname(up->udp, &own.any, &n) < 0 || !ota_peer_of(&own, &here))
		return false;
	here.port = up->image->host_port ? (uint16_t)(up->image->host_port + up->index) : 0;
	n = ota_socket_address(&here, &own);
	up->listener = socket(own.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (up->listener < 0)
		return false;
	setsockopt(up->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(up->listener, &own.any, n) < 0 || listen(up->listener, 4) < 0)
		return false;
	n = sizeof(own);
	if (getsockname(up->listener, &own.any, &n) < 0 || !ota_peer_of(&own, &here))
		return false;
	up->call_port = here.port;
	return true;
}

static void invite(struct ota_upload *up, int64_t now)
{
	struct ota_invitation in = {.is_filesystem = up->image->is_filesystem,
				    .size = (uint32_t)up->image->bytes.n};
	char text[OTA_DATAGRAM];

	if (up->listener < 0 && !open_listener(up)) {
		fail_here(up, _("cannot open a port to be called back on"), now);
		return;
	}
	in.port = up->call_port;
	memcpy(in.md5, up->image->md5, sizeof(in.md5));
	while (recv(up->udp, text, sizeof(text), 0) >= 0)
		; /* answers to what was cancelled */
	up->n_invitations++;
	up->state = OTA_INVITED;
	up->deadline_ms = now + up->image->timeout_ms;
	say(up, span_of(text, ota_put_invitation(&in, text)));
}

static void pause_then_invite(struct ota_upload *up, unsigned pause_ms, int64_t now)
{
	shut(&up->tcp);
	up->state = OTA_PAUSING;
	up->deadline_ms = now + pause_ms;
	say(up, SPAN_LIT(OTA_CANCEL));
}

static void retry(struct ota_upload *up, enum ota_failure failure, unsigned pause_ms, int64_t now)
{
	if (up->n_invitations >= up->image->tries)
		fail(up, failure, ota_stream_text(&up->stream), now);
	else
		pause_then_invite(up, pause_ms, now);
}

void ota_upload_start(struct ota_upload *up, int64_t now)
{
	union ota_socket_address to;
	socklen_t n = ota_socket_address(&up->peer, &to);

	up->began_ms = now;
	up->udp = socket(to.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (up->udp < 0) {
		fail_here(up, _("cannot open a socket"), now);
	} else if (connect(up->udp, &to.any, n) < 0) {
		why_errno(&up->why, _("no way there"));
		fail(up, OTA_FAIL_UNREACHABLE, span_of(NULL, 0), now);
	} else {
		invite(up, now);
	}
}

static void answer(struct ota_upload *up, struct span nonce, int64_t now)
{
	struct span password = up->image->password;
	char cnonce[OTA_SHA_HEX + 1];
	char response[OTA_SHA_HEX + 1];
	char text[OTA_DATAGRAM];

	if (password.n == 0) {
		say(up, SPAN_LIT(OTA_CANCEL));
		fail(up, OTA_FAIL_NEEDS_PASSWORD, span_of(NULL, 0), now);
		return;
	}
	up->scheme = nonce.n == OTA_MD5_HEX ? OTA_MD5
		     : up->tries_md5        ? OTA_SHA256_OF_MD5
					    : OTA_SHA256;
	if (!ota_random_hex(nonce.n, cnonce) ||
	    !ota_response(up->scheme, password, nonce, span_of(cnonce, nonce.n), response)) {
		say(up, SPAN_LIT(OTA_CANCEL));
		why_set(&up->why, EIO, _("libcrypto cannot make the response"));
		fail(up, OTA_FAIL_LOCAL, span_of(NULL, 0), now);
		return;
	}
	up->state = OTA_ANSWERED;
	up->deadline_ms = now + up->image->timeout_ms;
	say(up, span_of(text, ota_put_answer(span_of(cnonce, nonce.n), span_of(response, nonce.n),
					     text)));
}

static void denied(struct ota_upload *up, int64_t now)
{
	if (up->scheme != OTA_SHA256 || up->tries_md5) {
		fail(up, OTA_FAIL_WRONG_PASSWORD, span_of(NULL, 0), now);
		return;
	}
	up->tries_md5 = true;
	up->n_invitations--; /* it was answered: no try was lost */
	invite(up, now);     /* who refuses waits no longer: there is nothing to cancel */
}

static void take_reply(struct ota_upload *up, struct span datagram, int64_t now)
{
	struct ota_reply reply = ota_read_reply(datagram);

	if (reply.kind == OTA_REPLY_ERROR) {
		fail(up, OTA_FAIL_REFUSED, reply.text, now);
	} else if (up->state == OTA_AWAITED) {
		return; /* doubled answers */
	} else if (reply.kind == OTA_REPLY_OK) {
		up->state = OTA_AWAITED;
		up->deadline_ms = now + up->image->timeout_ms;
	} else if (reply.kind == OTA_REPLY_NONCE) {
		if (up->state == OTA_INVITED)
			answer(up, reply.text, now);
	} else if (reply.kind == OTA_REPLY_DENIED) {
		if (up->state == OTA_ANSWERED)
			denied(up, now);
	} else {
		say(up, SPAN_LIT(OTA_CANCEL));
		fail(up, OTA_FAIL_BAD_ANSWER, datagram, now);
	}
}

static void hear(struct ota_upload *up, int64_t now)
{
	char text[OTA_DATAGRAM];
	ssize_t n = recv(up->udp, text, sizeof(text), 0);

	if (n >= 0) {
		take_reply(up, span_of(text, (size_t)n), now);
	} else if (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH) {
		why_errno(&up->why, _("no answer"));
		retry(up, OTA_FAIL_UNREACHABLE, CALM_MS, now);
	} else if (errno != EAGAIN && errno != EINTR) {
		fail_here(up, _("cannot receive"), now);
	}
}

static void accept_call(struct ota_upload *up, int64_t now)
{
	const int yes = 1;
	union ota_socket_address from = {.room = {0}};
	socklen_t n = sizeof(from);
	struct ota_peer caller;
	int fd = accept4(up->listener, &from.any, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (!ota_peer_of(&from, &caller) || !ota_same_address(&caller.address, &up->peer.address)) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	up->tcp = fd;
	shut(&up->listener);
	up->state = OTA_SENDING;
	up->stream = (struct ota_stream){0};
	up->may_send = true;
	up->n_sent = 0;
	up->deadline_ms = now + up->image->timeout_ms;
	up->limit_ms = now + (int64_t)up->image->timeout_ms * RESULT_FACTOR +
		       (int64_t)up->image->bytes.n * 1000 / SLOWEST;
}

static void send_chunk(struct ota_upload *up, int64_t now)
{
	struct span rest = span_skip(up->image->bytes, up->n_sent);
	size_t room = CHUNK - up->n_sent % CHUNK;
	ssize_t n = send(up->tcp, rest.p, rest.n < room ? rest.n : room, MSG_NOSIGNAL);

	if (n < 0)
		return; /* the reading side learns why */
	up->n_sent += (size_t)n;
	up->may_send = up->n_sent % CHUNK != 0;
	up->deadline_ms = now + up->image->timeout_ms;
	if (up->n_sent == up->image->bytes.n) {
		up->state = OTA_VERIFYING;
		up->deadline_ms = now + (int64_t)up->image->timeout_ms * RESULT_FACTOR;
	}
}

static void lost(struct ota_upload *up, enum ota_failure failure, int64_t now)
{
	struct span text = ota_stream_text(&up->stream);

	if (text.n)
		fail(up, OTA_FAIL_DEVICE, text, now);
	else if (up->state == OTA_VERIFYING)
		fail(up, failure, text, now);
	else
		retry(up, failure, CALM_MS, now);
}

static void hear_stream(struct ota_upload *up, int64_t now)
{
	uint64_t n_digits = up->stream.n_digits;
	char bytes[512];
	ssize_t n = recv(up->tcp, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		ota_stream_take(&up->stream, span_of(bytes, (size_t)n));
	switch (ota_stream_result(&up->stream, n <= 0)) {
	case OTA_DONE:
		if (up->state == OTA_VERIFYING)
			end(up, OTA_UPLOADED, now);
		else
			fail(up, OTA_FAIL_BAD_ANSWER, ota_stream_text(&up->stream), now);
		break;
	case OTA_ERROR: fail(up, OTA_FAIL_DEVICE, ota_stream_text(&up->stream), now); break;
	case OTA_ENDED: lost(up, OTA_FAIL_LOST, now); break;
	case OTA_RUNNING:
		if (up->state == OTA_SENDING && up->stream.n_digits > n_digits) {
			up->may_send = true;
			up->deadline_ms = now + up->image->timeout_ms;
		}
	}
}

void ota_upload_poll(const struct ota_upload *up, struct pollfd fds[3])
{
	bool is_asking =
		up->state == OTA_INVITED || up->state == OTA_ANSWERED || up->state == OTA_AWAITED;
	bool is_joined = up->state == OTA_SENDING || up->state == OTA_VERIFYING;

	fds[0] = (struct pollfd){.fd = is_asking ? up->udp : -1, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = is_asking ? up->listener : -1, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = is_joined ? up->tcp : -1, .events = POLLIN};
	if (up->state == OTA_SENDING && up->may_send)
		fds[2].events |= POLLOUT;
}

void ota_upload_events(struct ota_upload *up, const struct pollfd fds[3], int64_t now)
{
	if (fds[1].fd >= 0 && fds[1].revents)
		accept_call(up, now);
	if (fds[0].fd >= 0 && fds[0].revents && up->udp >= 0 && up->tcp < 0)
		hear(up, now);
	if (fds[2].fd >= 0 && fds[2].revents & ~POLLOUT)
		hear_stream(up, now);
	if (fds[2].fd >= 0 && fds[2].revents & POLLOUT && up->state == OTA_SENDING && up->may_send)
		send_chunk(up, now);
}

void ota_upload_time(struct ota_upload *up, int64_t now)
{
	bool is_joined = up->state == OTA_SENDING || up->state == OTA_VERIFYING;

	if (now < up->deadline_ms && !(is_joined && now >= up->limit_ms))
		return;
	switch (up->state) {
	case OTA_PAUSING: invite(up, now); break;
	case OTA_INVITED:
	case OTA_ANSWERED: retry(up, OTA_FAIL_NO_ANSWER, CANCEL_PAUSE_MS, now); break;
	case OTA_AWAITED: retry(up, OTA_FAIL_NO_CALL, CANCEL_PAUSE_MS, now); break;
	case OTA_SENDING:
	case OTA_VERIFYING: lost(up, OTA_FAIL_STALLED, now); break;
	default: break;
	}
}
