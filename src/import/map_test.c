/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: what the image inside the program answers is what data/iana/registry.tsv says, field by
 * field, for every row, every number and each transport; none missing, none invented.
 */
#include "map/map.h"

#include "base/scope.h"
#include "import/import.h"
#include "tap.h"

static int read_facts(struct facts *facts)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct why why = {0};
	char piece[65536];
	size_t n;

	buf_print(&path, "%s/data/iana/registry.tsv%c", source_dir(), 0);
	auto_fclose FILE *file = fopen(path.p, "re");

	while (file && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_raw(&text, span_of(piece, n));
	int error = import_read(facts, buf_span(&text), "registry.tsv", &why);

	if (error)
		note("%s", why.text);
	buf_done(&path);
	buf_done(&text);
	return error;
}

static bool is_row_of(const struct map_registration *row, const struct fact *fact)
{
	const struct span got[N_FACT_FIELDS] = {
		[FACT_SERVICE] = row->service,           [FACT_DESCRIPTION] = row->description,
		[FACT_ORGANISATION] = row->organisation, [FACT_DOMAIN] = row->domain,
		[FACT_REGISTERED] = row->registered,     [FACT_MODIFIED] = row->modified,
		[FACT_REFERENCES] = row->references,     [FACT_SERVICE_CODE] = row->service_code,
		[FACT_UNAUTHORIZED] = row->unauthorized, [FACT_NOTES] = row->notes,
	};

	if (row->has_port != fact->has_port || row->transport != fact->transport)
		return false;
	if (row->has_port && (row->first != fact->first || row->last != fact->last))
		return false;
	for (size_t i = FACT_SERVICE; i < N_FACT_FIELDS; i++)
		if (!span_eq(got[i], fact->text[i]))
			return false;
	return true;
}

static void test_rows(const struct facts *facts)
{
	struct map_registration row;
	size_t n_wrong = 0;

	is_int((int64_t)map_n_registrations(NULL), (int64_t)facts->n_rows, "as many rows as facts");
	is_span(map_registry_date(NULL), facts->rows_from.date, "the date of the facts");
	for (uint32_t i = 0; i < map_n_registrations(NULL) && i < facts->n_rows; i++) {
		map_registration_get(NULL, i, &row);
		if (row.index == i && is_row_of(&row, &facts->rows[i]))
			continue;
		if (n_wrong++ < 5)
			note("row %u: %u '%.*s'", i, row.first, SPAN_ARG(row.service));
	}
	is_int((int64_t)n_wrong, 0, "every row says what its fact says");
}

/* What the map answers for a number is exactly the facts that cover it, each once. */
static bool is_answer(const struct facts *facts, uint16_t port, enum transport transport,
		      const uint16_t *covering, size_t n_covering)
{
	struct map_registration row;
	uint32_t cursor = 0;
	size_t n_wanted = 0, n_got = 0;

	for (size_t i = 0; i < n_covering; i++) {
		enum transport has = facts->rows[covering[i]].transport;

		n_wanted += transport == TRANSPORT_ANY || has == transport || has == TRANSPORT_ANY;
	}
	uint64_t seen[4] = {0};

	while (map_next_registration(NULL, port, transport, &cursor, &row)) {
		size_t at = 0;

		while (at < n_covering && covering[at] != row.index)
			at++;
		if (at == n_covering || at >= 256 || (seen[at / 64] >> (at % 64) & 1))
			return false;
		seen[at / 64] |= UINT64_C(1) << (at % 64);
		if (!is_row_of(&row, &facts->rows[row.index]))
			return false;
		if (transport != TRANSPORT_ANY && row.transport != transport &&
		    row.transport != TRANSPORT_ANY)
			return false;
		n_got++;
	}
	return n_got == n_wanted;
}

static void test_numbers(const struct facts *facts)
{
	static const enum transport transports[] = {TRANSPORT_ANY, TRANSPORT_TCP, TRANSPORT_UDP,
						    TRANSPORT_DCCP, TRANSPORT_SCTP};

	for (size_t t = 0; t < ARRAY_LEN(transports); t++) {
		size_t n_wrong = 0, open = 0, next = 0;
		uint16_t covering[256] = {0};

		for (uint32_t port = 0; port < N_PORTS; port++) {
			size_t n_kept = 0;

			for (size_t i = 0; i < open; i++)
				if (facts->rows[covering[i]].last >= port)
					covering[n_kept++] = covering[i];
			open = n_kept;
			for (; next < facts->n_rows && facts->rows[next].has_port &&
			       facts->rows[next].first == port && open < ARRAY_LEN(covering);
			     next++)
				covering[open++] = (uint16_t)next;
			if (is_answer(facts, (uint16_t)port, transports[t], covering, open))
				continue;
			if (n_wrong++ < 5)
				note("wrong for %u", port);
		}
		ok(n_wrong == 0, "all 65,536 numbers answer the facts for %s",
		   transport_word(transports[t]));
	}
}

int main(void)
{
	struct facts facts = {0};

	if (ok(read_facts(&facts) == 0, "the kept facts are read")) {
		test_rows(&facts);
		test_numbers(&facts);
	}
	facts_done(&facts);
	return done();
}
