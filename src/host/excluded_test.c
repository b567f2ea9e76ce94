/* SPDX-License-Identifier: Apache-2.0 */
/* excluded: ranges from the text of netsh, in two languages, and from what is none. */
#include "base/scope.h"
#include "host/excluded.h"
#include "tap.h"

static const struct {
	const char *name, *text, *ranges;
} cases[] = {
	{"as Windows 10 prints it",
	 "\r\nProtocol tcp Port Exclusion Ranges\r\n\r\nStart Port    End Port      \r\n"
	 "----------    --------      \r\n      5357        5357      \r\n"
	 "     49671       49770      \r\n     50000       50059     *\r\n\r\n"
	 "* - Administered port exclusions.\r\n\r\n",
	 "5357-5357 49671-49770 50000-50059* "},
	{"in another language",
	 "\nPortausschlussbereiche für das Protokoll \"tcp\"\n\nStartport    Endport\n"
	 "----------    --------\n        80          80\n\n* - Verwaltete Portausschlüsse.\n",
	 "80-80 "},
	{"nothing", "", ""},
	{"no ranges", "Protocol tcp Port Exclusion Ranges\n\nStart Port    End Port\n", ""},
	{"numbers that are no ports", "65536 65537\n-1 5\n10 9\n1 99999999999999999999\n", ""},
	{"another third word", "1 2 3\n4 5 *\n", "4-5* "},
	{"the whole space, and a cut line", "0 65535\n12", "0-65535 "},
};

static const struct {
	const char *name, *text;
	uint16_t first, last;
} dynamic[] = {
	{"source ports as Windows prints them",
	 "\r\nProtocol tcp Dynamic Port Range\r\n---------------------------------\r\n"
	 "Start Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n",
	 49152, 65535},
	{"in German, widened",
	 "\nDynamischer Portbereich f\303\274r das Protokoll tcp\n---\nStartport      : 1025\n"
	 "Anzahl von Ports : 64510\n",
	 1025, 65534},
	{"one number only", "Start Port : 49152\n", 0, 0},
	{"more than there are", "a : 49152\nb : 16385\n", 0, 0},
	{"none", "a : 49152\nb : 0\n", 0, 0},
	{"another text", "The following command was not found: interface.\n", 0, 0},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span text = span_str(cases[i].text);
		struct excluded_range range;
		char ranges[256] = "";
		size_t n = 0;

		while (excluded_next(&text, &range))
			n += (size_t)snprintf(ranges + n, sizeof(ranges) - n, "%u-%u%s ", range.first,
					      range.last, range.is_administered ? "*" : "");
		is_str(ranges, cases[i].ranges, cases[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(dynamic); i++) {
		struct excluded_range range = {1, 2, false};
		bool is_read = dynamic_ports_read(span_str(dynamic[i].text), &range);

		ok(is_read == (dynamic[i].last != 0), "%s", dynamic[i].name);
		ok(is_read ? range.first == dynamic[i].first && range.last == dynamic[i].last
			   : range.first == 1 && range.last == 2,
		   "  its numbers");
	}
	return done();
}
