/* SPDX-License-Identifier: Apache-2.0 */
/*
 * why: one line for a person that says what failed, filled where it is known.
 *
 * Library rooms never print: they take a struct why * as last parameter (NULL is allowed) and
 * return a negative errno. The text is plain bytes without control characters.
 */
#ifndef PERIPLUS_BASE_WHY_H
#define PERIPLUS_BASE_WHY_H

enum { WHY_SIZE = 512 };

struct why {
	char text[WHY_SIZE];
};

/* Sets the text; returns -error, so that callers can write: return why_set(why, EINVAL, "...") */
int why_set(struct why *why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4), nonnull(3)));
/* As why_set with errno, whose words follow the text after ": ". */
int why_errno(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(2)));

#endif
