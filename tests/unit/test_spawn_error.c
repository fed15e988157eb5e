#include "supervisor/spawn_error.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

enum { LAST_ERRNO = 133 };

static bool may_work_later(int error)
{
    static const int later[] = {EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY, EIO};
    for (size_t i = 0; i < unit_count(later); i++)
        if (later[i] == error)
            return true;
    return false;
}

START_TEST(only_what_is_short_or_busy_may_work_later)
{
    for (int error = 1; error <= LAST_ERRNO; error++) {
        struct spawn_error refused = {.stage = SPAWN_EXEC, .error = error};
        ck_assert_msg(spawn_error_is_permanent(&refused) != may_work_later(error), "%s",
                      strerror(error));
    }
}
END_TEST

START_TEST(it_makes_no_difference_at_which_stage_something_is_short)
{
    for (int stage = SPAWN_PIPE; stage <= SPAWN_EXEC; stage++) {
        struct spawn_error is_short = {.stage = (enum spawn_stage)stage, .error = ENOMEM};
        struct spawn_error missing = {.stage = (enum spawn_stage)stage, .error = ENOENT};
        ck_assert(!spawn_error_is_permanent(&is_short));
        ck_assert(spawn_error_is_permanent(&missing));
    }
}
END_TEST

START_TEST(a_bad_line_of_a_file_of_variables_is_for_good)
{
    struct spawn_error bad = {.stage = SPAWN_ENVIRONMENT, .error = EINVAL, .item = 1, .line = 3};
    struct spawn_error too_long = {.stage = SPAWN_ENVIRONMENT, .error = E2BIG, .line = 1};
    ck_assert(spawn_error_is_permanent(&bad));
    ck_assert(spawn_error_is_permanent(&too_long));
}
END_TEST

START_TEST(every_stage_has_the_word_that_messages_have)
{
    static const char *const words[] = {
        [SPAWN_PIPE] = "pipe",
        [SPAWN_CHANNEL] = "channel",
        [SPAWN_FORK] = "fork",
        [SPAWN_SESSION] = "session",
        [SPAWN_TERMINAL] = "terminal",
        [SPAWN_STDIN] = "stdin",
        [SPAWN_STDOUT] = "stdout",
        [SPAWN_STDERR] = "stderr",
        [SPAWN_ENVIRONMENT] = "environment",
        [SPAWN_DIRECTORY] = "directory",
        [SPAWN_OWNERSHIP] = "ownership",
        [SPAWN_IDENTITY] = "identity",
        [SPAWN_CAPABILITIES] = "capabilities",
        [SPAWN_EXEC] = "exec",
    };
    for (size_t stage = 0; stage < unit_count(words); stage++)
        ck_assert_str_eq(spawn_stage_name((enum spawn_stage)stage), words[stage]);
}
END_TEST

int main(void)
{
    return unit_run("spawn_error", only_what_is_short_or_busy_may_work_later,
                    it_makes_no_difference_at_which_stage_something_is_short,
                    a_bad_line_of_a_file_of_variables_is_for_good,
                    every_stage_has_the_word_that_messages_have);
}
