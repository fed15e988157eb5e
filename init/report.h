/*
 * What reeve says about what happened: the one place for the words of each event.
 */
#pragma once

#include "conf/errors.h"
#include "init/channels.h"
#include "supervisor/service.h"
#include "supervisor/spawn.h"
#include "supervisor/supervisor.h"

/* A change of a service's state, as far as there is a word for it. */
void report_service(const struct service *service);

/*
 * Its health is about to change, by this check; `reason` says what that has found, NULL: it did
 * not say.
 */
void report_health(const struct service *service, const struct supervisor_check *check,
                   const char *reason);

/* It waits for `cause`, which will not come. */
void report_impossible(const struct service *service, const struct service *cause);

/* Its stop-command ended, or could not be started: *error, else NULL. */
void report_stop_command(const struct service *service, int wait_status,
                         const struct spawn_error *error);

/* It says that it does something else from now on. */
void report_phase(const struct service *service, enum channel_phase phase);

/* The container stops because of its end. */
void report_cause(const struct service *service);

/* A path in what it is to own could not be given to it, where it is not one that it names. */
void report_unowned(const struct service *service, const struct spawn_report *report);

/* What its child has told on its way. */
void report_news(const struct service *service, const struct spawn_report *report);

void report_subreaper(void);

/* Facts that reeve has no words for, but other voices may. */
void report_spawned(const struct service *service, pid_t pid);
void report_not_executed(const struct service *service, pid_t pid, const struct spawn_error *error);
void report_received(int sig);
void report_rewritten(int from, int to);
void report_detached(int error, bool is_leader);
void report_let_pass(int sig);
void report_stopping_itself(void);
void report_reaped(pid_t pid, int wait_status, bool is_main);

void report_orphan(pid_t pid, int wait_status);
void report_stopping(int sig);
void report_forwarded(const struct service *service, int sig);
void report_unsent(const struct service *service, int sig, int error);
void report_stopped(int exit_code);

/* Somebody asked for it by hand. */
void report_shutdown_ordered(void);

/*
 * All that is wrong with a configuration, how many errors that are, and what follows from it:
 * "nothing started". Returns whether files are among what is wrong, and not the command line alone.
 */
bool report_conf_errors(const struct conf_errors *errors, const char *consequence);

/* What a reload came to: how many services of each kind. */
struct reload_counts {
    int added;
    int removed;
    int changed;
    int restarted;
};
void report_reloaded(const struct reload_counts *counts);
