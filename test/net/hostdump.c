/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostdump: what the host room sees, as the lines of a recording (src/host/replay.c).
 *
 * hostdump [-N] [-p] [-q] [-R READER] [-r DIR] [PORT]: -N other namespaces too, -p with connections, -q leaves
 * branch and package out, -R by that reader, -r from a recording. Prints a line of the listing, then one line for
 * each process and each socket.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "host/host.h"

struct printer {
	struct sink sink;
	struct buf out;
};

static void field(struct buf *out, const char *key, struct span value)
{
	if (!value.n)
		return;
	buf_print(out, "\t%s=", key);
	for (size_t i = 0; i < value.n; i++) {
		uint8_t c = value.p[i];

		if (c == '\\')
			buf_str(out, "\\\\");
		else if (c < 0x20 || c > 0x7e)
			buf_print(out, "\\x%02x", c);
		else
			buf_byte(out, (char)c);
	}
}

static void flag(struct buf *out, const char *key, bool is_set)
{
	if (is_set)
		buf_print(out, "\t%s=1", key);
}

static void process(struct buf *out, const struct process *p)
{
	buf_print(out, "process\tpid=%u\tuid=%u\tstart_ticks=%" PRIu64 "\tstart_time=%" PRId64, p->pid,
		  p->uid, p->start_ticks, p->start_time);
	field(out, "user", p->user);
	field(out, "name", p->name);
	field(out, "executable", p->executable);
	field(out, "command_line", p->command_line);
	field(out, "working_directory", p->working_directory);
	field(out, "git_branch", p->git_branch);
	field(out, "runtime", p->runtime);
	field(out, "script", p->script);
	field(out, "unit", p->unit);
	field(out, "user_unit", p->user_unit);
	field(out, "cgroup", p->cgroup);
	field(out, "container", p->container);
	field(out, "package", p->package);
	field(out, "package_version", p->package_version);
	field(out, "capabilities", p->capabilities);
	field(out, "terminal", p->terminal);
	buf_print(out, "\tpackage_answer=%d", p->package_answer);
	flag(out, "is_deleted", p->is_deleted);
	flag(out, "is_replaced", p->is_replaced);
	flag(out, "is_memfd", p->is_memfd);
	flag(out, "is_in_tmpfs", p->is_in_tmpfs);
	flag(out, "is_in_world_writable", p->is_in_world_writable);
	flag(out, "is_kernel_thread", p->is_kernel_thread);
	flag(out, "is_script_missing", p->is_script_missing);
	buf_print(out, "\tparents=");
	for (size_t i = 0; i < p->n_ancestors; i++)
		buf_print(out, "%s%u", i ? "," : "", p->ancestors[i].pid);
	buf_byte(out, '\n');
}

static int put(struct sink *sink, const struct sighting *s)
{
	static const char *const states[] = {"listen", "bound", "peer", "raw", "packet"};
	struct printer *printer = (struct printer *)sink;
	struct buf *out = &printer->out;
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < s->n_owners; i++)
		process(out, s->owners[i].process);
	buf_print(out, "socket\ttransport=%s\tstate=%s\tlocal=%s\tport=%u\tuid=%u",
		  transport_word(s->transport), states[s->state], address_text(&s->local, text),
		  s->port, s->uid);
	if (s->state == SOCKET_PEER)
		buf_print(out, "\tremote=%s\tremote_port=%u", address_text(&s->remote, text),
			  s->remote_port);
	buf_print(out, "\tinterface=%u\tcookie=%" PRIu64 "\tinode=%" PRIu64 "\tnet_namespace=%" PRIu64,
		  s->local.interface, s->cookie, s->inode, s->net_namespace);
	buf_print(out, "\tbacklog=%u\tqueued=%u\tn_peers=%u\tn_reuseport=%u", s->backlog, s->queued,
		  s->n_peers, s->n_reuseport);
	flag(out, "is_v6only", s->is_v6only);
	flag(out, "is_dual_stack", s->is_dual_stack);
	flag(out, "is_elsewhere", s->is_elsewhere);
	flag(out, "has_rival", s->has_rival);
	field(out, "user", s->user);
	field(out, "unit", s->unit);
	field(out, "cgroup", s->cgroup);
	buf_print(out, "\thidden=%s\tseen_by=%s\towners=", hidden_reason_word(s->hidden), s->seen_by);
	for (size_t i = 0; i < s->n_owners; i++)
		buf_print(out, "%s%u:%u", i ? "," : "", s->owners[i].process->pid, s->owners[i].fd);
	buf_byte(out, '\n');
	return 0;
}

int main(int argc, char **argv)
{
	struct host_query query = HOST_QUERY_ALL;
	struct printer printer = {.sink = {put}, .out = {.fd = STDOUT_FILENO}};
	struct host_listing listing;
	struct arena arena = {0};
	struct why why = {0};
	int option;
	int r;

	while ((option = getopt(argc, argv, "NpqR:r:")) > 0) {
		switch (option) {
		case 'N': query.namespaces = true; break;
		case 'p': query.peers = true; break;
		case 'q': query.is_plain = true; break;
		case 'R': query.reader = optarg; break;
		case 'r': query.replay = optarg; break;
		default: return 64;
		}
	}
	if (optind < argc)
		query.first = query.last = (uint16_t)strtoul(argv[optind], NULL, 10);
	r = host_each_listener(&query, &arena, &printer.sink, &listing, &why);
	if (r < 0) {
		fprintf(stderr, "hostdump: %s\n", why.text);
		return 1;
	}
	buf_print(&printer.out,
		  "listing\tis_complete=%d\tis_torn=%d\tn_sockets=%zu\thidden_owners=%zu\t"
		  "n_elsewhere=%zu\tlacks_ptrace=%d\tis_contained=%d\tmethod=%s\tfallback=%s\n",
		  listing.is_complete, listing.is_torn, listing.n_sockets, listing.hidden_owners,
		  listing.n_elsewhere, listing.lacks_ptrace, listing.is_contained, listing.method,
		  listing.fallback ? listing.fallback : "");
	r = buf_flush(&printer.out);
	buf_done(&printer.out);
	arena_done(&arena);
	return r < 0;
}
