/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplus-site: writes the public edition of the pages; `periplus site` starts it.
 *
 * The same answers that the server gives, each as a file and the same compressed beside it. English
 * stands at the top, other languages in a directory of their own. Rendering a page takes less time
 * than writing it, so nothing is remembered between pages; the work is split among as many processes
 * as there are processors. The directory must be new or empty: nothing that is there is changed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/registry.h"
#include "cli/say.h"
#include "serve/serve.h"

enum { LEVEL = 4, GZIP = 15 + 16, WORKERS_MOST = 16, PATH_ROOM = 128, SITEMAP_MOST = 40000 };

struct site {
	int directory;
	struct web_site web;
	struct map *opened;
	struct span languages; /* codes by comma */
	struct port_query ports;
	const char *url;
	z_stream zip;
	struct buf zipped;
	size_t n_files;
	uint64_t n_bytes;
	struct why why;
};

static const char *const places[] = {"/", "/chart", "/ghosts", "/about/data"};

static int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	status = say_line("periplus", status, format, args);
	va_end(args);
	return status;
}

static int write_file(struct site *site, const char *path, struct span bytes)
{
	int fd = openat(site->directory, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t done = 0;
	int r = 0;

	if (fd < 0)
		return why_errno(&site->why, _("cannot write '%s'"), path);
	while (r == 0 && done < bytes.n) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			r = -errno;
	}
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		return why_set(&site->why, -r, _("cannot write '%s': %s"), path, strerror(-r));
	site->n_files++;
	site->n_bytes += bytes.n;
	return 0;
}

/* The file, and its compressed twin. */
static int write_pair(struct site *site, const char *path, struct span bytes)
{
	char twin[PATH_ROOM + 4];
	uLong most = deflateBound(&site->zip, bytes.n);
	int r = write_file(site, path, bytes);

	if (r < 0)
		return r;
	site->zipped.n = 0;
	buf_expect(&site->zipped, most);
	if (site->zipped.error || deflateReset(&site->zip) != Z_OK)
		return why_set(&site->why, ENOMEM, _("out of memory"));
	site->zip.next_in = (Bytef *)bytes.p;
	site->zip.avail_in = (uInt)bytes.n;
	site->zip.next_out = (Bytef *)site->zipped.p;
	site->zip.avail_out = (uInt)most;
	if (deflate(&site->zip, Z_FINISH) != Z_STREAM_END)
		return why_set(&site->why, EIO, _("cannot compress '%s'"), path);
	snprintf(twin, sizeof(twin), "%s.gz", path);
	return write_file(site, twin, span_of(site->zipped.p, most - site->zip.avail_out));
}

static int write_page(struct site *site, const char *target, const char *path)
{
	struct web_request request = {.method = SPAN_LIT("GET"), .target = span_str(target),
				      .host = SPAN_LIT("localhost")};
	struct web_answer answer;
	int r;

	web_answer(&site->web, &request, &answer);
	if (answer.status == 200)
		r = write_pair(site, path, buf_span(&answer.body));
	else
		r = why_set(&site->why, EINVAL, _("'%s' is no page: %u"), target, answer.status);
	web_answer_done(&answer);
	return r;
}

/* "/cs/3476" becomes cs/3476.html, "/3476.json" 3476.json, "/cs" cs/index.html. */
static int write_target(struct site *site, const char *target, bool is_data)
{
	char path[PATH_ROOM];

	if (strcmp(target, "/") == 0)
		snprintf(path, sizeof(path), "index.html");
	else if (target[strlen(target) - 1] == '/')
		snprintf(path, sizeof(path), "%sindex.html", target + 1);
	else
		snprintf(path, sizeof(path), "%s%s", target + 1, is_data ? "" : ".html");
	return write_page(site, target, path);
}

static const char *prefix_of(struct span language, char prefix[16])
{
	if (span_is(language, "en"))
		prefix[0] = 0;
	else
		snprintf(prefix, 16, "/%.*s", SPAN_ARG(language));
	return prefix;
}

static int write_ranges(struct site *site, const char *prefix)
{
	char target[PATH_ROOM];
	int r = 0;

	for (unsigned first = 0; r == 0 && first < N_PORTS; first += 1024) {
		if (first + 1023 < site->ports.first || first > site->ports.last)
			continue;
		snprintf(target, sizeof(target), "%s/range/%u-%u", prefix, first, first + 1023);
		r = write_target(site, target, false);
	}
	return r;
}

/* A name may have a '/' in it: part of the name in the address (%2F), of the path on the disk, which is
 * where a web server looks for it. */
static int write_service(struct site *site, const char *prefix, struct span name)
{
	char target[PATH_ROOM];
	char path[PATH_ROOM];
	size_t n = (size_t)snprintf(target, sizeof(target), "%s/service/", prefix);

	for (size_t i = 0; i < name.n && n + 4 < sizeof(target); i++)
		n += (size_t)snprintf(target + n, sizeof(target) - n, name.p[i] == '/' ? "%%2F" : "%c",
				      name.p[i]);
	snprintf(path, sizeof(path), "%s/service/%.*s.html", prefix, SPAN_ARG(name));
	for (char *slash = strchr(path + strlen(prefix) + 9, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdirat(site->directory, path + 1, 0755) < 0 && errno != EEXIST)
			return why_errno(&site->why, _("cannot make the directory '%s'"), path + 1);
		*slash = '/';
	}
	return write_page(site, target, path + 1);
}

static int write_services(struct site *site, const char *prefix)
{
	size_t n = map_n_registrations(site->web.map);
	struct span last = {0};

	for (size_t i = 0; i < n; i++) {
		struct map_registration row;
		int r;

		map_registration_get(site->web.map, (uint32_t)i, &row);
		if (!row.service.n || !row.has_port || row.last < site->ports.first ||
		    row.first > site->ports.last || span_eq(row.service, last))
			continue;
		last = row.service;
		r = write_service(site, prefix, row.service);
		if (r < 0 && r != -EEXIST) /* a name may come again further down */
			return r;
	}
	return 0;
}

static int write_others(struct site *site, struct span language)
{
	char prefix[16];
	char target[PATH_ROOM];
	int r = 0;

	prefix_of(language, prefix);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(places); i++) {
		snprintf(target, sizeof(target), "%s%s", prefix, places[i]);
		r = write_target(site, target, false);
	}
	if (r == 0)
		r = write_ranges(site, prefix);
	return r < 0 ? r : write_services(site, prefix);
}

/* One worker's share: every n-th port in every language, and every n-th language's other pages. */
static int write_share(struct site *site, unsigned worker, unsigned n_workers)
{
	struct span rest = site->languages;
	struct span language;
	char target[PATH_ROOM];
	char prefix[16];
	unsigned number = 0;
	int r = 0;

	while (r == 0 && take_until(&rest, ',', &language)) {
		prefix_of(language, prefix);
		for (unsigned port = site->ports.first + worker;
		     r == 0 && port <= site->ports.last; port += n_workers) {
			snprintf(target, sizeof(target), "%s/%u", prefix, port);
			r = write_target(site, target, false);
		}
		if (r == 0 && number++ % n_workers == worker)
			r = write_others(site, language);
	}
	for (unsigned port = site->ports.first + worker; r == 0 && port <= site->ports.last;
	     port += n_workers) {
		snprintf(target, sizeof(target), "/%u.json", port);
		r = write_target(site, target, true);
	}
	return r;
}

static int put_sitemap(struct site *site, struct span language, unsigned part, unsigned first)
{
	struct buf map = BUF_INIT;
	char prefix[16];
	char path[PATH_ROOM];
	int r;

	prefix_of(language, prefix);
	buf_str(&map, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset "
		      "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	for (unsigned port = first; port <= site->ports.last && port < first + SITEMAP_MOST; port++) {
		buf_str(&map, "<url><loc>");
		buf_html(&map, span_str(site->url));
		buf_print(&map, "%s/%u</loc></url>\n", prefix, port);
	}
	buf_str(&map, "</urlset>\n");
	snprintf(path, sizeof(path), "sitemap-%.*s-%u.xml", SPAN_ARG(language), part);
	r = write_pair(site, path, buf_span(&map));
	buf_done(&map);
	return r;
}

/* At most 50,000 addresses a file, and a file that names the files (sitemaps.org, 0.9). */
static int write_sitemaps(struct site *site)
{
	struct buf index = BUF_INIT;
	struct span rest = site->languages;
	struct span language;
	int r = 0;

	buf_str(&index, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex "
			"xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	while (take_until(&rest, ',', &language))
		for (unsigned part = 0, first = site->ports.first;
		     r == 0 && first <= site->ports.last; part++, first += SITEMAP_MOST) {
			r = put_sitemap(site, language, part, first);
			buf_str(&index, "<sitemap><loc>");
			buf_html(&index, span_str(site->url));
			buf_print(&index, "/sitemap-%.*s-%u.xml</loc></sitemap>\n",
				  SPAN_ARG(language), part);
		}
	buf_str(&index, "</sitemapindex>\n");
	if (r == 0)
		r = write_file(site, "sitemap.xml", buf_span(&index));
	buf_done(&index);
	return r;
}

static int make_directories(struct site *site)
{
	static const char *const names[] = {"", "/about", "/range", "/service"};
	struct span rest = site->languages;
	struct span language;

	while (take_until(&rest, ',', &language))
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			char prefix[16];
			char path[PATH_ROOM];

			snprintf(path, sizeof(path), "%s%s", prefix_of(language, prefix), names[i]);
			if (path[0] && mkdirat(site->directory, path + 1, 0755) < 0)
				return why_errno(&site->why, _("cannot make the directory '%s'"),
						 path + 1);
		}
	return 0;
}

static bool is_empty(int directory)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

static int open_directory(struct site *site, const char *path)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return fail(EX_CANTCREAT, _("cannot make the directory '%s': %s"), path,
			   strerror(errno));
	site->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (site->directory < 0)
		return fail(EX_CANTCREAT, _("cannot open the directory '%s': %s"), path,
			   strerror(errno));
	if (!is_empty(site->directory))
		return fail(EX_CANTCREAT, _("'%s' is not empty: name a new directory"), path);
	return 0;
}

/* What a worker has written, told to the parent. */
struct tally {
	uint64_t n_files, n_bytes;
};

static _Noreturn void work(struct site *site, unsigned worker, unsigned n_workers, int out)
{
	struct tally tally;
	int r = write_share(site, worker, n_workers);

	if (r < 0)
		_exit(fail(EX_IOERR, "%s", site->why.text));
	tally = (struct tally){site->n_files, site->n_bytes};
	_exit(write(out, &tally, sizeof(tally)) == sizeof(tally) ? EX_OK : EX_IOERR);
}

static int run_workers(struct site *site)
{
	long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = n_processors < 1		     ? 1
		     : n_processors > WORKERS_MOST ? WORKERS_MOST
						     : (unsigned)n_processors;
	struct tally tally;
	int ends[2];
	int status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(EX_OSERR, _("cannot start: %s"), strerror(errno));
	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			work(site, i, n, ends[1]);
		if (pid < 0)
			status = fail(EX_OSERR, _("cannot start: %s"), strerror(errno));
	}
	close(ends[1]);
	while (read(ends[0], &tally, sizeof(tally)) == sizeof(tally)) {
		site->n_files += tally.n_files;
		site->n_bytes += tally.n_bytes;
	}
	close(ends[0]);
	for (int worker; wait(&worker) > 0;)
		if (!WIFEXITED(worker) || WEXITSTATUS(worker) != 0)
			status = WIFEXITED(worker) ? WEXITSTATUS(worker) : EX_SOFTWARE;
	return status;
}

static int write_all(struct site *site)
{
	struct timespec start;
	struct timespec end;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (deflateInit2(&site->zip, LEVEL, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return fail(EX_OSERR, "%s", _("out of memory"));
	if (make_directories(site) < 0 || write_target(site, "/chart.json", true) < 0 ||
	    (site->url && write_sitemaps(site) < 0))
		return fail(EX_IOERR, "%s", site->why.text);
	status = run_workers(site);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (status == 0) {
		struct buf out = {.fd = STDOUT_FILENO};

		buf_print(&out, _("%zu files, %llu MB, %lld s\n"), site->n_files,
			  (unsigned long long)(site->n_bytes >> 20),
			  (long long)(end.tv_sec - start.tv_sec));
		if (buf_flush(&out) < 0)
			status = EX_IOERR;
		buf_done(&out);
	}
	deflateEnd(&site->zip);
	buf_done(&site->zipped);
	return status;
}

static int usage(int status)
{
	struct buf out = {.fd = status ? STDERR_FILENO : STDOUT_FILENO};

	buf_str(&out, _("usage: periplus site [--languages LIST] [--ports A-B] [--url URL] "
			"[--feedback URL] DIRECTORY\n"));
	if (buf_flush(&out) < 0)
		status = EX_IOERR;
	buf_done(&out);
	return status;
}

static int check(struct site *site, const char *ports)
{
	struct span rest = site->languages;
	struct span language;

	if (ports && (port_query_parse(span_str(ports), &site->ports, &site->why) < 0 ||
		      site->ports.transport != TRANSPORT_ANY))
		return fail(EX_USAGE, _("--ports takes A-B, not '%s'"), ports);
	while (take_until(&rest, ',', &language))
		if (!web_has_language(language))
			return fail(EX_USAGE, _("'%.*s' is no language of the pages: %s"),
				   SPAN_ARG(language), web_languages());
	if (site->web.feedback.n &&
	    (!(span_starts(site->web.feedback, "https://") || span_starts(site->web.feedback, "http://")) ||
	     site->web.feedback.n > 200 || !text_is_seen(site->web.feedback)))
		return fail(EX_USAGE, _("--feedback takes http://... or https://..., not '%.*s'"),
			    SPAN_ARG(site->web.feedback));
	if (site->url && (strncmp(site->url, "http", 4) != 0 || strlen(site->url) > 200 ||
			  site->url[strlen(site->url) - 1] == '/'))
		return fail(EX_USAGE, _("--url takes http://... or https://... without '/' at its end"));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"languages", required_argument, NULL, 'l'},
						{"ports", required_argument, NULL, 'p'},
						{"url", required_argument, NULL, 'u'},
						{"feedback", required_argument, NULL, 'f'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	static const struct span hosts[] = {{(const uint8_t *)"localhost", 9}};
	struct site site = {.directory = -1, .zipped = BUF_INIT,
			    .web = {.is_public = true, .is_static = true, .hosts = hosts,
				    .n_hosts = 1},
			    .languages = SPAN_LIT("en"), .ports = {.last = PORT_MAX}};
	const char *ports = NULL;
	int status;
	int c;

	speak();
	while ((c = getopt_long(argc, argv, "l:p:u:f:h", options, NULL)) != -1) {
		switch (c) {
		case 'l': site.languages = span_str(optarg); break;
		case 'p': ports = optarg; break;
		case 'u': site.url = optarg; break;
		case 'f': site.web.feedback = span_str(optarg); break;
		case 'h': return usage(EX_OK);
		default: return usage(EX_USAGE);
		}
	}
	if (optind + 1 != argc)
		return usage(EX_USAGE);
	status = check(&site, ports);
	if (status == 0)
		status = open_directory(&site, argv[optind]);
	if (status == 0) {
		site.web.languages = site.languages;
		site.web.map = registry_newest(&site.opened, NULL);
		status = write_all(&site);
	}
	if (site.directory >= 0)
		close(site.directory);
	map_free(site.opened);
	return status;
}
