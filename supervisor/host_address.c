#include "supervisor/host_address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r\n";

bool host_address_parse(const char *text, union host_address *address)
{
    *address = (union host_address){.v6 = {0}};
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1)
        address->any.sa_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1)
        address->any.sa_family = AF_INET6;
    return address->any.sa_family != AF_UNSPEC;
}

static void add(struct host_addresses *found, const char *text)
{
    if (found->count < HOST_ADDRESSES && host_address_parse(text, &found->list[found->count]))
        found->count++;
}

/* ADDRESS NAME... # comment */
static void add_line(struct host_addresses *found, char *line, const char *host)
{
    char *rest = NULL;
    line[strcspn(line, "#")] = '\0';
    const char *address = strtok_r(line, blanks, &rest);
    const char *name = address;
    while (name && (name = strtok_r(NULL, blanks, &rest)))
        if (strcasecmp(name, host) == 0) {
            add(found, address);
            return;
        }
}

static void add_lines(struct host_addresses *found, FILE *hosts, const char *host)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, hosts) >= 0)
        add_line(found, line, host);
    free(line);
}

void host_addresses_find(const char *host, FILE *hosts, struct host_addresses *found)
{
    found->count = 0;
    add(found, host);
    if (found->count > 0)
        return;
    if (strcasecmp(host, "localhost") == 0) {
        add(found, "127.0.0.1");
        add(found, "::1");
    } else if (hosts) {
        add_lines(found, hosts, host);
    }
}

static void set_port(union host_address *address, in_port_t port)
{
    if (address->any.sa_family == AF_INET)
        address->v4.sin_port = htons(port);
    else
        address->v6.sin6_port = htons(port);
}

void host_addresses_resolve(const char *host, in_port_t port, struct host_addresses *found)
{
    host_addresses_find(host, NULL, found);
    FILE *hosts = found->count == 0 ? fopen("/etc/hosts", "re") : NULL;
    if (hosts) {
        host_addresses_find(host, hosts, found);
        fclose(hosts);
    }
    for (size_t i = 0; i < found->count; i++)
        set_port(&found->list[i], port);
}

socklen_t host_address_size(const union host_address *address)
{
    return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}
