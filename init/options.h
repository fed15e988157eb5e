/*
 * reeve's own command line and environment.
 */
#pragma once

#include "init/settings.h"

#include <stdio.h>

enum options_result {
    OPTIONS_RUN,
    OPTIONS_CHECK,
    OPTIONS_HELP,
    OPTIONS_HELP_KEY,
    OPTIONS_VERSION,
    OPTIONS_ERROR,
    OPTIONS_ANSWERED, /* all is said and done, options->code is the exit code */
};

struct options {
    struct settings *settings;
    struct conf_errors *errors; /* all that is wrong, sorted; empty unless OPTIONS_ERROR */
    const char *key;            /* OPTIONS_HELP_KEY: the name of a key */
    int code;                   /* OPTIONS_ANSWERED: to exit with */
    bool is_pid1;
    bool is_again; /* other settings are in use meanwhile, and nobody may keep us */
};

/*
 * Fills the settings from files, from the environment, and from the options; what comes later in
 * this list wins. Options end at the first word that is none. On OPTIONS_ERROR the errors say all
 * that is wrong and what was expected, and only the log format and level of the settings are of
 * use. Neither argv nor the environment is copied: they have to stay.
 */
enum options_result options_parse(struct options *options, int argc, char **argv);

void options_print_help(FILE *out);

/* One row of the table of keys. */
void options_print_key(FILE *out, const char *name);
