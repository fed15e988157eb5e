/*
 * As whom a service runs: what its configuration and the files of accounts come to.
 */
#pragma once

#include "conf/conf.h"
#include "supervisor/accounts.h"
#include "supervisor/spawn_error.h"

enum { IDENTITY_GROUPS = 256 }; /* supplementary ones */

struct identity {
    uid_t uid;
    gid_t gid;
    gid_t groups[IDENTITY_GROUPS];
    size_t group_count;
    bool is_named;          /* by one of the keys: no group of ours is left over */
    bool changes;           /* it is not to be who we are */
    bool names_user;        /* HOME and the like are that user's */
    struct account account; /* names_user; its name is "" where the number has no entry */
};

/* Why there is none. */
struct identity_fault {
    int item;         /* an identity_item */
    const char *key;  /* "user", "group" or "groups" */
    const char *name; /* what was looked for */
    const char *file; /* where; NULL: there are too many */
    int error;        /* an errno, E2BIG where there are too many; 0: it is not in there */
};

/* Returns false with *fault where a name is not there. */
bool identity_resolve(const struct identity_conf *conf, struct identity *identity,
                      struct identity_fault *fault);

/* We may become it: it is who we are, or we have CAP_SETUID and CAP_SETGID. */
bool identity_is_permitted(const struct identity *identity);

/* We may send signals to its processes: they are ours, or we have CAP_KILL (kill(2)). */
bool identity_can_be_signalled(const struct identity *identity);

/* Adds to `errors` every service that could not become who it is to be, or could not be stopped. */
void identity_check(const struct conf *conf, struct conf_errors *errors);
