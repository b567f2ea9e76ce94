/* SPDX-License-Identifier: Apache-2.0 */
/* facts: what registry.tsv may say, what a text loses, what a newer registry takes and changes. */
#include "import/import.h"

#include <errno.h>

#include "base/scope.h"
#include "import/parse.h"
#include "tap.h"

#define HEAD "# periplus registry facts 1\n# date: 2026-02-13 a.csv\n# rows: "
#define COLUMNS                                                                                    \
	"\nport\ttransport\tservice\tdescription\torganisation\tdomain\tregistered\tmodified\t"    \
	"references\tservice_code\tunauthorized\tnotes\n"
#define ROW(port, transport, service) port "\t" transport "\t" service "\td\t\t\t\t\t\t\t\t\n"

static const struct {
	const char *name, *text, *why; /* why NULL: accepted */
} texts[] = {
	{"one row", HEAD "1" COLUMNS ROW("9", "tcp", "discard"), NULL},
	{"a named range without transport", HEAD "1" COLUMNS ROW("3322-3325", "", "active-net"),
	 NULL},
	{"a range of one number, as published for 4748", HEAD "1" COLUMNS ROW("4748-4748", "", "x"),
	 NULL},
	{"a name without a number", HEAD "1" COLUMNS ROW("", "", "sip"), NULL},
	{"no rows", HEAD "0" COLUMNS, NULL},
	{"several names of one port",
	 HEAD "2" COLUMNS ROW("42", "tcp", "name") ROW("42", "tcp", "n2"),
	 "t:6:1: a row stands out of order"},
	{"a row less than promised", HEAD "2" COLUMNS ROW("9", "tcp", "discard"),
	 "t:5:1: 1 rows where 2 were written"},
	{"a cut last line", HEAD "1" COLUMNS "9\ttcp\tdiscard\td\t\t\t\t\t\t\t\t",
	 "t:4:1: the last line is cut"},
	{"cut in the header", "# periplus registry facts 1\n# date: 2026-02-13 a.csv\n",
	 "t:2:1: the file is cut"},
	{"no version", "# date: 2026-02-13 a.csv\n# rows: 0" COLUMNS,
	 "t:3:1: facts without their version, date and number of rows"},
	{"eleven columns", HEAD "1" COLUMNS "9\ttcp\tx\td\t\t\t\t\t\t\t\n",
	 "t:5:17: a row has 12 columns"},
	{"thirteen columns", HEAD "1" COLUMNS "9\ttcp\tx\td\t\t\t\t\t\t\t\t\t\n",
	 "t:5:18: a row has 12 columns"},
	{"an unknown escape", HEAD "1" COLUMNS "9\ttcp\tx\ta\\qb\t\t\t\t\t\t\t\t\n",
	 "t:5:10: an escape is \\t, \\n or \\\\"},
	{"port 65536", HEAD "1" COLUMNS ROW("65536", "tcp", "x"),
	 "t:5:1: port '65536' is not a port from 0 to 65535"},
	{"a port with a leading zero", HEAD "1" COLUMNS ROW("09", "tcp", "x"),
	 "t:5:1: port '09' is not a port from 0 to 65535"},
	{"a range upside down", HEAD "1" COLUMNS ROW("9-3", "tcp", "x"),
	 "t:5:1: port '9-3' is not a range of ports, lowest first"},
	{"another transport", HEAD "1" COLUMNS ROW("9", "xyz", "x"),
	 "t:5:3: transport 'xyz' is not tcp, udp, dccp or sctp"},
	{"TRANSPORT_ANY's word is not a registered transport",
	 HEAD "1" COLUMNS ROW("9", "any", "x"),
	 "t:5:3: transport 'any' is not tcp, udp, dccp or sctp"},
	{"a blank in a name", HEAD "1" COLUMNS ROW("9", "tcp", "a b"),
	 "t:5:7: service 'a b' is not a service name"},
	{"neither port nor name", HEAD "1" COLUMNS ROW("", "tcp", ""),
	 "t:5:6: service '' is empty in a row without a port"},
	{"neither name nor description", HEAD "1" COLUMNS "9\ttcp\t\t\t\t\t\t\t\t\t\t\n",
	 "t:5:8: description '' is empty in a row without a service"},
	{"month 13", HEAD "1" COLUMNS "9\ttcp\tx\td\t\t\t2001-13\t\t\t\t\t\n",
	 "t:5:13: registered '2001-13' is not a date YYYY-MM or YYYY-MM-DD"},
	{"both shapes of date", HEAD "1" COLUMNS "9\ttcp\tx\td\t\t\t2001-12\t2001-12-31\t\t\t\t\n",
	 NULL},
	{"31 April", HEAD "1" COLUMNS "9\ttcp\tx\td\t\t\t2001-04-31\t\t\t\t\t\n",
	 "t:5:13: registered '2001-04-31' is not a date YYYY-MM or YYYY-MM-DD"},
	{"a mailbox as domain", HEAD "1" COLUMNS "9\ttcp\tx\td\t\ta@b.c\t\t\t\t\t\t\n",
	 "t:5:12: domain 'a@b.c' is not a domain in lower case"},
	{"a service code of 33 bits", HEAD "1" COLUMNS "9\tdccp\tx\td\t\t\t\t\t\t4294967296\t\t\n",
	 "t:5:17: service_code '4294967296' is not a 32-bit service code"},
	{"bytes that are not UTF-8", HEAD "1" COLUMNS "9\ttcp\tx\t\xff\t\t\t\t\t\t\t\t\n",
	 "t:5:9: description '\xff' is not UTF-8"},
	{"a control character", HEAD "1" COLUMNS "9\ttcp\tx\ta\rb\t\t\t\t\t\t\t\t\n",
	 "t:5:9: description 'a?b' holds a control character"},
};

static void test_texts(void)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct facts facts = {0};
		struct why why = {0};
		int error = import_read(&facts, span_str(texts[i].text), "t", &why);

		if (texts[i].why) {
			is_str(why.text, texts[i].why, texts[i].name);
			is_int(error, -EINVAL, "and it is refused");
			is_int((int64_t)facts.n_rows, 0, "and leaves nothing");
		} else if (!ok(error == 0, "%s is accepted", texts[i].name)) {
			note("%s", why.text);
		}
		facts_done(&facts);
	}
}

static const struct {
	const char *name, *before, *after;
} scrubs[] = {
	{"a person's key", "previously compressnet by [Some_Body]",
	 "previously compressnet by [contact]"},
	{"a key with dots", "[J._R._Some]", "[contact]"},
	{"a key without a blank before it", "(contact was[Some_Body])", "(contact was[contact])"},
	{"references stay", "[RFC1234][RFC-ietf-x-10]", "[RFC1234][RFC-ietf-x-10]"},
	{"web pages stay", "[https://a.example/B_c]", "[https://a.example/B_c]"},
	{"words in brackets stay", "File Transfer [Default Data] [recv]",
	 "File Transfer [Default Data] [recv]"},
	{"a mailbox with &", "<feil&kronos.example.com>", "<kronos.example.com>"},
	{"a mailbox with @", "ask a.b+c@example.org.", "ask example.org."},
	{"a mailbox with at, in angles", "Contact X <list at example.com>",
	 "Contact X <example.com>"},
	{"at in prose stays", "look at example.com", "look at example.com"},
	{"a name and a mailbox", "[A\xc3\xafn Body <x&example.nl> 15 June 2009]",
	 "[<example.nl> 15 June 2009]"},
	{"Miele@home is a name", "Miele@home Protocol", "Miele@home Protocol"},
	{"companies stay", "AT&T, R&D.", "AT&T, R&D."},
	{"a query in a web page stays", "http://a.example/?a=b&c.de", "http://a.example/?a=b&c.de"},
	{"keys of TXT records stay", "u=<username> p=<password>", "u=<username> p=<password>"},
	{"nothing", "", ""},
	{"an open bracket", "[A_", "[A_"},
};

static const struct {
	const char *uri, *domain;
} domains[] = {
	{"mailto:contact&omnibond.com", "omnibond.com"},
	{"mailto:contact@ETSUADMN.ETSU.EDU", "etsuadmn.etsu.edu"},
	{"mailto:contact@cisco.com>", "cisco.com"},
	{"mailto:contact@.cnd.hp.com", "cnd.hp.com"},
	{"mailto:contact&netapp.com.", "netapp.com"},
	{"mailto:contact&192.219.82.71", ""},
	{"mailto:contact@xerox", ""},
	{"mailto:contact@sni.", ""},
	{"tel:+1-604-681-4549", ""},
	{"http://xippix.com", ""},
	{"", ""},
};

static void test_persons(void)
{
	struct arena arena = {0};

	for (size_t i = 0; i < ARRAY_LEN(scrubs); i++)
		is_span(import_scrub(&arena, span_str(scrubs[i].before)), span_str(scrubs[i].after),
			scrubs[i].name);
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		is_span(import_domain(&arena, span_str(domains[i].uri)),
			span_str(domains[i].domain), domains[i].uri);
	arena_done(&arena);
}

static const char before[] = HEAD "7" COLUMNS "5\ttcp\tgone\td\t\t\t\t\t\t\t\t\n"
				  "6\ttcp\told\td\tO\to.example\t\t\t\t\t\t\n"
				  "7\ttcp\techo\td\tO\to.example\t2001-01\t\t\t\t\t\n"
				  "8\ttcp\tgiven\td\tO\to.example\t2001-01\t\t\t\t\t\n"
				  "4748\t\tone\td\t\t\t\t\t\t\t\t\n"
				  "\t\trdp\tRemote\tR\tr.example\t\t\t\t\t\t\n"
				  "\t\trdp\tZuverl\xc3\xa4ssig\tZ\tz.example\t\t\t\t\t\t\n";
static const char after[] = HEAD "7" COLUMNS "6\ttcp\tnew\td\t\t\t\t\t\t\t\t\n"
				 "7\ttcp\techo\td\t\t\t2001-01\t\t\t\t\tnote\n"
				 "8\ttcp\tgiven\td\t\t\t2026-01\t\t\t\t\t\n"
				 "10\ttcp\tadded\td\t\t\t\t\t\t\t\t\n"
				 "4748-4748\t\tone\td\t\t\t\t\t\t\t\t\n"
				 "\t\trdp\tReliable\t\t\t\t\t\t\t\t\n"
				 "\t\trdp\tRemote\t\t\t\t\t\t\t\t\n";

static struct span domain_of(const struct facts *facts, const char *service,
			     const char *description)
{
	for (size_t i = 0; i < facts->n_rows; i++)
		if (span_is(facts->rows[i].text[FACT_SERVICE], service) &&
		    span_is(facts->rows[i].text[FACT_DESCRIPTION], description))
			return facts->rows[i].text[FACT_DOMAIN];
	return SPAN_LIT("no such row");
}

static void test_join(void)
{
	static const char *const wanted[] = {[CHANGE_ADDED] = "10 ",
					     [CHANGE_REMOVED] = "5 ",
					     [CHANGE_RENAMED] = "6 ",
					     [CHANGE_ALTERED] = "7 8 rdp "};
	struct facts old = {0}, new = {0};
	struct changes changes;
	struct arena arena = {0};

	ok(import_read(&old, SPAN_LIT(before), "before", NULL) == 0 &&
		   import_read(&new, SPAN_LIT(after), "after", NULL) == 0,
	   "both texts are read");
	is_int((int64_t)import_join(&new, &old), 3, "three rows keep their registrant");
	is_span(domain_of(&new, "echo", "d"), SPAN_LIT("o.example"),
		"the same row keeps its domain");
	is_span(domain_of(&new, "given", "d"), SPAN_LIT(""),
		"a row that was registered anew does not");
	is_span(domain_of(&new, "new", "d"), SPAN_LIT(""), "another name of the port does not");
	is_span(domain_of(&new, "rdp", "Remote"), SPAN_LIT("r.example"),
		"of two rows of one name, the one with the description");
	is_span(domain_of(&new, "rdp", "Reliable"), SPAN_LIT("z.example"), "and the other one's");
	import_compare(&changes, &old, &new, &arena);
	for (enum change_kind kind = 0; kind < N_CHANGE_KINDS; kind++) {
		struct buf got = BUF_INIT;

		for (size_t i = 0; i < changes.n_rows; i++) {
			const struct change *change = &changes.rows[i];
			const struct fact *fact = change->after ? change->after : change->before;

			if (change->kind != kind)
				continue;
			buf_raw(&got, fact->text[fact->has_port ? FACT_PORT : FACT_SERVICE]);
			buf_byte(&got, ' ');
		}
		is_span(buf_span(&got), span_str(wanted[kind]), change_kind_word(kind));
		buf_done(&got);
	}
	import_compare(&changes, &new, &new, &arena);
	is_int((int64_t)changes.n_rows, 0, "nothing tells a registry from itself");
	arena_done(&arena);
	facts_done(&old);
	facts_done(&new);
}

static void test_kept(void)
{
	struct buf path = BUF_INIT, text = BUF_INIT, out = BUF_INIT;
	struct facts facts = {0};
	struct why why = {0};
	char piece[65536];
	size_t n;

	buf_print(&path, "%s/data/iana/registry.tsv%c", source_dir(), 0);
	auto_fclose FILE *file = fopen(path.p, "re");

	while (file && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_raw(&text, span_of(piece, n));
	if (!ok(import_read(&facts, buf_span(&text), "registry.tsv", &why) == 0,
		"the kept facts are sound"))
		note("%s", why.text);
	import_write(&facts, &out);
	ok(text.n && span_eq(buf_span(&text), buf_span(&out)), "and are written as they were read");
	buf_done(&path);
	buf_done(&text);
	buf_done(&out);
	facts_done(&facts);
}

int main(void)
{
	test_texts();
	test_persons();
	test_join();
	test_kept();
	return done();
}
