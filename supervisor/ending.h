/*
 * What ends the container, and with which exit code. Pure.
 */
#pragma once

#include "supervisor/service.h"

struct ending {
    bool is_asked;   /* somebody asked the container to stop */
    bool has_cause;  /* a service's end stops the container, and gave the code */
    int cause_code;  /* of the first cause, which stays */
    int main_code;   /* of the main service, after a stop request; -1: none */
    int failed_code; /* of the first essential one that failed then; -1: none did */
};

void ending_init(struct ending *ending);

/* A stop signal came. It makes no difference once there is a cause. */
void ending_ask(struct ending *ending);

/*
 * To be told of every service that has come to rest. Returns true where the container has to stop
 * because of it: it is the first cause.
 */
bool ending_note(struct ending *ending, const struct service *service);

/* Of a service that is left when all is over: SIGKILL did not end it. */
void ending_note_left(struct ending *ending, const struct service *service);

/* The exit code of the container, once every service is at rest or left. */
int ending_exit_code(const struct ending *ending);
