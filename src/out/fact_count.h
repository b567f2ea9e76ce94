/* SPDX-License-Identifier: Apache-2.0 */
/* fact_count: counts over chosen facts, the same in every format (private to out). */
#ifndef PERIPLUS_OUT_FACT_COUNT_H
#define PERIPLUS_OUT_FACT_COUNT_H

#include "out/out.h"

struct fact_counts {
	size_t facts;
	size_t pairs;    /* of port and transport; a range counts once */
	size_t products; /* that the facts name */
	size_t malware;  /* families: products of malware facts */
	size_t by_kind[N_PRACTICE_KINDS];
	size_t by_grade[N_PRACTICE_GRADES];
};

void fact_count(const struct facts_report *report, struct fact_counts *counts);

#endif
