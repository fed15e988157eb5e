/* What ends the container, and with which code: one row an end. */
#include "supervisor/ending.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>

/* JOB: an essential oneshot; LAX_MAIN: a main service with essential = no */
enum kind { ESSENTIAL, OPTIONAL, MAIN, JOB, OPTIONAL_JOB, LAX_MAIN, KINDS };

/* How a service has come to rest. */
struct end {
    enum kind kind;
    enum service_state state;
    int wait_status;
    bool was_wanted; /* it ended by itself, before anybody wanted it down */
    bool was_asked;
};

enum { CODE_1 = 1 << 8, CODE_3 = 3 << 8, CODE_143 = 143 << 8 };

static struct service rest(const struct end *end)
{
    static const struct {
        bool is_main;
        bool is_essential;
        enum service_type type;
    } kinds[KINDS] = {
        [ESSENTIAL] = {false, true, TYPE_SIMPLE},
        [OPTIONAL] = {false, false, TYPE_SIMPLE},
        [MAIN] = {true, true, TYPE_SIMPLE},
        [JOB] = {false, true, TYPE_ONESHOT},
        [OPTIONAL_JOB] = {false, false, TYPE_ONESHOT},
        [LAX_MAIN] = {true, false, TYPE_SIMPLE},
    };
    static struct service_conf confs[KINDS];
    struct service service;
    struct service_conf *conf = &confs[end->kind];
    *conf = service_defaults;
    conf->is_main = kinds[end->kind].is_main;
    conf->is_essential = kinds[end->kind].is_essential;
    conf->type = (uint8_t)kinds[end->kind].type;
    service_init(&service, conf);
    service.state = (uint8_t)end->state;
    service.has_ended = true;
    service.wait_status = end->wait_status;
    service.was_wanted = end->was_wanted;
    service.was_asked = end->was_asked;
    return service;
}

static bool note(struct ending *ending, struct end end)
{
    struct service service = rest(&end);
    return ending_note(ending, &service);
}

START_TEST(an_end_that_nobody_asked_for_ends_the_container_or_not)
{
    static const struct {
        struct end end;
        bool ends;
        int code;
    } rows[] = {
        {{ESSENTIAL, SERVICE_FAILED, CODE_3, true, false}, true, 3},
        {{ESSENTIAL, SERVICE_FAILED, SIGSEGV, true, false}, true, 139},
        {{ESSENTIAL, SERVICE_DONE, 0, true, false}, true, 0},
        {{OPTIONAL, SERVICE_FAILED, CODE_3, true, false}, false, 0},
        {{OPTIONAL, SERVICE_DONE, 0, true, false}, false, 0},
        {{MAIN, SERVICE_DONE, 0, true, false}, true, 0},
        {{MAIN, SERVICE_FAILED, CODE_3, true, false}, true, 3},
        {{JOB, SERVICE_DONE, 0, true, false}, false, 0},
        {{JOB, SERVICE_FAILED, CODE_1, true, false}, true, 1},
        {{OPTIONAL_JOB, SERVICE_DONE, 0, true, false}, false, 0},
        {{OPTIONAL_JOB, SERVICE_FAILED, CODE_1, true, false}, false, 0},
        {{LAX_MAIN, SERVICE_DONE, 0, true, false}, true, 0},
        {{LAX_MAIN, SERVICE_FAILED, CODE_3, true, false}, true, 3},
        {{ESSENTIAL, SERVICE_DOWN, CODE_3, false, true}, false, 0},
        {{MAIN, SERVICE_DOWN, CODE_3, false, true}, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ending ending;
        ending_init(&ending);
        ck_assert_int_eq(note(&ending, rows[i].end), rows[i].ends);
        ck_assert_int_eq(ending_exit_code(&ending), rows[i].code);
    }
}
END_TEST

START_TEST(the_first_cause_stays)
{
    struct ending ending;
    ending_init(&ending);
    ck_assert(note(&ending, (struct end){ESSENTIAL, SERVICE_FAILED, CODE_3, true, false}));
    ck_assert(!note(&ending, (struct end){ESSENTIAL, SERVICE_FAILED, CODE_1, true, false}));
    ck_assert(!note(&ending, (struct end){MAIN, SERVICE_DOWN, CODE_1, false, true}));
    ending_ask(&ending);
    ck_assert(!note(&ending, (struct end){ESSENTIAL, SERVICE_DOWN, SIGKILL, false, true}));
    ck_assert_int_eq(ending_exit_code(&ending), 3);
}
END_TEST

/* The code after a stop request where these two come to rest, one after the other. */
static int stopped(struct end first, struct end second)
{
    struct ending ending;
    ending_init(&ending);
    ending_ask(&ending);
    ck_assert(!note(&ending, first));
    ck_assert(!note(&ending, second));
    return ending_exit_code(&ending);
}

static const struct end well = {ESSENTIAL, SERVICE_DOWN, 0, false, true};

START_TEST(after_a_stop_request_nothing_is_a_cause)
{
    ck_assert_int_eq(stopped(well, (struct end){ESSENTIAL, SERVICE_DONE, 0, false, false}), 0);
    ck_assert_int_eq(stopped(well, (struct end){JOB, SERVICE_DONE, 0, false, false}), 0);
    ck_assert_int_eq(stopped(well, (struct end){OPTIONAL, SERVICE_FAILED, CODE_3, true, false}), 0);
    ck_assert_int_eq(stopped(well, (struct end){MAIN, SERVICE_FAILED, CODE_3, true, false}), 3);
}
END_TEST

START_TEST(after_a_stop_request_all_that_ends_well_is_0)
{
    ck_assert_int_eq(stopped(well, well), 0);
    ck_assert_int_eq(stopped(well, (struct end){ESSENTIAL, SERVICE_DOWN, SIGTERM, false, true}), 0);
    ck_assert_int_eq(stopped(well, (struct end){ESSENTIAL, SERVICE_DOWN, CODE_143, false, true}),
                     0);
}
END_TEST

START_TEST(after_a_stop_request_the_first_essential_that_fails_gives_the_code)
{
    struct end failed = {ESSENTIAL, SERVICE_DOWN, CODE_3, false, true};
    struct end killed = {ESSENTIAL, SERVICE_DOWN, SIGKILL, false, true};
    ck_assert_int_eq(stopped(well, failed), 3);
    ck_assert_int_eq(stopped(failed, killed), 3);
    ck_assert_int_eq(stopped(killed, failed), 137);
    ck_assert_int_eq(stopped(well, (struct end){OPTIONAL, SERVICE_DOWN, CODE_3, false, true}), 0);
    ck_assert_int_eq(stopped(well, (struct end){JOB, SERVICE_DOWN, CODE_3, false, true}), 3);
}
END_TEST

START_TEST(the_stop_signal_is_an_end_by_failure_where_we_did_not_send_it)
{
    ck_assert_int_eq(stopped(well, (struct end){ESSENTIAL, SERVICE_DOWN, SIGTERM, false, false}),
                     143);
}
END_TEST

/* The code after a stop request where one that was asked ends so. */
static int stopped_with(const struct stop_conf *stop, const struct restart_conf *restart,
                        int wait_status)
{
    struct end end = {ESSENTIAL, SERVICE_DOWN, wait_status, false, true};
    struct service service = rest(&end);
    struct service_conf conf = *service.conf;
    struct ending ending;
    conf.stop = stop;
    conf.restart = restart;
    service.conf = &conf;
    ending_init(&ending);
    ending_ask(&ending);
    ck_assert(!ending_note(&ending, &service));
    return ending_exit_code(&ending);
}

START_TEST(the_stop_signal_is_the_service_s_own)
{
    struct stop_conf stop = *service_defaults.stop;
    stop.signal = SIGQUIT;
    ck_assert_int_eq(stopped_with(&stop, service_defaults.restart, SIGQUIT), 0);
    ck_assert_int_eq(stopped_with(&stop, service_defaults.restart, (128 + SIGQUIT) << 8), 0);
    ck_assert_int_eq(stopped_with(&stop, service_defaults.restart, SIGTERM), 143);
    ck_assert_int_eq(stopped_with(&stop, service_defaults.restart, CODE_143), 143);
}
END_TEST

START_TEST(an_exit_code_that_is_a_success_is_one_after_a_stop_request_too)
{
    struct restart_conf restart = *service_defaults.restart;
    exit_codes_add(&restart.success, 3);
    ck_assert_int_eq(stopped_with(service_defaults.stop, &restart, CODE_3), 0);
    ck_assert_int_eq(stopped_with(service_defaults.stop, &restart, CODE_1), 1);
}
END_TEST

START_TEST(what_had_failed_before_the_stop_request_is_no_failure_to_stop)
{
    ck_assert_int_eq(stopped(well, (struct end){ESSENTIAL, SERVICE_DOWN, CODE_3, true, false}), 0);
}
END_TEST

START_TEST(after_a_stop_request_the_main_service_s_own_code_counts)
{
    struct end failed = {ESSENTIAL, SERVICE_DOWN, CODE_3, false, true};
    ck_assert_int_eq(stopped(failed, (struct end){MAIN, SERVICE_DOWN, SIGTERM, false, true}), 143);
    ck_assert_int_eq(stopped((struct end){MAIN, SERVICE_DOWN, 0, false, true}, failed), 0);
    ck_assert_int_eq(stopped((struct end){MAIN, SERVICE_DOWN, CODE_1, true, false}, well), 1);
}
END_TEST

START_TEST(a_main_service_that_never_ran_has_no_code)
{
    struct end failed = {ESSENTIAL, SERVICE_DOWN, CODE_3, false, true};
    struct service main = rest(&(struct end){MAIN, SERVICE_DOWN, 0, false, false});
    struct ending ending;
    main.has_ended = false;
    ending_init(&ending);
    ending_ask(&ending);
    ending_note(&ending, &main);
    note(&ending, failed);
    ck_assert_int_eq(ending_exit_code(&ending), 3);
}
END_TEST

START_TEST(a_command_that_cannot_be_executed_is_a_cause_with_its_code)
{
    struct ending ending;
    struct service service = rest(&(struct end){ESSENTIAL, SERVICE_FAILED, 0, true, false});
    service.was_refused = true;
    service.spawn_error = (struct spawn_error){.stage = SPAWN_EXEC, .error = ENOENT};
    ending_init(&ending);
    ck_assert(ending_note(&ending, &service));
    ck_assert_int_eq(ending_exit_code(&ending), 127);
}
END_TEST

START_TEST(a_command_that_could_not_be_executed_when_the_stop_came_gives_its_code)
{
    struct ending ending;
    struct service service = rest(&(struct end){ESSENTIAL, SERVICE_DOWN, 0, false, true});
    service.was_refused = true;
    service.spawn_error = (struct spawn_error){.stage = SPAWN_EXEC, .error = EACCES};
    ending_init(&ending);
    ending_ask(&ending);
    ck_assert(!ending_note(&ending, &service));
    ck_assert_int_eq(ending_exit_code(&ending), 126);
}
END_TEST

/* The code where the first comes to rest and the second is left over, in state D. */
static int left(bool is_asked, struct end first, enum kind second)
{
    struct ending ending;
    struct service service = rest(&(struct end){second, SERVICE_STOPPING, 0, false, true});
    ending_init(&ending);
    if (is_asked)
        ending_ask(&ending);
    note(&ending, first);
    ending_note_left(&ending, &service);
    return ending_exit_code(&ending);
}

START_TEST(who_is_left_over_counts_as_killed)
{
    struct end failed = {ESSENTIAL, SERVICE_DOWN, CODE_3, false, true};
    ck_assert_int_eq(left(true, well, ESSENTIAL), 137);
    ck_assert_int_eq(left(true, well, JOB), 137);
    ck_assert_int_eq(left(true, well, OPTIONAL), 0);
    ck_assert_int_eq(left(true, failed, ESSENTIAL), 3);
    ck_assert_int_eq(left(true, failed, MAIN), 137);
    ck_assert_int_eq(left(true, (struct end){MAIN, SERVICE_DOWN, CODE_1, false, true}, ESSENTIAL),
                     1);
}
END_TEST

START_TEST(who_is_left_over_does_not_hide_the_first_cause)
{
    struct end cause = {ESSENTIAL, SERVICE_FAILED, CODE_3, true, false};
    ck_assert_int_eq(left(false, cause, ESSENTIAL), 3);
    ck_assert_int_eq(left(false, cause, MAIN), 3);
}
END_TEST

int main(void)
{
    return unit_run(
        "ending", an_end_that_nobody_asked_for_ends_the_container_or_not, the_first_cause_stays,
        after_a_stop_request_nothing_is_a_cause, after_a_stop_request_all_that_ends_well_is_0,
        after_a_stop_request_the_first_essential_that_fails_gives_the_code,
        the_stop_signal_is_an_end_by_failure_where_we_did_not_send_it,
        the_stop_signal_is_the_service_s_own,
        an_exit_code_that_is_a_success_is_one_after_a_stop_request_too,
        what_had_failed_before_the_stop_request_is_no_failure_to_stop,
        after_a_stop_request_the_main_service_s_own_code_counts,
        a_main_service_that_never_ran_has_no_code,
        a_command_that_cannot_be_executed_is_a_cause_with_its_code,
        a_command_that_could_not_be_executed_when_the_stop_came_gives_its_code,
        who_is_left_over_counts_as_killed, who_is_left_over_does_not_hide_the_first_cause);
}
