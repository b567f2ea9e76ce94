/* SPDX-License-Identifier: Apache-2.0 */
/* containers: an engine's answer, arguments of a runtime's program, the text of a .socket unit. */
#include "host/containers.h"
#include "host/socket_unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct socket_unit unit = {.name = SPAN_LIT("echo@7.socket")};
	struct address local = {.family = ADDRESS_IPV6};
	struct span text = span_of(p, n);
	struct container_list list;
	struct proxy_facts facts;
	struct arena arena = {0};

	if (container_answer_read(text, &arena, &list) || container_list_read(text, &arena, &list)) {
		(void)container_by_port(&list, TRANSPORT_TCP, &local, 80);
		(void)container_by_address(&list, &local);
		(void)container_by_id(&list, text);
	}
	(void)!proxy_read(PROXY_BY_ADDRESS, text, &facts);
	(void)!proxy_read(PROXY_BY_NAME, text, &facts);
	socket_unit_read(&unit, text, &arena);
	(void)socket_unit_opens(&unit, TRANSPORT_TCP, &local, 80);
	(void)socket_unit_service(&unit, &arena);
	arena_done(&arena);
	return 0;
}
