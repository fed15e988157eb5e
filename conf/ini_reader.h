/*
 * Reads an INI file: sections, keys and their raw values, with the line of each. The only file that
 * knows inih.
 *
 * inih cuts lines at 198 bytes and section names at 49 without a word, takes ` ;` for a comment
 * inside quotes, shows a continuation line and a repeated key alike, and tells no line numbers.
 * So the lines are read and looked at here, and handed to it in pieces that it cannot misread.
 */
#pragma once

#include "conf/errors.h"

#include <stdio.h>

enum {
    INI_LINE_MAX = 65536, /* bytes of a line, and of a value with its continuation lines */
    INI_NAME_MAX = 100,   /* bytes of a section's name, and of a key's */
};

struct ini_callbacks {
    /* "[service web]" begins: `name` is "service web"; "" where it was refused. */
    void (*on_section)(void *data, const char *name, struct place place);
    /* A key and its whole value, comments gone, continuation lines joined by newlines. */
    void (*on_key)(void *data, const char *key, const char *value, struct place place);
    /* Is there a key of this name? An indented `key = value` is then an oversight. */
    bool (*is_key)(void *data, const char *name);
};

/*
 * Reads `file`, called `name` in places. What cannot be read is added to `errors`, and the rest
 * is read all the same.
 */
void ini_read(FILE *file, const char *name, const struct ini_callbacks *callbacks, void *data,
              struct conf_errors *errors);
