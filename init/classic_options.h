/*
 * A command line as the C library reads it for most programs (getopt_long(3) of glibc, with its
 * messages): for those whose users know it so. The names of options may be cut short, and options
 * may stand behind other words.
 */
#pragma once

#include <stdbool.h>

struct classic_name {
    const char *name; /* NULL ends the list */
    char letter;
};

struct classic_options {
    const char *program; /* whom messages are of: argv[0] */
    char **words;        /* those that are not looked at yet, the first time argv + 1 */
    const char *letters; /* as getopt(3) has them: "hr:" */
    const struct classic_name *names; /* NULL: there are none, and "--" is no way to begin one */
    bool permutes;                    /* options behind other words count, unless POSIXLY_CORRECT */

    const char *value; /* of the option at hand */
    const char *more;  /* letters of a word that was begun; NULL: none */
    int others;        /* words before `words` that are no options */
};

/*
 * Returns the letter of the next option; '?' for one that is wrong, which is said on standard
 * error; -1 where there are no more: then `words` are the others, in their order. Options are moved
 * before the others in argv.
 */
int classic_options_next(struct classic_options *options);
