/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplus-pcap: reads a capture from its standard input and says on its standard output which
 * conversations are in it; `periplus identify --pcap` starts it and reads what it says.
 *
 * The file (pcap or pcapng, by libpcap) and every packet in it may be hostile. So before the first
 * byte is read the program loses files, network, rights and most system calls (base/jail.h), and
 * its memory is bounded. It ends at the end of the file, after --seconds, or on an interrupt, and
 * then says what it has seen so far.
 *
 * periplus-pcap [--tell] [--seconds N]
 * Exit status: 0 all was said, 2 the jail could not be closed, 64 usage, 70 out of memory, 74 the
 * reader of the pipe is gone.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/scope.h"
#include "wire/wire.h"

enum { MEMORY = 192 << 20, NO_JAIL = 2, SECONDS_MOST = 86400 };

static volatile sig_atomic_t is_stopped;

/* Again and again: a signal between the look at the flag and the read must not be lost. */
static void stop(int number)
{
	(void)number;
	is_stopped = 1;
	alarm(1);
}

static void stop_on_signals(unsigned seconds)
{
	struct sigaction action = {.sa_handler = stop};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (seconds)
		alarm(seconds);
}

/* Link types that are read, by libpcap's numbers. */
static bool link_of(int number, enum wire_link *link)
{
	static const struct {
		int number;
		enum wire_link link;
	} links[] = {
		{DLT_EN10MB, WIRE_ETHERNET}, {DLT_LINUX_SLL, WIRE_SLL}, {DLT_LINUX_SLL2, WIRE_SLL2},
		{DLT_NULL, WIRE_NULL},       {DLT_LOOP, WIRE_LOOP},     {DLT_RAW, WIRE_IP},
		{DLT_IPV4, WIRE_IP},         {DLT_IPV6, WIRE_IP},
	};

	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (links[i].number == number) {
			*link = links[i].link;
			return true;
		}
	return false;
}

static void complain(struct wire_summary *summary, enum wire_ending ending, const char *text)
{
	summary->ending = ending;
	snprintf(summary->why, sizeof(summary->why), "%s", text);
}

static void read_packets(pcap_t *capture, enum wire_link link, struct wire *wire,
			 struct wire_summary *summary)
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	int r = 0;

	while (!is_stopped && (r = pcap_next_ex(capture, &head, &bytes)) == 1)
		wire_put(wire, link, span_of(bytes, head->caplen), head->len,
			 (int64_t)head->ts.tv_sec * 1000000 + head->ts.tv_usec);
	if (is_stopped)
		complain(summary, WIRE_END_STOPPED, "");
	else if (r == PCAP_ERROR)
		complain(summary, WIRE_END_BROKEN, pcap_geterr(capture));
}

static void read_capture(struct wire *wire, struct wire_summary *summary)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *capture = pcap_fopen_offline(stdin, error);
	enum wire_link link;

	if (!capture) {
		complain(summary, is_stopped ? WIRE_END_STOPPED : WIRE_END_BROKEN, error);
		return;
	}
	summary->link = pcap_datalink(capture);
	if (link_of(summary->link, &link)) {
		read_packets(capture, link, wire, summary);
	} else {
		const char *name = pcap_datalink_val_to_name(summary->link);

		complain(summary, WIRE_END_UNKNOWN_LINK, name ? name : "");
	}
	pcap_close(capture);
}

static int report(const struct wire *wire, const struct wire_summary *summary)
{
	struct wire_record record = {.kind = WIRE_IS_CONVERSATION};
	const struct wire_conversation *c;
	const struct wire_line *line;
	int r = 0;

	for (size_t i = 0; r == 0 && (c = wire_at(wire, i)); i++) {
		record.conversation = *c;
		r = wire_write(STDOUT_FILENO, &record);
	}
	record.kind = WIRE_IS_LINE;
	for (size_t i = 0; r == 0 && (line = wire_line_at(wire, i)); i++) {
		record.line = *line;
		r = wire_write(STDOUT_FILENO, &record);
	}
	record.kind = WIRE_IS_SUMMARY;
	record.summary = *summary;
	return r ? r : wire_write(STDOUT_FILENO, &record);
}

static bool parse(int argc, char **argv, bool *is_told, unsigned *seconds)
{
	uint64_t n;

	for (int i = 1; i < argc; i++) {
		if (span_is(span_str(argv[i]), "--tell")) {
			*is_told = true;
		} else if (span_is(span_str(argv[i]), "--seconds") && i + 1 < argc &&
			   span_u64(span_str(argv[i + 1]), SECONDS_MOST, &n)) {
			*seconds = (unsigned)n;
			i++;
		} else {
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct jail jail = {.memory = MEMORY, .parent = getppid(), .kind = JAIL_PARSES};
	struct wire_summary summary = {0};
	struct jail_has has;
	struct why why = {0};
	bool is_told = false;
	unsigned seconds = 0;
	struct wire *wire;
	int r;

	if (!parse(argc, argv, &is_told, &seconds)) {
		fputs("usage: periplus-pcap [--tell] [--seconds N] <CAPTURE\n", stderr);
		return EX_USAGE;
	}
	if (isatty(STDOUT_FILENO)) {
		fputs("periplus-pcap: is started by 'periplus identify --pcap FILE'\n", stderr);
		return EX_USAGE;
	}
	stop_on_signals(seconds);
	if (jail_start(&jail, &has, &why) < 0) {
		fprintf(stderr, "periplus-pcap: %s\n", why.text);
		return NO_JAIL;
	}
	wire = wire_new(is_told);
	if (!wire)
		return EX_SOFTWARE;
	read_capture(wire, &summary);
	wire_end(wire);
	summary.counts = *wire_counts(wire);
	r = report(wire, &summary);
	wire_free(wire);
	/* at once: what libraries do at the end of a program is closed to it */
	_exit(r < 0 ? EX_IOERR : EX_OK);
}
