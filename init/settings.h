/*
 * What a command line comes down to. Every way of calling reeve fills the same settings.
 */
#pragma once

#include "conf/conf.h"

struct settings {
    struct conf conf;
    bool pause;                    /* no command: only reap */
    bool check;                    /* read and complain, start nothing */
    bool is_verbose;               /* -v was said */
    bool forward_to_group;         /* forward signals to the program's whole process group */
    int parent_death_signal;       /* 0: none */
    struct exit_codes become_zero; /* exit codes that count as 0 */
    bool has_files;                /* services were read from files */
    bool is_allocated;             /* it replaced other settings while we ran */
    int argc;                      /* what it was read from */
    char **argv;
    struct settings *before; /* what it replaced, as long as services still use that */
};
