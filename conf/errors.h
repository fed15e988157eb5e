/*
 * What is wrong with a configuration: all of it, with the place of each fault.
 */
#pragma once

#include "conf/arena.h"

#include <stdarg.h>
#include <stdbool.h>

/*
 * Where something was said: a file and a line of it, from 1 on; line 0: the file as a whole; -1: no
 * file at all, the text itself says where.
 */
enum { NO_FILE = -1 };

struct place {
    const char *file;
    int line;
};

struct conf_error {
    struct conf_error *next;
    struct place place;
    const char *text;
    bool is_warning;
};

struct conf_errors {
    struct arena arena;
    struct conf_error *first;
    struct conf_error *last;
    int count;     /* of errors, warnings not among them */
    bool is_check; /* what depends on the machine that runs it is a warning only */
};

void errors_init(struct conf_errors *errors);
void errors_free(struct conf_errors *errors);

/* Adds one. Without memory for its text it is counted all the same. */
void errors_add(struct conf_errors *errors, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void errors_warn(struct conf_errors *errors, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts them in the order of files (byte order) and lines; of one line in the order they came. */
void errors_sort(struct conf_errors *errors);
