/* SPDX-License-Identifier: Apache-2.0 */
/* registry: see registry.h. */
#include "cli/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"

char *registry_directory(void)
{
	const char *own = secure_getenv("PERIPLUS_STATE_DIR");
	const char *xdg = secure_getenv("XDG_STATE_HOME");
	const char *home = secure_getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (geteuid() == 0)
		n = asprintf(&path, "%s", REGISTRY_ROOT);
	else if (own && own[0] == '/')
		n = asprintf(&path, "%s", own);
	else if (xdg && xdg[0] == '/')
		n = asprintf(&path, "%s/periplus", xdg);
	else if (home && home[0] == '/')
		n = asprintf(&path, "%s/.local/state/periplus", home);
	return n < 0 ? NULL : path;
}

int registry_make_directories(char *path, struct why *why)
{
	mode_t mode = geteuid() == 0 ? 0755 : 0700;

	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = 0;
		bool is_made = mkdir(path, mode) == 0 || errno == EEXIST || errno == EROFS;

		if (!is_made)
			why_errno(why, _("cannot make directory '%s'"), path);
		int error = is_made ? 0 : -errno;

		if (slash)
			*slash = '/';
		if (error || !slash)
			return error;
	}
}

/* Takes the image in a directory when it is as new as what *newest has, or newer. */
static void take_newer(const char *directory, const struct map **newest, struct map **opened,
		       struct why *refused)
{
	auto_free char *path = NULL;

	if (!directory || asprintf(&path, "%s/%s", directory, REGISTRY_IMAGE) < 0) {
		path = NULL;
		return;
	}
	if (access(path, F_OK) != 0)
		return;

	struct map *map = map_open(path, refused);

	if (map && span_cmp(map_registry_date(map), map_registry_date(*newest)) >= 0) {
		map_free(*opened);
		*opened = map;
		*newest = map;
	} else {
		map_free(map);
	}
}

const struct map *registry_newest(struct map **opened, struct why *refused)
{
	auto_free char *own = registry_directory();
	const struct map *newest = map_builtin();

	*opened = NULL;
	if (refused)
		refused->text[0] = 0;
	if (geteuid() != 0)
		take_newer(REGISTRY_ROOT, &newest, opened, refused);
	take_newer(own, &newest, opened, refused);
	return newest;
}
