/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature: who has signed a program, as Windows itself verifies it (WinVerifyTrust, wintrust.h).
 *
 * A file of Windows carries no signature of its own: its hash stands in a signed catalogue, which is
 * looked for first; most other programs carry theirs. A signature counts when it leads to a root that
 * this machine trusts. Nothing is fetched from the network, so that a certificate which was revoked since
 * is not noticed. wintrust.dll and crypt32.dll are loaded when the first file is asked for, from the
 * system's own directory.
 */
#include "host/windows/windows.h"

#include <stdlib.h>

#include "base/scope.h"
#include "base/windows/winapi.h"

#include <wincrypt.h>
#include <wintrust.h>
#include <softpub.h>
#include <mscat.h>

enum { HASH_MAX = 64, NAME_SIZE = 256 };

#define FUNCTIONS(F)                                                                               \
	F(wintrust, WinVerifyTrust)                                                                \
	F(wintrust, WTHelperProvDataFromStateData)                                                 \
	F(wintrust, WTHelperGetProvSignerFromChain)                                                \
	F(wintrust, CryptCATAdminAcquireContext)                                                   \
	F(wintrust, CryptCATAdminReleaseContext)                                                   \
	F(wintrust, CryptCATAdminCalcHashFromFileHandle)                                           \
	F(wintrust, CryptCATAdminEnumCatalogFromHash)                                              \
	F(wintrust, CryptCATAdminReleaseCatalogContext)                                            \
	F(wintrust, CryptCATCatalogInfoFromContext)                                                \
	F(crypt32, CertGetNameStringW)
/* Since Windows 8: catalogues by SHA-256. */
#define NEWER_FUNCTIONS(F)                                                                         \
	F(wintrust, CryptCATAdminAcquireContext2)                                                  \
	F(wintrust, CryptCATAdminCalcHashFromFileHandle2)

struct windows_trust {
#define F(library, name) __typeof__(&name) name;
	FUNCTIONS(F)
	NEWER_FUNCTIONS(F)
#undef F
	bool is_whole, has_sha256;
};

static bool find(HMODULE library, const char *name, void *function)
{
	FARPROC found = GetProcAddress(library, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

static const struct windows_trust *load(struct windows_look *look)
{
	struct windows_trust *trust = look->trust;
	HMODULE wintrust;
	HMODULE crypt32;

	if (trust)
		return trust->is_whole ? trust : NULL;
	look->trust = trust = arena_get(look->survey->arena, sizeof(*trust));
	wintrust = LoadLibraryExW(L"wintrust.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	crypt32 = LoadLibraryExW(L"crypt32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (!wintrust || !crypt32)
		return NULL;
	trust->is_whole = true;
#define F(library, name) trust->is_whole &= find(library, #name, &trust->name);
	FUNCTIONS(F)
#undef F
	trust->has_sha256 = true;
#define F(library, name) trust->has_sha256 &= find(library, #name, &trust->name);
	NEWER_FUNCTIONS(F)
#undef F
	return trust->is_whole ? trust : NULL;
}

/* WinVerifyTrust has looked at this already; wine's does not. */
static bool is_rooted(const CRYPT_PROVIDER_SGNR *signer)
{
	return signer->pChainContext &&
	       !(signer->pChainContext->TrustStatus.dwErrorStatus &
		 (CERT_TRUST_IS_UNTRUSTED_ROOT | CERT_TRUST_IS_PARTIAL_CHAIN |
		  CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_IS_EXPLICIT_DISTRUST));
}

/* Of the certificate that signed; empty when the signature does not hold. */
static struct span verify(struct windows_look *look, const struct windows_trust *trust,
			  WINTRUST_DATA *data)
{
	GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
	CRYPT_PROVIDER_DATA *state;
	CRYPT_PROVIDER_SGNR *signer;
	struct span found = {NULL, 0};
	wchar_t name[NAME_SIZE] = L"";

	data->cbStruct = sizeof(*data);
	data->dwUIChoice = WTD_UI_NONE;
	data->fdwRevocationChecks = WTD_REVOKE_NONE;
	data->dwStateAction = WTD_STATEACTION_VERIFY;
	data->dwProvFlags = WTD_CACHE_ONLY_URL_RETRIEVAL | WTD_REVOCATION_CHECK_NONE;
	if (trust->WinVerifyTrust(INVALID_HANDLE_VALUE, &action, data) == ERROR_SUCCESS) {
		state = trust->WTHelperProvDataFromStateData(data->hWVTStateData);
		signer = state ? trust->WTHelperGetProvSignerFromChain(state, 0, FALSE, 0) : NULL;
		if (signer && is_rooted(signer) && signer->csCertChain && signer->pasCertChain[0].pCert &&
		    trust->CertGetNameStringW(signer->pasCertChain[0].pCert,
					      CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, name,
					      NAME_SIZE) > 1)
			found = windows_text(look->survey->arena, name);
	}
	data->dwStateAction = WTD_STATEACTION_CLOSE;
	trust->WinVerifyTrust(INVALID_HANDLE_VALUE, &action, data);
	return found;
}

static struct span embedded(struct windows_look *look, const struct windows_trust *trust,
			    const wchar_t *path)
{
	WINTRUST_FILE_INFO file = {.cbStruct = sizeof(file), .pcwszFilePath = path};
	WINTRUST_DATA data = {.dwUnionChoice = WTD_CHOICE_FILE, .pFile = &file};

	return verify(look, trust, &data);
}

/* A member of a catalogue is named there by its hash, in capital hexadecimal digits. */
static struct span catalogued(struct windows_look *look, const struct windows_trust *trust,
			      const wchar_t *path, HANDLE file, bool is_sha256)
{
	CATALOG_INFO catalog = {.cbStruct = sizeof(catalog)};
	wchar_t tag[2 * HASH_MAX + 1] = L"";
	struct span found = {NULL, 0};
	BYTE hash[HASH_MAX];
	DWORD n = sizeof(hash);
	HCATADMIN admin = NULL;
	HCATINFO entry = NULL;

	if (!(is_sha256 ? trust->CryptCATAdminAcquireContext2(&admin, NULL, L"SHA256", NULL, 0)
			: trust->CryptCATAdminAcquireContext(&admin, NULL, 0)))
		return found;
	if (is_sha256 ? trust->CryptCATAdminCalcHashFromFileHandle2(admin, file, &n, hash, 0)
		      : trust->CryptCATAdminCalcHashFromFileHandle(file, &n, hash, 0))
		entry = trust->CryptCATAdminEnumCatalogFromHash(admin, hash, n, 0, NULL);
	for (size_t i = 0; entry && i < n; i++) {
		tag[2 * i] = L"0123456789ABCDEF"[hash[i] >> 4];
		tag[2 * i + 1] = L"0123456789ABCDEF"[hash[i] & 15];
	}
	if (entry && trust->CryptCATCatalogInfoFromContext(entry, &catalog, 0)) {
		WINTRUST_CATALOG_INFO info = {.cbStruct = sizeof(info),
					      .pcwszCatalogFilePath = catalog.wszCatalogFile,
					      .pcwszMemberTag = tag,
					      .pcwszMemberFilePath = path,
					      .hMemberFile = file,
					      .pbCalculatedFileHash = hash,
					      .cbCalculatedFileHash = n,
					      .hCatAdmin = admin};
		WINTRUST_DATA data = {.dwUnionChoice = WTD_CHOICE_CATALOG, .pCatalog = &info};

		found = verify(look, trust, &data);
	}
	if (entry)
		trust->CryptCATAdminReleaseCatalogContext(admin, entry, 0);
	trust->CryptCATAdminReleaseContext(admin, 0);
	return found;
}

static struct span ask(struct windows_look *look, const wchar_t *path)
{
	const struct windows_trust *trust = load(look);
	auto_handle file = INVALID_HANDLE_VALUE;
	struct span found = {NULL, 0};

	if (trust)
		file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
				   OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
	if (!trust || file == INVALID_HANDLE_VALUE)
		return found;
	if (trust->has_sha256)
		found = catalogued(look, trust, path, file, true);
	if (!found.n)
		found = catalogued(look, trust, path, file, false);
	return found.n ? found : embedded(look, trust, path);
}

struct span windows_signer(struct windows_look *look, const wchar_t *path)
{
	struct arena *arena = look->survey->arena;
	struct windows_signed *row;

	for (size_t i = 0; i < look->n_signed; i++)
		if (_wcsicmp(look->signed_files[i].path, path) == 0)
			return look->signed_files[i].signer;
	row = arena_push(arena, &look->signed_files, &look->n_signed, &look->signed_capacity,
			 sizeof(*row));
	row->path = wcscpy(arena_get(arena, (wcslen(path) + 1) * sizeof(*path)), path);
	row->signer = ask(look, path);
	return row->signer;
}
