/*
 * What a command line comes down to. Every way of calling reeve fills the same settings.
 */
#pragma once

#include "conf/conf.h"
#include "init/message.h"
#include "init/news.h"
#include "supervisor/spawn.h"

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

    /* How the one command is started. */
    enum spawn_grouping grouping;
    bool tries_shell; /* a file that is no program is given to a shell */

    /*
     * The terminal that standard input is goes to the session which the command leads: we give it
     * up, and this is told in the child, before exec, whether that has taken it (see struct spawn).
     * NULL: it stays where it is.
     */
    void (*on_session)(int error);

    /* TSTP, TTIN and TTOU stop us, too, once they are forwarded. */
    bool stops_itself;

    /* When the command has ended, TERM goes where signals go: to what it leaves in its group. */
    bool asks_left;

    /* Where we are not PID 1: orphans come to whoever is above us. */
    bool leaves_orphans;

    /* Exit codes: of a command that could not be started, and of ourselves where nothing began. */
    int (*spawn_code)(const struct spawn_error *error);
    int own_error_code;

    /* What is said, and how a line of a message begins; NULL: by reeve. */
    news_voice *voice;
    message_prefix *prefix;
};

/* What they are before anybody asks for anything else. */
void settings_init(struct settings *settings, int argc, char **argv);
