/*
 * What a configuration would run, for `reeve --check`.
 */
#pragma once

#include "supervisor/graph.h"

#include <stdio.h>

/* A line a service, in the order in which they start; or more, with as whom it runs. */
void plan_print(FILE *out, const struct graph *graph, bool is_verbose);
