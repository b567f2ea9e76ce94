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
	return done();
}
