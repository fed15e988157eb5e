/*
 * One program that is kept as it is wanted, and what became of it.
 */
#pragma once

#include "conf/conf.h"
#include "supervisor/spawn.h"

enum service_state {
    SERVICE_DOWN,     /* not started yet */
    SERVICE_STARTING, /* forked; whether exec works is not known yet */
    SERVICE_UP,       /* the program runs */
    SERVICE_ENDED,    /* it ran and ended: wait_status */
    SERVICE_FAILED,   /* it could not be started: spawn_error */
};

struct service {
    const struct service_conf *conf;
    enum service_state state;
    pid_t pid;  /* also the number of its process group; 0 without a process */
    int status; /* tells how the exec went while starting, else -1 */
    int wait_status;
    struct spawn_error spawn_error;
};

void service_init(struct service *service, const struct service_conf *conf);

/* Starts it as `how` says. Afterwards it is starting, or failed. */
void service_start(struct service *service, const struct spawn *how);

/* Its status descriptor can be read: starting becomes up or failed. Returns true where it did. */
bool service_on_status(struct service *service);

/* Its process ended. */
void service_on_exit(struct service *service, int wait_status);

bool service_has_process(const struct service *service);

/* It ended for good. */
bool service_is_over(const struct service *service);

/* Of one that is over: 0 to 255. */
int service_exit_code(const struct service *service);
