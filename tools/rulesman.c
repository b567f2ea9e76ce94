/* SPDX-License-Identifier: Apache-2.0 */
/* rulesman: prints the manual page periplus-rules(7) from the rows of the rules. */
#include <stdio.h>

#include "verdict/verdict.h"

/* mdoc would take a leading dot or quote for a request, and a backslash for an escape. */
static void text(const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", stdout);
	for (; *s; s++)
		fputs(*s == '\\' ? "\\e" : (char[2]){*s, 0}, stdout);
	putchar('\n');
}

int main(void)
{
	puts(".\\\" SPDX-License-Identifier: Apache-2.0\n"
	     ".Dd November 21, 2026\n.Dt PERIPLUS-RULES 7\n.Os\n"
	     ".Sh NAME\n.Nm periplus-rules\n.Nd why a listener is expected or not\n"
	     ".Sh DESCRIPTION\n"
	     "A verdict is the worst effect among the rules that fired.\n"
	     "PP101 and PP102 cancel PP201 to PP214, never PP3xx.\n"
	     "A number alone never accuses: malware lists and ghost registrations are notes.\n"
	     ".Bl -tag -width PP999");
	for (size_t i = 0; i < verdict_n_rules(); i++) {
		const struct rule *r = verdict_rule(i);

		printf(".It %s , effect %s at most, source %s\n", r->id, effect_key(r->effect), r->source);
		text(r->title);
		puts(".Pp");
		text(r->help);
	}
	puts(".El\n.Sh SEE ALSO\n.Xr periplus 1 ,\n.Xr periplus-help 1");
	return 0;
}
