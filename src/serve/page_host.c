/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_host: /host, the listeners of this machine. The page itself knows nothing of them: its script
 * asks the API with the token. Without script it shows the command to run.
 */
#include "base/scope.h"
#include "serve/web.h"

void page_host(struct web *web)
{
	static const char *const heads[] = {N_("Port"), N_("Listens on"), N_("Process"), N_("Verdict")};

	page_begin(web, span_str(word(web, N_("This machine"))), &asset_host_js);
	html(web, "<h1>");
	say(web, N_("This machine"));
	html(web, "</h1><p id=state role=status");
	put_data(web, "live", N_("Live: changes appear by themselves."));
	put_data(web, "lost", N_("The server does not answer; trying again."));
	put_data(web, "token", N_("Open the address that the server printed: the token is in it."));
	put_data(web, "blind", N_("Not everything could be seen; run the server as root to see all."));
	put_data(web, "expected", N_("expected"));
	put_data(web, "look", N_("needs a look"));
	put_data(web, "unexpected", N_("unexpected"));
	put_data(web, "hidden", N_("not visible"));
	put_data(web, "started", N_("started by"));
	put_data(web, "terminal", N_("terminal"));
	put_data(web, "user", N_("user"));
	put_data(web, "directory", N_("directory"));
	put_data(web, "registered", N_("registered"));
	put_data(web, "practice", N_("practice"));
	put_data(web, "claimed", N_("claimed"));
	put_data(web, "here", N_("here now"));
	put_data(web, "none", N_("none known"));
	put_data(web, "reach", N_("reachable from"));
	put_data(web, "any", N_("every interface"));
	put_data(web, "lo", N_("this machine only"));
	put_data(web, "one", N_("one address"));
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		put_data(web, map_standing_word((enum map_standing)i),
			 standing_text(web, (enum map_standing)i));
	put_data(web, "opened", N_("opened"));
	put_data(web, "closed", N_("closed"));
	html(web, ">");
	SAY(web, N_("Who listens here is shown by a script; without it, run {1}"),
	    CODE(SPAN_LIT("sudo periplus")));
	html(web, "</p><p><label>");
	say(web, N_("Filter"));
	html(web, " <input id=filter type=search maxlength=100></label></p>");
	table_begin(web, N_("Listeners, the worst first"), heads, ARRAY_LEN(heads));
	html(web, "<tbody id=rows>");
	table_end(web);
	section(web, "changes", N_("Changes while this page is open"));
	/* what was here before would come from a store of sightings, and there is none */
	html(web, "<ol id=events reversed></ol><p class=dim>");
	say(web, N_("No history is kept on this machine."));
	html(web, " ");
	SAY(web, N_("To see what opens and closes from now on, run {1}; to keep how it is today, run {2}"),
	    CODE(SPAN_LIT("sudo periplus watch")), CODE(SPAN_LIT("sudo periplus --json")));
	html(web, "</p></section>");
	page_end(web);
}

void api_listeners(struct web *web)
{
	web->answer->status = 200;
	web->answer->type = "application/json";
	web->answer->live = LIVE_LISTENERS;
}

void api_stream(struct web *web)
{
	web->answer->status = 200;
	web->answer->type = "text/event-stream";
	web->answer->live = LIVE_STREAM;
}

void api_metrics(struct web *web)
{
	struct map_counts *counts = arena_get(&web->arena, sizeof(*counts));

	web->answer->status = 200;
	web->answer->type = "text/plain; version=0.0.4; charset=utf-8";
	web->answer->live = LIVE_METRICS;
	map_count(web->site->map, counts);
	html(web, "# HELP periplus_registrations Registrations in the map, by standing.\n"
		  "# TYPE periplus_registrations gauge\n");
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		buf_print(web->out, "periplus_registrations{standing=\"%s\"} %zu\n",
			  map_standing_word((enum map_standing)i), counts->by_standing[i]);
	buf_print(web->out,
		  "# HELP periplus_facts Facts of the practice in the map.\n"
		  "# TYPE periplus_facts gauge\nperiplus_facts %zu\n",
		  counts->facts);
}
