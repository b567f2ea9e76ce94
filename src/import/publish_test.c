/* SPDX-License-Identifier: Apache-2.0 */
/* publish: the traps of the published files, CSV and XML, one a row. */
#include "import/import.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/scope.h"
#include "tap.h"

#define TITLES                                                                                     \
	"Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,"                \
	"Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,"    \
	"Assignment Notes\r\n"
/* A row with a whole date, so that the file has one. */
#define DATED "z,65000,,,,,,2026-01-01,,,,\r\n"
#define XML(updated, body)                                                                         \
	"<?xml version='1.0' encoding='UTF-8'?>\n<registry xmlns=\"http://www.iana.org/"           \
	"assignments\" id=\"service-names-port-numbers\"><updated>" updated "</updated>" body      \
	"<people><person id=\"Some_Body\"><name>Some Body</name><uri>mailto:x&amp;b.example</uri>" \
	"</person><person id=\"Org\"><name>P</name><org> An Org </org><uri>tel:1</uri>"            \
	"<uri>mailto:x@O.example</uri></person></people></registry>\n"
#define RECORD(body) XML("2025-12-15", "<record>" body "</record>")
#define NAMED(body)  RECORD("<name>x</name><number>9</number><description>d</description>" body)

/* The first row that is read, as registry.tsv writes it; or why, when it is refused ("*: ..." where
 * the column is expat's affair). */
static const struct {
	const char *name, *text, *row, *why;
} cases[] = {
	{"csv: a row", TITLES "x,9,tcp,d,[A_B],[C_D],2001-02-03,2026-01-01,[RFC1],7,bad,note\r\n",
	 "9\ttcp\tx\td\t\t\t2001-02-03\t2026-01-01\t[RFC1]\t7\tbad\tnote", NULL},
	{"csv: no transport is no transport, never tcp", TITLES "x,9,,d,,,,,,,,\r\n" DATED,
	 "9\t\tx\td\t\t\t\t\t\t\t\t", NULL},
	{"csv: a named range", TITLES "x,3322-3325,,d,,,,,,,,\r\n" DATED,
	 "3322-3325\t\tx\td\t\t\t\t\t\t\t\t", NULL},
	{"csv: a name without port and transport", TITLES "x,,,d,,,2026-01-01,,,,,\r\n",
	 "\t\tx\td\t\t\t2026-01-01\t\t\t\t\t", NULL},
	{"csv: a state without a name", TITLES ",9,udp,De-registered,,,,2026-01-01,,,,\r\n",
	 "9\tudp\t\tDe-registered\t\t\t\t2026-01-01\t\t\t\t", NULL},
	{"csv: a bare line feed, a quote and a comma in quotes",
	 TITLES "x,9,tcp,\"a, \"\"b\"\"\n  c\",,,,,,,,\r\n" DATED,
	 "9\ttcp\tx\ta, \"b\"\\n  c\t\t\t\t\t\t\t\t", NULL},
	{"csv: a tab and a backslash", TITLES "x,9,tcp,a\tb\\c,,,,,,,,\r\n" DATED,
	 "9\ttcp\tx\ta\\tb\\\\c\t\t\t\t\t\t\t\t", NULL},
	{"csv: a date of two shapes", TITLES "x,9,tcp,d,,,2001-02,2026-01-01,,,,\r\n",
	 "9\ttcp\tx\td\t\t\t2001-02\t2026-01-01\t\t\t\t", NULL},
	{"csv: a reference in prose", TITLES "x,9,tcp,d,,,,,\"[a, b 13.5.0]\",,,\r\n" DATED,
	 "9\ttcp\tx\td\t\t\t\t\t[a, b 13.5.0]\t\t\t", NULL},
	{"csv: a service code", TITLES "x,9,dccp,d,,,,,,1145656131,,\r\n" DATED,
	 "9\tdccp\tx\td\t\t\t\t\t\t1145656131\t\t", NULL},
	{"csv: a person in a note", TITLES "x,9,tcp,d,,,,,,,,by [A_B]\r\n" DATED,
	 "9\ttcp\tx\td\t\t\t\t\t\t\t\tby [contact]", NULL},
	{"csv: a byte order mark", "\xef\xbb\xbf" TITLES "x,9,tcp,d,,,,,,,,\r\n" DATED,
	 "9\ttcp\tx\td\t\t\t\t\t\t\t\t", NULL},
	{"csv: plain line feeds", TITLES "x,9,tcp,d,,,,2026-01-01,,,,\n",
	 "9\ttcp\tx\td\t\t\t\t2026-01-01\t\t\t\t", NULL},
	{"csv: the place of a bad port",
	 TITLES "a,8,tcp,\"l\nm\",,,,,,,,\r\nx,9a,tcp,d,,,,,,,,\r\n", NULL,
	 "t:4:3: port '9a' is not a port from 0 to 65535"},
	{"csv: the place of a bad date", TITLES "x,9,tcp,d,,,2001,,,,,\r\n", NULL,
	 "t:2:13: registered '2001' is not a date YYYY-MM or YYYY-MM-DD"},
	{"csv: another column", "Service Name,Port\r\n", NULL,
	 "t:1:14: not the column that stands here in the registry"},
	{"csv: a column too few", TITLES "x,9,tcp\r\n", NULL, "t:2:8: a row has 12 columns"},
	{"csv: a column too many", TITLES "x,9,tcp,d,,,,,,,,,\r\n", NULL,
	 "t:2:19: more than 12 columns"},
	{"csv: cut in a row", TITLES "x,9,tcp,d,,,,,,,,", NULL, "t:2:18: the last row is cut"},
	{"csv: cut in quotes", TITLES "x,9,tcp,\"d", NULL, "t:2:11: the last row is cut"},
	{"csv: a loose quote", TITLES "x,9,tcp,a\"b,,,,,,,,\r\n", NULL,
	 "t:2:10: error parsing data while strict checking enabled"},
	{"csv: no rows", TITLES, NULL, "t:2:1: no rows"},
	{"csv: no date", TITLES "x,9,tcp,d,,,2001-02,,,,,\r\n", NULL, "t:3:1: no row has a date"},
	{"csv: a NUL", TITLES "x,9,tcp,d\1e,,,,,,,,\r\n", NULL,
	 "t:2:9: description 'd?e' holds a control character"},

	{"xml: a record",
	 XML("2025-12-15", "<record date=\"2001-02\" updated=\"2002-03-04\"><name>x</name>"
			   "<protocol>sctp</protocol><xref type=\"person\" data=\"Org\"/>"
			   "<description>d</description><number>9</number><sc>7</sc>"
			   "<xref type=\"rfc\" data=\"rfc9260\"/><unauthorized>u</unauthorized>"
			   "<note>n</note></record>"),
	 "9\tsctp\tx\td\tAn Org\to.example\t2001-02\t2002-03-04\t[RFC9260]\t7\tu\tn", NULL},
	{"xml: a contact who is a person has a domain and no name",
	 NAMED("<xref type=\"person\" data=\"Some_Body\"/>"), "9\t\tx\td\t\tb.example\t\t\t\t\t\t",
	 NULL},
	{"xml: an assignee is not the contact",
	 NAMED("<assignee><xref type=\"person\" data=\"Org\"/></assignee>"
	       "<xref type=\"person\" data=\"Some_Body\"/>"),
	 "9\t\tx\td\tAn Org\tb.example\t\t\t\t\t\t", NULL},
	{"xml: an assignee alone has no contact domain",
	 NAMED("<assignee><xref type=\"person\" data=\"Org\"/></assignee>"),
	 "9\t\tx\td\tAn Org\t\t\t\t\t\t\t", NULL},
	{"xml: a key that nobody has", NAMED("<xref type=\"person\" data=\"No_One\"/>"),
	 "9\t\tx\td\t\t\t\t\t\t\t\t", NULL},
	{"xml: references of all kinds",
	 NAMED("<xref type=\"draft\" data=\"RFC-a-1\"/><xref type=\"uri\" data=\"https://e\"/>"
	       "<xref type=\"uri\" data=\"https://e\">TR-1</xref><xref type=\"text\">a b</xref>"
	       "<xref type=\"note\" data=\"1\"/>"),
	 "9\t\tx\td\t\t\t\t\t[RFC-a-1][https://e][TR-1][a b][1]\t\t\t", NULL},
	{"xml: a reference and a person inside a note",
	 NAMED("<note>see <xref type=\"rfc\" data=\"rfc1\"/>, by <xref type=\"person\" "
	       "data=\"Some_Body\"/></note>"),
	 "9\t\tx\td\t\t\t\t\t\t\t\tsee [RFC1], by [contact]", NULL},
	{"xml: line feeds, wrapped lines and breaks",
	 NAMED("<note>a\n  b \n  c <br/>\n  d \ne</note>"),
	 "9\t\tx\td\t\t\t\t\t\t\t\ta\\n  b c \\n  d \\ne", NULL},
	{"xml: paragraphs",
	 NAMED("<note>\n <paragraph>a</paragraph>\n <paragraph>b</paragraph></note>"),
	 "9\t\tx\td\t\t\t\t\t\t\t\ta\\n         b", NULL},
	{"xml: the five entities of XML", NAMED("<note>&lt;u&gt; &amp; &#233;</note>"),
	 "9\t\tx\td\t\t\t\t\t\t\t\t<u> & \xc3\xa9", NULL},
	{"xml: a document type", "<!DOCTYPE registry>" NAMED(""), NULL,
	 "*: a document type is not accepted"},
	{"xml: entities that grow",
	 "<!DOCTYPE r [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><r>&b;</r>", NULL,
	 "*: a document type is not accepted"},
	{"xml: an entity of outside", "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>", NULL,
	 "*: a document type is not accepted"},
	{"xml: an entity that nobody declared", NAMED("<note>&a;</note>"), NULL,
	 "*: undefined entity"},
	{"xml: another element in a record", NAMED("<port/>"), NULL,
	 "t:2:180: no place here for element 'port'"},
	{"xml: an element of another house", "<registry id=\"service-names-port-numbers\"/>", NULL,
	 "t:1:1: no place here for element 'registry'"},
	{"xml: a second number", NAMED("<number>10</number>"), NULL, "t:2:180: a second 'port'"},
	{"xml: a bad number",
	 RECORD("<name>x</name><number>70000</number><description>d</description>"), NULL,
	 "t:2:134: port '70000' is not a port from 0 to 65535"},
	{"xml: text between the records", XML("2025-12-15", "text"), NULL,
	 "t:2:112: text between the elements"},
	{"xml: no date",
	 XML("today", "<record><name>x</name><description>d</description></record>"), NULL,
	 "t:1:1: no <updated> date"},
	{"xml: no rows", XML("2025-12-15", ""), NULL, "t:1:1: no rows"},
	{"xml: cut", "<registry xmlns=\"http://www.iana.org/assignments\"><updated>", NULL,
	 "*: no element found"},
	{"neither", "hello\n", NULL, "t:1:1: neither the XML nor the CSV of the registry"},
	{"nothing", "", NULL, "t:1:1: neither the XML nor the CSV of the registry"},
};

/* The first row of the text behind the line of columns. */
static struct span first_row(const struct facts *facts, struct buf *text)
{
	import_write(facts, text);
	struct span rest = buf_span(text), line = {0};

	while (take_line(&rest, &line) && !span_starts(line, "port\t"))
		continue;
	return take_line(&rest, &line) ? line : SPAN_LIT("");
}

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facts facts = {0};
		struct buf text = BUF_INIT;
		struct why why = {0};
		int error = import_published(&facts, span_str(cases[i].text), "t", &why);

		if (cases[i].row) {
			is_span(first_row(&facts, &text), span_str(cases[i].row), cases[i].name);
			if (error)
				note("%s", why.text);
		} else {
			const char *want = cases[i].why;

			if (*want == '*')
				ok(span_ends(span_str(why.text), want + 1), "%s", cases[i].name);
			else
				is_str(why.text, want, cases[i].name);
			is_int(error, -EINVAL, "and it is refused");
		}
		buf_done(&text);
		facts_done(&facts);
	}
}

static int xml_of_depth(size_t depth)
{
	struct buf text = BUF_INIT;
	struct facts facts = {0};

	buf_str(&text, "<registry xmlns=\"http://www.iana.org/assignments\">"
		       "<updated>2025-12-15</updated>");
	buf_str(&text, "<record><name>x</name><description>d</description></record><note>");
	for (size_t i = 2; i < depth; i++)
		buf_str(&text, "<a>");
	for (size_t i = 2; i < depth; i++)
		buf_str(&text, "</a>");
	buf_str(&text, "</note></registry>");
	int error = import_xml(&facts, buf_span(&text), "t", NULL);

	buf_done(&text);
	facts_done(&facts);
	return error;
}

static int xml_of_contacts(size_t n)
{
	struct buf text = BUF_INIT;
	struct facts facts = {0};

	buf_str(&text, "<registry xmlns=\"http://www.iana.org/assignments\">"
		       "<updated>2025-12-15</updated>"
		       "<record><name>x</name><description>d</description>");
	for (size_t i = 0; i < n; i++)
		buf_str(&text, "<xref type=\"person\" data=\"A\"/>");
	buf_str(&text, "</record></registry>");
	int error = import_xml(&facts, buf_span(&text), "t", NULL);

	buf_done(&text);
	facts_done(&facts);
	return error;
}

/* A record that names its contact over and over costs what it is long, not the square of it:
 * lists that are copied for each name of 20,000 would be 400 MB. */
static void test_cost(void)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	is_int(xml_of_contacts(20000), 0, "xml: 20,000 contacts of one row");
	getrusage(RUSAGE_SELF, &after);
	ok(after.ru_maxrss - before.ru_maxrss < 100 << 10, "take less than 100 MB");
}

static void test_limits(void)
{

	struct facts facts = {0};
	struct why why = {0};
	auto_free uint8_t *large = calloc(1, IMPORT_MAX_BYTES + 1);

	is_int(xml_of_depth(IMPORT_MAX_DEPTH), 0, "xml: 32 elements deep is read");
	is_int(xml_of_depth(IMPORT_MAX_DEPTH + 1), -EINVAL, "xml: 33 elements deep is refused");
	is_int(xml_of_depth(100000), -EINVAL, "xml: and 100,000");
	if (large) {
		struct span bytes = span_of(large, IMPORT_MAX_BYTES + 1);

		is_int(import_xml(&facts, bytes, "t", &why), -EFBIG, "xml: more than 64 MB");
		is_int(import_csv(&facts, bytes, "t", &why), -EFBIG, "csv: more than 64 MB");
		is_int(import_read(&facts, bytes, "t", &why), -EFBIG, "facts: more than 64 MB");
	}
}

int main(void)
{
	test_cases();
	test_cost();
	test_limits();
	return done();
}
