/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_progress: the line that stands on a terminal while a scan runs: rate, hits, loss, time left.
 *
 * It is written over itself, never wider than the terminal is at that moment: on a narrow one the
 * less important parts are left out. It is gone before anything else is written and at the end.
 * Where stderr is no terminal, or one that cannot erase, there is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/scan.h"

enum { WIDTH_UNKNOWN = 80 };

/* In the order in which they are shown. */
enum part { ROUND, SENT, OPEN, RATE, LOSS, LEFT, N_PARTS };

/* What is left out first where there is no room. */
static const enum part dispensable[] = {SENT, ROUND, LOSS, RATE, OPEN};

struct line {
	char parts[N_PARTS][48];
};

#define PUT(line, part, ...) snprintf((line)->parts[part], sizeof((line)->parts[part]), __VA_ARGS__)

static void put_left(struct line *line, double seconds)
{
	uint64_t s = (uint64_t)(seconds + 0.999);

	if (s < 100)
		PUT(line, LEFT, _("%" PRIu64 " s left"), s);
	else if (s / 60 < 100)
		PUT(line, LEFT, _("%" PRIu64 " min left"), (s + 30) / 60);
	else
		PUT(line, LEFT, _("%" PRIu64 " h left"), (s + 1800) / 3600);
}

static void fill(struct line *line, const struct scan_progress *p)
{
	*line = (struct line){0};
	if (p->is_discovering) {
		PUT(line, OPEN, _("%" PRIu64 " of %" PRIu64 " hosts"), p->n_there, p->n_hosts);
		PUT(line, LEFT, "%s", _("asking who is there"));
		return;
	}
	PUT(line, OPEN, _("%" PRIu64 " open"), p->open);
	if (p->loss >= 0)
		PUT(line, LOSS, _("%.1f %% lost"), p->loss * 100);
	else
		PUT(line, LOSS, "%s", _("loss unknown"));
	if (p->is_telling) {
		PUT(line, LEFT, _("asking what they are: %" PRIu64 " told"), p->n_told);
		return;
	}
	PUT(line, ROUND, _("round %u, %.0f %%"), p->round, p->share * 100);
	PUT(line, SENT, _("%" PRIu64 " sent"), p->sent);
	PUT(line, RATE, "%" PRIu64 "/s", p->rate_pps);
	if (p->share < 1)
		put_left(line, p->seconds_left);
	else
		PUT(line, LEFT, "%s", _("waiting for answers"));
}

static size_t width_of(const struct line *line)
{
	size_t columns = 0;

	for (size_t i = 0; i < N_PARTS; i++)
		if (line->parts[i][0])
			columns += (columns ? 2 : 0) + term_columns(span_str(line->parts[i]));
	return columns;
}

/* One less than there are: the cursor stands behind the line. */
static size_t room(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return WIDTH_UNKNOWN - 1;
	return size.ws_col - 1;
}

bool scan_progress_is_wanted(const struct cli *cli)
{
	const char *term = getenv("TERM");

	return !cli->is_quiet && isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

void scan_progress_show(const struct scan_progress *p)
{
	struct buf b = BUF_INIT;
	struct buf text = BUF_INIT;
	size_t columns = room();
	struct line line;

	fill(&line, p);
	for (size_t i = 0; i < ARRAY_LEN(dispensable) && width_of(&line) > columns; i++)
		line.parts[dispensable[i]][0] = 0;
	for (size_t i = 0; i < N_PARTS; i++) {
		if (!line.parts[i][0])
			continue;
		buf_str(&text, text.n ? ", " : "");
		buf_str(&text, line.parts[i]);
	}
	buf_str(&b, "\r\x1b[K");
	buf_term_cut(&b, buf_span(&text), columns, "");
	fwrite(b.p, 1, b.n, stderr);
	fflush(stderr);
	buf_done(&text);
	buf_done(&b);
}

void scan_progress_clear(void)
{
	fputs("\r\x1b[K", stderr);
	fflush(stderr);
}
