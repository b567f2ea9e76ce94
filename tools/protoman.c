/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protoman: prints the manual page periplus-protocols(7): the table from the rows of the protocols,
 * then the file given (mdoc), which tells of the systems that the table is too short for.
 */
#include <stdio.h>

#include "base/scope.h"
#include "proto/proto.h"

/* mdoc would take a leading dot or quote for a request, and a backslash for an escape. */
static void text(const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", stdout);
	for (; *s; s++)
		fputs(*s == '\\' ? "\\e" : (char[2]){*s, 0}, stdout);
}

static void labelled(const char *label, const char *s)
{
	printf(".It %s\n", label);
	text(s);
	putchar('\n');
}

static void ports(const struct proto *p)
{
	if (!p->n_hints)
		fputs("any", stdout);
	for (size_t i = 0; i < p->n_hints; i++) {
		const struct proto_hint *h = &p->hints[i];

		printf("%s%u", i ? ", " : "", h->first);
		if (h->last != h->first)
			printf("-%u", h->last);
		printf("/%s", transport_word(h->transport));
	}
}

static void row(const struct proto *p)
{
	static const char *const safety[] = {[PROTO_A] = "A", [PROTO_B] = "B", [PROTO_C] = "C"};

	printf(".It Sy %s\n", p->name);
	text(p->title);
	printf(", class %s.\n.Bl -tag -width proves -compact\n.It ports\n", safety[p->safety]);
	ports(p);
	if (p->over)
		printf(", inside of %s", p->over);
	putchar('\n');
	labelled("sends", p->sends          ? p->sends
			  : p->greet        ? "its question"
			  : p->speaks_first ? "nothing: the server speaks first"
					    : "nothing");
	labelled("proves", p->proves);
	labelled("source", p->source);
	puts(".El");
}

int main(int argc, char **argv)
{
	auto_fclose FILE *more = argc == 2 ? fopen(argv[1], "r") : NULL;
	char piece[4096];
	size_t n;

	if (!more) {
		fputs("protoman: cannot read its file; usage: protoman FILE\n", stderr);
		return 64;
	}
	printf(".\\\" SPDX-License-Identifier: Apache-2.0\n"
	       ".Dd November 21, 2026\n.Dt PERIPLUS-PROTOCOLS 7\n.Os\n"
	       ".Sh NAME\n.Nm periplus-protocols\n"
	       ".Nd what is recognised, what is sent, and what that proves\n"
	       ".Sh DESCRIPTION\n"
	       "%zu protocols are known by their bytes, in\n.Xr periplus-identify 1 ,\n"
	       "by\n.Fl -probe ,\nand in captures.\n"
	       "A port where a protocol is usual orders the questions and proves nothing.\n"
	       ".Bl -tag -width A\n"
	       ".It A\nNothing is sent where it is expected: a stranger's bytes may harm the "
	       "peer.\n"
	       ".It B\nA harmless question exists.\n"
	       ".It C\nThe question must be undone, and is asked on explicit order only.\n.El\n"
	       ".Sh PROTOCOLS\n.Bl -tag -width Ds\n",
	       proto_count());
	for (size_t i = 0; i < proto_count(); i++)
		row(proto_at(i));
	puts(".El");
	while ((n = fread(piece, 1, sizeof(piece), more)) > 0)
		fwrite(piece, 1, n, stdout);
	return 0;
}
