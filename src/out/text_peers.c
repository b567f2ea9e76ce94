/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_peers: connections on a port page: the clients of a listener in one line, others in a list.
 *
 * A connection belongs to the listener of its transport, network namespace and local address; one
 * on that very address wins over one on every address, as it does in the kernel. What belongs to
 * no listener merely uses the number as its source. -v lists each connection with its holder.
 */
#include "out/text.h"

enum { CLIENTS_SHOWN = 3, PEERS_SHOWN = 8 };

static bool is_ipv4(const struct address *address)
{
	return address->family == ADDRESS_IPV4 || address_is_v4_mapped(address);
}

static bool same_address(const struct address *a, const struct address *b)
{
	size_t skip_a = address_is_v4_mapped(a) ? 12 : 0;
	size_t skip_b = address_is_v4_mapped(b) ? 12 : 0;

	if (is_ipv4(a) != is_ipv4(b))
		return false;
	return memcmp(a->bytes + skip_a, b->bytes + skip_b, is_ipv4(a) ? 4 : 16) == 0;
}

/* 0: not at all; greater: closer. */
static int closeness(const struct joined *joined, const struct sighting *peer)
{
	const struct sighting *s = joined->row->sighting;

	if (s->state != SOCKET_LISTEN || s->port != peer->port ||
	    (s->net_namespace && peer->net_namespace && s->net_namespace != peer->net_namespace) ||
	    transport_registered(s->transport) != transport_registered(peer->transport))
		return 0;
	switch (address_scope(&s->local)) {
	case BIND_HOST: return same_address(&s->local, &peer->local) ? 2 : 0;
	case BIND_LOOPBACK:
		/* Twins of one program on both loopback addresses are one row. */
		if (!address_is_loopback(&peer->local))
			return 0;
		return same_address(&s->local, &peer->local) ||
				       (joined->n_sockets > 1 && joined->has_ipv4 &&
					joined->has_ipv6)
			       ? 2
			       : 0;
	case BIND_ANY: break;
	}
	return (is_ipv4(&peer->local) ? joined->has_ipv4 : joined->has_ipv6) ? 1 : 0;
}

/* The row that accepted it, or NULL. */
static const struct joined *accepted_by(const struct joined *rows, size_t n,
					const struct sighting *peer)
{
	const struct joined *best = NULL;
	int closest = 0;

	for (size_t i = 0; i < n; i++) {
		int close = closeness(&rows[i], peer);

		if (close > closest) {
			closest = close;
			best = &rows[i];
		}
	}
	return best;
}

/* "203.0.113.9", with " (3)" for several connections from there */
static struct span client(struct page *page, const struct address *address, size_t n)
{
	char text[ADDRESS_TEXT];
	struct address plain =
		address_is_v4_mapped(address) ? address_ipv4(address->bytes + 12) : *address;

	address_text(&plain, text);
	return n > 1 ? page_print(page, "%s (%zu)", text, n) : page_print(page, "%s", text);
}

static void clients_line(struct page *page, const struct address *const *from, const size_t *n_from,
			 size_t n_shown, size_t n)
{
	struct span text = page_print(
		page, dngettext(PERIPLUS_DOMAIN, "%zu client now", "%zu clients now", n), n);
	size_t n_told = 0;

	for (size_t i = 0; i < n_shown; i++) {
		text = JOIN(page, text, span_str(i ? ", " : ": "),
			    client(page, from[i], n_from[i]));
		n_told += n_from[i];
	}
	if (n_shown && n > n_told)
		text = JOIN(page, text, SPAN_LIT(" "), span_str(page_dots(page->style)),
			    SPAN_LIT(" "), page_print(page, _("%zu more"), n - n_told));
	page_sentence(page, text, INK_PLAIN, NULL);
}

void text_clients(struct page *page, const struct port_report *report, const struct joined *rows,
		  size_t n_rows, const struct joined *joined)
{
	const struct address *from[CLIENTS_SHOWN];
	size_t n_from[CLIENTS_SHOWN] = {0};
	size_t n_shown = 0;
	size_t n = 0;

	for (size_t i = 0; i < report->n_peers; i++) {
		const struct sighting *peer = report->peers[i];
		size_t at = 0;

		if (accepted_by(rows, n_rows, peer) != joined)
			continue;
		n++;
		while (at < n_shown && !same_address(from[at], &peer->remote))
			at++;
		if (at == n_shown && n_shown < CLIENTS_SHOWN)
			from[n_shown++] = &peer->remote;
		if (at < n_shown)
			n_from[at]++;
	}
	/* The kernel's count is all there is when the connections were not listed. */
	if (n == 0 && joined->row->sighting->state == SOCKET_LISTEN)
		n = joined->row->sighting->n_peers;
	if (n)
		clients_line(page, from, n_from, n_shown, n);
}

static struct span endpoint(struct page *page, const struct address *address, uint16_t port)
{
	char text[ADDRESS_TEXT];

	address_text(address, text);
	return address->family == ADDRESS_IPV6 ? page_print(page, "[%s]:%u", text, port)
					       : page_print(page, "%s:%u", text, port);
}

static void connection(struct page *page, const struct sighting *s)
{
	const char *arrow = page->style->is_utf8 ? " ← " : " <- ";
	const struct process *p = sighting_process(s);
	struct span holder = p ? JOIN(page, p->name, page_print(page, _(", pid %u"), p->pid))
			       : who_hidden(page, s);

	page_line(page,
		  JOIN(page, endpoint(page, &s->local, s->port), span_str(arrow),
		       endpoint(page, &s->remote, s->remote_port), SPAN_LIT(", "), holder),
		  INK_PLAIN);
}

void text_peers(struct page *page, const struct port_report *report, const struct joined *rows,
		size_t n_rows)
{
	bool shows_all = page->style->is_verbose || page->style->show_all;
	size_t n = 0;

	for (size_t i = 0; i < report->n_peers; i++) {
		const struct sighting *peer = report->peers[i];

		if (!page->style->is_verbose && accepted_by(rows, n_rows, peer))
			continue;
		if (n++ == 0) {
			buf_byte(page->out, '\n');
			page->label = _("peers");
		}
		if (shows_all || n <= PEERS_SHOWN)
			connection(page, peer);
	}
	if (!shows_all && n > PEERS_SHOWN)
		page_line(page, page_print(page, _("%zu more; -v shows them"), n - PEERS_SHOWN),
			  INK_PLAIN);
}
