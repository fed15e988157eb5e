/*
 * A line of a file of variables, in the format of `docker run --env-file`: NAME=VALUE, where the
 * value is all that follows, blanks included; NAME alone is taken from the environment; a line that
 * begins with # is a comment. Beyond that, a value in quotes is what is in them, and ${NAME} means
 * that variable, as in the words of a configuration; but not in '...'. Pure.
 */
#pragma once

#include "conf/words.h"

enum env_line {
    ENV_LINE_NONE,     /* empty, or a comment */
    ENV_LINE_VARIABLE, /* *name and *value */
    ENV_LINE_NAME,     /* *name alone */
    ENV_LINE_BAD,      /* it names no variable */
};

/*
 * What the value of a line comes to, in `arena` or as it stands; variables are looked up in
 * `source`. NULL, with what is wrong in `error`: a quote that is not closed or has something behind
 * it, a ${ that is broken, a variable that is not set, no memory.
 */
const char *env_file_value(struct arena *arena, const char *value, struct words_source *source,
                           char error[static WORDS_ERROR_SIZE]);

/* Takes `line` apart, with or without its newline, where it stands. */
enum env_line env_file_line(char *line, const char **name, const char **value);
