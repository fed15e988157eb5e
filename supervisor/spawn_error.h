/*
 * Why a process could not be started: at which stage, and with which errno.
 */
#pragma once

#include <stdbool.h>

enum spawn_stage {
    SPAWN_PIPE,        /* the pipe that reports the other stages */
    SPAWN_CHANNEL,     /* the pipe or socket on which it says that it is ready */
    SPAWN_FORK,        /* fork(2) */
    SPAWN_SESSION,     /* its own session or process group */
    SPAWN_TERMINAL,    /* the foreground of the terminal */
    SPAWN_STDIN,       /* /dev/null as standard input */
    SPAWN_STDOUT,      /* its standard output */
    SPAWN_STDERR,      /* its standard error */
    SPAWN_ENVIRONMENT, /* its variables; a file of them */
    SPAWN_DIRECTORY,   /* its working directory */
    SPAWN_OWNERSHIP,   /* what it is to own; item: of mkdir, and then of chown */
    SPAWN_IDENTITY,    /* its user and groups; item: an identity_item; ENOENT: it is not there */
    SPAWN_CAPABILITIES,
    SPAWN_EXEC, /* execve(2) */
};

enum identity_item {
    ITEM_USER,
    ITEM_GROUP,
    ITEM_GROUPS, /* the first of them; the others follow */
};

struct spawn_error {
    enum spawn_stage stage;
    int error; /* an errno */
    int item;  /* of the items of the service that the stage is about, from 0 on */
    int line;  /* SPAWN_ENVIRONMENT: of the file, where that line is no NAME=VALUE; else 0 */
};

/* The word for a stage, as messages have it behind the reason: "(exec)". */
const char *spawn_stage_name(enum spawn_stage stage);

/*
 * False where the same start may work later: what was short (memory, descriptors, processes) may
 * be there then, a file that is being written (ETXTBSY) complete, a disk back (EIO).
 */
bool spawn_error_is_permanent(const struct spawn_error *error);
