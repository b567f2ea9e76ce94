/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplus-ota: `periplus ota` starts it. Options of another subcommand are refused, not ignored.
 *
 * A password comes from a file or from standard input and never stands among the arguments, where
 * every user of the machine could read it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "cli/ota.h"
#include "cli/say.h"

static const struct {
	const char *name;
	const char *argument;
	unsigned whose;
} rows[] = {
#define O(name, word, letter, argument, whose, does) [OTA_##name] = {word, argument, whose},
	OTA_OPTIONS(O)
#undef O
};

static const struct {
	const char *name;
	unsigned bit;
	unsigned timeout; /* seconds, when --timeout is absent */
	int (*run)(struct ota *ota, int argc, char **argv);
} subcommands[] = {
	{"list", OTA_FOR_LIST, 3, ota_list},
	{"listen", OTA_FOR_LISTEN, 10, ota_listen},
	{"push", OTA_FOR_PUSH, 10, ota_push},
};

int ota_fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	status = say_line("periplus", status, format, args);
	va_end(args);
	return status;
}

void ota_remark(const struct ota *ota, const char *format, ...)
{
	va_list args;

	if (ota->is_quiet)
		return;
	va_start(args, format);
	say_line("periplus", 0, format, args);
	va_end(args);
}

bool ota_number(const struct ota *ota, int option, uint64_t usual, uint64_t min, uint64_t max,
		uint64_t *value)
{
	struct span text = span_str(ota->values[option]);
	uint64_t unit = 1;

	*value = usual;
	if (!ota->values[option])
		return true;
	if (option == OTA_MAX_SIZE && (span_ends(text, "K") || span_ends(text, "M"))) {
		unit = span_ends(text, "K") ? 1024 : 1024 * 1024;
		text = span_cut(text, text.n - 1);
	}
	if (span_u64(text, max / unit, value) && *value * unit >= min) {
		*value *= unit;
		return true;
	}
	ota_fail(EX_USAGE, _("--%s is a number from %llu to %llu, not '%s'"), rows[option].name,
		 (unsigned long long)min, (unsigned long long)max, ota->values[option]);
	return false;
}

/* 0 or an exit status. */
static int read_password(struct ota *ota)
{
	const char *path = ota->values[OTA_PASSWORD_FILE];
	bool is_input = strcmp(path, "-") == 0;
	auto_close int opened = is_input ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	int fd = is_input ? STDIN_FILENO : opened;
	char line[sizeof(ota->password) + 2];
	size_t n = 0;
	ssize_t got = 0;
	struct stat st;

	if (fd < 0)
		return ota_fail(EX_NOINPUT, _("cannot read the password of '%s': %s"), path,
				strerror(errno));
	while (n < sizeof(line) && (got = read(fd, line + n, sizeof(line) - n)) > 0) {
		n += (size_t)got;
		if (memchr(line, '\n', n))
			break;
	}
	if (got < 0)
		return ota_fail(EX_NOINPUT, _("cannot read the password of '%s': %s"), path,
				strerror(errno));

	struct span rest = span_of(line, n);
	struct span password = {0};

	if (!take_line(&rest, &password) || password.n == 0)
		return ota_fail(EX_DATAERR,
				_("the first line of '%s' is empty: write the password there"),
				path);
	if (password.n > sizeof(ota->password))
		return ota_fail(EX_DATAERR, _("the password of '%s' is longer than %zu bytes"),
				path, sizeof(ota->password));
	memcpy(ota->password, password.p, password.n);
	ota->n_password = password.n;
	explicit_bzero(line, sizeof(line));
	if (!is_input && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_mode & (S_IRGRP | S_IROTH))
		ota_remark(ota, _("others can read '%s': chmod 600 helps"), path);
	return 0;
}

static int set_format(struct ota *ota, const char *word)
{
	static const char *const words[] = {[OTA_TEXT_LINES] = "text",
					    [OTA_PLAIN] = "plain",
					    [OTA_JSON] = "json",
					    [OTA_NDJSON] = "ndjson"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0) {
			ota->format = (enum ota_format)i;
			return 0;
		}
	return ota_fail(EX_USAGE, _("'%s' is not a format: text, plain, json, ndjson"), word);
}

/* 0 or an exit status. */
static int parse(struct ota *ota, int argc, char **argv)
{
	enum { FORMAT = N_OTA_OPTIONS, QUIET, VERBOSE, COLOR, FAIL_ON_LOOK };
	struct option options[N_OTA_OPTIONS + 6] = {
		[FORMAT] = {"format", required_argument, NULL, FORMAT},
		[QUIET] = {"quiet", no_argument, NULL, QUIET},
		[VERBOSE] = {"verbose", no_argument, NULL, VERBOSE},
		[COLOR] = {"color", no_argument, NULL, COLOR},
		[FAIL_ON_LOOK] = {"fail-on-look", no_argument, NULL, FAIL_ON_LOOK},
	};
	int found;

	for (int i = 0; i < N_OTA_OPTIONS; i++)
		options[i] = (struct option){
			rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, i};
	while ((found = getopt_long(argc, argv, "+", options, NULL)) != -1)
		switch (found) {
		case FORMAT:
			if (set_format(ota, optarg))
				return EX_USAGE;
			break;
		case QUIET: ota->is_quiet = true; break;
		case VERBOSE: ota->is_verbose = true; break;
		case COLOR: ota->has_color = true; break;
		case FAIL_ON_LOOK: ota->fails_on_look = true; break;
		case '?': return EX_USAGE;
		default: ota->values[found] = optarg ? optarg : "";
		}
	return 0;
}

static int dispatch(struct ota *ota, int argc, char **argv)
{
	uint64_t seconds;
	size_t which = 0;

	while (which < ARRAY_LEN(subcommands) &&
	       (argc < 1 || strcmp(subcommands[which].name, argv[0]) != 0))
		which++;
	if (which == ARRAY_LEN(subcommands))
		return ota_fail(EX_USAGE,
				_("'%s' is not what 'periplus ota' does: list, listen, push"),
				argc < 1 ? "" : argv[0]);
	for (int i = 0; i < N_OTA_OPTIONS; i++)
		if (ota->values[i] && !(rows[i].whose & subcommands[which].bit))
			return ota_fail(EX_USAGE,
					_("--%s is not for 'ota %s'; see 'periplus help ota'"),
					rows[i].name, argv[0]);
	if (!ota_number(ota, OTA_TIMEOUT, subcommands[which].timeout, 1, 3600, &seconds))
		return EX_USAGE;
	ota->timeout_ms = (unsigned)seconds * 1000;
	if (ota->values[OTA_PASSWORD_FILE]) {
		int status = read_password(ota);

		if (status)
			return status;
	}
	return subcommands[which].run(ota, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	struct ota ota = {.out = {.fd = STDOUT_FILENO}};
	int status;

	signal(SIGPIPE, SIG_IGN);
	ota.out.is_ascii = !speak();
	status = parse(&ota, argc, argv);
	if (ota.format != OTA_TEXT_LINES)
		speak_english();
	if (status == 0)
		status = dispatch(&ota, argc - optind, argv + optind);
	explicit_bzero(ota.password, sizeof(ota.password));

	int r = buf_flush(&ota.out);

	if (r < 0 && r != -EPIPE)
		status = ota_fail(EX_IOERR, _("cannot write the answer: %s"), strerror(-r));
	buf_done(&ota.out);
	return status;
}
