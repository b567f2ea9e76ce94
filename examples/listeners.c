/* SPDX-License-Identifier: Apache-2.0 */
/* listeners: the smallest program on libperiplus: what listens here, and what is 3232 said to be?
 *   cc listeners.c $(pkg-config --cflags --libs periplus) */
#include <periplus.h>
#include <stdio.h>

static void show(struct periplus_text t)
{
	for (size_t i = 0; i < t.length; i++) {
		unsigned char c = (unsigned char)t.bytes[i];

		if (c < 0x20 || c >= 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static int listener(const struct periplus_listener *l, void *arg)
{
	static const char *const words[] = {"expected", "needs a look", "unexpected"};

	(void)arg;
	printf("%u/%s\t%s\t%u\t", l->port, l->transport, l->address, l->pid);
	show(l->name);
	printf("\t%s", words[l->verdict]);
	for (size_t i = 0; i < l->n_reasons; i++)
		printf(" %s", l->reasons[i].id);
	putchar('\n');
	return 0;
}

static int registration(const struct periplus_registration *r, void *arg)
{
	(void)arg;
	printf("%u/%s\t", r->first, r->transport);
	show(r->service);
	printf("\t%s\n", r->standing);
	return 0;
}

int main(void)
{
	struct periplus_error error;
	struct periplus_listing listing;
	struct periplus *p = periplus_open(NULL, &error);
	int r;

	if (!p) {
		fprintf(stderr, "listeners: %s\n", error.text);
		return 1;
	}
	periplus_each_registration(p, 3232, "udp", registration, NULL);
	r = periplus_each_listener(p, &(struct periplus_query){.last = 65535}, listener, NULL, &listing,
				   &error);
	if (r < 0)
		fprintf(stderr, "listeners: %s\n", error.text);
	else
		printf("%zu listeners, %s\n", listing.n_sockets,
		       listing.is_complete ? "complete" : "incomplete");
	periplus_close(p);
	return r < 0;
}
