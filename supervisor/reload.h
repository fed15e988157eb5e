/*
 * The difference between two configurations of the same services. Pure.
 */
#pragma once

#include "conf/conf.h"

enum reload_change {
    RELOAD_NONE,
    RELOAD_APPLIES,  /* it goes on as it is, by other rules */
    RELOAD_RESTARTS, /* its program would run in another way */
};

/* What it means for a service that it gets the configuration `now` in place of `before`. */
enum reload_change reload_compare(const struct service_conf *before,
                                  const struct service_conf *now);

/* They are found to be ready in the same way. */
bool reload_same_ready(const struct service_conf *before, const struct service_conf *now);

/* What cannot be changed while reeve runs: the main service. Adds to `errors` what was. */
void reload_check(const struct conf *before, const struct conf *now, struct conf_errors *errors);
