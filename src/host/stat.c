/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stat: the texts of /proc/PID/stat and /proc/PID/status (proc(5)).
 *
 * A process names itself, with any byte but NUL, so a name may hold ") S 1" or a line end. The
 * kernel writes only numbers behind it: the name ends at the LAST ')', and nowhere else.
 */
#include "host/proc.h"

#include <stdio.h>

/* Fields as proc(5) counts them; the name is the second. */
enum { FIELD_STATE = 3, FIELD_PARENT = 4, FIELD_TERMINAL = 7, FIELD_FLAGS = 9, FIELD_START = 22 };

/* A number that may be negative: those count as 0 here (no terminal, no parent). */
static bool number(struct span word, uint64_t *value)
{
	if (span_starts(word, "-")) {
		*value = 0;
		word = span_skip(word, 1);
		uint64_t ignored;

		return span_u64(word, UINT64_MAX, &ignored);
	}
	return span_u64(word, UINT64_MAX, value);
}

bool stat_read(struct span text, struct stat_facts *facts)
{
	ptrdiff_t open = span_find_byte(text, '(');
	ptrdiff_t end = span_find_last(text, ')');
	struct stat_facts f = {0};
	struct span word;
	struct span rest;

	if (open < 0 || end <= open)
		return false;
	f.name = span_of(text.p + open + 1, (size_t)(end - open - 1));
	rest = span_trim(span_skip(text, (size_t)end + 1));
	for (int field = FIELD_STATE; field <= FIELD_START; field++) {
		uint64_t value = 0;

		if (!take_word(&rest, &word))
			return false;
		if (field == FIELD_STATE) {
			f.state = word.p[0];
			continue;
		}
		if (!number(word, &value))
			return false;
		switch (field) {
		case FIELD_PARENT: f.parent = (uint32_t)value; break;
		case FIELD_TERMINAL: f.terminal = (uint32_t)value; break;
		case FIELD_FLAGS: f.flags = value; break;
		case FIELD_START: f.start_ticks = value; break;
		default: break;
		}
	}
	*facts = f;
	return true;
}

static bool hex(struct span s, uint64_t *value)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		uint64_t digit = c >= '0' && c <= '9'	? (uint64_t)(c - '0')
				 : c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a' + 10)
							: 16;

		if (digit > 15)
			return false;
		v = v << 4 | digit;
	}
	*value = v;
	return true;
}

/* The kernel escapes line ends in the Name line, so lines here are the kernel's own. */
bool status_read(struct span text, struct status_facts *facts)
{
	struct status_facts f = {0};
	bool has_uid = false;
	struct span line;

	while (take_line(&text, &line)) {
		struct span word;
		uint64_t value;

		if (span_starts(line, "Uid:")) {
			line = span_skip(line, 4);
			if (!take_word(&line, &word) || !span_u64(word, UINT32_MAX, &value))
				return false;
			f.uid = (uint32_t)value;
			has_uid = true;
		} else if (span_starts(line, "CapEff:")) {
			line = span_skip(line, 7);
			if (!take_word(&line, &word) || !hex(word, &f.capabilities))
				return false;
			break;
		}
	}
	*facts = f;
	return has_uid;
}

size_t terminal_name(uint32_t device, char name[16])
{
	enum { CONSOLE = 4, SERIAL_FROM = 64, PTS_FIRST = 136, PTS_LAST = 143, MINORS = 256 };
	uint32_t major = device >> 8 & 0xfff;
	uint32_t minor = (device & 0xff) | (device >> 12 & 0xfff00);
	int n = 0;

	if (major >= PTS_FIRST && major <= PTS_LAST)
		n = snprintf(name, 16, "pts/%u", minor + (major - PTS_FIRST) * MINORS);
	else if (major == CONSOLE && minor < SERIAL_FROM)
		n = snprintf(name, 16, "tty%u", minor);
	else if (major == CONSOLE)
		n = snprintf(name, 16, "ttyS%u", minor - SERIAL_FROM);
	return n > 0 && n < 16 ? (size_t)n : 0;
}
