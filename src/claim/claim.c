/* SPDX-License-Identifier: Apache-2.0 */
/* claim: which claim covers a port; see claim.h. */
#include "claim/claim.h"

const struct claim *claims_find(const struct claims *claims, enum transport transport,
				uint16_t port)
{
	for (size_t i = claims ? claims->n_rows : 0; i > 0; i--) {
		const struct claim *claim = &claims->rows[i - 1];

		if (claim->transport == transport && claim->first <= port && port <= claim->last)
			return claim;
	}
	return NULL;
}
