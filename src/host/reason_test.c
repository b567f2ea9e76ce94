/* SPDX-License-Identifier: Apache-2.0 */
#include "host/reason.h"

#include "host/survey.h"
#include "tap.h"

/* The reason of the one socket of a listing. */
static enum hidden_reason reason_of(const struct socket_row *row, const struct survey *found)
{
	struct socket_row rows[1] = {*row};
	struct survey survey = *found;

	survey.sockets = (struct socket_table){.rows = rows, .n = 1};
	reason_fill(&survey);
	return (enum hidden_reason)rows[0].hidden;
}

int main(void)
{
	static const struct survey as_root = {.is_root = true};
	static const struct survey refused = {.n_denied = 3};
	static const struct socket_row plain = {.inode = 7};
	static const struct socket_row lost = {.inode = 7, .has_lost = true};
	static const struct socket_row fileless = {.inode = 0};
	static const struct socket_row owned = {.inode = 7, .n_owners = 1, .has_lost = true};
	static const struct socket_row told = {.inode = 7, .hidden = HIDDEN_HIDEPID};
	enum hidden_reason nobody =
		reason_in_own_pid_namespace() ? HIDDEN_PID_NAMESPACE : HIDDEN_KERNEL;

	is_int(reason_of(&plain, &as_root), nobody, "all is seen, and nobody has it");
	is_int(reason_of(&lost, &as_root), HIDDEN_EXITED, "its process ended while it was read");
	is_int(reason_of(&lost, &refused), HIDDEN_EXITED, "which is known whoever else refused");
	is_int(reason_of(&plain, &refused), HIDDEN_PERMISSION, "who refused may have it");
	is_int(reason_of(&fileless, &refused), HIDDEN_KERNEL, "without a file nobody can");
	is_int(reason_of(&owned, &as_root), HIDDEN_NONE, "another owner is one");
	is_int(reason_of(&told, &as_root), HIDDEN_HIDEPID, "what is known stays");
	return done();
}
