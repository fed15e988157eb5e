/*
 * The addresses of a host that is to be connected to from inside of the container.
 *
 * Understood are IPv4 and IPv6 addresses as inet_pton(3) has them, "localhost", and the names of
 * /etc/hosts, hosts(5), where engines write the container's own name and the extra hosts. There is
 * no DNS and no NSS: a static binary has no NSS, a service is looked at where it runs, and a name
 * server that does not answer says nothing about the service. An IPv6 address has no %interface.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

enum { HOST_ADDRESSES = 8 }; /* further ones of a name are not used */

union host_address {
    struct sockaddr any; /* its family says which */
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct host_addresses {
    union host_address list[HOST_ADDRESSES];
    size_t count;
};

/* Reads an address in numbers, with port 0; returns false where `text` is none. */
bool host_address_parse(const char *text, union host_address *address);

/*
 * Those of an address in numbers; of "localhost", in any case, 127.0.0.1 and ::1 without a look at
 * `hosts` (RFC 6761, 6.3); else the ones that `hosts` has for the name, in their order. `hosts`, in
 * the format of /etc/hosts, may be NULL. With port 0. There are none where the name is unknown.
 */
void host_addresses_find(const char *host, FILE *hosts, struct host_addresses *found);

/* By /etc/hosts and with `port`; the same where that cannot be read. */
void host_addresses_resolve(const char *host, in_port_t port, struct host_addresses *found);

socklen_t host_address_size(const union host_address *address);
