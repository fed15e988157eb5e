/*
 * What reeve was told to do, from the command line or, later, from files: settings of reeve itself
 * and the services. Pure data; who reads it never changes it.
 */
#pragma once

#include "conf/value.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
enum log_format { FORMAT_TEXT, FORMAT_JSON };

struct service_conf {
    const char *name;
    char *const *argv; /* the command, ended by NULL; NULL where there is none */
    struct signal_map rewrite;
};

struct conf {
    signal_set stop_signals;
    int64_t shutdown_timeout_ms; /* for the whole shutdown; 0: none */
    int64_t sweep_timeout_ms;    /* for what is left after the services */
    enum log_level log_level;
    enum log_format log_format;
    struct service_conf main;
};

void conf_init(struct conf *conf);
