/*
 * reeve's own command line and environment.
 */
#pragma once

#include "init/settings.h"

#include <stdio.h>

enum { OPTIONS_ERROR_SIZE = 1024 };

enum options_result {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_ERROR,
};

/*
 * Fills *settings from the environment, then from the options, which win. Options end at the first
 * word that is none. Where the result is OPTIONS_ERROR, `error` has one sentence that says what is
 * wrong and what was expected, and only the log format and level of *settings are of use. Neither
 * argv nor the environment is copied: they have to stay.
 */
enum options_result options_parse(struct settings *settings, int argc, char **argv, bool is_pid1,
                                  char error[static OPTIONS_ERROR_SIZE]);

void options_print_help(FILE *out);
