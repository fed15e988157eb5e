#include "ctl/answer.h"

#include "tests/unit/one_service.h"

/* What is said of the service, and read again. Texts live until the next call. */
static const struct status *told_at(bool is_wanted, int64_t at_ms)
{
    static char line[ANSWER_SIZE];
    static struct answer answer;
    struct json json;
    json_begin(&json, line, sizeof line);
    answer_service(&json, &service, is_wanted, at_ms);
    json_end(&json);
    answer_read(line, &answer);
    ck_assert_int_eq(answer.kind, ANSWER_STATUS);
    return &answer.status;
}

static const struct status *told(void)
{
    return told_at(true, NOW);
}

START_TEST(one_that_never_ran_is_down_and_has_no_numbers)
{
    const struct status *status = told_at(false, NOW);
    ck_assert_str_eq(status->name, "s");
    ck_assert_str_eq(status->state, "down");
    ck_assert_str_eq(status->wanted, "down");
    ck_assert_str_eq(status->health, "none");
    ck_assert_int_eq(status->pid, -1);
    ck_assert_int_eq(status->uptime_s, -1);
    ck_assert_int_eq(status->exit_code, -1);
    ck_assert_int_eq(status->restarts, 0);
    ck_assert_ptr_null(status->signal);
    ck_assert_ptr_null(status->error);
    ck_assert_ptr_null(status->reason);
    ck_assert_ptr_null(status->time);
    ck_assert(!status->is_main && !status->core_dumped && !status->out_of_memory);
}
END_TEST

START_TEST(one_that_runs_has_a_pid_and_whole_seconds)
{
    run();
    const struct status *status = told_at(true, NOW + 3999);
    ck_assert_str_eq(status->state, "up");
    ck_assert_str_eq(status->wanted, "up");
    ck_assert_int_eq(status->pid, PID);
    ck_assert_int_eq(status->uptime_s, 3);
}
END_TEST

START_TEST(one_that_is_being_started_has_a_pid_and_does_not_run_yet)
{
    tell(SERVICE_WANT_UP);
    tell(SERVICE_DEPS_MET);
    forked();
    const struct status *status = told();
    ck_assert_str_eq(status->state, "starting");
    ck_assert_int_eq(status->pid, PID);
    ck_assert_int_eq(status->uptime_s, -1);
}
END_TEST

START_TEST(an_exit_has_a_code_and_no_signal)
{
    run();
    exited(3 << 8);
    const struct status *status = told();
    ck_assert_int_eq(status->exit_code, 3);
    ck_assert_ptr_null(status->signal);
    ck_assert_int_eq(status->pid, -1);
}
END_TEST

START_TEST(a_signal_has_a_name_and_no_code)
{
    run();
    exited(SIGSEGV | 0x80);
    const struct status *status = told();
    ck_assert_int_eq(status->exit_code, -1);
    ck_assert_str_eq(status->signal, "SEGV");
    ck_assert(status->core_dumped);
    ck_assert(!status->out_of_memory);
}
END_TEST

START_TEST(a_kill_for_want_of_memory_is_said)
{
    run();
    step((struct service_event){
        .kind = SERVICE_EXITED, .wait_status = SIGKILL, .out_of_memory = true});
    ck_assert_str_eq(told()->signal, "KILL");
    ck_assert(told()->out_of_memory);
}
END_TEST

START_TEST(one_that_could_not_be_started_says_why_and_forgets_the_run_before)
{
    run();
    exited(SIGSEGV);
    tell(SERVICE_GROUP_GONE);
    tell(SERVICE_WANT_UP);
    tell(SERVICE_DEPS_MET);
    forked();
    refused(ENOENT);
    const struct status *status = told();
    ck_assert_str_eq(status->error, "No such file or directory (exec)");
    ck_assert_int_eq(status->exit_code, 127);
    ck_assert_ptr_null(status->signal);
}
END_TEST

START_TEST(the_reason_is_why_it_was_stopped)
{
    static const char *const names[] = {
        [REASON_NONE] = NULL,
        [REASON_BY_HAND] = "by-hand",
        [REASON_SHUTDOWN] = "shutdown",
        [REASON_START_TIMEOUT] = "start-timeout",
        [REASON_UNHEALTHY] = "unhealthy",
        [REASON_WATCHDOG] = "watchdog",
        [REASON_LEADER_GONE] = "leader-gone",
    };
    for (size_t i = 0; i < unit_count(names); i++) {
        service.reason = (uint8_t)i;
        if (names[i])
            ck_assert_str_eq(told()->reason, names[i]);
        else
            ck_assert_ptr_null(told()->reason);
    }
}
END_TEST

START_TEST(its_health_is_what_its_checks_say)
{
    static const char *const names[] = {
        [VERDICT_NONE] = "none",
        [VERDICT_STARTING] = "starting",
        [VERDICT_HEALTHY] = "healthy",
        [VERDICT_UNHEALTHY] = "unhealthy",
    };
    for (size_t i = 0; i < unit_count(names); i++) {
        service.health = (uint8_t)i;
        ck_assert_str_eq(told()->health, names[i]);
    }
}
END_TEST

START_TEST(the_main_service_is_told_apart)
{
    conf.is_main = true;
    ck_assert(told()->is_main);
}
END_TEST

START_TEST(each_state_is_as_wanted_or_not)
{
    static const struct {
        enum service_state state;
        bool as_up;
        bool as_down;
    } rows[] = {
        {SERVICE_DOWN, false, true},      {SERVICE_WAITING, false, false},
        {SERVICE_STARTING, false, false}, {SERVICE_UP, true, false},
        {SERVICE_STOPPING, false, false}, {SERVICE_BACKOFF, false, false},
        {SERVICE_FAILED, false, true},    {SERVICE_DONE, true, true},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        service.state = (uint8_t)rows[i].state;
        ck_assert_int_eq(answer_is_as_wanted(&service, true), rows[i].as_up);
        ck_assert_int_eq(answer_is_as_wanted(&service, false), rows[i].as_down);
    }
}
END_TEST

START_TEST(the_longest_line_has_room_for_every_field)
{
    static char name[49];
    memset(name, '"', sizeof name - 1);
    service.name = name;
    conf.is_main = true; /* the last field */
    run();
    refused(ENOENT);
    const struct status *status = told_at(true, INT64_MAX);
    ck_assert_str_eq(status->name, name);
    ck_assert_ptr_nonnull(status->error);
    ck_assert(status->is_main);
}
END_TEST

static struct answer read_line(const char *text)
{
    static char line[ANSWER_SIZE];
    struct answer answer;
    ck_assert_uint_lt(strlen(text), sizeof line);
    strcpy(line, text);
    answer_read(line, &answer);
    return answer;
}

START_TEST(a_verdict_is_read_as_it_was_written)
{
    char line[ANSWER_SIZE];
    const struct verdict verdict = {ANSWER_UNKNOWN_NAME, "there is no \"x\"", "and more"};
    size_t length = answer_verdict(line, sizeof line, &verdict);
    ck_assert_uint_eq(length, strlen(line));
    ck_assert_ptr_nonnull(strstr(line, "\"ok\":false"));
    struct answer answer = read_line(line);
    ck_assert_int_eq(answer.kind, ANSWER_VERDICT);
    ck_assert_int_eq(answer.verdict.code, ANSWER_UNKNOWN_NAME);
    ck_assert_str_eq(answer.verdict.error, verdict.error);
    ck_assert_str_eq(answer.verdict.warning, verdict.warning);
}
END_TEST

START_TEST(a_good_verdict_is_ok_and_has_no_words)
{
    char line[ANSWER_SIZE];
    answer_verdict(line, sizeof line, &(struct verdict){.code = ANSWER_DONE});
    ck_assert_str_eq(line, "{\"ok\":true,\"code\":0}\n");
    struct answer answer = read_line(line);
    ck_assert_int_eq(answer.verdict.code, ANSWER_DONE);
    ck_assert_ptr_null(answer.verdict.error);
    ck_assert_ptr_null(answer.verdict.warning);
}
END_TEST

START_TEST(fields_that_are_new_do_not_disturb)
{
    struct answer answer = read_line("{\"new\":1,\"ok\":true,\"code\":0,\"more\":\"x\"}");
    ck_assert_int_eq(answer.kind, ANSWER_VERDICT);
}
END_TEST

START_TEST(another_object_is_there_for_its_fields)
{
    struct answer answer = read_line("{\"service\":\"web\",\"change\":\"added\",\"line\":3}");
    ck_assert_int_eq(answer.kind, ANSWER_OTHER);
    ck_assert_str_eq(answer_text(&answer, "change"), "added");
    ck_assert_ptr_null(answer_text(&answer, "line"));
    ck_assert_ptr_null(answer_text(&answer, "file"));
}
END_TEST

START_TEST(a_status_without_what_it_has_to_have_is_another_object)
{
    ck_assert_int_eq(read_line("{\"name\":\"a\",\"state\":\"up\",\"wanted\":\"up\"}").kind,
                     ANSWER_OTHER);
    ck_assert_int_eq(
        read_line("{\"name\":\"a\",\"state\":\"up\",\"wanted\":\"up\",\"health\":null}").kind,
        ANSWER_OTHER);
}
END_TEST

START_TEST(what_is_no_object_is_garbage)
{
    ck_assert_int_eq(read_line("HTTP/1.1 400 Bad Request").kind, ANSWER_GARBAGE);
    ck_assert_int_eq(read_line("").kind, ANSWER_GARBAGE);
    ck_assert_int_eq(read_line("{\"a\":[]}").kind, ANSWER_GARBAGE);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "answer", configure,
        unit_tests(one_that_never_ran_is_down_and_has_no_numbers,
                   one_that_runs_has_a_pid_and_whole_seconds,
                   one_that_is_being_started_has_a_pid_and_does_not_run_yet,
                   an_exit_has_a_code_and_no_signal, a_signal_has_a_name_and_no_code,
                   a_kill_for_want_of_memory_is_said,
                   one_that_could_not_be_started_says_why_and_forgets_the_run_before,
                   the_reason_is_why_it_was_stopped, its_health_is_what_its_checks_say,
                   the_main_service_is_told_apart, each_state_is_as_wanted_or_not,
                   the_longest_line_has_room_for_every_field, a_verdict_is_read_as_it_was_written,
                   a_good_verdict_is_ok_and_has_no_words, fields_that_are_new_do_not_disturb,
                   another_object_is_there_for_its_fields,
                   a_status_without_what_it_has_to_have_is_another_object,
                   what_is_no_object_is_garbage),
        NULL, 0);
}
