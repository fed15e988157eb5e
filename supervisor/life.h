/*
 * The parts of service_step(), for nobody else: each is told that something has happened or is
 * wanted, and returns actions. life_step.c sends events here; life.c has the changes of state.
 */
#pragma once

#include "supervisor/service.h"

/* --- life.c: changes of state ----------------------------------------------------------------- */

/* The only writers of the state, of the step, and of the deadline that comes with them. Nobody
 * looks after a service there, unless it is up: life_look_after(). */
void life_enter(struct service *service, enum service_state state, int64_t deadline_ms);
void life_enter_step(struct service *service, enum service_step step, int64_t deadline_ms);

unsigned life_rest(struct service *service, enum service_state state);
unsigned life_begin_waiting(struct service *service);
unsigned life_begin_start(struct service *service);

/* The one place that decides what a service becomes, once nothing of it runs any more. */
unsigned life_settle(struct service *service, int64_t now_ms);

int32_t life_clamp_ms(int64_t ms);

/* --- life_start.c: until it is up ------------------------------------------------------------- */

void life_note_forked(struct service *service, pid_t pid, int64_t now_ms);
unsigned life_on_executed(struct service *service, int64_t now_ms);
unsigned life_on_spawn_failed(struct service *service, const struct spawn_error *error,
                              int64_t now_ms);
unsigned life_on_impossible(struct service *service, int cause_code);
unsigned life_on_daemon_found(struct service *service, const struct service_event *event,
                              int64_t now_ms);
unsigned life_on_daemon_missing(struct service *service, int64_t now_ms);
unsigned life_on_main_pid(struct service *service, pid_t pid, pid_t group);
unsigned life_on_ready(struct service *service, int64_t now_ms);
unsigned life_on_extended(struct service *service, int64_t extend_ms, int64_t now_ms);
unsigned life_on_start_deadline(struct service *service, int64_t now_ms);

/* --- life_care.c: while it is up -------------------------------------------------------------- */

/* It is wanted up, and is: whoever is to end need not be well. */
bool life_is_looked_after(const struct service *service);

/* It is up: what is known of its health begins anew. */
void life_look_after(struct service *service, int64_t now_ms);

unsigned life_on_healthy(struct service *service);
unsigned life_on_unhealthy(struct service *service, int64_t now_ms);
unsigned life_on_reconfigured(struct service *service, int64_t now_ms);
unsigned life_on_keepalive(struct service *service, int64_t now_ms);
unsigned life_on_watchdog_set(struct service *service, int64_t watchdog_ms, int64_t now_ms);
unsigned life_on_watchdog_pulled(struct service *service, int64_t now_ms);
unsigned life_on_keepalive_deadline(struct service *service, int64_t now_ms);

/* --- life_stop.c: what is wanted, and how it stops -------------------------------------------- */

unsigned life_want_up(struct service *service, int64_t now_ms);
unsigned life_want_down(struct service *service, enum service_reason reason, int64_t now_ms);
unsigned life_want_no_restart(struct service *service);
unsigned life_want_dead(struct service *service, int64_t now_ms);

/* By its stop-command or its stop signal. */
unsigned life_begin_stop(struct service *service, int64_t now_ms);

/* The same, and the run counts as failed. */
unsigned life_force_stop(struct service *service, enum service_reason reason, int64_t now_ms);

/* The stop signal to those that the leader has left, until `end_ms`, or as long as there is. */
unsigned life_ask_rest(struct service *service, int64_t now_ms, int64_t end_ms);
unsigned life_begin_rest(struct service *service, int64_t now_ms);

unsigned life_on_helper_ended(struct service *service, int64_t now_ms);
unsigned life_on_step_deadline(struct service *service, int64_t now_ms);

/* --- service.c -------------------------------------------------------------------------------- */

/* Of its last run; it need not have been asked to end. */
bool life_is_success(const struct service *service);
