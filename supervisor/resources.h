/*
 * How much of the machine a child may have: limits, nice, the order in which the kernel kills for
 * memory, I/O priority.
 */
#pragma once

#include "conf/conf.h"

/* Something that we have no right to raise: the child goes on with less. */
struct resource_warning {
    const char *key; /* as files have it */
    int64_t asked;   /* INT64_MAX: unlimited; of ionice: what resources_ionice() returns */
    int64_t got;
    int error; /* an errno */
};

/* A class and its level as the kernel has them, ioprio_set(2); there, too, 0 is none of them. */
int resources_ionice(enum ionice_class ionice_class, int level);

enum { RESOURCE_WARNINGS = LIMITS + 3 };

/* In the child. Returns how many warnings there are. */
int resources_set(const struct resource_conf *conf,
                  struct resource_warning warnings[static RESOURCE_WARNINGS]);
