/*
 * What a forked probe does that needs no program: it connects to a service and, for http, asks for
 * a page. It may take any time; whoever forked it ends it, by a signal that must not be blocked.
 *
 * tcp:  well when one of the addresses of the host (host_address.h) takes the connection.
 * unix: the same; it may be a socket of any type.
 * http: one GET with HTTP/1.0, and as much of the answer as tells its status: well is 2xx and 3xx,
 *       as Kubernetes has it, and no redirect is followed. Blanks and the like in the path are sent
 *       as %XX, a #fragment is not sent. No TLS, no user, no proxy.
 */
#pragma once

#include "supervisor/probe_finding.h"

/* In the child. `probe` is PROBE_TCP, PROBE_UNIX or PROBE_HTTP. */
struct probe_finding probe_child_run(const struct probe *probe);
