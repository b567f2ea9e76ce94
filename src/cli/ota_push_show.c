/* SPDX-License-Identifier: Apache-2.0 */
/* ota_push_show: what became of one upload, as text, plain line or JSON. */
#include <time.h>

#include "base/scope.h"
#include "cli/ota.h"

static struct span said_of(const struct ota_upload *up)
{
	return span_of(up->said, up->n_said);
}

/* What happened, for a person; what the device said follows where it said something. */
static const char *sentence(const struct ota_upload *up)
{
	switch (up->failure) {
	case OTA_FAIL_NO_ANSWER:
		return up->scheme == OTA_NONE
			       ? _("no answer to the invitation: is it on, and is this "
				   "its port?")
			       : _("no answer to the password");
	case OTA_FAIL_NO_CALL:
		return _("it accepted and never called back: a firewall of this machine?");
	case OTA_FAIL_LOST:
		return up->n_sent == up->image->bytes.n
			       ? _("all was sent and it hung up without a result: see whether it "
				   "runs the new image")
			       : _("it hung up in the middle");
	case OTA_FAIL_STALLED:
		return up->n_sent == up->image->bytes.n ? _("all was sent and no result came: see "
							    "whether it runs the new image")
							: _("it took no more bytes");
	case OTA_FAIL_BAD_ANSWER: return _("it answers what ArduinoOTA never says");
	case OTA_FAIL_REFUSED: return _("it refused the image");
	case OTA_FAIL_DEVICE: return _("it failed");
	case OTA_FAIL_NEEDS_PASSWORD: return _("it asks for a password: --password-file FILE");
	case OTA_FAIL_WRONG_PASSWORD: return _("it refused the password");
	default: return up->why.text;
	}
}

static const char *remedy(const struct ota_upload *up)
{
	const struct ota_error *e = NULL;

	if (up->failure == OTA_FAIL_REFUSED || up->failure == OTA_FAIL_DEVICE)
		e = ota_error_find(said_of(up));
	return e ? _(e->remedy) : NULL;
}

static void show_text(struct buf *b, const struct ota_upload *up)
{
	buf_term(b, span_str(up->word));
	if (up->state == OTA_UPLOADED) {
		buf_print(b, _("  uploaded  %zu bytes"), up->image->bytes.n);
		if (up->scheme != OTA_NONE)
			buf_print(b, _(", password by %s"), ota_scheme_word(up->scheme));
		buf_byte(b, '\n');
		return;
	}
	buf_str(b, _("  failed    "));
	buf_term(b, span_str(sentence(up)));
	if (up->n_said) {
		buf_str(b, ": '");
		buf_term(b, said_of(up));
		buf_byte(b, '\'');
	}
	if (remedy(up))
		buf_print(b, ": %s", remedy(up));
	buf_byte(b, '\n');
}

static void show_plain(struct buf *b, const struct ota_upload *up, bool has_head)
{
	if (has_head)
		buf_str(b, "state\treason\thost\tport\tbytes\tauth\tinvitations\tsaid\n");
	buf_print(b, "%s\t%s\t", up->state == OTA_UPLOADED ? "uploaded" : "failed",
		  ota_failure_word(up->failure));
	ota_put_address(b, &up->peer.address);
	buf_print(b, "\t%u\t%zu\t%s\t%u\t", up->peer.port, up->n_sent, ota_scheme_word(up->scheme),
		  up->n_invitations);
	if (up->n_said)
		buf_plain(b, said_of(up));
	else
		buf_byte(b, '-');
	buf_byte(b, '\n');
}

static void show_json(struct json *j, const struct ota_upload *up)
{
	const struct ota_image *image = up->image;
	char text[ADDRESS_TEXT];

	json_object(j, NULL);
	json_time(j, "@timestamp", (int64_t)time(NULL));
	json_object(j, "server");
	json_span(j, "address", span_str(up->word));
	json_str(j, "ip", address_text(&up->peer.address, text));
	json_u64(j, "port", up->peer.port);
	json_object_end(j);
	json_object(j, "file");
	json_span(j, "name", span_base(span_str(image->name)));
	json_u64(j, "size", image->bytes.n);
	json_object(j, "hash");
	json_str(j, "md5", image->md5);
	json_object_end(j);
	json_object_end(j);
	json_object(j, "periplus");
	json_str(j, "schema", "ota_push/1");
	json_str(j, "state", up->state == OTA_UPLOADED ? "uploaded" : "failed");
	json_str(j, "image", image->is_filesystem ? "file-system" : "firmware");
	json_str(j, "reason", ota_failure_word(up->failure));
	if (up->failure)
		json_str(j, "message", sentence(up));
	if (remedy(up))
		json_str(j, "remedy", remedy(up));
	json_span_if(j, "said", said_of(up));
	json_str(j, "auth", ota_scheme_word(up->scheme));
	json_u64(j, "invitations", up->n_invitations);
	json_u64(j, "call_back_port", up->call_port);
	json_u64(j, "bytes_sent", up->n_sent);
	json_u64(j, "took_ms", (uint64_t)(up->ended_ms - up->began_ms));
	json_object_end(j);
	json_object_end(j);
}

void ota_push_show(struct ota *ota, const struct ota_upload *up, bool first, bool last)
{
	struct json j;

	switch (ota->format) {
	case OTA_TEXT_LINES: show_text(&ota->out, up); return;
	case OTA_PLAIN: show_plain(&ota->out, up, first && ota->is_verbose); return;
	case OTA_NDJSON:
		json_init(&j, &ota->out, false);
		show_json(&j, up);
		json_end(&j);
		return;
	case OTA_JSON:
		json_init(&j, &ota->out, true);
		buf_str(&ota->out, first ? "[" : ",");
		buf_byte(&ota->out, '\n');
		show_json(&j, up);
		buf_str(&ota->out, last ? "\n]\n" : "");
	}
}
