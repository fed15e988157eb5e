/*
 * A line of a file of variables, in the format of `docker run --env-file`: NAME=VALUE, where the
 * value is all that follows, quotes and blanks included; NAME alone is taken from the environment;
 * a line that begins with # is a comment. Pure.
 */
#pragma once

enum env_line {
    ENV_LINE_NONE,     /* empty, or a comment */
    ENV_LINE_VARIABLE, /* *name and *value */
    ENV_LINE_NAME,     /* *name alone */
    ENV_LINE_BAD,      /* it names no variable */
};

/* Takes `line` apart, with or without its newline, where it stands. */
enum env_line env_file_line(char *line, const char **name, const char **value);
