/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_listen: a stand-in for a device, true to what both cores do on the wire, one upload at a time
 * (ota_receive.c is its TCP part). What a device ignores in silence is ignored in silence here too,
 * and told to the user.
 *
 *     idle    -> invitation: AUTH nonce, awaiting; without password OK at once
 *     awaiting -> right answer: OK; wrong one: Authentication Failed, idle; anything else: idle
 *
 * It differs in two ways, both stricter: an answer counts only from the address that was invited
 * (any port: espota.py of the ESP32 core opens a new socket), and it waits for one only so long.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { SHOWN_MAX = 100, NEXT = -1 };

/* One thing that happened, for the user. */
struct happening {
	const char *event; /* "received", "failed", "refused", "denied", "ignored" */
	const char *reason;
	const char *sentence;
	const struct ota_peer *host;
	const struct ota_invitation *in; /* may be NULL */
	struct span bytes;               /* what was said, or kept: may be empty */
};

struct device {
	struct ota *ota;
	struct ota_peer own;
	int fd;
	enum ota_scheme scheme;
	size_t max_size;
	unsigned n_shown; /* of what strangers can make without end */
	bool is_awaiting;
	int64_t deadline_ms;
	struct ota_peer host; /* that was asked for an answer */
	struct ota_invitation in;
	char nonce[OTA_SHA_HEX + 1];
};

static void show_text(struct buf *b, const struct happening *h)
{
	buf_print(b, "%-9s ", h->event);
	ota_put_peer(b, h->host);
	buf_str(b, "  ");
	if (h->in)
		buf_print(b, _("%s of %lu bytes"),
			  h->in->is_filesystem ? _("file system") : _("firmware"),
			  (unsigned long)h->in->size);
	if (h->sentence[0]) {
		buf_str(b, h->in ? ", " : "");
		buf_term(b, span_str(h->sentence));
	}
	if (h->bytes.n) {
		buf_str(b, ": '");
		buf_term(b, h->bytes);
		buf_byte(b, '\'');
	}
	buf_byte(b, '\n');
}

static void show_json(struct buf *b, const struct happening *h)
{
	char text[ADDRESS_TEXT];
	struct json j;

	json_init(&j, b, false);
	json_object(&j, NULL);
	json_time(&j, "@timestamp", (int64_t)time(NULL));
	json_object(&j, "client");
	json_str(&j, "ip", address_text(&h->host->address, text));
	json_u64(&j, "port", h->host->port);
	json_object_end(&j);
	if (h->in) {
		json_object(&j, "file");
		json_u64(&j, "size", h->in->size);
		json_object(&j, "hash");
		json_str(&j, "md5", h->in->md5);
		json_object_end(&j);
		json_object_end(&j);
	}
	json_object(&j, "periplus");
	json_str(&j, "schema", "ota_listen/1");
	json_str(&j, "event", h->event);
	json_str(&j, "reason", h->reason);
	if (h->in)
		json_str(&j, "image", h->in->is_filesystem ? "file-system" : "firmware");
	json_span_if(&j, "message", span_str(h->sentence));
	json_span_if(&j, "bytes", h->bytes);
	json_object_end(&j);
	json_object_end(&j);
	json_end(&j);
}

static void show_plain(struct buf *b, const struct happening *h)
{
	buf_print(b, "%s\t%s\t", h->event, h->reason);
	ota_put_address(b, &h->host->address);
	buf_print(b, "\t%u\t%lu\t%s\t", h->host->port, h->in ? (unsigned long)h->in->size : 0,
		  h->in ? h->in->md5 : "-");
	if (h->bytes.n)
		buf_plain(b, h->bytes);
	else
		buf_byte(b, '-');
	buf_byte(b, '\n');
}

static void show(struct device *d, const struct happening *h)
{
	struct buf *b = &d->ota->out;

	switch (d->ota->format) {
	case OTA_NDJSON: show_json(b, h); break;
	case OTA_PLAIN: show_plain(b, h); break;
	default: show_text(b, h);
	}
	buf_flush(b);
}

/* For what costs a stranger nothing: shown so often and no more. */
static void show_little(struct device *d, const struct happening *h)
{
	if (d->n_shown < SHOWN_MAX)
		show(d, h);
	else if (d->n_shown == SHOWN_MAX)
		ota_remark(d->ota, _("further datagrams that are no uploads are not shown"));
	if (d->n_shown <= SHOWN_MAX)
		d->n_shown++;
}

static void say(const struct device *d, const struct ota_peer *host, struct span text)
{
	union ota_socket_address to;
	socklen_t n = ota_socket_address(host, &to);

	(void)!sendto(d->fd, text.p, text.n, MSG_NOSIGNAL, &to.any, n);
}

static void ignored(struct device *d, const struct ota_peer *host, const char *reason,
		    const char *sentence, struct span datagram)
{
	const struct happening h = {.event = "ignored",
				    .reason = reason,
				    .sentence = sentence,
				    .host = host,
				    .bytes = span_cut(datagram, OTA_DATAGRAM)};

	show_little(d, &h);
}

/* Whole on the disk under another name, then in place at once. */
static bool keep(const char *path, struct span bytes, struct why *why)
{
	struct buf name = BUF_INIT;
	auto_close int fd = -1;
	mode_t mask = umask(0);
	bool is_kept = false;

	umask(mask);
	buf_print(&name, "%s.XXXXXX", path);
	buf_byte(&name, 0);
	if (name.error || (fd = mkostemp(name.p, O_CLOEXEC)) < 0) {
		why_errno(why, _("cannot write beside '%s'"), path);
		buf_done(&name);
		return false;
	}
	is_kept = fchmod(fd, 0666 & ~mask) == 0;
	for (size_t done = 0; is_kept && done < bytes.n;) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);

		is_kept = n > 0;
		done += is_kept ? (size_t)n : 0;
	}
	is_kept = is_kept && fsync(fd) == 0 && rename(name.p, path) == 0;
	if (!is_kept) {
		why_errno(why, _("cannot write '%s'"), path);
		unlink(name.p);
	}
	buf_done(&name);
	return is_kept;
}

static const char *verdict_sentence(const struct ota_receipt *r)
{
	switch (r->verdict) {
	case OTA_VERDICT_SHORT: return _("the host hung up before the end");
	case OTA_VERDICT_LONG: return _("the host sent more bytes than it had named");
	case OTA_VERDICT_DAMAGED: return _("what came has another MD5");
	case OTA_VERDICT_SLOW: return _("the host sent too slowly or nothing");
	default: return r->why.text;
	}
}

/* Takes the image; returns the exit status with --once, else NEXT. */
static int take_image(struct device *d, const struct ota_peer *host,
		      const struct ota_invitation *in)
{
	const char *path = d->ota->values[OTA_OUTPUT];
	struct ota_receipt r;
	struct happening h = {.host = host, .in = in};
	int status;

	say(d, host, SPAN_LIT("OK"));
	ota_receive(&d->own, host, in, d->ota->timeout_ms, &r);
	if (r.verdict == OTA_VERDICT_RECEIVED && path && !keep(path, span_of(r.bytes, r.n), &r.why))
		r.verdict = OTA_VERDICT_UNKEPT;
	ota_receive_end(&r, in);
	h.event = r.verdict == OTA_VERDICT_RECEIVED ? "received" : "failed";
	h.reason = ota_verdict_word(r.verdict);
	h.sentence = r.verdict != OTA_VERDICT_RECEIVED ? verdict_sentence(&r)
		     : path                            ? _("kept")
						       : _("verified and dropped");
	if (r.verdict == OTA_VERDICT_RECEIVED)
		h.bytes = span_str(path);
	show(d, &h);
	status = d->ota->values[OTA_ONCE] ? ota_verdict_status(r.verdict) : NEXT;
	ota_receipt_done(&r);
	return status;
}

static void refuse(struct device *d, const struct ota_peer *host, const struct ota_invitation *in,
		   unsigned code)
{
	const struct ota_error *e = ota_error_at(code);
	struct happening h = {.event = "refused",
			      .reason = code == 5 ? "empty" : "too-large",
			      .sentence =
				      code == 5 ? _("an empty image") : _("larger than --max-size"),
			      .host = host,
			      .in = in};
	char text[64];
	int n = snprintf(text, sizeof(text), "ERR: ERROR[%u]: %s\n", e->code, e->text);

	say(d, host, span_of(text, (size_t)n));
	show_little(d, &h);
}

static int begin(struct device *d, const struct ota_peer *host)
{
	d->is_awaiting = false;
	if (d->in.size == 0 || d->in.size > d->max_size) {
		refuse(d, host, &d->in, d->in.size == 0 ? 5 : 4);
		return NEXT;
	}
	return take_image(d, host, &d->in);
}

static int invited(struct device *d, const struct ota_peer *host, const struct ota_invitation *in)
{
	char text[OTA_DATAGRAM];
	int n;

	d->in = *in;
	d->host = *host;
	if (d->scheme == OTA_NONE)
		return begin(d, host);
	if (!ota_random_hex(d->scheme == OTA_MD5 ? OTA_MD5_HEX : OTA_SHA_HEX, d->nonce))
		return ota_fail(EX_SOFTWARE, _("libcrypto has no random bytes"));
	n = snprintf(text, sizeof(text), "AUTH %s", d->nonce);
	d->is_awaiting = true;
	d->deadline_ms = ota_now_ms() + d->ota->timeout_ms;
	say(d, host, span_of(text, (size_t)n));
	return NEXT;
}

static int answered(struct device *d, const struct ota_peer *host, const struct ota_ask *ask,
		    struct span datagram)
{
	struct happening h = {.event = "denied",
			      .reason = "wrong-password",
			      .sentence = _("wrong password"),
			      .host = host};
	char right[OTA_SHA_HEX + 1];

	d->is_awaiting = false;
	if (ask->cnonce.n != strlen(d->nonce)) {
		ignored(d, host, "wrong-scheme", _("an answer by another scheme"), datagram);
		return NEXT;
	}
	if (!ota_response(d->scheme, span_of(d->ota->password, d->ota->n_password),
			  span_str(d->nonce), ask->cnonce, right))
		return ota_fail(EX_SOFTWARE, _("libcrypto cannot make the response"));
	if (ota_same_secret(ask->response, span_str(right)))
		return begin(d, host);
	say(d, host, SPAN_LIT("Authentication Failed"));
	show_little(d, &h);
	return NEXT;
}

static int take_datagram(struct device *d, const struct ota_peer *host, struct span datagram)
{
	struct ota_ask ask = ota_read_ask(datagram);
	bool was_awaiting = d->is_awaiting;

	if (ask.kind == OTA_ASK_INVITATION && ask.invitation.port == 0)
		ask.kind = OTA_ASK_OTHER;
	if (was_awaiting && ask.kind == OTA_ASK_ANSWER &&
	    !ota_same_address(&host->address, &d->host.address)) {
		ignored(d, host, "stranger", _("an answer to what another was asked"), datagram);
		return NEXT;
	}
	if (was_awaiting && ask.kind == OTA_ASK_ANSWER)
		return answered(d, host, &ask, datagram);
	d->is_awaiting = false;
	if (ask.kind == OTA_ASK_INVITATION && !was_awaiting)
		return invited(d, host, &ask.invitation);
	if (ask.kind == OTA_ASK_INVITATION)
		ignored(d, host, "awaiting", _("an invitation where an answer was awaited"),
			datagram);
	else if (ask.kind == OTA_ASK_ANSWER)
		ignored(d, host, "unasked", _("an answer that nobody awaited"), datagram);
	else if (!span_is(datagram, OTA_CANCEL))
		ignored(d, host, "malformed", _("no datagram of ArduinoOTA"), datagram);
	return NEXT;
}

static int serve(struct device *d)
{
	for (;;) {
		struct pollfd poller = {.fd = d->fd, .events = POLLIN};
		union ota_socket_address from = {.room = {0}};
		socklen_t size = sizeof(from);
		char text[OTA_DATAGRAM + 1]; /* a longer one is none of ours, and cut */
		struct ota_peer host;
		int64_t now = ota_now_ms();
		int status;
		ssize_t n;

		if (d->is_awaiting && now >= d->deadline_ms)
			d->is_awaiting = false;
		if (poll(&poller, 1, d->is_awaiting ? (int)(d->deadline_ms - now) : -1) < 0 &&
		    errno != EINTR)
			return ota_fail(EX_OSERR, _("cannot wait: %s"), strerror(errno));
		n = recvfrom(d->fd, text, sizeof(text), MSG_DONTWAIT, &from.any, &size);
		if (n < 0 || !ota_peer_of(&from, &host))
			continue;
		if (address_is_v4_mapped(&host.address))
			host.address = address_ipv4(host.address.bytes + 12);
		status = take_datagram(d, &host, span_of(text, (size_t)n));
		if (status != NEXT)
			return status;
	}
}

static int open_device(struct device *d, const char *word)
{
	union ota_socket_address name;
	socklen_t n = sizeof(name);
	char text[OTA_PEER_TEXT];
	struct why why;

	if (ota_resolve(span_str(word), OTA_PORT_ESP32, &d->own, &why) < 0)
		return ota_fail(EX_NOHOST, "%s", why.text);
	n = ota_socket_address(&d->own, &name);
	d->fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd >= 0 && d->own.address.family == ADDRESS_IPV6) {
		const int yes = 1;

		setsockopt(d->fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	}
	if (d->fd < 0 || bind(d->fd, &name.any, n) < 0)
		return ota_fail(EX_UNAVAILABLE, _("cannot listen on %s/udp: %s"),
				ota_peer_text(&d->own, text), strerror(errno));
	n = sizeof(name);
	if (getsockname(d->fd, &name.any, &n) < 0 || !ota_peer_of(&name, &d->own))
		return ota_fail(EX_OSERR, _("cannot listen: %s"), strerror(errno));
	ota_remark(d->ota, _("listening on %s/udp, password by %s"), ota_peer_text(&d->own, text),
		   ota_scheme_word(d->scheme));
	return 0;
}

/* 0 or an exit status. */
static int choose_scheme(struct device *d)
{
	const char *word = d->ota->values[OTA_AUTH];
	size_t n = d->ota->n_password;

	d->scheme = n ? OTA_SHA256 : OTA_NONE;
	if (!word)
		return 0;
	for (d->scheme = OTA_NONE; d->scheme <= OTA_SHA256_OF_MD5; d->scheme++)
		if (strcmp(word, ota_scheme_word(d->scheme)) == 0)
			break;
	if (d->scheme > OTA_SHA256_OF_MD5)
		return ota_fail(EX_USAGE,
				_("--auth knows none, md5, sha256 and sha256-of-md5, not '%s'"),
				word);
	if ((d->scheme == OTA_NONE) != (n == 0))
		return ota_fail(EX_USAGE, n ? _("a password and --auth none are at odds")
					    : _("which password? write --password-file FILE"));
	return 0;
}

int ota_listen(struct ota *ota, int argc, char **argv)
{
	struct device d = {.ota = ota, .fd = -1};
	uint64_t max_size;
	int status;

	if (argc > 1)
		return ota_fail(EX_USAGE, _("'ota listen' takes one ADDRESS:PORT"));
	if (ota->format == OTA_JSON)
		return ota_fail(EX_USAGE, _("'ota listen' has no --json: use --ndjson"));
	if (!ota_number(ota, OTA_MAX_SIZE, 16 << 20, 1, 256 << 20, &max_size))
		return EX_USAGE;
	d.max_size = max_size;
	status = choose_scheme(&d);
	if (status == 0)
		status = open_device(&d, argc ? argv[0] : "127.0.0.1");
	if (status == 0)
		status = serve(&d);
	if (d.fd >= 0)
		close(d.fd);
	explicit_bzero(d.nonce, sizeof(d.nonce));
	return status;
}
