/*
 * The socket that clients connect to: made in its place, whatever an earlier life has left there.
 */
#pragma once

#include "ctl/place.h"

struct listener {
    int fd; /* -1: none */
    char path[PLACE_SIZE];
};

enum { LISTENER_ERROR_SIZE = 256 };

/*
 * Makes the socket at `path`, or in /tmp where `path` is the standard one and cannot be written to.
 * Only its owner can write to it. Returns false, with the reason in `error`, where there is none:
 * everything else works without it.
 */
bool listener_open(struct listener *listener, const char *path,
                   char error[static LISTENER_ERROR_SIZE]);

/* Closes and removes it. */
void listener_close(struct listener *listener);
