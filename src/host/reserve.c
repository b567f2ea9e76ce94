/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reserve: numbers that the kernel must not hand out as source ports.
 *
 * The kernel has one list, and a file of sysctl.d(5) sets the whole of it: so the file holds what
 * was kept back already too, and a comment says which numbers are ours, so that they alone are given
 * back. The file is written beside itself, brought to the disk and renamed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/host.h"
#include "host/proc.h"

#define KEY "net.ipv4.ip_local_reserved_ports"
static const char kernel_list[] = "/proc/sys/net/ipv4/ip_local_reserved_ports";
static const char new_file[] = HOST_RESERVE_FILE ".new";
static const char ours_mark[] = "# ours: ";

enum { LIST_SIZE = 512 << 10 }; /* every second number fits */

static struct span read_whole(struct arena *arena, const char *path, int *error)
{
	auto_free uint8_t *text = malloc(LIST_SIZE);
	ssize_t n = text ? proc_read(-1, path, text, LIST_SIZE) : -ENOMEM;

	*error = n < 0 ? (int)n : 0;
	return arena_copy(arena, span_of(text, n > 0 ? (size_t)n : 0));
}

static bool read_ours(struct span text, struct port_set *ours)
{
	struct span line;

	while (take_line(&text, &line))
		if (span_starts(line, ours_mark))
			return port_set_parse(span_trim(span_skip(line, sizeof(ours_mark) - 1)), ours);
	return true;
}

static bool sets_the_key(struct span text)
{
	struct span line;

	while (take_line(&text, &line)) {
		line = span_trim(line);
		if (span_starts(line, "-"))
			line = span_skip(line, 1);
		if (span_starts(line, KEY) || span_starts(line, "net/ipv4/ip_local_reserved_ports"))
			return true;
	}
	return false;
}

/* A file that is read after ours, and sets the same. */
static struct span find_overriding(struct arena *arena)
{
	auto_closedir DIR *dir = opendir("/etc/sysctl.d");
	const char *ours = strrchr(HOST_RESERVE_FILE, '/') + 1;
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[512];
		int error;

		if (strcmp(entry->d_name, ours) <= 0 || !span_ends(span_str(entry->d_name), ".conf"))
			continue;
		snprintf(path, sizeof(path), "/etc/sysctl.d/%s", entry->d_name);
		if (sets_the_key(read_whole(arena, path, &error)))
			return arena_copy(arena, span_str(path));
	}
	return span_of(NULL, 0);
}

int host_reservation_read(struct arena *arena, struct host_reservation *r, struct why *why)
{
	struct span text;
	int error;

	*r = (struct host_reservation){0};
	text = read_whole(arena, kernel_list, &error);
	if (error) {
		errno = -error;
		return why_errno(why, _("cannot read '%s'"), kernel_list);
	}
	if (!port_set_parse(span_trim(text), &r->now))
		return why_set(why, EBADMSG, _("'%s' is no list of ports"), kernel_list);
	text = read_whole(arena, HOST_RESERVE_FILE, &error);
	r->has_file = !error;
	if (!error && !read_ours(text, &r->ours))
		return why_set(why, EBADMSG,
			       _("'%s' has lost its line '# ours: ...': remove it, or mend the list"),
			       HOST_RESERVE_FILE);
	r->overridden = find_overriding(arena);
	return 0;
}

static int write_all(int fd, struct span text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		text = span_skip(text, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

static int write_file(const struct host_reservation *r, struct why *why)
{
	struct buf text = BUF_INIT;
	auto_close int fd = open(new_file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	int error = fd < 0 ? -errno : 0;

	if (!error) {
		buf_str(&text, "# Written by `periplus reserve`. Numbers that never become source ports.\n");
		buf_str(&text, ours_mark);
		port_set_write(&r->ours, &text);
		buf_str(&text, "\n" KEY " = ");
		port_set_write(&r->now, &text);
		buf_str(&text, "\n");
		error = text.error ? -text.error : write_all(fd, buf_span(&text));
		if (!error && (fsync(fd) < 0 || rename(new_file, HOST_RESERVE_FILE) < 0))
			error = -errno;
		if (error)
			unlink(new_file);
	}
	buf_done(&text);
	if (!error)
		return 0;
	errno = -error;
	return why_errno(why, _("cannot write '%s'"), HOST_RESERVE_FILE);
}

static int make_file(const struct host_reservation *r, struct why *why)
{
	if (!port_set_is_empty(&r->ours))
		return write_file(r, why);
	if (unlink(HOST_RESERVE_FILE) < 0 && errno != ENOENT)
		return why_errno(why, _("cannot remove '%s'"), HOST_RESERVE_FILE);
	return 0;
}

int host_reservation_write(const struct host_reservation *r, bool runtime_only, struct why *why)
{
	auto_close int fd = open(kernel_list, O_WRONLY | O_CLOEXEC);
	struct host_reservation before;
	struct buf text = BUF_INIT;
	struct arena arena = {0};
	int error;

	if (fd < 0)
		return why_errno(why, _("cannot change '%s'"), kernel_list);
	error = host_reservation_read(&arena, &before, why);
	if (!error && !runtime_only)
		error = make_file(r, why);
	if (!error) {
		port_set_write(&r->now, &text);
		buf_byte(&text, '\n');
		error = text.error ? -text.error : write_all(fd, buf_span(&text));
		if (error) {
			errno = -error;
			error = why_errno(why, _("cannot change '%s'"), kernel_list);
			if (!runtime_only)
				(void)!make_file(&before, NULL);
		}
	}
	buf_done(&text);
	arena_done(&arena);
	return error;
}
