/*
 * What a client asks for is carried out, and answered: at once, or when it is done.
 */
#pragma once

#include "ctl/answer.h"
#include "ctl/connection.h"
#include "supervisor/supervisor.h"

/* What is said of a reload while it goes on. */
struct reload_listener {
    void *session;
    void (*on_error)(void *session, const struct conf_error *error);
    void (*on_change)(void *session, const char *service, enum supervisor_reloaded what);
};

/* What the control side cannot do by itself. `data` is its owner's. */
struct control_ops {
    int64_t (*clock_ms)(void); /* the clock of the supervisor */
    /* To the leader of a service. Returns 0, or an errno. */
    int (*signal)(void *data, const struct service *service, int sig);
    /* Begins its reload-command. Returns the pid; -1 with *error where there is no child. */
    pid_t (*run_reload_command)(void *data, const struct service *service,
                                struct spawn_error *error);
    /* That of the service with this name has ended. */
    void (*reload_command_ended)(void *data, const char *service, int wait_status);
    /* As a stop signal would. */
    void (*shutdown)(void *data);
    /* Reads the configuration again. Returns false where that changes nothing. */
    bool (*reload)(void *data, const struct reload_listener *listener);
};

enum { RELOAD_COMMANDS = 16 }; /* at once */

struct reload_command {
    pid_t pid;                /* 0: none */
    struct session *for_whom; /* it ends; NULL: nobody waits, or that client is gone */
    char service[64];
};

/* What all sessions share. */
struct control {
    struct supervisor *supervisor;
    const struct control_ops *ops;
    void *data;
    const char *state_dir;    /* where what is stopped by hand is remembered; NULL: nowhere */
    pid_t remembering;        /* a child that makes or removes marks; 0: none does */
    struct session *for_whom; /* it does; NULL: that client is gone */
    struct reload_command reload_commands[RELOAD_COMMANDS];
};

enum { SESSION_WARNING_SIZE = 200 };

struct session {
    struct control *control;
    struct connection connection;
    uint64_t bit;      /* its own, in service->watchers */
    bool is_greeted;   /* the first line was right */
    bool is_busy;      /* a request is not answered yet; the next one is not read before */
    bool is_following; /* it is told of every change */
    bool is_deferred;  /* its request is to begin when marks of another one are made */
    bool is_remembering;
    int reloads;            /* reload-commands that it waits for */
    struct request request; /* is_busy: points into `line` */
    enum answer_code code;  /* so far */
    char warning[SESSION_WARNING_SIZE];
    char line[REQUEST_SIZE];
};

/* Takes over the descriptor of a client that was let in. */
void session_init(struct session *session, struct control *control, int fd, uint64_t bit);
void session_fini(struct session *session);

/* Carries out what has come, as far as what came before is answered. Returns whether anything was.
 */
bool session_work(struct session *session);

/* A service has changed: is it what this client waits for, or follows? */
void session_note_change(struct session *session, const struct service *service, int64_t now_ms);

/* Answers, where everything that it waits for is as ordered. */
void session_finish(struct session *session, int64_t now_ms);

/* This child makes marks, or is a reload-command: it is no service's. */
bool control_has_child(struct control *control, pid_t pid);

/* A child has ended. Returns whether it was such a one. */
bool control_child_ended(struct control *control, pid_t pid, int wait_status);

/* No child is left: the end of every such one was lost. */
void control_lost_children(struct control *control);
