/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_progress: a bar for each device that is under way, on a terminal only, at most five times a
 * second. The lines stand below what was printed and are drawn over; they are gone at the end.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { BAR = 30, DRAW_MS = 200, NAME = 28 };

static const char *word(enum ota_state state)
{
	switch (state) {
	case OTA_PAUSING:
	case OTA_INVITED: return _("inviting");
	case OTA_ANSWERED: return _("authenticating");
	case OTA_AWAITED: return _("awaiting its call");
	case OTA_SENDING: return _("sending");
	case OTA_VERIFYING: return _("verifying");
	default: return "";
	}
}

static void put_bar(struct buf *b, const struct ota_upload *up)
{
	size_t size = up->image->bytes.n;
	size_t full = up->tcp >= 0 ? up->n_sent * BAR / size : 0;
	size_t used = buf_term_cut(b, span_str(up->word), NAME, "...");

	buf_fill(b, ' ', NAME - used);
	buf_str(b, " [");
	buf_fill(b, '=', full);
	buf_fill(b, ' ', BAR - full);
	buf_print(b, "] %3zu %% %s\x1b[K\n", up->tcp >= 0 ? up->n_sent * 100 / size : 0,
		  word(up->state));
}

void ota_progress_clear(struct ota_progress *progress)
{
	if (progress->n_lines)
		fprintf(stderr, "\x1b[%uA\x1b[J", progress->n_lines);
	fflush(stderr);
	progress->n_lines = 0;
	progress->next_ms = 0;
}

void ota_progress_draw(struct ota_progress *progress, const struct ota_upload *ups, size_t n,
		       int64_t now_ms)
{
	struct buf b = {.fd = STDERR_FILENO, .is_ascii = true};
	struct winsize size = {.ws_row = 24};
	unsigned n_lines = 0;

	if (!progress->is_on || now_ms < progress->next_ms)
		return;
	(void)!ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	if (progress->n_lines)
		buf_print(&b, "\x1b[%uA", progress->n_lines);
	for (size_t i = 0; i < n && n_lines + 1 < (size.ws_row ? size.ws_row : 24); i++)
		if (ups[i].state != OTA_QUEUED && !ota_upload_is_over(&ups[i])) {
			put_bar(&b, &ups[i]);
			n_lines++;
		}
	buf_str(&b, "\x1b[J");
	buf_flush(&b);
	buf_done(&b);
	progress->n_lines = n_lines;
	progress->next_ms = now_ms + DRAW_MS;
}
