/*
 * Files of services, read into a configuration.
 */
#pragma once

#include "conf/conf.h"

#include <stdio.h>

/* Where the file at hand is. */
enum conf_section { OUTSIDE, IN_REEVE, IN_SERVICE, IN_REFUSED };

/*
 * Reads one file; `name` is what places call it and has to stay. `reader` carries on from file to
 * file; begin with conf_reader_init() and end with conf_reader_finish().
 */
struct conf_reader {
    struct conf *conf;
    struct conf_errors *errors;
    enum conf_section at;
    bool may_wait;                /* for who writes into a pipe or types on a terminal */
    bool is_discarded;            /* the service is only read for what is wrong with it */
    struct service_conf *service; /* IN_SERVICE: the one that is read */
    char section[128];            /* as errors call it, "[service web]" */
    int line_of[128];             /* of each key in this section; 0: not written */
};

void conf_reader_init(struct conf_reader *reader, struct conf *conf, struct conf_errors *errors);
void conf_reader_file(struct conf_reader *reader, FILE *file, const char *name);

/* What can only be seen when everything was read: see check_all(). Sorts the errors. */
void conf_reader_finish(struct conf_reader *reader);

/*
 * Reads every path, a file or a folder, that means its *.ini files in byte order, into `conf`. What
 * is wrong with any of them is added to `errors`. The texts of `paths` have to stay. Unless it
 * `may_wait`, what is no regular file is wrong, too.
 */
void conf_read_paths(struct conf *conf, const char *const *paths, int count, bool may_wait,
                     struct conf_errors *errors);

/* Is there a file that conf_read_paths() would read for this path? */
bool conf_path_has_files(const char *path);

/* What is wrong with the name of a service, in words that follow it, or NULL. */
const char *conf_find_name_fault(const char *name);
