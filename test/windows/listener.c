/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener: a program of Windows that listens: listener.exe TCP-PORT UDP-PORT EXCLUSIVE-PORT.
 *
 * TCP on every address and UDP on loopback, and one TCP port of loopback that nobody may share. It
 * prints "ready" once all are open and accepts until it is ended: under wine a socket has an owner
 * only when its process uses it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

static SOCKET open_at(int type, u_long address, const char *port, BOOL is_exclusive)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((u_short)atoi(port)),
				   .sin_addr.s_addr = htonl(address)};
	SOCKET s = socket(AF_INET, type, 0);

	if (is_exclusive)
		setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&is_exclusive,
			   sizeof(is_exclusive));
	if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)&name, sizeof(name)) != 0 ||
	    (type == SOCK_STREAM && listen(s, 7) != 0)) {
		fprintf(stderr, "cannot listen on %s: error %d\n", port, WSAGetLastError());
		exit(1);
	}
	return s;
}

/* A read that finds nothing. */
static void use(SOCKET s)
{
	u_long is_impatient = 1;
	char byte;

	ioctlsocket(s, FIONBIO, &is_impatient);
	recv(s, &byte, 1, 0);
	is_impatient = 0;
	ioctlsocket(s, FIONBIO, &is_impatient);
}

int main(int argc, char **argv)
{
	WSADATA data;
	SOCKET tcp;
	SOCKET udp;
	SOCKET alone;

	if (argc != 4 || WSAStartup(MAKEWORD(2, 2), &data) != 0)
		return 64;
	tcp = open_at(SOCK_STREAM, INADDR_ANY, argv[1], FALSE);
	udp = open_at(SOCK_DGRAM, INADDR_LOOPBACK, argv[2], FALSE);
	alone = open_at(SOCK_STREAM, INADDR_LOOPBACK, argv[3], TRUE);
	use(tcp);
	use(udp);
	use(alone);
	puts("ready");
	fflush(stdout);
	for (;;) {
		SOCKET peer = accept(tcp, NULL, NULL);

		if (peer == INVALID_SOCKET)
			return 1;
	}
}
