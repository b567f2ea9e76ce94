/* SPDX-License-Identifier: Apache-2.0 */
/* arpa/inet: winsock has the same two functions; the program links it. */
#ifndef PERIPLUS_WINDOWS_ARPA_INET_H
#define PERIPLUS_WINDOWS_ARPA_INET_H

#include <winsock2.h>
#include <ws2tcpip.h>
#undef interface

#endif
