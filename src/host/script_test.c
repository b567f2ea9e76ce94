/* SPDX-License-Identifier: Apache-2.0 */
/* script: arguments of interpreters, honest and not. '|' stands for the NUL behind an argument. */
#include "base/scope.h"
#include "host/script.h"
#include "tap.h"

struct script_case {
	const char *program, *arguments;
	const char *runtime;
	enum script_kind kind;
	const char *name;
};

static const struct script_case cases[] = {
	{"python3.11", "python3|-m|http.server|3000|", "python", SCRIPT_MODULE, "http.server"},
	{"python3", "python3|-Im|http.server|", "python", SCRIPT_MODULE, "http.server"},
	{"python3", "python3|-mhttp.server|", "python", SCRIPT_MODULE, "http.server"},
	{"python3", "python3|-u|-X|dev|admin.py|--port|8081|", "python", SCRIPT_PATH, "admin.py"},
	{"python3", "python3|-W|ignore|/srv/a b.py|", "python", SCRIPT_PATH, "/srv/a b.py"},
	{"python3", "python3|-Wignore|x.py|", "python", SCRIPT_PATH, "x.py"},
	{"python3", "python3|-c|import os|x.py|", "python", SCRIPT_NONE, ""},
	{"python3", "python3|", "python", SCRIPT_NONE, ""},
	{"python3", "python3|-|", "python", SCRIPT_NONE, ""},
	{"pypy3.9", "pypy3|run.py|", "python", SCRIPT_PATH, "run.py"},
	{"node", "node|--require|dotenv/config|--inspect=9229|server.js|", "node", SCRIPT_PATH,
	 "server.js"},
	{"node", "node|-r|esm|server.js|", "node", SCRIPT_PATH, "server.js"},
	{"node", "node|-e|0|server.js|", "node", SCRIPT_NONE, ""},
	{"node", "next-server (v14.1.0)|", "node", SCRIPT_TITLE, "next-server"},
	{"node", "ng serve --host 127.0.0.1|", "node", SCRIPT_TITLE, "ng"},
	{"node", "webpack|", "node", SCRIPT_TITLE, "webpack"},
	{"ruby3.1", "puma 5.6.5 (tcp://127.0.0.1:9292) [shop]|", "ruby", SCRIPT_TITLE, "puma"},
	{"ruby3.1", "puma: cluster worker 0: 17 [shop]|", "ruby", SCRIPT_TITLE, "puma"},
	{"perl", "/usr/sbin/spamd -d|", "perl", SCRIPT_TITLE, "/usr/sbin/spamd"},
	{"node", "/usr/local/bin/node|", "node", SCRIPT_NONE, ""},
	{"node", "nodejs|", "node", SCRIPT_NONE, ""},
	{"bash", "-bash|", "shell", SCRIPT_NONE, ""},
	{"node", "[kworker/0:1]|", "node", SCRIPT_NONE, ""},
	{"node", "x\x1b[2J y|", "node", SCRIPT_NONE, ""},
	{"node", "webpack\n|", "node", SCRIPT_NONE, ""},
	{"node", "webpack|serve|", "node", SCRIPT_PATH, "serve"},
	{"nodejs", "node|inspect|app.js|", "node", SCRIPT_PATH, "app.js"},
	{"node", "node|--|-odd.js|", "node", SCRIPT_PATH, "-odd.js"},
	{"ruby3.1", "ruby|-I|lib|-W0|bin/rails|server|", "ruby", SCRIPT_PATH, "bin/rails"},
	{"ruby", "ruby|-S|puma|-p|3000|", "ruby", SCRIPT_PATH, "puma"},
	{"perl", "/usr/bin/perl|-w|-Ilib|/usr/sbin/munin-node|", "perl", SCRIPT_PATH,
	 "/usr/sbin/munin-node"},
	{"perl", "perl|-MIO::Socket|-e|code|", "perl", SCRIPT_NONE, ""},
	{"perl", "perl|-lne|code|", "perl", SCRIPT_NONE, ""},
	{"java", "java|-Xmx1g|-cp|/a.jar:/b.jar|-Dx=y|org.apache.zookeeper.server.quorum.QuorumPeerMain|"
		 "zoo.cfg|", "java", SCRIPT_CLASS, "org.apache.zookeeper.server.quorum.QuorumPeerMain"},
	{"java", "java|-jar|/usr/share/java/jenkins.war|--httpPort=8080|", "java", SCRIPT_PATH,
	 "/usr/share/java/jenkins.war"},
	{"java", "java|@/etc/args|-m|mod/pkg.Main|", "java", SCRIPT_MODULE, "mod/pkg.Main"},
	{"java", "java|--module-path|m|--add-modules|a|Main|", "java", SCRIPT_CLASS, "Main"},
	{"deno", "deno|run|--allow-net|main.ts|", "deno", SCRIPT_PATH, "main.ts"},
	{"deno", "deno|task|dev|", "deno", SCRIPT_TASK, "dev"},
	{"bun", "bun|--watch|src/index.ts|", "bun", SCRIPT_PATH, "src/index.ts"},
	{"php8.2", "php|-S|127.0.0.1:8000|-t|public|router.php|", "php", SCRIPT_OPTION, "-S"},
	{"php8.2", "php|-d|x=1|-S127.0.0.1:8000|", "php", SCRIPT_OPTION, "-S"},
	{"php8.2", "php|--server|127.0.0.1:8000|", "php", SCRIPT_OPTION, "--server"},
	{"php8.2", "php|--server=127.0.0.1:8000|", "php", SCRIPT_OPTION, "--server"},
	{"php8.2", "php|listen.php|-S|127.0.0.1:8000|", "php", SCRIPT_PATH, "listen.php"},
	{"php", "php|artisan|serve|", "php", SCRIPT_PATH, "artisan"},
	{"php-fpm8.2", "php-fpm: master process|", "", SCRIPT_NONE, ""},
	{"dotnet", "dotnet|/app/Shop.dll|--urls|http://*:5000|", "dotnet", SCRIPT_PATH, "/app/Shop.dll"},
	{"dotnet", "dotnet|exec|--runtimeconfig|x.json|Shop.dll|", "dotnet", SCRIPT_PATH, "Shop.dll"},
	{"bash", "bash|-x|-o|pipefail|./serve.sh|", "shell", SCRIPT_PATH, "./serve.sh"},
	{"dash", "sh|-c|nc -l 80|", "shell", SCRIPT_NONE, ""},
	{"bash", "bash|-lc|nc -l 80|", "shell", SCRIPT_NONE, ""},
	{"lua5.4", "lua|-l|socket|/usr/bin/prosody|", "lua", SCRIPT_PATH, "/usr/bin/prosody"},
	{"R", "/usr/lib/R/bin/exec/R|--no-echo|--no-restore|--file=plumber.R|--args|x|", "R",
	 SCRIPT_PATH, "plumber.R"},
	{"R", "R|-f|api.R|", "R", SCRIPT_PATH, "api.R"},
	{"beam.smp", "/usr/lib/erlang/bin/beam.smp|-W|w|-K|true|--|-root|/usr/lib/erlang|-home|/var/lib/r|"
		     "--|-pa|x|-noshell|-s|rabbit|boot|", "erlang", SCRIPT_MODULE, "rabbit"},
	{"sshd", "sshd|-D|", "", SCRIPT_NONE, ""},
	{"python3-config", "x|", "", SCRIPT_NONE, ""},
	{"python3", "", "python", SCRIPT_NONE, ""},
	{"python3", "python3||||x.py|", "python", SCRIPT_PATH, "x.py"},
	{"python3", "python3|-m|", "python", SCRIPT_NONE, ""},
	{"python3", "python3|-W|", "python", SCRIPT_NONE, ""},
	{"python3", "python3|cut", "python", SCRIPT_PATH, "cut"},
	{"python3", "python3|\x1b[2J\nforged row|", "python", SCRIPT_PATH, "\x1b[2J\nforged row"},
	{"python3", "python3|--check-hash-based-pycs|always|x.py|", "python", SCRIPT_PATH, "x.py"},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct script_case *c = &cases[i];
		char *argv = strdup(c->arguments);
		size_t n = strlen(argv);

		for (size_t k = 0; k < n; k++)
			if (argv[k] == '|')
				argv[k] = '\0';
		struct script s = script_read(span_str(c->program), span_of(argv, n));

		if (!ok(strcmp(s.runtime ? s.runtime : "", c->runtime) == 0 && s.kind == c->kind &&
				span_is(s.name, c->name),
			"%s: '%s'", c->program, i == 47 ? "bytes that are no text" : c->arguments))
			note("%s, kind %d, '%.*s'", s.runtime ? s.runtime : "-", s.kind,
			     SPAN_ARG(s.name));
		free(argv);
	}

	enum { MANY = 100000 };
	char *argv = calloc(2, MANY);

	for (size_t i = 0; i < MANY; i++)
		argv[2 * i] = '+';
	ok(script_read(SPAN_LIT("node"), span_of(argv, 2 * (size_t)MANY)).name.n == 1,
	   "very many arguments end");
	free(argv);
	return done();
}
