/*
 * As which init reeve was called: each has a command line and an environment of its own, and fills
 * the same settings. A file of its own knows one of them, and nobody else does.
 */
#pragma once

#include "init/options.h"

/*
 * Reads a command line as options_parse() does. What has to be said about it, help or what is wrong
 * with it, is said: then the result is OPTIONS_ANSWERED and options->code the exit code.
 */
typedef enum options_result personality_parse(struct options *options, int argc, char **argv);

/* The one for the last part of `name`, our argv[0]; NULL as argv[0] may be, too. */
personality_parse *personality_find(const char *name);

/* Those that are not reeve. */
personality_parse tini_parse;
personality_parse dumb_init_parse;
personality_parse catatonit_parse;

/* The last part of a path. */
const char *personality_base_name(const char *path);

/* Is that the last part of argv[0]? */
bool personality_is_called(char *const *argv, const char *name);

/* The command is to get `to`, 0 for nothing, in place of `from`: once it is there and that is used.
 */
void personality_rewrite(int from, int to);
bool personality_rewrites(int sig);
void personality_use_rewrites(struct settings *settings);

/* On standard output. */
void personality_print_licence(void);

/* For settings->spawn_code. */
int personality_always_1(const struct spawn_error *error);
