/*
 * What settings are put together from: files, the environment and the one command. Whoever reads a
 * command line asks for these in this order, and what comes later wins.
 */
#pragma once

#include "init/options.h"

/* Where in messages something of the command line stands. */
extern const struct place command_line;

struct sources {
    struct settings *settings;
    struct conf_errors *errors;
    struct service_conf *command; /* the one command, as a service */
    const char **paths;           /* of files and folders */
    int path_count;
    bool is_pid1;
    bool is_again;            /* other settings are in use meanwhile, and nobody may keep us */
    bool ignores_environment; /* REEVE_ variables are not for us */
};

/* Adds to what is wrong with the command line; returns false. */
bool sources_fail(struct sources *sources, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same where no key has that name: with one that was meant, maybe. */
bool sources_fail_unknown_key(struct sources *sources, const char *origin, const char *name);

/*
 * Begins with standard settings that were read from argv, which, as the environment, has to stay.
 * Everything else in *sources but `ignores_environment` is set.
 * All functions from here on return false where something is wrong, which is added to the errors.
 */
bool sources_init(struct sources *sources, const struct options *options, int argc, char **argv);

/* A path to read services from. There is room for one a word of argv. */
void sources_add_path(struct sources *sources, const char *path);

/* Sets a key for an option or variable that users know as `origin`: in set_late() below. */
bool sources_set_key(struct sources *sources, const char *name, const char *text,
                     const char *origin);

/*
 * Reads the paths, or where there are none those of REEVE_CONFIG or, without a command, the
 * standard ones; then the other REEVE_ variables; then has set_late(data), unless that is NULL, set
 * the keys that win over both. The command, unless it is NULL, becomes the main service, in place
 * of one that a file calls main; it has to stay. What is wrong with all of it is sorted.
 */
bool sources_gather(struct sources *sources, char **command, bool (*set_late)(void *data),
                    void *data);
