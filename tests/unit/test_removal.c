/* Services that another configuration does not have any more. */
#include "tests/unit/services.h"

static bool is_there(const char *name)
{
    for (int i = 0; i < supervisor.count; i++)
        if (!supervisor_is_gone(&supervisor, i) &&
            strcmp(supervisor_service(&supervisor, i)->name, name) == 0)
            return true;
    return false;
}

START_TEST(what_is_removed_stops_and_is_forgotten)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("b"));
    expect_story("removed a, ask a, ");
    ck_assert(supervisor_is_using_old(&supervisor));
    ck_assert_str_eq(state_of("a"), "stopping");
    ends("a", SIGTERM);
    ck_assert(!supervisor_is_using_old(&supervisor));
    ck_assert(!is_there("a"));
    ck_assert_int_eq(supervisor.held, 0);
    expect_goes_on();
    ends("b", 0);
    expect_story("ask b, done b, because of b, ");
    expect_over(0);
}
END_TEST

static int visited;

static void visit(void *data, const struct service *service)
{
    ck_assert_str_eq(data, "data");
    ck_assert_str_eq(service->name, "b");
    visited++;
}

START_TEST(what_is_forgotten_is_not_found)
{
    int first;
    int end;
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("b"));
    ck_assert(!supervisor_find_named(&supervisor, "a", &first, &end));
    ck_assert(!supervisor_is_gone(&supervisor, 1));
    ends("a", SIGTERM);
    ck_assert(supervisor_is_gone(&supervisor, 1));
    ck_assert(!supervisor_is_gone(&supervisor, 0));
    supervisor_each(&supervisor, visit, "data");
    ck_assert_int_eq(visited, 1);
    reload(SERVICE("b"));
    ck_assert_int_eq(supervisor.count, 1);
}
END_TEST

/* Each way in which it can end is no end of the container. */
static const struct {
    const char *lines;
    int wait_status;
} removals[] = {
    {"restart = no\n", 3 << 8},     {"restart = no\n", 0},
    {"restart = always\n", 1 << 8}, {"restart = no\n", SIGKILL},
    {"type = oneshot\n", 1 << 8},   {"restart = on-failure:1\n", SIGSEGV},
};

START_TEST(how_ever_what_is_removed_ends_the_container_goes_on)
{
    char text[256];
    snprintf(text, sizeof text, "[service a]\ncommand = x\n%s[service b]\ncommand = x\n",
             removals[_i].lines);
    run_two(text);
    if (_i % 2)
        leaves_some("a", 5 << 8); /* by itself, before */
    exchange(SERVICE("b"));
    if (_i % 2 == 0)
        leaves_some("a", removals[_i].wait_status); /* before it was asked */
    tick();
    rest_ends("a");
    ck_assert(!is_there("a"));
    ck_assert(!strstr(story, "because"));
    expect_goes_on();
}
END_TEST

START_TEST(what_is_removed_and_needs_a_kill_ends_nothing)
{
    run_two(SERVICE("a") "stop-timeout = 1s\n" SERVICE("b"));
    reload(SERVICE("b"));
    wait_for_deadline();
    expect_story("removed a, ask a, kill a, ");
    ends("a", SIGKILL);
    ck_assert(!is_there("a"));
    expect_goes_on();
}
END_TEST

START_TEST(what_is_removed_while_at_rest_is_gone_at_once)
{
    begin(SERVICE("a") "restart = no\nessential = no\n" SERVICE("b")
              SERVICE("c") "start = no\n" SERVICE("d"),
          false);
    executed("a");
    executed("b");
    executed("d");
    ends("a", 1 << 8);
    order(ORDER_STOP, "b");
    ends("b", 0);
    *story = '\0';
    reload(SERVICE("d"));
    expect_story("removed a, removed b, removed c, ");
    ck_assert_int_eq(supervisor.count, 1);
    ck_assert(!supervisor_is_using_old(&supervisor));
}
END_TEST

START_TEST(what_waits_in_some_way_and_is_removed_never_starts)
{
    begin(SERVICE("a") SERVICE("b") "after = a\n" SERVICE("c"), false);
    executed("c");
    ends("c", 1 << 8);
    *story = '\0';
    reload(SERVICE("a"));
    expect_story("removed b, removed c, ");
    ck_assert(!supervisor_is_using_old(&supervisor));
    executed("a");
    expect_story("");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
}
END_TEST

START_TEST(what_is_removed_asks_by_its_own_rules)
{
    run_two(SERVICE("a") "stop-timeout = 3s\nstop-command = y\n" SERVICE("b"));
    reload(SERVICE("b"));
    expect_story("removed a, stop-command of a, ");
    ck_assert_int_eq(deadline_ms, now_ms + 2000);
    wait_for_deadline();
    expect_story("ask a, ask a, "); /* one is the stop-command */
    reap(FIRST_PID + 2, SIGTERM);
    expect_story("stop-command of a ended with 15, ");
    ends("a", 0);
    ck_assert(!is_there("a"));
}
END_TEST

START_TEST(what_is_removed_stays_so_through_another_configuration)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("b"));
    *story = '\0';
    reload(SERVICE("b") "stop-timeout = 1s\n");
    expect_story("changed b, "); /* told once */
    ck_assert(supervisor_is_using_old(&supervisor));
    ck_assert_str_eq(state_of("a"), "stopping");
    ends("a", 1 << 8);
    expect_story("");
    ck_assert(!supervisor_is_using_old(&supervisor));
    expect_goes_on();
}
END_TEST

START_TEST(what_is_removed_is_asked_also_after_two_configurations_at_once)
{
    run_two(SERVICE("a") SERVICE("b"));
    exchange(SERVICE("b"));
    exchange(SERVICE("b"));
    tick();
    expect_story("removed a, ask a, ");
}
END_TEST

START_TEST(what_is_removed_hears_no_orders)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("b"));
    give_order(ORDER_RESTART, "all");
    ck_assert_int_eq(supervisor.orders, 1);
    ck_assert(!supervisor_wants_up(&supervisor, 1));
    tick();
    expect_story("removed a, ask a, ask b, ");
    ends("a", 0);
    give_order(ORDER_STOP, "all");
    ck_assert_int_eq(supervisor.orders, 1);
    tick();
    ends("b", 0);
    expect_story("");
    ck_assert_int_eq(supervisor.held, 1);
}
END_TEST

START_TEST(what_is_removed_and_added_again_starts_when_it_is_down)
{
    run_two(SERVICE("a") "restart = no\n" SERVICE("b"));
    reload(SERVICE("b"));
    expect_story("removed a, ask a, ");
    reload(OTHER_SERVICE("a") "restart = no\n" SERVICE("b"));
    expect_story("added a, ");
    ck_assert(!supervisor_is_using_old(&supervisor));
    ck_assert_str_eq(state_of("a"), "stopping");
    ends("a", 3 << 8);
    expect_story("spawn a, ");
    executed("a");
    expect_goes_on();
    ends("a", 3 << 8);
    expect_story("ask a, failed a, because of a, ask b, ");
}
END_TEST

START_TEST(what_is_removed_and_added_again_stays_down_where_it_is_not_to_start)
{
    run_two(SERVICE("a") "restart = no\n" SERVICE("b"));
    reload(SERVICE("b"));
    reload(SERVICE("a") "start = no\n" SERVICE("b"));
    ends("a", 3 << 8);
    expect_story("removed a, ask a, added a, ");
    ck_assert_str_eq(state_of("a"), "down");
    expect_goes_on();
}
END_TEST

START_TEST(what_is_removed_and_added_again_stays_down_where_it_was_stopped)
{
    run_two(SERVICE("a") "restart = no\n" SERVICE("b"));
    marked = "a";
    reload(SERVICE("b"));
    reload(SERVICE("a") SERVICE("b"));
    ends("a", 3 << 8);
    expect_story("removed a, ask a, added a, ");
    ck_assert(service_is_held_down(service_named("a")));
}
END_TEST

START_TEST(what_is_forgotten_and_added_again_is_new)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("b"));
    ends("a", 3 << 8);
    reload(SERVICE("b") SERVICE("a"));
    expect_story("removed a, ask a, added a, spawn a, ");
    ck_assert(!service_named("a")->has_ended);
}
END_TEST

START_TEST(another_name_is_another_service)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("new") SERVICE("b"));
    expect_story("added new, removed a, ask a, spawn new, ");
    ends("a", 0);
    executed("new");
    ck_assert_int_eq(supervisor.active, 2);
}
END_TEST

START_TEST(two_services_that_exchange_their_names_exchange_their_programs)
{
    run_two("[service a]\ncommand = x\n[service b]\ncommand = y\n");
    reload("[service b]\ncommand = x\n[service a]\ncommand = y\n");
    expect_story("restarted b, restarted a, ask b, ask a, ");
    ends("a", 0);
    expect_story("spawn a, ");
}
END_TEST

START_TEST(instances_come_and_go)
{
    begin(SERVICE("w") "instances = 3\n", false);
    executed("w@1");
    executed("w@2");
    executed("w@3");
    *story = '\0';
    reload(SERVICE("w") "instances = 2\n");
    expect_story("removed w@3, ask w@3, ");
    ends("w@3", 0);
    ck_assert(!is_there("w@3"));
    reload(SERVICE("w") "instances = 4\n");
    expect_story("added w@3, added w@4, spawn w@3, spawn w@4, ");
    ck_assert_int_eq(service_named("w@4")->instance, 4);
    ck_assert_int_eq(service_named("w@2")->instance, 2);
    reload(SERVICE("w"));
    expect_story("added w, removed w@1, removed w@2, removed w@3, removed w@4, "
                 "ask w@1, ask w@2, ask w@3, ask w@4, spawn w, ");
}
END_TEST

START_TEST(the_last_that_runs_is_removed_and_the_container_ends)
{
    run_two(SERVICE("a") SERVICE("b") "type = oneshot\n");
    ends("b", 0);
    reload(SERVICE("b") "type = oneshot\n");
    ends("a", 9 << 8);
    expect_over(0);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "removal", reset,
        unit_tests(what_is_removed_stops_and_is_forgotten, what_is_forgotten_is_not_found,
                   what_is_removed_and_needs_a_kill_ends_nothing,
                   what_is_removed_while_at_rest_is_gone_at_once,
                   what_waits_in_some_way_and_is_removed_never_starts,
                   what_is_removed_asks_by_its_own_rules,
                   what_is_removed_stays_so_through_another_configuration,
                   what_is_removed_is_asked_also_after_two_configurations_at_once,
                   what_is_removed_hears_no_orders,
                   what_is_removed_and_added_again_starts_when_it_is_down,
                   what_is_removed_and_added_again_stays_down_where_it_is_not_to_start,
                   what_is_removed_and_added_again_stays_down_where_it_was_stopped,
                   what_is_forgotten_and_added_again_is_new, another_name_is_another_service,
                   two_services_that_exchange_their_names_exchange_their_programs,
                   instances_come_and_go, the_last_that_runs_is_removed_and_the_container_ends),
        unit_loops({how_ever_what_is_removed_ends_the_container_goes_on, 0, unit_count(removals)}));
}
