/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup: the text of /proc/PID/cgroup, mounts, HEAD of a repository, dpkg's texts, an RPM header. */
#include "host/git.h"
#include "host/package.h"
#include "host/reason.h"
#include "host/rpm.h"
#include "host/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span text = span_of(p, n);
	struct arena arena = {0};
	struct cgroup_facts facts;
	struct rpm_file file;
	struct package_want want = {.path = SPAN_LIT("/usr/bin/x"), .package = SPAN_LIT("x"),
				    .answer = PACKAGE_OWNS};

	cgroup_read(text, &facts);
	cgroup_read_path(text, &facts);
	(void)reason_is_proc_hidden(text);
	(void)git_head(text);
	dpkg_divert(text, &want);
	(void)dpkg_lists(text, &want);
	dpkg_versions(text, &arena, &want, 1);
	(void)!rpm_header_file(text, n ? p[0] : 0, &file);
	arena_done(&arena);
	return 0;
}
