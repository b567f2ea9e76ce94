/* SPDX-License-Identifier: Apache-2.0 */
/* json_reserve: one object of `periplus reserve`; both JSON formats. */
#include "out/json_report.h"
#include "out/record.h"

/* Ranges, ascending, each by its first and last number: all of them may be asked for. */
static void ranges(struct json *j, const char *key, const struct port_set *set)
{
	json_array(j, key);
	for (uint32_t port = 0; set && port < N_PORTS; port++) {
		uint32_t last = port;

		if (!port_set_has(set, (uint16_t)port))
			continue;
		while (last + 1 < N_PORTS && port_set_has(set, (uint16_t)(last + 1)))
			last++;
		json_array(j, NULL);
		json_u64(j, NULL, port);
		json_u64(j, NULL, last);
		json_array_end(j);
		port = last;
	}
	json_array_end(j);
}

static void put(struct json *j, const struct style *style, const struct reserve_report *report)
{
	json_object(j, NULL);
	json_str(j, "schema", "reserve/1");
	json_time(j, "@timestamp", style->now);
	json_str(j, "action",
		 !report->changed     ? "list"
		 : report->is_release ? "release"
				      : "reserve");
	json_bool(j, "dry_run", report->is_dry_run);
	json_bool(j, "runtime", report->is_runtime);
	ranges(j, "changed", report->changed);
	ranges(j, "kept_back", report->now);
	ranges(j, "by_reserve", report->ours);
	record_text(j, "overridden_by", report->overridden);
	json_object_end(j);
}

void json_report_reserve(struct buf *b, const struct style *style, const struct reserve_report *report)
{
	struct json j;

	json_init(&j, b, !style->is_lines);
	put(&j, style, report);
	json_end(&j);
}
