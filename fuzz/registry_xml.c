/* SPDX-License-Identifier: Apache-2.0 */
/* the published XML from anybody: what is accepted can be written, read again, and is written the
 * same. */
#include <stdlib.h>

#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct facts facts = {0}, again = {0};
	struct buf text = BUF_INIT, twice = BUF_INIT;
	struct why why;

	if (import_xml(&facts, span_of(p, n), "fuzz", &why) == 0) {
		import_write(&facts, &text);
		if (import_read(&again, buf_span(&text), "again", &why) != 0)
			abort();
		import_write(&again, &twice);
		if (!span_eq(buf_span(&text), buf_span(&twice)))
			abort();
	}
	buf_done(&text);
	buf_done(&twice);
	facts_done(&facts);
	facts_done(&again);
	return 0;
}
