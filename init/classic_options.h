/*
 * A command line as the C library reads it for most programs (getopt_long(3) of glibc): the names
 * of options may be cut short, and, for those whose users know it so, options may stand behind
 * other words. The libc of the static build is not needed for it.
 */
#pragma once

#include <stdbool.h>

struct classic_name {
    const char *name; /* NULL ends the list */
    int letter;
};

/* What may be wrong with an option. */
enum classic_fault {
    FAULT_LETTER_UNKNOWN,
    FAULT_LETTER_NEEDS_VALUE,
    FAULT_NAME_UNKNOWN,
    FAULT_NAME_AMBIGUOUS,
    FAULT_NAME_NEEDS_VALUE,
    FAULT_NAME_TAKES_NONE,
};

struct classic_options {
    const char *program; /* whom messages are of: argv[0] */
    char **words;        /* those that are not looked at yet, the first time argv + 1 */
    const char *letters; /* as getopt(3) has them: "hr:"; beyond 127: names alone */
    const struct classic_name *names; /* NULL: there are none, and "--" is no way to begin one */
    bool permutes;                    /* options behind other words count, unless POSIXLY_CORRECT */

    const char *value; /* of the option at hand */
    const char *more;  /* letters of a word that was begun; NULL: none */
    int others;        /* words before `words` that are no options */

    enum classic_fault fault; /* of the option at hand, where it is wrong */
    int letter;               /* its letter; 0: there is no such name */
    const char *text;         /* its name as it was written, and what stands behind it */
};

/*
 * Returns the letter of the next option; '?' for one that is wrong; -1 where there are no more:
 * then `words` are the others, in their order. Options are moved before the others in argv.
 */
int classic_options_next(struct classic_options *options);

/* Says on standard error what is wrong with an option, as glibc does. */
void classic_options_complain(const struct classic_options *options);
