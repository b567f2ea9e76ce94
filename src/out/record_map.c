/* SPDX-License-Identifier: Apache-2.0 */
/* record_map: rows of the registry, practice and platforms as JSON objects. See record.h. */
#include "out/record.h"

/* "[RFC6513][RFC7900]" or "[IETF] see prose" become one string each, without the brackets. */
static void references(struct json *j, struct span text)
{
	json_array(j, "references");
	while ((text = span_trim(text)).n) {
		bool is_bracketed = text.p[0] == '[' && span_find_byte(text, ']') > 0;
		ptrdiff_t end = span_find_byte(span_skip(text, 1), is_bracketed ? ']' : '[');
		size_t n = end < 0 ? text.n : (size_t)end + 1;
		struct span item = span_trim(span_skip(span_cut(text, n), is_bracketed ? 1 : 0));

		if (item.n)
			json_span(j, NULL, item);
		text = span_skip(text, n + is_bracketed);
	}
	json_array_end(j);
}

static void evidence(struct json *j, const struct map *map, const struct map_registration *row)
{
	struct map_evidence item;
	uint32_t cursor = 0;

	json_array(j, "evidence");
	while (map_next_evidence(map, row, &cursor, &item)) {
		json_object(j, NULL);
		json_span(j, "source", item.source);
		record_text(j, "searched", item.searched);
		record_text(j, "finding", item.finding);
		json_bool(j, "is_for_life", item.is_for_life);
		json_object_end(j);
	}
	json_array_end(j);
}

static void ports(struct json *j, uint16_t first, uint16_t last)
{
	json_array(j, "ports");
	json_u64(j, NULL, first);
	json_u64(j, NULL, last);
	json_array_end(j);
}

static void purpose(struct json *j, const struct map *map, const struct map_registration *row)
{
	struct map_purpose known;

	if (!map_purpose_find(map, row, &known)) {
		json_null(j, "purpose");
		return;
	}
	json_object(j, "purpose");
	record_text(j, "organisation", known.organisation);
	record_text(j, "purpose", known.purpose);
	record_text(j, "source", known.source);
	record_text(j, "read", known.read);
	json_object_end(j);
}

void record_registration(struct json *j, const struct map *map, const struct map_registration *row)
{
	json_object(j, NULL);
	json_str(j, "transport", transport_word(row->transport));
	record_text(j, "service", row->service);
	record_text(j, "description", row->description);
	if (row->has_port)
		ports(j, row->first, row->last);
	else
		json_null(j, "ports");
	record_text(j, "registered", row->registered);
	record_text(j, "modified", row->modified);
	references(j, row->references);
	json_object(j, "registrant");
	record_text(j, "organisation", row->organisation);
	record_text(j, "domain", row->domain);
	json_object_end(j);
	record_text(j, "service_code", row->service_code);
	record_text(j, "unauthorized_use", row->unauthorized);
	record_text(j, "notes", row->notes);
	purpose(j, map, row);
	json_str(j, "standing", map_standing_word(row->standing));
	evidence(j, map, row);
	json_object_end(j);
}

void record_practice(struct json *j, const struct map *map, const struct map_practice *fact)
{
	struct map_product product;
	bool is_known = map_product_find(map, fact->product, &product);

	json_object(j, NULL);
	json_span(j, "product", fact->product);
	record_text(j, "title", is_known ? product.title : fact->product);
	json_str(j, "transport", transport_word(fact->transport));
	ports(j, fact->first, fact->last);
	json_str(j, "kind", practice_kind_word(fact->kind));
	json_str(j, "grade", practice_grade_word(fact->grade));
	record_text(j, "bind", fact->bind);
	record_text(j, "setting", fact->setting);
	record_text(j, "since", fact->since);
	record_text(j, "note", fact->note);
	record_text(j, "source", fact->source);
	record_text(j, "read", fact->read);
	json_object_end(j);
}

void record_product(struct json *j, const struct map *map, uint32_t index)
{
	struct map_product product;
	struct map_practice fact;
	uint32_t cursor = 0;

	map_product_get(map, index, &product);
	json_object(j, NULL);
	json_span(j, "product", product.slug);
	record_text(j, "title", product.title);
	json_array(j, "practice");
	while (map_next_of_product(map, product.slug, &cursor, &fact))
		record_practice(j, map, &fact);
	json_array_end(j);
	json_object_end(j);
}

void record_platform(struct json *j, const struct map_platform *row)
{
	json_object(j, NULL);
	json_span(j, "system", row->system);
	json_str(j, "kind", map_platform_word(row->kind));
	json_str(j, "transport", transport_word(row->transport));
	ports(j, row->first, row->last);
	record_text(j, "note", row->note);
	record_text(j, "source", row->source);
	record_text(j, "read", row->read);
	json_object_end(j);
}
