/*
 * The last of what a child is before exec: ids, groups and capabilities. Raw system calls, since a
 * libc would ask threads that are not there.
 */
#pragma once

#include "supervisor/identity.h"
#include "supervisor/spawn_error.h"

/*
 * In the child. In this order: bounding set, KEEPCAPS, groups, gid, uid, capabilities, ambient set,
 * no-new-privileges (capabilities(7), credentials(7)). Where the identity stays, it is no error
 * that the groups cannot be set: that is not permitted without root. Another user keeps none of our
 * capabilities but those that the service names. Returns false with *error.
 */
bool privileges_set(const struct identity_conf *conf, const struct identity *identity,
                    struct spawn_error *error);
