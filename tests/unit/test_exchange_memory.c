/* Another configuration where there is no memory for it: as if nobody had wanted it. */
#include "tests/unit/services.h"

static int allocations; /* until one fails; 0: none does */

/* NOLINTBEGIN(bugprone-reserved-identifier): ld gives these names */
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
bool __real_own_memory_map(struct own_memory *memory, size_t size);
bool __wrap_own_memory_map(struct own_memory *memory, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    if (allocations > 0 && --allocations == 0)
        return NULL;
    return __real_calloc(count, size);
}

bool __wrap_own_memory_map(struct own_memory *memory, size_t size)
{
    if (allocations > 0 && --allocations == 0)
        return false;
    return __real_own_memory_map(memory, size);
}
/* NOLINTEND(bugprone-reserved-identifier) */

#define LONG "one-whose-name-is-as-long-as-names-may-be"

static const char before[] = SERVICE(LONG) "instances = 200\n" SERVICE("a") SERVICE("b");
static const char after[] =
    SERVICE("new") SERVICE("a") "restart = no\nafter = b new\n" OTHER_SERVICE("b")
        SERVICE("x") "instances = 200\n";

static void run_all(void)
{
    begin(before, false);
    for (int i = 0; i < 202; i++) {
        supervisor_executed(&supervisor, FIRST_PID + i, now_ms);
        tick();
    }
    leaves_some("a", 1 << 8);
    give_order(ORDER_STOP, LONG "@7");
    *story = '\0';
}

static void expect_as_before(void)
{
    expect_counts();
    expect_leaders();
    ck_assert_int_eq(supervisor.count, 202);
    ck_assert_int_eq(supervisor.active, 202);
    ck_assert_int_eq(supervisor.orders, 1);
    ck_assert(!supervisor_is_using_old(&supervisor));
    ck_assert_ptr_eq(service_named("b")->conf, conf.last);
    expect_story("");
}

START_TEST(without_memory_nothing_changes)
{
    struct conf next;
    int failures = 0;
    run_all();
    read_conf(&next, after, false);
    for (bool is_done = false; !is_done; failures += !is_done) {
        allocations = failures + 1;
        is_done = supervisor_reload(&supervisor, &next, now_ms, told_fake, &story);
        if (!is_done)
            expect_as_before();
    }
    allocations = 0;
    ck_assert_int_gt(failures, 4);
    old_confs[old_count++] = conf;
    conf = next;
    tick();
    ck_assert_str_eq(state_of(LONG "@7"), "stopping");
    ck_assert_int_eq(supervisor.removed, 200);
    supervisor_fini(&supervisor);
}
END_TEST

int main(void)
{
    return unit_run_suite("exchange_memory", reset, unit_tests(without_memory_nothing_changes),
                          NULL, 0);
}
