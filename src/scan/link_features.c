/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_features: asks the kernel what an interface can do with XDP (Linux 6.3:
 * Documentation/netlink/specs/netdev.yaml). The values are of that document; older headers lack
 * them.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/scope.h"
#include "scan/sweep.h"

enum {
	DEV_GET = 1,
	DEV_IFINDEX = 1,
	DEV_XDP_FEATURES = 3,
	XDP_NDO_XMIT = 4,
	ANSWER_S = 10,
	REQUEST = 64,
	ANSWER = 8192,
};

struct request {
	struct nlmsghdr head;
	struct genlmsghdr command;
	uint8_t attributes[REQUEST];
};

static bool take_attribute(struct span *s, uint16_t *type, struct span *value)
{
	struct nlattr head;
	struct span taken;

	if (!take_span(s, sizeof(head), &taken))
		return false;
	memcpy(&head, taken.p, sizeof(head));
	if (head.nla_len < sizeof(head) || !take_span(s, head.nla_len - sizeof(head), value))
		return false;
	*s = span_skip(*s, NLA_ALIGN(head.nla_len) - head.nla_len);
	*type = head.nla_type & NLA_TYPE_MASK;
	return true;
}

/* Asks with one attribute; the answer's attribute `wanted`, of exactly n bytes, goes to value. */
static int ask(int fd, uint16_t family, uint8_t command, uint16_t type, struct span sent,
	       uint16_t wanted, void *value, size_t n)
{
	struct request request = {
		.head = {.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN +
						 NLA_ALIGN(sent.n)),
			 .nlmsg_type = family,
			 .nlmsg_flags = NLM_F_REQUEST},
		.command = {.cmd = command, .version = 1},
	};
	const struct nlattr head = {.nla_len = (uint16_t)(NLA_HDRLEN + sent.n), .nla_type = type};
	uint8_t bytes[ANSWER];
	struct nlmsghdr answer;
	struct span body;
	struct span s;
	uint16_t found;
	ssize_t r;

	memcpy(request.attributes, &head, sizeof(head));
	memcpy(request.attributes + NLA_HDRLEN, sent.p, sent.n);
	if (send(fd, &request, request.head.nlmsg_len, 0) < 0)
		return -errno;
	r = recv(fd, bytes, sizeof(bytes), 0);
	if (r < (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN))
		return r < 0 ? -errno : -EIO;
	memcpy(&answer, bytes, sizeof(answer));
	if (answer.nlmsg_type == NLMSG_ERROR || answer.nlmsg_len > (size_t)r)
		return -EOPNOTSUPP;
	s = span_skip(span_of(bytes, (size_t)r), NLMSG_HDRLEN + GENL_HDRLEN);
	while (take_attribute(&s, &found, &body))
		if (found == wanted && body.n == n) {
			memcpy(value, body.p, n);
			return 0;
		}
	return -EOPNOTSUPP;
}

int link_sends_frames(int interface)
{
	static const char name[] = "netdev";
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct timeval limit = {.tv_sec = ANSWER_S};
	uint64_t features = 0;
	uint16_t family = 0;
	int r;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return -EOPNOTSUPP;
	r = ask(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
		span_of(name, sizeof(name)), CTRL_ATTR_FAMILY_ID, &family, sizeof(family));
	if (r == 0)
		r = ask(fd, family, DEV_GET, DEV_IFINDEX, span_of(&interface, sizeof(interface)),
			DEV_XDP_FEATURES, &features, sizeof(features));
	if (r < 0)
		return -EOPNOTSUPP;
	return (features & XDP_NDO_XMIT) != 0;
}
