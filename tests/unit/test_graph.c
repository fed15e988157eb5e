#include "supervisor/graph.h"

#include "conf/read.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct conf conf;
static struct conf_errors errors;
static struct graph graph;
static struct arena arena;
static char story[4096]; /* the errors, a line each */

static void build(const char *text)
{
    struct conf_reader reader;
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    arena_free(&arena);
    conf_free(&conf);
    errors_free(&errors);
    errors.is_check = true;
    conf_reader_init(&reader, &conf, &errors);
    conf_reader_file(&reader, file, "f");
    conf_reader_finish(&reader);
    fclose(file);
    ck_assert(graph_init(&graph, &conf, &arena, &errors));
    errors_sort(&errors);
    *story = '\0';
    for (const struct conf_error *e = errors.first; e; e = e->next)
        snprintf(story + strlen(story), sizeof story - strlen(story), "%d: %s%s\n", e->place.line,
                 e->is_warning ? "warning: " : "", e->text);
}

/* Where a service stands in the order. */
static int position(int index)
{
    for (int i = 0; i < graph.count; i++)
        if (graph.order[i] == index)
            return i;
    return -1;
}

static void expect_order(const char *expected)
{
    char order[256] = "";
    for (int i = 0; i < graph.count; i++) {
        strcat(order, graph.services[graph.order[i]]->name);
        strcat(order, " ");
    }
    ck_assert_str_eq(order, expected);
}

START_TEST(what_is_waited_for_comes_first_and_files_decide_what_is_free)
{
    build("[service web]\ncommand = x\ndepends-on = db\n[service z]\ncommand = x\n"
          "[service db]\ncommand = x\nafter = log nobody\n[service log]\ncommand = x\n");
    ck_assert_str_eq(story, "");
    expect_order("log db web z ");
}
END_TEST

START_TEST(a_bare_dependency_means_ready_and_of_a_oneshot_completed)
{
    build("[service a]\ncommand = x\ndepends-on = b c b:started\n[service b]\ncommand = x\n"
          "[service c]\ncommand = x\ntype = oneshot\n");
    ck_assert_int_eq(graph.edges[0].condition, CONDITION_READY);
    ck_assert_int_eq(graph.edges[1].condition, CONDITION_COMPLETED);
    ck_assert_int_eq(graph.edges[2].condition, CONDITION_STARTED);
    ck_assert_int_eq(graph.first_edge[1], 3);
}
END_TEST

START_TEST(what_can_never_come_is_an_error_where_it_is_written)
{
    build("[service a]\ncommand = x\ndepends-on = nobody\n"
          "[service b]\ncommand = x\ndepends-on = a:completed\n"
          "[service c]\ncommand = x\ndepends-on = a:healthy\n"
          "[service d]\ncommand = x\ntype = oneshot\nrestart = always\n"
          "[service e]\ncommand = x\ndepends-on = d\n"
          "[service f]\ncommand = x\ndepends-on = d:ready\n");
    ck_assert_str_eq(
        story,
        "3: [service a] depends-on: 'nobody' is no service\n"
        "6: [service b] depends-on: the condition of 'a' can never come: only a oneshot completes\n"
        "9: [service c] depends-on: the condition of 'a' can never come: it has no health check\n"
        "16: [service e] depends-on: the condition of 'd' can never come: it is restarted whenever "
        "it ends\n"
        "19: [service f] depends-on: the condition of 'd' can never come: a oneshot is never "
        "ready, "
        "expected completed\n");
}
END_TEST

START_TEST(a_cycle_is_shown_with_the_line_of_each_edge)
{
    build("[service web]\ncommand = x\ndepends-on = db\n[service db]\ncommand = x\nafter = cache\n"
          "[service cache]\ncommand = x\ndepends-on = web\n");
    ck_assert_str_eq(story,
                     "3: [service web] depends-on: cycle: web -> db (line 6) -> cache (line 9) "
                     "-> web\n");
    build("[service a]\ncommand = x\ndepends-on = a\n");
    ck_assert_str_eq(story, "3: [service a] depends-on: cycle: a -> a\n");
}
END_TEST

START_TEST(two_cycles_are_two_errors)
{
    build("[service a]\ncommand = x\nafter = b\n[service b]\ncommand = x\nafter = a\n"
          "[service c]\ncommand = x\nafter = d\n[service d]\ncommand = x\nafter = c\n");
    ck_assert_int_eq(errors.count, 2);
}
END_TEST

START_TEST(what_is_started_by_hand_only_is_a_warning_to_who_waits_for_it)
{
    build("[service a]\ncommand = x\ndepends-on = b\n[service b]\ncommand = x\nstart = no\n");
    ck_assert_str_eq(story,
                     "3: warning: [service a] depends-on: 'b' is started by hand only, until "
                     "then it waits\n");
}
END_TEST

/* --- many ------------------------------------------------------------------------------------- */

enum { MANY = 1000 };

/* Writes MANY services; of service i the line that `dependency` prints. */
static void build_many(void (*dependency)(char *line, int i))
{
    static char text[MANY * 128];
    char *end = text;
    for (int i = 0; i < MANY; i++) {
        char line[64] = "";
        dependency(line, i);
        end += sprintf(end, "[service s%d]\ncommand = x\n%s", i, line);
    }
    build(text);
    ck_assert_str_eq(story, "");
    for (int i = 0; i < graph.count; i++)
        for (int e = graph.first_edge[i]; e < graph.first_edge[i + 1]; e++)
            ck_assert_int_lt(position(graph.edges[e].to), position(i));
}

static void chain(char *line, int i)
{
    if (i + 1 < MANY)
        sprintf(line, "depends-on = s%d\n", i + 1);
}

static void star(char *line, int i)
{
    if (i > 0)
        sprintf(line, "depends-on = s0\n");
}

static void at_random(char *line, int i)
{
    static unsigned state = 7;
    state = state * 1103515245U + 12345U;
    if (i > 0)
        sprintf(line, "after = s%u s%u\n", (state >> 8) % (unsigned)i, (state >> 16) % (unsigned)i);
}

START_TEST(a_thousand_in_a_chain_a_star_and_at_random_are_ordered)
{
    build_many(chain);
    ck_assert_int_eq(position(0), MANY - 1);
    build_many(star);
    build_many(at_random);
}
END_TEST

int main(void)
{
    return unit_run("graph", what_is_waited_for_comes_first_and_files_decide_what_is_free,
                    a_bare_dependency_means_ready_and_of_a_oneshot_completed,
                    what_can_never_come_is_an_error_where_it_is_written,
                    a_cycle_is_shown_with_the_line_of_each_edge, two_cycles_are_two_errors,
                    what_is_started_by_hand_only_is_a_warning_to_who_waits_for_it,
                    a_thousand_in_a_chain_a_star_and_at_random_are_ordered);
}
