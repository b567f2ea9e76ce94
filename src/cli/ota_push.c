/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_push: one image to many devices, side by side in one loop, at most 32 at a time. Each upload
 * has a TCP port of its own, so that devices behind one address are told apart. All hosts are
 * resolved before the first datagram is sent: a misspelt one stops all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { AT_ONCE = 32, HOSTS_MAX = 1024, IMAGE_MAX = 64 << 20, TICK_MS = 200 };

struct push {
	struct ota *ota;
	struct ota_image image;
	struct ota_upload *ups;
	size_t n;
	size_t n_shown;
	struct ota_progress progress;
};

/* 0 or an exit status; the bytes are owned by the caller. */
static int read_image(const char *path, uint8_t **bytes, size_t *n)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	struct stat st;
	uint8_t *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ota_fail(EX_NOINPUT, _("cannot read '%s': %s"), path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ota_fail(EX_NOINPUT, _("'%s' is no file"), path);
	if (st.st_size == 0)
		return ota_fail(EX_DATAERR, _("'%s' is empty"), path);
	if (st.st_size > IMAGE_MAX)
		return ota_fail(EX_DATAERR,
				_("'%s' is larger than 64 MB: no board has such a flash"), path);
	p = malloc((size_t)st.st_size);
	if (!p)
		return ota_fail(EX_SOFTWARE, _("out of memory"));
	while (have < (size_t)st.st_size) {
		ssize_t got = read(fd, p + have, (size_t)st.st_size - have);

		if (got <= 0) {
			free(p);
			return ota_fail(EX_IOERR, _("cannot read '%s' to its end"), path);
		}
		have += (size_t)got;
	}
	*bytes = p;
	*n = have;
	return 0;
}

/* ESP images begin with 0xE9; the ESP8266 core also takes them packed by gzip. */
static void look_at(const struct push *push)
{
	struct span s = push->image.bytes;
	bool is_known = s.p[0] == 0xe9 || (s.n > 1 && s.p[0] == 0x1f && s.p[1] == 0x8b);

	if (!is_known && !push->image.is_filesystem)
		ota_remark(push->ota,
			   _("'%s' does not begin as firmware of an ESP does (0xE9); the "
			     "device decides; for a file system: --filesystem"),
			   push->image.name);
}

static int prepare(struct push *push, char **words, size_t n)
{
	uint64_t port, host_port, retries;
	struct ota *ota = push->ota;
	struct why why;

	if (!ota_number(ota, OTA_PORT, OTA_PORT_ESP32, 1, PORT_MAX, &port) ||
	    !ota_number(ota, OTA_HOST_PORT, 0, 1, PORT_MAX - n + 1, &host_port) ||
	    !ota_number(ota, OTA_RETRIES, 3, 0, 100, &retries))
		return EX_USAGE;
	push->image.host_port = (uint16_t)host_port;
	push->image.tries = (unsigned)retries + 1;
	push->ups = calloc(n, sizeof(*push->ups));
	if (!push->ups)
		return ota_fail(EX_SOFTWARE, _("out of memory"));
	for (push->n = 0; push->n < n; push->n++) {
		struct ota_upload *up = &push->ups[push->n];

		up->image = &push->image;
		up->word = words[push->n];
		up->index = push->n;
		up->udp = up->listener = up->tcp = -1;
		if (ota_resolve(span_str(up->word), (uint16_t)port, &up->peer, &why) < 0)
			return ota_fail(EX_NOHOST, "%s", why.text);
		if (up->peer.port == 0 || address_is_any(&up->peer.address) ||
		    address_is_multicast(&up->peer.address))
			return ota_fail(EX_USAGE, _("'%s' is no single device"), up->word);
		for (size_t i = 0; i < push->n; i++)
			if (push->ups[i].peer.port == up->peer.port &&
			    ota_same_address(&push->ups[i].peer.address, &up->peer.address))
				return ota_fail(EX_USAGE, _("'%s' and '%s' are the same device"),
						push->ups[i].word, up->word);
	}
	return 0;
}

/* Starts what may run; returns how many are not over. */
static size_t start(struct push *push, int64_t now)
{
	size_t n_running = 0;
	size_t n_left = 0;

	for (size_t i = 0; i < push->n; i++)
		n_running += push->ups[i].state != OTA_QUEUED && !ota_upload_is_over(&push->ups[i]);
	for (size_t i = 0; i < push->n; i++) {
		struct ota_upload *up = &push->ups[i];

		if (up->state == OTA_QUEUED && n_running < AT_ONCE) {
			ota_upload_start(up, now);
			n_running++;
		}
		n_left += !ota_upload_is_over(up);
	}
	return n_left;
}

/* What became of each, in the order of the command line, as soon as all before it are over. */
static void show(struct push *push)
{
	for (; push->n_shown < push->n; push->n_shown++) {
		const struct ota_upload *up = &push->ups[push->n_shown];

		if (!ota_upload_is_over(up))
			return;
		if (push->ota->format != OTA_JSON)
			ota_progress_clear(&push->progress);
		ota_push_show(push->ota, up, push->n_shown == 0, push->n_shown + 1 == push->n);
		if (push->ota->format != OTA_JSON)
			buf_flush(&push->ota->out);
	}
}

static int wait_ms(const struct push *push, int64_t now)
{
	int64_t next = now + TICK_MS;

	for (size_t i = 0; i < push->n; i++) {
		const struct ota_upload *up = &push->ups[i];

		if (up->state != OTA_QUEUED && !ota_upload_is_over(up) && up->deadline_ms < next)
			next = up->deadline_ms;
	}
	return next > now ? (int)(next - now) : 0;
}

static int run(struct push *push)
{
	auto_free struct pollfd *fds = calloc(push->n * 3, sizeof(*fds));
	int64_t now = ota_now_ms();

	if (!fds)
		return ota_fail(EX_SOFTWARE, _("out of memory"));
	while (start(push, now)) {
		for (size_t i = 0; i < push->n; i++)
			ota_upload_poll(&push->ups[i], fds + 3 * i);
		if (poll(fds, push->n * 3, wait_ms(push, now)) < 0 && errno != EINTR)
			return ota_fail(EX_OSERR, _("cannot wait: %s"), strerror(errno));
		now = ota_now_ms();
		for (size_t i = 0; i < push->n; i++) {
			struct ota_upload *up = &push->ups[i];

			if (up->state == OTA_QUEUED || ota_upload_is_over(up))
				continue;
			ota_upload_events(up, fds + 3 * i, now);
			if (!ota_upload_is_over(up))
				ota_upload_time(up, now);
		}
		show(push);
		ota_progress_draw(&push->progress, push->ups, push->n, now);
	}
	ota_progress_clear(&push->progress);
	show(push);
	return 0;
}

int ota_push(struct ota *ota, int argc, char **argv)
{
	struct push push = {.ota = ota};
	auto_free uint8_t *bytes = NULL;
	size_t n = 0;
	int status;

	if (argc < 2)
		return ota_fail(EX_USAGE, _("which image to which device? write 'periplus ota push "
					    "IMAGE HOST...'"));
	if (argc - 1 > HOSTS_MAX)
		return ota_fail(EX_USAGE, _("more than %d devices at once"), HOSTS_MAX);
	status = read_image(argv[0], &bytes, &n);
	if (status)
		return status;
	push.image = (struct ota_image){.bytes = span_of(bytes, n),
					.name = argv[0],
					.is_filesystem = ota->values[OTA_FILESYSTEM],
					.timeout_ms = ota->timeout_ms,
					.password = span_of(ota->password, ota->n_password)};
	if (!ota_md5(push.image.bytes, push.image.md5))
		return ota_fail(EX_SOFTWARE, _("libcrypto has no MD5 here (a FIPS mode?)"));
	push.progress.is_on =
		isatty(STDERR_FILENO) && ota->format == OTA_TEXT_LINES && !ota->is_quiet;
	status = prepare(&push, argv + 1, (size_t)argc - 1);
	if (status == 0) {
		look_at(&push);
		status = run(&push);
	}
	for (size_t i = 0; i < push.n; i++) {
		int one = ota_failure_status(push.ups[i].failure);

		ota_upload_done(&push.ups[i]);
		if (one > status)
			status = one;
	}
	free(push.ups);
	return status;
}
