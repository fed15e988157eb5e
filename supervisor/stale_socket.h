/*
 * A socket in the file system that an earlier life has left, in the place of one that is to be
 * made.
 */
#pragma once

#include <sys/un.h>

/*
 * Removes what is at the address, a socket of this type (unix(7)) that nobody listens on. Returns
 * 0, also where nothing is there; else an errno, and it stays: EADDRINUSE where somebody answers,
 * EACCES where somebody may and does not let us in, EEXIST where it is no socket.
 */
int stale_socket_remove(const struct sockaddr_un *address, int type);
