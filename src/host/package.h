/* SPDX-License-Identifier: Apache-2.0 */
/* package: which package owns a file. Private to the host room. */
#ifndef PERIPLUS_HOST_PACKAGE_H
#define PERIPLUS_HOST_PACKAGE_H

#include "base/arena.h"
#include "base/sighting.h"

/* One file that is asked for. */
struct package_want {
	struct span path;
	struct span unit;     /* a hint where to look first; may be empty */
	struct span listed;   /* the name under which the database lists it */
	struct span only_by;  /* by diversion: only this package counts; may be empty */
	struct span not_by;   /* by diversion: this one does not */
	bool is_nobodys;      /* diverted away by hand: what is there now is no package's */
	struct span package, version;
	enum package_answer answer;
};

/* Asks dpkg's database in `directory` ("/var/lib/dpkg"). False when there is none. */
bool dpkg_ask(const char *directory, struct arena *arena, struct package_want *wants, size_t n);
/* The same of an RPM database ("/var/lib/rpm/rpmdb.sqlite"). */
bool rpm_ask(const char *path, struct arena *arena, struct package_want *wants, size_t n);

/* Readers, pure. */
/* Sets listed, only_by and not_by by the text of dpkg's diversions. */
void dpkg_divert(struct span diversions, struct package_want *want);
/* Whether the text of a .list holds the file. */
bool dpkg_lists(struct span list, const struct package_want *want);
/* Sets the versions of found packages by the text of dpkg's status. */
void dpkg_versions(struct span status, struct arena *arena, struct package_want *wants, size_t n);

#endif
