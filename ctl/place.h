/*
 * Where the control socket is: asked by reeve, which makes it, and by whoever looks for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where it is when nobody says it, and can be written to. */
#define PLACE_STANDARD "/run/reeve/control"

enum { PLACE_SIZE = 108 }; /* of sun_path in unix(7), its NUL included */

/*
 * Where it is for a reeve with this uid that cannot write to /run: in a folder of /tmp, where
 * everybody can make one of that name. Returns `path`.
 */
const char *place_in_tmp(uid_t uid, char path[static PLACE_SIZE]);

/* The folder of that socket belongs to this uid, and nobody else can write to it. */
bool place_is_safe(uid_t uid);

/* Its path without the last part. Returns `folder`. */
const char *place_folder(const char *path, char folder[static PLACE_SIZE]);
