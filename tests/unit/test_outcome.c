#include "supervisor/outcome.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>

/* Raw wait statuses as the kernel makes them. */
enum { DUMPED = 0x80 };
static int exited(int code)
{
    return code << 8;
}

START_TEST(an_exit_code_is_the_process_s_own)
{
    for (int code = 0; code <= 255; code++)
        ck_assert_int_eq(outcome_exit_code(exited(code)), code);
}
END_TEST

START_TEST(a_termination_signal_is_128_and_its_number)
{
    for (int sig = 1; sig <= 64; sig++) {
        ck_assert_int_eq(outcome_exit_code(sig), 128 + sig);
        ck_assert_int_eq(outcome_exit_code(sig | DUMPED), 128 + sig);
    }
}
END_TEST

START_TEST(a_command_that_does_not_exist_is_127_and_all_else_126)
{
    static const int errors[] = {EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP, ETXTBSY, EPERM, E2BIG};
    ck_assert_int_eq(
        outcome_spawn_code(&(struct spawn_error){.stage = SPAWN_EXEC, .error = ENOENT}), 127);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        ck_assert_int_eq(
            outcome_spawn_code(&(struct spawn_error){.stage = SPAWN_EXEC, .error = errors[i]}),
            126);
    ck_assert_int_eq(
        outcome_spawn_code(&(struct spawn_error){.stage = SPAWN_FORK, .error = EAGAIN}), 126);
    ck_assert_int_eq(
        outcome_spawn_code(&(struct spawn_error){.stage = SPAWN_TERMINAL, .error = ENOENT}), 126);
}
END_TEST

START_TEST(an_end_is_told_in_words)
{
    char text[OUTCOME_TEXT_SIZE];
    ck_assert_str_eq(outcome_describe(exited(0), text), "exited with code 0");
    ck_assert_str_eq(outcome_describe(exited(255), text), "exited with code 255");
    ck_assert_str_eq(outcome_describe(SIGSEGV | DUMPED, text), "killed by SIGSEGV (core dumped)");
    ck_assert_str_eq(outcome_describe(SIGKILL, text), "killed by SIGKILL");
    ck_assert_str_eq(outcome_describe(64 | DUMPED, text), "killed by SIGRTMIN+30 (core dumped)");
    ck_assert_str_eq(outcome_describe(32, text), "killed by signal 32");
}
END_TEST

int main(void)
{
    return unit_run("outcome", an_exit_code_is_the_process_s_own,
                    a_termination_signal_is_128_and_its_number,
                    a_command_that_does_not_exist_is_127_and_all_else_126, an_end_is_told_in_words);
}
