/*
 * What a service would run as, for people: the part of --check -v that is about rights.
 */
#pragma once

#include "conf/conf.h"

#include <stdio.h>

/* Lines of what the service writes of it, by the accounts of this machine; secrets by name alone.
 */
void plan_print_identity(FILE *out, const struct service_conf *service);
