/*
 * A value split into words as a POSIX shell splits them, with ${NAME} replaced on the way. Pure:
 * no shell, no globbing, and variables only from where the caller says.
 *
 *     '…'    as it is
 *     "…"    \ before $ ` " \ and a newline takes their meaning away
 *     \x     x, outside of quotes
 *     $$     $, outside of '…'
 *     ${NAME} ${NAME:-text} ${NAME:?message}   outside of '…'; what comes out is split at blanks
 *                                              outside of quotes, and never looked at again
 */
#pragma once

#include "conf/arena.h"

#include <stdbool.h>

struct words {
    char **word; /* `count` of them, then NULL */
    int count;
};

struct words_source {
    const char *(*lookup)(const char *name); /* NULL: it is not set */
    bool lenient; /* a variable that is not set is empty, and counted in `unset`; `error` has the
                     first */
    int unset;
};

enum { WORDS_ERROR_SIZE = 256 };

/*
 * Splits `text`. Returns false and says in `error` what is wrong and what was expected where a
 * quote is open at the end, a ${ is broken, or a variable is not set and has no default.
 */
bool words_split(struct arena *arena, const char *text, struct words_source *source,
                 struct words *words, char error[static WORDS_ERROR_SIZE]);

/* How far quotes have come after a piece of a value, for who reads it in pieces. */
enum quote { QUOTE_NONE, QUOTE_SINGLE, QUOTE_DOUBLE };

struct quote_state {
    enum quote quote;
    bool escaped;   /* the next character is taken as it is */
    bool dollar;    /* behind a dollar, that a brace may follow */
    bool in_braces; /* in ${…}, where quotes are nothing but text */
};

/* Goes on by one character. */
void quote_next(struct quote_state *state, char c);
