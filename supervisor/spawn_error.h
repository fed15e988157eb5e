/*
 * Why a process could not be started: at which stage, and with which errno.
 */
#pragma once

enum spawn_stage {
    SPAWN_PIPE,     /* the pipe that reports the other stages */
    SPAWN_FORK,     /* fork(2) */
    SPAWN_SESSION,  /* its own session or process group */
    SPAWN_TERMINAL, /* the foreground of the terminal */
    SPAWN_EXEC,     /* execve(2) */
};

struct spawn_error {
    enum spawn_stage stage;
    int error; /* an errno */
};

/* The word for a stage, as messages have it behind the reason: "(exec)". */
const char *spawn_stage_name(enum spawn_stage stage);
