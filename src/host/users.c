/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users: names of users.
 *
 * /etc/passwd is read first, once: the system's own look-up may ask a directory over the network,
 * and loads libraries. Only a user who is not in the file is asked for there (systemd's dynamic
 * users, LDAP). A name is asked for once.
 */
#include <pwd.h>
#include <stdio.h>

#include "base/scope.h"
#include "host/proc.h"

enum { PASSWD_MAX = 1 << 20, ENTRY_MAX = 16 << 10 };

struct user {
	struct user *next;
	uint32_t uid;
	struct span name;
};

static bool find_in_file(struct span text, uint32_t uid, struct span *name)
{
	struct span line;

	while (take_line(&text, &line)) {
		struct span cell[3];
		uint64_t value;
		size_t n = 0;

		while (n < ARRAY_LEN(cell) && take_until(&line, ':', &cell[n]))
			n++;
		if (n == ARRAY_LEN(cell) && span_u64(cell[2], UINT32_MAX, &value) && value == uid) {
			*name = cell[0];
			return true;
		}
	}
	return false;
}

static struct span ask(struct survey *survey, uint32_t uid)
{
	auto_free char *bytes = malloc(ENTRY_MAX);
	struct passwd entry;
	struct passwd *found = NULL;
	struct span name;

	if (!survey->has_passwd) {
		auto_free uint8_t *text = malloc(PASSWD_MAX);
		ssize_t n = text ? proc_read(-1, "/etc/passwd", text, PASSWD_MAX) : -1;

		survey->passwd = arena_copy(survey->arena, span_of(text, n > 0 ? (size_t)n : 0));
		survey->has_passwd = true;
	}
	if (find_in_file(survey->passwd, uid, &name))
		return survey_intern(survey, name);
	if (!bytes || getpwuid_r(uid, &entry, bytes, ENTRY_MAX, &found) != 0 || !found)
		return span_of(NULL, 0);
	return survey_intern(survey, span_str(found->pw_name));
}

struct span user_name(struct survey *survey, uint32_t uid)
{
	struct user **slot = &survey->users[uid % USER_SLOTS];
	struct user *user;

	for (user = *slot; user; user = user->next)
		if (user->uid == uid)
			return user->name;
	user = arena_get(survey->arena, sizeof(*user));
	*user = (struct user){.next = *slot, .uid = uid, .name = ask(survey, uid)};
	*slot = user;
	return user->name;
}
