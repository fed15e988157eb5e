/*
 * What the keys of a service say together: what cannot be is an error, and defaults that depend on
 * other keys are settled.
 */
#pragma once

#include "conf/conf.h"

/*
 * The service that is being read, when its keys are all known. `section` is how errors call it,
 * `line_of` the line of each row of the table of keys, or NULL where there are no lines.
 */
void check_service(const struct conf *conf, struct service_conf *service, const char *section,
                   const int *line_of, struct conf_errors *errors);

/* All of them together, and the settings of reeve that depend on them. */
void check_all(struct conf *conf, struct conf_errors *errors);
