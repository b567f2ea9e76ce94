/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freebsd_fill: from what the kernel answers to the tables of a survey, as sockstat(1) does it: sockets
 * of net.inet.*.pcblist, their owners by the kernel's address of the socket in kern.file.
 *
 * The address joins the two lists and is then forgotten; a row keeps the generation of its socket,
 * which is never given out again. SCTP is not read.
 */
#include <errno.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/freebsd.h"

enum { TRIES = 5 };

static int read_rows(struct survey *survey, struct span list, enum transport transport)
{
	struct socket_row found;
	struct socket_row *row;
	int r;

	list = freebsd_list_rows(list);
	while ((r = freebsd_next_socket(&list, transport, &found)) > 0) {
		if (!found.port || !query_wants_row(survey->query, &found))
			continue;
		row = socket_table_add(&survey->sockets, found.cookie, found.inode, 0);
		if (!row)
			return -ENOMEM;
		*row = found;
	}
	return r;
}

/* Asks again while the list changes under the kernel's own hand. */
static int read_list(const struct freebsd_look *look, const char *name, enum transport transport)
{
	int whole = -EAGAIN;

	for (int i = 0; i < TRIES && whole == -EAGAIN; i++) {
		auto_free uint8_t *bytes = NULL;
		size_t n = 0;
		int r = look->ask(name, -1, &bytes, &n);

		if (r < 0)
			return r;
		whole = freebsd_list_check(span_of(bytes, n));
		if (whole == 0 || (whole == -EAGAIN && i == TRIES - 1)) {
			look->survey->listing->is_torn |= whole == -EAGAIN;
			return read_rows(look->survey, span_of(bytes, n), transport);
		}
	}
	return whole;
}

static int add_owner(const struct freebsd_look *look, const struct freebsd_file *file, uint32_t index)
{
	struct socket_row *socket = &look->survey->sockets.rows[index];
	struct process_row *process = freebsd_process(look, file->pid);

	if (!process) {
		socket->has_lost = true;
		return 0;
	}
	return owner_table_add(&look->survey->owners,
			       (struct owner_row){.socket = index, .fd = file->fd,
						  .process = &process->process});
}

static int read_owners(const struct freebsd_look *look)
{
	struct survey *survey = look->survey;
	auto_free uint8_t *bytes = NULL;
	struct freebsd_file file;
	struct span list;
	size_t n = 0;
	int r = look->ask("kern.file", -1, &bytes, &n);

	if (r == 0)
		r = socket_table_index(&survey->sockets);
	list = span_of(bytes, n);
	while (r == 0 && (r = freebsd_next_file(&list, &file)) > 0) {
		uint32_t index = file.socket ? socket_table_find_inode(&survey->sockets, file.socket)
					     : NOT_FOUND;

		r = index == NOT_FOUND ? 0 : add_owner(look, &file, index);
	}
	return r;
}

/* What no process holds is the kernel's own, when nothing is kept from us. */
static void tell_hidden(const struct freebsd_look *look)
{
	struct survey *survey = look->survey;

	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];

		row->hidden = survey->query->no_owners	? HIDDEN_UNKNOWN
			      : row->state == SOCKET_WAITING ? HIDDEN_NONE
			      : row->has_lost		     ? HIDDEN_EXITED
			      : look->sees_all		     ? HIDDEN_KERNEL
							     : HIDDEN_PERMISSION;
		row->inode = 0;
	}
}

int freebsd_fill(const struct freebsd_look *look, struct why *why)
{
	static const struct {
		const char *name;
		enum transport transport;
	} lists[] = {{"net.inet.tcp.pcblist", TRANSPORT_TCP}, {"net.inet.udp.pcblist", TRANSPORT_UDP}};
	const char *name = "";
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists) && r == 0; i++)
		if (query_wants(look->survey->query, lists[i].transport)) {
			name = lists[i].name;
			r = read_list(look, name, lists[i].transport);
		}
	if (r == 0 && !look->survey->query->no_owners) {
		name = "kern.file";
		r = read_owners(look);
	}
	if (r == -EBADMSG)
		return why_set(why, EBADMSG, _("'%s' is not as FreeBSD 12 to 15 write it: "
					       "build periplus anew on this release"), name);
	if (r < 0)
		return why_set(why, -r, _("cannot ask the kernel for '%s'"), name);
	tell_hidden(look);
	return 0;
}
