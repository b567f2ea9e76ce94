/* SPDX-License-Identifier: Apache-2.0 */
/* rules_bind: who claims the number, and who can reach it. */
#include "verdict/matter.h"

static struct span address(const struct matter *m)
{
	char text[ADDRESS_TEXT];

	return arena_print(m->arena, "%s", address_text(&m->sighting->local, text));
}

bool fires_unclaimed(const struct matter *m, struct finding *f)
{
	struct span who = matter_who(m);

	if (!m->process)
		return false;
	if (m->is_handed) {
		f->effect = EFFECT_NOTE;
		f->detail = TELL(m,
				 span_is_drive_path(m->process->executable)
					 ? _("'%.*s' takes any number it is handed, and tells the "
					     "endpoint mapper which")
					 : _("'%.*s' takes any number it is handed, and tells rpcbind "
					     "which"),
				 SPAN_ARG(who));
		return true;
	}
	if (m->is_helper) {
		f->effect = EFFECT_NOTE;
		f->detail = TELL(m,
				 _("the kernel handed this number to '%.*s' for its own "
				   "questions"),
				 SPAN_ARG(who));
		return true;
	}
	if (m->match == MATCH_NONE) {
		f->detail = TELL(m, _("'%.*s' holds it, and nobody has claimed it"),
				 SPAN_ARG(who.n ? who : matter_title(m)));
		return true;
	}
	f->detail = TELL(m, _("'%.*s' (%.*s) holds it, and nobody has claimed it"),
			 SPAN_ARG(who.n ? who : matter_title(m)), SPAN_ARG(matter_title(m)));
	return true;
}

bool fires_reachable(const struct matter *m, struct finding *f)
{
	if (m->scope == BIND_LOOPBACK || m->is_helper)
		return false;
	if (m->is_handed)
		f->effect = EFFECT_NOTE;
	if (m->scope == BIND_ANY)
		f->detail = SAY(m, _("every interface: your network can reach it"));
	else
		f->detail = TELL(m, _("bound to %.*s: others can reach it there"),
				 SPAN_ARG(address(m)));
	return true;
}

static const char *scope_phrase(enum bind_scope scope)
{
	switch (scope) {
	case BIND_LOOPBACK: return _("loopback");
	case BIND_HOST: return _("one address");
	case BIND_ANY: return _("every interface");
	}
	return "";
}

/* In a container every interface is a private one: what is reachable there, its publisher says. */
bool fires_wider(const struct matter *m, struct finding *f)
{
	if (!m->has_usual || m->scope <= m->usual || m->is_helper || m->is_contained ||
	    m->sighting->container.n)
		return false;
	f->detail = TELL(m, _("usual for %.*s is %s, here it is %s"), SPAN_ARG(matter_title(m)),
			 scope_phrase(m->usual), scope_phrase(m->scope));
	return true;
}

/* Only a runtime of root's rewrites packets before the host's input rules; a rootless one opens
 * an ordinary socket, which those rules see. */
bool fires_published(const struct matter *m, struct finding *f)
{
	bool is_proxy = m->match != MATCH_NONE && product_has_role(&m->product, "container-proxy");

	if (m->scope == BIND_LOOPBACK || (!m->sighting->container.n && !is_proxy) ||
	    (m->process ? m->process->uid : m->sighting->uid) != 0)
		return false;
	if (m->sighting->container.n)
		f->detail = TELL(m,
				 _("published for container '%.*s'; such packets do not pass "
				   "the host's input rules"),
				 SPAN_ARG(m->sighting->container));
	else
		f->detail = TELL(m,
				 _("%.*s publishes it for a container; such packets do not "
				   "pass the host's input rules"),
				 SPAN_ARG(matter_title(m)));
	return true;
}

/* Who gets what: the kernel prefers the exact address to the wildcard, and a socket of the packet's
 * own family to one that serves both. */
static struct span share_out(const struct matter *m, const struct rival *rival, const char *who)
{
	const struct address *own = &m->sighting->local;
	const char *format;
	char here[ADDRESS_TEXT];
	char there[ADDRESS_TEXT];

	address_text(own, here);
	address_text(&rival->local, there);
	if (address_cmp(own, &rival->local) == 0) {
		format = m->sighting->state == SOCKET_LISTEN
				 ? _("user '%s' listens on %s too: a connection goes to either")
				 : _("user '%s' is bound to %s too: a packet goes to either");
		return arena_print(m->arena, format, who, there);
	}
	if (address_is_any(own) && address_is_any(&rival->local)) {
		format = own->family == ADDRESS_IPV4
				 ? _("IPv4 comes here, IPv6 goes to user '%s' on %s")
				 : _("IPv6 comes here, IPv4 goes to user '%s' on %s");
		return arena_print(m->arena, format, who, there);
	}
	if (address_is_any(&rival->local))
		return arena_print(
			m->arena,
			_("what is sent to %s comes here, the rest goes to user '%s' on %s"), here,
			who, there);
	if (address_is_any(own))
		return arena_print(m->arena,
				   _("what is sent to %s goes to user '%s', the rest comes here"),
				   there, who);
	return arena_print(m->arena,
			   _("'localhost' is either: %s comes here, %s goes to user '%s'"), here,
			   there, who);
}

bool fires_rival(const struct matter *m, struct finding *f)
{
	const struct rival *rival = m->sighting->rival;
	struct span who;

	if (!m->sighting->has_rival)
		return false;
	if (m->around->no_details)
		return true;
	if (!rival) {
		f->detail = SAY(m, _("another user's socket has the same number and could take its "
				     "traffic"));
		return true;
	}
	who = rival->user.n ? arena_copy(m->arena, rival->user)
			    : arena_print(m->arena, "%u", rival->uid);
	f->detail = share_out(m, rival, (const char *)who.p);
	return true;
}

/* Which number was chosen and which was handed out is only known where practice names it. */
bool fires_ephemeral(const struct matter *m, struct finding *f)
{
	if (!matter_is_ephemeral(m) || m->is_helper ||
	    (m->sighting->state != SOCKET_LISTEN && !m->is_fact_sure))
		return false;
	if (!m->is_fact_sure)
		f->effect = EFFECT_NOTE;
	f->detail = TELL(m,
			 _("this host hands out %u-%u as source ports, so any program can "
			   "hold the number before it"),
			 (unsigned)m->around->ephemeral_first, (unsigned)m->around->ephemeral_last);
	return true;
}
