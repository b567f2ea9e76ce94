/* SPDX-License-Identifier: Apache-2.0 */
/* text: the format for people. Its rows must survive grep, cut and a paste into a ticket. */
#include "out/text.h"

#include "out/asked.h"
#include "out/scan_report.h"
#include "out/traffic.h"

extern const struct format format_text;
const struct format format_text = {.name = "text",
				   .explains_port = true,
				   .traffic = text_traffic,
				   .host = text_host,
				   .port = text_port,
				   .look = text_look,
				   .stats = text_stats,
				   .event = text_event,
				   .facts = text_facts,
				   .identify = text_identify,
				   .why = text_why,
				   .pick = text_pick,
				   .scan_plan = scan_plan_text,
				   .scan = scan_text,
};
