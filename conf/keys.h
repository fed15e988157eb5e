/*
 * The table of all configuration keys: one row each, which drives files, `-o KEY=VALUE`, the help
 * and the test that holds the manual to it.
 */
#pragma once

#include "conf/setters.h"

enum key_section { SECTION_REEVE, SECTION_SERVICE };

struct key {
    const char *name;
    enum key_section section;
    setter *set;
    const char *standard; /* the default, as a file would have it; "" where there is none */
    const char *help;     /* one line */
    bool adds_up;         /* may be given several times */
};

enum { KEYS = 69 }; /* rows of the table */
extern const struct key keys[];

/* The row of a key, NULL where there is none. */
const struct key *key_find(const char *name);

/* A key that may have been meant by `name`, NULL where none is near. */
const char *key_suggest(const char *name);

/* Whether the key was written, by `written` or `service_written` of struct conf. */
bool key_was_written(const uint64_t written[static 2], const char *name);

/* The first row that was written; NULL where none was. */
const struct key *key_first_written(const uint64_t written[static 2]);

/*
 * Carries out KEY = TEXT on a configuration, and on `service` for a key of services. On failure
 * returns false and adds one error at `place` to `errors`, which begins with `prefix`, how the user
 * calls the key where it stands: "[service web] restart", "-o restart" or "--log-level".
 */
bool key_assign(const struct key *key, struct conf *conf, struct service_conf *service,
                const char *text, const char *prefix, struct place place,
                struct conf_errors *errors);
