/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor: see supervisor.h. No shell: names of units and containers are arguments behind "--",
 * and one that begins with '-' is refused besides.
 */
#include "cli/supervisor.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"

enum { ARGUMENTS_MAX = 10, NAME_SIZE = 512 };

extern char **environ;

static bool copy(struct span s, char text[NAME_SIZE])
{
	if (!s.n || s.n >= NAME_SIZE || s.p[0] == '-' || memchr(s.p, 0, s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return true;
}

static int run(char *const *arguments)
{
	pid_t child;
	int status;
	int error = posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ);

	if (error)
		return cli_fail(EX_UNAVAILABLE, _("cannot start '%s': %s"), arguments[0], strerror(error));
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return cli_fail(EX_OSERR, _("lost '%s'"), arguments[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return cli_fail(EX_TEMPFAIL, _("'%s' failed, see above"), arguments[0]);
}

static int stop_unit(const struct stop_step *step)
{
	char unit[NAME_SIZE];
	char socket[NAME_SIZE];
	char machine[64];
	char *arguments[ARGUMENTS_MAX] = {(char *)"systemctl"};
	size_t n = 1;

	if (!copy(step->unit, unit) || (step->socket_unit.n && !copy(step->socket_unit, socket)))
		return cli_fail(EX_DATAERR, _("the unit has a name that cannot be asked for"));
	if (step->is_user_unit) {
		arguments[n++] = (char *)"--user";
		if (step->process->uid != getuid()) {
			snprintf(machine, sizeof(machine), "--machine=%u@.host", step->process->uid);
			arguments[n++] = machine;
		}
	}
	arguments[n++] = (char *)"stop";
	arguments[n++] = (char *)"--";
	if (step->socket_unit.n && !span_eq(step->socket_unit, step->unit))
		arguments[n++] = socket;
	arguments[n++] = unit;
	return run(arguments);
}

static int stop_container(const struct stop_step *step)
{
	char name[NAME_SIZE];
	char *arguments[] = {(char *)step->engine, (char *)"stop", (char *)"--", name, NULL};

	if (!copy(step->container, name))
		return cli_fail(EX_DATAERR, _("the container has a name that cannot be asked for"));
	return run(arguments);
}

int supervisor_stop(const struct stop_step *step)
{
	return step->means == STOP_CONTAINER ? stop_container(step) : stop_unit(step);
}
