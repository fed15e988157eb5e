/*
 * What a service says by sd_notify(3): a datagram of lines NAME=VALUE. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { NOTIFY_MESSAGE_MAX = 4096 }; /* bytes, as systemd has it */

/* No duration is longer: ten years, as in our configuration. */
#define NOTIFY_DURATION_MAX_US INT64_C(315360000000000)

struct notify_message {
    bool is_ready;               /* READY=1: it can serve, or has reloaded */
    bool is_reloading;           /* RELOADING=1 */
    bool is_stopping;            /* STOPPING=1 */
    bool is_watchdog;            /* WATCHDOG=1: it is well */
    bool wants_watchdog_trigger; /* WATCHDOG=trigger: act as if it were not */
    bool is_barrier;             /* BARRIER=1: it waits until we have closed what came with it */
    const char *status;          /* STATUS=, in the datagram, without NUL at its end; NULL: none */
    size_t status_length;        /* bytes of it; 0: what it said before is over */
    pid_t main_pid;              /* MAINPID=, any positive number; 0: none */
    int64_t extend_us;           /* EXTEND_TIMEOUT_USEC=; -1: none */
    int64_t watchdog_us;         /* WATCHDOG_USEC=; -1: none */
};

/*
 * Reads a datagram, which *message then points into. As systemd reads it: lines end with \n or \r,
 * the last one also without, and all ends at the first NUL. Of several lines of a name the last
 * counts; words that we do not know and values that are none, also a MAINPID that is no possible
 * pid, are as if they were not there. A number too large is the largest. A message with BARRIER=1
 * says nothing else. One of more than NOTIFY_MESSAGE_MAX bytes says nothing at all.
 *
 * The status may hold any bytes but these three: escape it where it is shown.
 */
void notify_message_parse(struct notify_message *message, const char *data, size_t size);
