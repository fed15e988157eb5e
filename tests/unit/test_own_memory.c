/* What children do not get. */
#include "supervisor/own_memory.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 10000 };

static struct own_memory memory;

static void setup(void)
{
    ck_assert(own_memory_map(&memory, SIZE));
}

/* Asked of the kernel, since who only tries is killed. */
static bool child_has_it(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int ends[2];
        char *last = (char *)memory.start + SIZE - 1;
        _exit(pipe(ends) == 0 && write(ends[1], last, 1) == 1);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status) == 1;
}

START_TEST(it_begins_with_zeros)
{
    for (int i = 0; i < SIZE; i++)
        ck_assert_int_eq(((char *)memory.start)[i], 0);
}
END_TEST

START_TEST(a_child_does_not_get_it)
{
    ck_assert(!child_has_it());
}
END_TEST

START_TEST(a_child_gets_it_while_it_is_shared)
{
    own_memory_share(&memory, true);
    ck_assert(child_has_it());
    own_memory_share(&memory, false);
    ck_assert(!child_has_it());
}
END_TEST

START_TEST(where_there_is_none_there_is_nothing_to_share_or_unmap)
{
    own_memory_unmap(&memory);
    ck_assert_ptr_null(memory.start);
    own_memory_share(&memory, true);
    own_memory_unmap(&memory);
}
END_TEST

int main(void)
{
    return unit_run_suite("own_memory", setup,
                          unit_tests(it_begins_with_zeros, a_child_does_not_get_it,
                                     a_child_gets_it_while_it_is_shared,
                                     where_there_is_none_there_is_nothing_to_share_or_unmap),
                          NULL, 0);
}
