/* SPDX-License-Identifier: Apache-2.0 */
/* text_why: causes that this machine cannot make, as a person reads them: what is in the way, what helps. */
#include <errno.h>

#include "out/text.h"
#include "tap.h"

#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}

static const struct {
	const char *name, *system;
	enum bind_cause cause;
	enum transport transport;
	struct span detail;
	int error;
	const char *says, *advises; /* advises NULL: no command */
} cases[] = {
	{"a range that Windows keeps back", "Windows 10.0.19045", BIND_EXCLUDED, TRANSPORT_TCP,
	 S("50000-50059"), EACCES, "Windows keeps the range 50000-50059 back",
	 "netsh interface ipv4 show excludedportrange protocol=tcp"},
	{"the same of UDP", "Windows 10.0.19045", BIND_EXCLUDED, TRANSPORT_UDP, S("50000-50059"), EACCES,
	 "Windows keeps the range", "excludedportrange protocol=udp"},
	{"source ports of Windows", "Windows 10.0.19045", BIND_EPHEMERAL, TRANSPORT_TCP, S("49152-65535"), 0,
	 "hands out 49152-65535 as source ports", NULL},
	{"a policy of SELinux", "Fedora 40", BIND_SELINUX, TRANSPORT_TCP, S("httpd_t"), EACCES,
	 "SELinux enforces its policy", "sudo semanage port -l"},
	{"a privileged number of FreeBSD", "FreeBSD 14.2", BIND_PRIVILEGED, TRANSPORT_TCP, S("1024"), EACCES,
	 "numbers below 1024 need", NULL},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bind_finding finding = {.cause = cases[i].cause, .n = 1,
						     .detail = cases[i].detail};
		const struct bind_report bind = {.port = 50000, .transport = cases[i].transport,
						 .is_tried = true, .error = cases[i].error,
						 .findings = &finding, .n_findings = 1};
		const struct host_info host = {.system = span_str(cases[i].system)};
		const struct why_report report = {.host = &host, .bind = &bind};
		const struct style style = {.columns = 200};
		struct buf text = BUF_INIT;
		ptrdiff_t next;

		text_why(&text, &style, &report);
		next = span_find(buf_span(&text), SPAN_LIT("\n  next "));
		ok(span_find(buf_span(&text), span_str(cases[i].says)) > 0, "%s", cases[i].name);
		ok(cases[i].advises ? span_find(buf_span(&text), span_str(cases[i].advises)) > next && next > 0
				    : next < 0,
		   "  and what helps there, or nothing that it has not");
		if (span_find(buf_span(&text), span_str(cases[i].says)) <= 0 ||
		    (cases[i].advises == NULL) != (next < 0))
			note("%.*s", SPAN_ARG(buf_span(&text)));
		buf_done(&text);
	}
	return done();
}
