/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: text being made, and the encoders: the only ways by which foreign bytes reach an output.
 *
 * One encoder per kind of sink (reliability.md R2). A buf has a descriptor or none: with one, it
 * writes itself out whenever it holds 64 KiB, and buf_flush at the end; without, it grows. The
 * first error is kept in `error` and later calls do nothing.
 */
#ifndef PERIPLUS_BASE_BUF_H
#define PERIPLUS_BASE_BUF_H

#include "base/span.h"

struct buf {
	char *p;
	size_t n;
	size_t size;
	int fd;    /* -1: keep all */
	int error; /* 0 or the errno of the first failure */
	bool is_ascii; /* buf_term and its like escape what is not ASCII: the locale is not UTF-8 */
};

#define BUF_INIT ((struct buf){.fd = -1})

void buf_done(struct buf *b);
/* Writes out what is held (a buf with descriptor). 0 or a negative errno. */
int buf_flush(struct buf *b);
struct span buf_span(const struct buf *b);
void buf_expect(struct buf *b, size_t n); /* so many bytes are going to come: one allocation for all */
void buf_trim(struct buf *b); /* gives back what is not used: of one that is kept for long */

void buf_byte(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_str(struct buf *b, const char *text); /* our own text, as it is */
void buf_raw(struct buf *b, struct span s);	/* bytes that an encoder has made */
void buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
void buf_u64(struct buf *b, uint64_t value);
/* value / 10^digits with a point, whatever the locale. */
void buf_fixed(struct buf *b, uint64_t value, unsigned digits);

/* Terminal and plain text: C0, DEL, C1, bidi and zero-width controls and invalid UTF-8 become
 * \xNN, a backslash becomes \\. So do odd blanks and all but the last blank of a run: two blanks
 * part our columns, and no name may forge them. */
void buf_term(struct buf *b, struct span s);
/* As buf_term in at most `columns` display columns; what is too long is cut in the middle, where
 * `mark` ("…" or "...") stands. Returns the columns used. */
size_t buf_term_cut(struct buf *b, struct span s, size_t columns, const char *mark);
/* Display columns that buf_term would use (wide characters count two, combining ones none). */
size_t term_columns(struct span s);
size_t buf_columns(const struct buf *b, struct span s); /* the same as b is_ascii asks for */
/* Bytes up to the first place where a line may end: a blank, which is not counted, or a wide
 * character, for Chinese parts no words. Marks that may not begin or end a line stay where they are. */
size_t buf_word(const struct buf *b, struct span s);
/* --plain: as buf_term, with tab and line feed as \t and \n. */
void buf_plain(struct buf *b, struct span s);
/* A JSON string (RFC 8259 section 7) with its quotes. An invalid byte NN becomes the private
 * character U+EFNN, and so does each byte of a real U+EF80-U+EFFF: the document stays valid and
 * every byte can be got back. */
void buf_json(struct buf *b, struct span s);
/* One CSV cell (RFC 4180), quoted when needed; a cell that a spreadsheet would take for a formula
 * (= + - @ TAB CR) gets a leading '. */
void buf_csv(struct buf *b, struct span s);
/* Text and attribute values of HTML and XML; bytes that XML refuses become U+FFFD. */
void buf_html(struct buf *b, struct span s);

/* The next character of UTF-8 text: its length, and the code point in *c. An invalid or cut
 * sequence gives 1 and -1 in *c. 0 at the end. */
size_t utf8_next(struct span s, int32_t *c);
/* Whether a reader sees every character of it: UTF-8 without controls of terminals, of direction, of
 * width nought. */
bool text_is_seen(struct span s);
/* RFC 3339 in UTC, whole seconds: 2026-11-21T04:10:02Z */
void buf_time(struct buf *b, int64_t unix_seconds);

#endif
