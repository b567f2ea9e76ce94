/* SPDX-License-Identifier: Apache-2.0 */
/* trust: a program of Windows that takes a certificate (DER) among the roots of its user: trust.exe FILE.
 * Run under wine, in a prefix that the test throws away. */
#include <stdio.h>
#include <windows.h>
#include <wincrypt.h>

int main(int argc, char **argv)
{
	unsigned char bytes[8192];
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t n = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
	HCERTSTORE store = CertOpenSystemStoreA(0, "ROOT");

	if (!n || !store ||
	    !CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, bytes, (DWORD)n,
					      CERT_STORE_ADD_REPLACE_EXISTING, NULL)) {
		fprintf(stderr, "cannot trust it: error %lu\n", GetLastError());
		return 1;
	}
	CertCloseStore(store, 0);
	return 0;
}
