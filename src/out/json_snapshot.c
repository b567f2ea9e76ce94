/* SPDX-License-Identifier: Apache-2.0 */
/* json_snapshot: one document of evidence. Values of the environment are in no structure of ours. */
#include <stdio.h>

#include "out/record.h"

static void file(struct json *j, const char *key, const struct evidence_file *f)
{
	char mode[16];

	snprintf(mode, sizeof(mode), "%04o", f->mode & 07777);
	json_object(j, key);
	record_text(j, "path", f->path);
	json_bool(j, "deleted", f->is_deleted);
	json_object(j, "hash");
	record_text(j, "sha256", f->sha256);
	json_object_end(j);
	json_u64(j, "size", f->size);
	json_u64(j, "inode", f->inode);
	json_u64(j, "device", f->device);
	json_str(j, "mode", mode);
	json_u64(j, "uid", f->uid);
	json_u64(j, "gid", f->gid);
	json_time(j, "mtime", f->modified);
	if (f->permissions.n)
		json_span(j, "permissions", f->permissions);
	json_object_end(j);
}

static void texts(struct json *j, const char *key, const struct span *items, size_t n)
{
	json_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_span(j, NULL, items[i]);
	json_array_end(j);
}

static void arguments(struct json *j, struct span argv)
{
	struct span item;

	json_array(j, "args");
	while (argv.n && take_until(&argv, 0, &item))
		json_span(j, NULL, item);
	json_array_end(j);
}

static void package(struct json *j, const struct evidence *e)
{
	json_object(j, "package");
	record_text(j, "name", e->process->package);
	record_text(j, "version", e->process->package_version);
	json_bool(j, "verified", e->is_package_verified);
	record_text(j, "differs", e->package_says);
	json_object_end(j);
}

static void process(struct json *j, const struct evidence *e)
{
	const struct process *p = e->process;

	json_object(j, NULL);
	json_u64(j, "pid", p->pid);
	json_time(j, "start", p->start_time);
	json_u64(j, "start_ticks", p->start_ticks);
	json_span(j, "name", p->name);
	arguments(j, p->argv);
	record_text(j, "working_directory", p->working_directory);
	record_text(j, "root", e->root);
	json_u64(j, "uid", p->uid);
	record_text(j, "user", p->user);
	record_text(j, "unit", p->unit);
	record_text(j, "user_unit", p->user_unit);
	record_text(j, "container", p->container);
	record_text(j, "cgroup", e->cgroup);
	record_text(j, "terminal", p->terminal);
	record_text(j, "capabilities", p->capabilities);
	json_u64(j, "net_namespace", p->net_namespace);
	file(j, "executable", &e->executable);
	package(j, e);
	record_lineage(j, p);
	texts(j, "environment_names", e->environment, e->n_environment);
	texts(j, "status", e->status, e->n_status);
	json_array(j, "mapped");
	for (size_t i = 0; i < e->n_mapped; i++)
		file(j, NULL, &e->mapped[i]);
	json_array_end(j);
	json_array(j, "descriptors");
	for (size_t i = 0; i < e->n_descriptors; i++) {
		json_object(j, NULL);
		json_u64(j, "fd", e->descriptors[i].fd);
		json_span(j, "target", e->descriptors[i].target);
		json_object_end(j);
	}
	json_array_end(j);
	json_bool(j, "complete", e->is_complete);
	json_object_end(j);
}

void json_snapshot(struct buf *b, const struct style *style, const struct snapshot_report *report)
{
	struct context context = {.map = report->map, .host = report->host, .listing = report->listing};
	struct json j;

	json_init(&j, b, true);
	json_object(&j, NULL);
	json_str(&j, "schema", "snapshot/1");
	json_time(&j, "@timestamp", style->now);
	json_str(&j, "periplus_version", PERIPLUS_VERSION);
	record_host(&j, report->host);
	json_object(&j, "server");
	json_u64(&j, "port", report->port);
	json_object_end(&j);
	json_bool(&j, "complete", report->listing->is_complete);
	json_array(&j, "listeners");
	for (size_t i = 0; i < report->n_rows; i++)
		record_listener(&j, NULL, &context, &report->rows[i]);
	json_array_end(&j);
	json_array(&j, "connections");
	for (size_t i = 0; i < report->n_peers; i++)
		record_peer(&j, NULL, report->peers[i]);
	json_array_end(&j);
	json_array(&j, "processes");
	for (size_t i = 0; i < report->n_evidence; i++)
		process(&j, &report->evidence[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}
