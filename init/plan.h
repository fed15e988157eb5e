/*
 * What a configuration would run, for `reeve --check`.
 */
#pragma once

#include "supervisor/graph.h"

#include <stdio.h>

/* A line a service, in the order in which they start. */
void plan_print(FILE *out, const struct graph *graph);
