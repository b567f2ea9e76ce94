/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_products: marks by which products give themselves away in an HTTP answer.
 *
 * A row looks in one field of the head, or in the body (field NULL), for its mark. Rows are tried
 * in their order: applications first, then the servers that carry them, so that Jupyter is not
 * called Tornado. What is behind "ask" is asked once when the row is met and no version was told;
 * its answer then stands behind the first one, and "before" finds the version there. "opens" is
 * said to strangers only where no login is set; where it has not been said yet, "ask" is asked for
 * it.
 */
#include "proto/http_products.h"

#include "proto/words.h"

struct row {
	const char *field; /* NULL: the body */
	const char *mark;  /* "": the field exists */
	const char *slug;
	const char *before; /* what stands before the version, in the field or (NULL) the body */
	const char *ask;    /* public address that tells the version */
	const char *also;   /* a second mark that the body must have, or the fields in any case */
	const char *opens;  /* in the body: who connects commands it (proto_facts) */
};

static const struct row rows[] = {
	/* development servers */
	{"X-Powered-By", "Next.js", "nextjs", NULL, NULL},
	{NULL, "<script src=\"/_next/static/development/_buildManifest.js\"", "nextjs", NULL, NULL},
	{"Vary", "Next-Router-State-Tree", "nextjs", NULL, NULL},
	{NULL, "window.__astro_dev_toolbar__ = ", "astro",
	 "\"debugInfo\":\"Astro                    v", NULL, "/@vite/client"},
	{NULL, "window['CONFIG_TYPE'] = \"DEVELOPMENT\";", "storybook",
	 "\"storybook\":{\"version\":\"", "/project.json", "./sb-manager/runtime.js"},
	{NULL, "<app-root", "angular", NULL, NULL, "src=\"/@vite/client\""},
	{NULL, "<p>React Native packager is running.</p>", "metro", NULL, NULL,
	 "<title>React Native</title>"},
	{NULL, "packager-status:running", "metro", NULL, NULL},
	/* who has no page but this, and yet something of Metro's own name, without showing it */
	{NULL,
	 "<pre>Cannot GET /</pre>\n</body>\n</html>\nHTTP/1.1 404 Not Found\r\nDate: ", "metro",
	 NULL, NULL, "\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{NULL, "src=\"/@vite/client\"", "vite", NULL, NULL},
	{NULL, "<h1>Assets Report:</h1>", "webpack-dev-server", NULL, NULL},
	{NULL, "<title>JSON Server</title>", "json-server", NULL, NULL},
	{NULL, "<title>The install worked successfully! Congratulations!</title>", "django",
	 "docs.djangoproject.com/en/", NULL},
	{NULL, "DEBUG = True</code> in your", "django", NULL, NULL},
	{NULL, "Rails version:</strong>", "rails", "Rails version:</strong> ", NULL},
	/* rack's clock, and behind it what Rails says of every page; where it is developed, more */
	{"X-Runtime", "", "rails", "<td class=\"name\">Rails version</td><td class=\"value\">",
	 "/rails/info/properties",
	 "X-Permitted-Cross-Domain-Policies: none\r\n"
	 "Referrer-Policy: strict-origin-when-cross-origin\r\n"},
	{"Location", "/tree?", "jupyter-notebook", "{\"version\": \"", "/api"},
	{"Location", "/lab?", "jupyter-server", "{\"version\": \"", "/api"},
	{"Server", "Werkzeug/", "werkzeug", "Werkzeug/", NULL},
	{"Server", "SimpleHTTP/", "python-http-server", "Python/", NULL},
	/* data bases, monitoring, control planes */
	{NULL, "\"tagline\" : \"You Know, for Search\"", "elasticsearch", "\"number\" : \"", NULL,
	 NULL, "\"tagline\" : "},
	{NULL, "The OpenSearch Project: https://opensearch.org/", "opensearch", "\"number\" : \"",
	 NULL, NULL, "\"tagline\" : "},
	{NULL, "{\"couchdb\":\"Welcome\"", "couchdb", "\"version\":\"", NULL},
	{"X-Influxdb-Version", "", "influxdb", "", NULL},
	{NULL, "\r\nDocker-Distribution-Api-Version: registry/2.0\r\n", "docker-registry", NULL,
	 NULL},
	{"Server", "Docker/", "docker", "Docker/", "/version", NULL,
	 "{\"Name\":\"Engine\",\"Version\":\""},
	{NULL, "{\"Name\":\"Engine\",\"Version\":\"", "docker",
	 "{\"Name\":\"Engine\",\"Version\":\"", NULL, NULL, "{\"Name\":\"Engine\",\"Version\":\""},
	{NULL, "\"etcdserver\":\"", "etcd", "\"etcdserver\":\"", NULL},
	{NULL, "Node Exporter</h1>", "prometheus-node-exporter", ",version=\"", "/metrics"},
	{NULL, "MySQLd exporter</h1>", "prometheus-mysqld-exporter", ",version=\"", "/metrics"},
	{NULL, "MySQLd Exporter</h1>", "prometheus-mysqld-exporter", ",version=\"", "/metrics"},
	{NULL, "Postgres exporter</h1>", "prometheus-postgres-exporter", ",version=\"", "/metrics"},
	{NULL, "Postgres Exporter</h1>", "prometheus-postgres-exporter", ",version=\"", "/metrics"},
	{NULL, "<title>SNMP Exporter</title>", "prometheus-snmp-exporter", ",version=\"",
	 "/metrics"},
	{NULL, "Blackbox Exporter</h1>", "prometheus-blackbox-exporter", ",version=\"", "/metrics"},
	{NULL, "Bind Exporter</h1>", "prometheus-bind-exporter", ",version=\"", "/metrics"},
	{NULL, "Haproxy Exporter</h1>", "prometheus-haproxy-exporter", ",version=\"", "/metrics"},
	{NULL, "Elasticsearch Exporter</h1>", "prometheus-elasticsearch-exporter", ",version=\"",
	 "/metrics"},
	{NULL, "Squid Exporter</h1>", "prometheus-squid-exporter", ",version=\"", "/metrics"},
	{NULL, "<h1>Redis Exporter ", "prometheus-redis-exporter", "<h1>Redis Exporter ", NULL},
	{NULL, "Named Process Exporter</h1>", "prometheus-process-exporter", NULL, NULL},
	{NULL, "Varnish Exporter</h1>", "prometheus-varnish-exporter", NULL, NULL},
	{NULL, "<title>Prometheus Pushgateway</title>", "prometheus-pushgateway", ",version=\"",
	 "/metrics"},
	{NULL, "<title>Prometheus Time Series Collection", "prometheus", "\"version\":\"",
	 "/api/v1/status/buildinfo"},
	{NULL, "<a href=\"/graph\">Found</a>", "prometheus", "\"version\":\"",
	 "/api/v1/status/buildinfo"},
	{NULL, "<a href=\"/classic/graph\">Found</a>", "prometheus", "\"version\":\"",
	 "/api/v1/status/buildinfo"},
	{NULL, "<title>Alertmanager</title>", "prometheus-alertmanager", "\"version\":\"",
	 "/api/v2/status"},
	{NULL, "\"database\": \"ok\"", "grafana", "\"version\": \"", NULL, "\"commit\": \""},
	{NULL, "<title>Grafana</title>", "grafana", "\"version\": \"", "/api/health"},
	{NULL, "CONSUL_VERSION: ", "consul", "CONSUL_VERSION: ", NULL},
	{NULL, "<title>Consul by HashiCorp</title>", "consul", NULL, NULL},
	{NULL, "<title>Vault</title>", "vault", NULL, NULL},
	{NULL, "DCGM_FI_", "dcgm-exporter", NULL, NULL},
	{NULL, "Ollama is running", "ollama", "\"version\":\"", "/api/version"},
	{"X-Kubernetes-Pf-Flowschema-Uid", "", "kube-apiserver", "\"gitVersion\": \"v", "/version"},
	{"X-Jenkins", "", "jenkins", "", NULL},
	{"X-Syncthing-Version", "", "syncthing", "v", NULL},
	{"Server", "CouchDB/", "couchdb", "CouchDB/", NULL},
	{"Server", "CUPS/", "cups", "CUPS/", NULL},
	{"Server", "MinIO", "minio", NULL, NULL},
	{"Server", "Icecast ", "icecast2", "Icecast ", NULL},
	{"Server", "Netdata Embedded HTTP Server v", "netdata", "Server v", NULL},
	{"Server", "MiniServ/", "webmin", "MiniServ/", NULL},
	{"Server", "PrusaLink", "prusalink", NULL, NULL},
	{"Server", "MiniDLNA/", "minidlna", "MiniDLNA/", NULL},
	{NULL, "<title>RabbitMQ Management</title>", "rabbitmq", NULL, NULL},
	{NULL, "CONNECT ABORTED", "gearman", NULL, NULL},
	/* proxies */
	{"Server", "squid/", "squid", "squid/", NULL},
	{"Via", "(squid/", "squid", "(squid/", NULL},
	{"Server", "tinyproxy/", "tinyproxy", "tinyproxy/", NULL},
	{NULL, "<h1>503 Service Unavailable</h1>\nNo server is available to handle this request.",
	 "haproxy", NULL, NULL},
	{NULL, "Invalid header received from client.\n", "privoxy", NULL, NULL},
	{"Via", "(Varnish", "varnish", "(Varnish/", NULL},
	{"Server", "envoy", "envoy", NULL, NULL},
	{"Server", "ATS/", "trafficserver", "ATS/", NULL},
	/* servers of every page */
	{NULL, "<h3>Apache Tomcat/", "tomcat", "<h3>Apache Tomcat/", NULL},
	{NULL, "<title>Apache Tomcat/", "tomcat", "<title>Apache Tomcat/", NULL},
	{NULL, "Apache Tomcat", "tomcat", NULL, NULL},
	{"Server", "Jetty(", "jetty", "Jetty(", NULL},
	{"Server", "gunicorn", "gunicorn", "gunicorn/", NULL},
	{"Server", "uvicorn", "uvicorn", NULL, NULL},
	{"Server", "hypercorn", "hypercorn", "hypercorn-", NULL},
	{"Server", "daphne", "daphne", NULL, NULL},
	{"Server", "waitress", "waitress", NULL, NULL},
	{"Server", "CherryPy/", "cherrypy", "CherryPy/", NULL},
	{"Server", "aiohttp/", "aiohttp", "aiohttp/", NULL},
	{"Server", "TwistedWeb/", "twisted", "TwistedWeb/", NULL},
	{"Server", "TornadoServer/", "tornado", "TornadoServer/", NULL},
	{"Server", "WEBrick/", "webrick", "WEBrick/", NULL},
	{"Server", "puma ", "puma", "puma ", NULL},
	{NULL, "Puma caught this error: ", "puma", NULL, NULL, "/lib/puma/"},
	{"Server", "thin", "thin", "thin ", NULL},
	{"Server", "webfs/", "webfs", "webfs/", NULL},
	{"Server", "Transmission", "transmission", NULL, NULL},
	{"Server", "Kestrel", "kestrel", NULL, NULL},
	{"Server", "Microsoft-IIS/", "iis", "Microsoft-IIS/", NULL},
	{"Server", "openresty", "openresty", "openresty/", NULL},
	{"Server", "nginx", "nginx", "nginx/", NULL},
	{"Server", "Apache/", "apache2", "Apache/", NULL},
	{"Server", "Apache", "apache2", NULL, NULL},
	{"Server", "lighttpd", "lighttpd", "lighttpd/", NULL},
	{"Server", "Caddy", "caddy", NULL, NULL},
	{"Server", "h2o/", "h2o", "h2o/", NULL},
	{"Server", "nghttpx", "nghttpx", "nghttpx nghttp2/", NULL},
	{"Server", "mini_httpd/", "mini-httpd", "mini_httpd/", NULL},
	{"Server", "micro_httpd", "micro-httpd", NULL, NULL},
	{"Server", "thttpd/", "thttpd", "thttpd/", NULL},
	{"Location", "/.web", "radicale", NULL, NULL},
	{"Server", "WSGIServer/", "wsgiref", "Python/", NULL},
	{"Server", "BaseHTTP/", "python-basehttp", "Python/", NULL},
};

/* What npm's finalhandler says where connect or Express have no page. */
#define CONNECT_404                                                                                \
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"                  \
	"<title>Error</title>\n"                                                                   \
	"</head>\n<body>\n<pre>Cannot GET /</pre>\n</body>\n</html>\n"

/* Where an answer that no row knows may come from a product whose front page says nothing: the
 * address that tells. The first that fits is asked, and once. */
static const struct door {
	const char *status; /* NULL: any */
	const char *field;  /* NULL: none is looked at */
	const char *value;  /* all of the field */
	const char *body;   /* all of it, but for blanks around it; NULL: it is not looked at */
	const char *path;
} doors[] = {
	/* bare errors of Go programs: Docker and Kubernetes */
	{"404", NULL, NULL, "404 page not found", "/version"},
	{"404", NULL, NULL, "{\"message\":\"page not found\"}", "/version"},
	/* an empty page that may not be kept: a registry of container images */
	{"200", "Cache-Control", "no-cache", "", "/v2/"},
	/* the directory of Metro's project, and of nobody else's */
	{"404", "X-Powered-By", "", CONNECT_404, "/[metro-project]/"},
	/* webpack's list of what it has built */
	{NULL, "X-Powered-By", "Express", NULL, "/webpack-dev-server"},
	/* to a page of the product's own: Grafana, Consul */
	{NULL, "Location", "/login", NULL, "/api/health"},
	{NULL, "Location", "/ui/", NULL, "/ui/"},
};

/* In a field the mark must begin a word: "thin" is not found in "something". */
static bool has(struct span text, const char *mark, bool is_field)
{
	struct span rest = text;
	ptrdiff_t at;

	if (!*mark)
		return text.n > 0;
	while ((at = span_find(rest, span_str(mark))) >= 0) {
		rest = span_skip(rest, (size_t)at);
		if (!is_field || rest.p == text.p || rest.p[-1] == ' ' || rest.p[-1] == '(')
			return true;
		rest = span_skip(rest, 1);
	}
	return false;
}

static bool is_met(const struct row *row, const struct http_head *head)
{
	struct span text = row->field ? http_head_field(head, row->field) : head->body;

	return has(text, row->mark, row->field != NULL) &&
	       (!row->also || has(head->body, row->also, false) ||
		span_find_nocase(head->fields, span_str(row->also)) >= 0);
}

/* A version that begins behind a quote or a tag must end before one: the answer may have been cut
 * there, by its end or by the length of a chunk (RFC 9112 section 7.1). */
static struct span version_after(struct span text, const char *before)
{
	struct span version = words_version_after(text, before);
	bool is_quoted = span_ends(span_str(before), "\"") || span_ends(span_str(before), "\"v");
	uint8_t end = is_quoted ? '"' : '<';

	if (version.n && (is_quoted || span_ends(span_str(before), ">")) &&
	    (version.p + version.n == text.p + text.n || version.p[version.n] != end))
		return span_of(NULL, 0);
	return version;
}

static struct span version_of(const struct row *row, const struct http_head *head)
{
	struct span version = {0};

	if (row->before && row->field)
		version = version_after(http_head_field(head, row->field), row->before);
	if (row->before && !version.n && (!row->field || row->ask))
		version = version_after(head->body, row->before);
	return version;
}

static bool is_open(const struct row *row, const struct http_head *head)
{
	return row->opens && has(head->body, row->opens, false);
}

static const struct row *find(const struct http_head *head)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (is_met(&rows[i], head))
			return &rows[i];
	return NULL;
}

/* `php -S` is the one server known that sends back the request's Host as a field of its answer; its
 * page for a missing file, or the field of a script's answer, then says PHP. */
static bool is_php(const struct http_head *head)
{
	return http_head_field(head, "Host").n && !http_head_field(head, "Server").n &&
	       (span_starts(http_head_field(head, "X-Powered-By"), "PHP/") ||
		span_find(head->body, SPAN_LIT("The requested resource <code class=\"url\">")) >=
			0);
}

void http_products_tell(const struct http_head *head, struct proto_facts *facts)
{
	const struct row *row = find(head);

	if (row) {
		struct span version = version_of(row, head);

		/* from 7 on /api tells the version of the server below, not of the notebook */
		bool is_below = strcmp(row->slug, "jupyter-notebook") == 0 && version.n &&
				version.p[0] != '6' && version.p[0] != '5';

		proto_set_product(facts, is_below ? "jupyter-server" : row->slug);
		proto_set_version(facts, version);
		if (is_open(row, head))
			proto_needs_no_login(facts);
	} else if (is_php(head)) {
		proto_set_product(facts, "php");
		proto_set_version(
			facts, words_version_after(http_head_field(head, "X-Powered-By"), "PHP/"));
	}
}

static bool calls_for(const struct door *door, const struct http_head *head)
{
	return (!door->status || span_is(head->status, door->status)) &&
	       (!door->field || span_is(http_head_field(head, door->field), door->value)) &&
	       (!door->body || span_eq(span_trim(head->body), span_trim(span_str(door->body))));
}

const char *http_products_ask(const struct http_head *head)
{
	const struct row *row = find(head);

	if (row && row->ask && (!version_of(row, head).n || (row->opens && !is_open(row, head))))
		return row->ask;
	for (size_t i = 0; !row && i < ARRAY_LEN(doors); i++)
		if (calls_for(&doors[i], head))
			return doors[i].path;
	return NULL;
}
