/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_consent: who may order a scan of this size, there (reliability.md R10).
 *
 * Inside of the scope any rate goes, and --yes answers the question that a large scan asks. Outside
 * the default rate is the most, and public addresses or a large scan need a person at a terminal
 * who types how many targets there are, or --authorised-by, which is kept in the results.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/scan.h"

static bool is_typed(const struct scan_plan *plan)
{
	char line[64] = "";
	char want[32];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	snprintf(want, sizeof(want), "%" PRIu64, plan->n_own);
	fprintf(stderr,
		_("%" PRIu64 " targets on %" PRIu64 " hosts, %" PRIu64
		  " of them outside of your scope, %" PRIu64
		  " public.\nMay they be scanned? Type the number of targets: "),
		plan->n_own, plan->n_hosts, plan->n_outside, plan->n_public);
	fflush(stderr);
	return fgets(line, sizeof(line), stdin) && span_is(span_trim(span_str(line)), want);
}

int scan_consent(const struct scan_plan *plan, const struct scan_consent *consent)
{
	bool is_outside = plan->n_outside > 0;
	bool is_large = plan->n_own > SCAN_UNASKED_MOST;

	if (is_outside && consent->rate_pps > SCAN_RATE)
		return cli_fail(EX_NOPERM,
				_("%" PRIu64 " of these hosts are outside of your own networks: at "
				  "most %d packets/s there; if they are yours: --scope NETWORK"),
				plan->n_outside, SCAN_RATE);
	if (!is_large && plan->n_public == 0)
		return 0;
	if (consent->authorised && consent->authorised[0])
		return 0;
	if (!is_outside && consent->is_yes)
		return 0;
	if (is_large && consent->is_kept)
		return cli_fail(EX_NOPERM,
				_("%" PRIu64 " targets are more than %d: order fewer at a time"),
				plan->n_own, SCAN_UNASKED_MOST);
	if (is_typed(plan))
		return 0;
	if (!is_outside)
		return cli_fail(EX_NOPERM,
				_("%" PRIu64 " targets are more than %d: confirm with --yes"),
				plan->n_own, SCAN_UNASKED_MOST);
	if (plan->n_public)
		return cli_fail(EX_NOPERM,
				_("public addresses outside of your scope (%" PRIu64
				  "): say who allows it with --authorised-by TEXT, or, if they are "
				  "yours, --scope NETWORK"),
				plan->n_public);
	return cli_fail(EX_NOPERM,
			_("%" PRIu64 " targets outside of your scope are more than %d: say who "
			  "allows it with --authorised-by TEXT, or, if they are yours, --scope "
			  "NETWORK"),
			plan->n_own, SCAN_UNASKED_MOST);
}
