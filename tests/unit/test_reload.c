/* What a change of each key means for a service that runs. */
#include "supervisor/reload.h"

#include "conf/keys.h"
#include "conf/read.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

enum { FILES = 3 };

static struct conf confs[FILES];
static char texts[FILES][4096];

/* As --check does, so that every key is taken. */
static void read_file(int i, const char *text)
{
    static const char *const names[FILES] = {"before", "now", "other"};
    struct conf_errors errors;
    struct conf_reader reader;
    snprintf(texts[i], sizeof texts[i], "%s", text);
    FILE *file = fmemopen(texts[i], strlen(texts[i]), "r");
    conf_free(&confs[i]);
    errors_init(&errors);
    errors.is_check = true;
    conf_reader_init(&reader, &confs[i], &errors);
    conf_reader_file(&reader, file, names[i]);
    conf_reader_finish(&reader);
    fclose(file);
    ck_assert_msg(errors.count == 0, "%s in %s", errors.first ? errors.first->text : "", text);
    errors_free(&errors);
}

/* The only service of file `i`, which has these lines. */
static const struct service_conf *read_lines(int i, const char *lines)
{
    char text[sizeof texts[0]];
    snprintf(text, sizeof text, "[service s]\n%s%s",
             strstr(lines, "command = ") == lines ? "" : "command = x\n", lines);
    read_file(i, text);
    return confs[i].services;
}

/*
 * Changes of each key, from one value to another; NULL: it is not written. `beside` are keys that
 * it needs.
 */
static const struct change {
    const char *key;
    const char *before;
    const char *now;
    enum reload_change what;
    const char *beside;
} changes[] = {
    {"command", "x", "y", RELOAD_RESTARTS, ""},
    {"command", "x", "x y", RELOAD_RESTARTS, ""},
    {"command", "x y", "x", RELOAD_RESTARTS, ""},
    {"command", "x 'y z'", "x y z", RELOAD_RESTARTS, ""},
    {"command", "x y", "x  'y'", RELOAD_NONE, ""},
    {"type", "simple", "oneshot", RELOAD_RESTARTS, ""},
    {"type", NULL, "simple", RELOAD_NONE, ""},
    {"pidfile", "/a", "/b", RELOAD_RESTARTS, "type = forking\n"},
    {"depends-on", NULL, "a", RELOAD_APPLIES, ""},
    {"depends-on", "a", "a:started", RELOAD_APPLIES, ""},
    {"depends-on", "a", "b", RELOAD_APPLIES, ""},
    {"depends-on", "a b", "a", RELOAD_APPLIES, ""},
    {"depends-on", "a b", "a  b", RELOAD_NONE, ""},
    {"after", NULL, "a", RELOAD_APPLIES, ""},
    {"after", "a", "b", RELOAD_APPLIES, ""},
    {"after", "a", "a b", RELOAD_APPLIES, ""},
    {"after", "a b", "a", RELOAD_APPLIES, ""},
    {"after", "a b", "a  b", RELOAD_NONE, ""},
    {"restart", "no", "always", RELOAD_APPLIES, ""},
    {"restart", "on-failure:1", "on-failure:2", RELOAD_APPLIES, ""},
    {"restart", "always", "unless-stopped", RELOAD_APPLIES, ""},
    {"crash-limit", "3", "4", RELOAD_APPLIES, ""},
    {"restart-delay", "1s", "2s", RELOAD_APPLIES, ""},
    {"restart-delay-max", "30s", "40s", RELOAD_APPLIES, ""},
    {"restart-factor", "2", "3", RELOAD_APPLIES, ""},
    {"restart-reset", "1s", "2s", RELOAD_APPLIES, ""},
    {"restart-jitter", "0%", "10%", RELOAD_APPLIES, ""},
    {"success-exit-codes", "3", "200", RELOAD_APPLIES, ""},
    {"success-exit-codes", "3 4", "4 3", RELOAD_NONE, ""},
    {"main", "no", "yes", RELOAD_NONE, ""}, /* see reload_check() */
    {"essential", "yes", "no", RELOAD_APPLIES, ""},
    {"start", "yes", "no", RELOAD_APPLIES, ""},
    {"ready", NULL, "notify", RELOAD_RESTARTS, ""},
    {"ready", "notify", "tcp:localhost:80", RELOAD_RESTARTS, ""},
    {"ready", "fd:3", "fd:4", RELOAD_RESTARTS, ""},
    {"ready", "fd:3", "notify", RELOAD_RESTARTS, ""},
    {"ready", "after:1s", "after:2s", RELOAD_APPLIES, ""},
    {"ready", NULL, "after:2s", RELOAD_APPLIES, ""},
    {"ready", "tcp:localhost:80", "tcp:localhost:81", RELOAD_APPLIES, ""},
    {"ready", "tcp:localhost:80", "tcp:127.0.0.1:80", RELOAD_APPLIES, ""},
    {"ready", "unix:/a", "unix:/b", RELOAD_APPLIES, ""},
    {"ready", "exec:a b", "exec:a c", RELOAD_APPLIES, ""},
    {"ready", "exec:a b", "exec:a  b", RELOAD_NONE, ""},
    {"start-timeout", "1s", "2s", RELOAD_APPLIES, ""},
    {"health", NULL, "exec:a", RELOAD_APPLIES, ""},
    {"health", "http://localhost/a", "http://localhost/b", RELOAD_APPLIES, ""},
    {"health-interval", "1s", "2s", RELOAD_APPLIES, "health = exec:a\n"},
    {"health-timeout", "1s", "2s", RELOAD_APPLIES, "health = exec:a\n"},
    {"health-retries", "1", "2", RELOAD_APPLIES, "health = exec:a\n"},
    {"health-start-period", "1s", "2s", RELOAD_APPLIES, "health = exec:a\n"},
    {"health-start-interval", "1s", "2s", RELOAD_APPLIES, "health = exec:a\n"},
    {"on-unhealthy", "restart", "stop", RELOAD_APPLIES, "health = exec:a\n"},
    {"watchdog", "1s", "2s", RELOAD_RESTARTS, ""},
    {"watchdog", NULL, "2s", RELOAD_RESTARTS, ""},
    {"stop-signal", "TERM", "INT", RELOAD_APPLIES, ""},
    {"stop-signal", "TERM", "15", RELOAD_NONE, ""},
    {"stop-timeout", "1s", "2s", RELOAD_APPLIES, ""},
    {"stop-timeout", NULL, "10s", RELOAD_APPLIES, ""}, /* what is written stretches the shutdown */
    {"stop-timeout", "60s", "1m", RELOAD_NONE, ""},
    {"kill-mode", "group", "mixed", RELOAD_APPLIES, ""},
    {"stop-command", NULL, "a", RELOAD_APPLIES, ""},
    {"stop-command", "a", NULL, RELOAD_APPLIES, ""},
    {"stop-command", "a b", "a c", RELOAD_APPLIES, ""},
    {"reload-command", "a", "b", RELOAD_APPLIES, ""},
    {"reload-signal", "HUP", "USR1", RELOAD_APPLIES, ""},
    {"rewrite", NULL, "HUP:USR1", RELOAD_APPLIES, ""},
    {"rewrite", "HUP:USR1", "HUP:USR2", RELOAD_APPLIES, ""},
    {"rewrite", NULL, "HUP:HUP", RELOAD_APPLIES, ""}, /* it is sent to whoever names it */
    {"user", NULL, "root", RELOAD_RESTARTS, ""},
    {"user", "root", "nobody", RELOAD_RESTARTS, ""},
    {"group", "root", "nogroup", RELOAD_RESTARTS, ""},
    {"groups", "a", "a b", RELOAD_RESTARTS, ""},
    {"groups", "a", "b", RELOAD_RESTARTS, ""},
    {"groups", "a b", "a  b", RELOAD_NONE, ""},
    {"chown", "/a", "/b", RELOAD_RESTARTS, ""},
    {"chown", "/a", "/a /b", RELOAD_RESTARTS, ""},
    {"chown", "/a", "/a:recursive", RELOAD_RESTARTS, ""},
    {"chown", "/a /b", "/a  /b", RELOAD_NONE, ""},
    {"mkdir", "/a", "/b", RELOAD_RESTARTS, ""},
    {"directory", "/a", "/b", RELOAD_RESTARTS, ""},
    {"directory", NULL, "/b", RELOAD_RESTARTS, ""},
    {"umask", "022", "027", RELOAD_RESTARTS, ""},
    {"environment", "A=1", "A=2", RELOAD_RESTARTS, ""},
    {"environment", "A=1", "A=1 B=2", RELOAD_RESTARTS, ""},
    {"environment", "A=1 B=2", "A=1", RELOAD_RESTARTS, ""},
    {"environment", "A=1 B=2", "A=1  B=2", RELOAD_NONE, ""},
    {"env-file", "/a", "/b", RELOAD_RESTARTS, ""},
    {"env-file", "/a", "-/a", RELOAD_RESTARTS, ""},
    {"env-from-file", "A:/a", "A:/b", RELOAD_RESTARTS, ""},
    {"env-from-file", "A:/a", "B:/a", RELOAD_RESTARTS, ""},
    {"clear-env", "no", "yes", RELOAD_RESTARTS, ""},
    {"limit-nofile", NULL, "1", RELOAD_RESTARTS, ""},
    {"limit-nofile", "1", "2", RELOAD_RESTARTS, ""},
    {"limit-nofile", "1:3", "2:3", RELOAD_RESTARTS, ""},
    {"limit-nofile", "1:3", "1:4", RELOAD_RESTARTS, ""},
    {"limit-nofile", NULL, "0", RELOAD_RESTARTS, ""},
    {"limit-core", "1", "2", RELOAD_RESTARTS, ""},
    {"limit-nproc", "1", "2", RELOAD_RESTARTS, ""},
    {"limit-memlock", "1", "2", RELOAD_RESTARTS, ""},
    {"limit-stack", "1", "2", RELOAD_RESTARTS, ""},
    {"limit-as", "1", "2", RELOAD_RESTARTS, ""},
    {"limit-fsize", "1", "2", RELOAD_RESTARTS, ""},
    {"nice", "1", "2", RELOAD_RESTARTS, ""},
    {"nice", NULL, "0", RELOAD_RESTARTS, ""},
    {"oom-score-adj", "1", "2", RELOAD_RESTARTS, ""},
    {"oom-score-adj", NULL, "0", RELOAD_RESTARTS, ""},
    {"ionice", "best-effort:1", "best-effort:2", RELOAD_RESTARTS, ""},
    {"ionice", "best-effort:1", "realtime:1", RELOAD_RESTARTS, ""},
    {"capabilities", NULL, "none", RELOAD_RESTARTS, ""},
    {"capabilities", "none", "chown", RELOAD_RESTARTS, ""},
    {"no-new-privileges", "no", "yes", RELOAD_RESTARTS, ""},
    {"stdin", "null", "inherit", RELOAD_RESTARTS, ""},
    {"tty", "no", "yes", RELOAD_RESTARTS, "stdin = inherit\n"},
    {"stdout", "inherit", "null", RELOAD_RESTARTS, ""},
    {"stdout", "/a", "/b", RELOAD_RESTARTS, ""},
    {"stderr", "inherit", "null", RELOAD_RESTARTS, ""},
    {"stderr", "/a", "/b", RELOAD_RESTARTS, ""},
    {"instances", "2", "3", RELOAD_NONE, ""}, /* each of them is as before */
};

static const struct service_conf *read_value(int i, const struct change *change, const char *value)
{
    char lines[1024];
    char other[256] = "";
    snprintf(lines, sizeof lines, "%s", change->beside);
    if (value)
        snprintf(lines, sizeof lines, "%s = %s\n%s", change->key, value, change->beside);
    if (strcmp(change->key, "depends-on") == 0)
        snprintf(other, sizeof other, "[service a]\ncommand = x\n[service b]\ncommand = x\n");
    strcat(lines, other);
    return read_lines(i, lines);
}

/* Also the same before and now, and back. */
START_TEST(the_change_of_each_key_has_its_meaning)
{
    const struct change *change = &changes[_i];
    const struct service_conf *before = read_value(0, change, change->before);
    const struct service_conf *now = read_value(1, change, change->now);
    const struct service_conf *same = read_value(2, change, change->before);
    ck_assert_msg(reload_compare(before, now) == change->what, "%s = %s to %s: %d", change->key,
                  change->before, change->now, reload_compare(before, now));
    ck_assert_int_eq(reload_compare(now, before), change->what);
    ck_assert_msg(reload_compare(before, same) == RELOAD_NONE, "%s = %s", change->key,
                  change->before);
}
END_TEST

START_TEST(no_key_of_services_is_missing)
{
    for (int row = 0; row < KEYS; row++) {
        bool is_there = keys[row].section != SECTION_SERVICE;
        for (size_t i = 0; i < unit_count(changes); i++)
            is_there = is_there || strcmp(changes[i].key, keys[row].name) == 0;
        ck_assert_msg(is_there, "what a change of %s means is not tested", keys[row].name);
    }
}
END_TEST

START_TEST(what_runs_in_another_way_restarts_whatever_else_has_changed)
{
    const struct service_conf *before = read_lines(0, "user = a\nrestart = no\n");
    const struct service_conf *now = read_lines(1, "user = b\nrestart = always\n");
    ck_assert_int_eq(reload_compare(before, now), RELOAD_RESTARTS);
}
END_TEST

START_TEST(where_a_service_stands_makes_no_difference)
{
    const struct service_conf *before = read_lines(0, "");
    read_file(1, "\n\n[service z]\ncommand = y\nuser = u\n\n[service s]\n# one\ncommand = x\n");
    ck_assert_int_eq(reload_compare(before, confs[1].last), RELOAD_NONE);
}
END_TEST

START_TEST(an_order_of_lines_that_says_the_same_makes_no_difference)
{
    const struct service_conf *before = read_lines(0, "nice = 1\nstop-signal = INT\n");
    const struct service_conf *now = read_lines(1, "stop-signal = INT\nnice = 1\n");
    ck_assert_int_eq(reload_compare(before, now), RELOAD_NONE);
}
END_TEST

/* --- what cannot be changed ------------------------------------------------------------------ */

static void expect_refusal(const char *before, const char *now, const char *expected)
{
    struct conf_errors errors;
    char text[1024] = "";
    read_file(0, before);
    read_file(1, now);
    errors_init(&errors);
    reload_check(&confs[0], &confs[1], &errors);
    if (errors.first)
        snprintf(text, sizeof text, "%s:%d: %s", errors.first->place.file, errors.first->place.line,
                 errors.first->text);
    ck_assert_str_eq(text, expected);
    ck_assert_int_eq(errors.count, *expected ? 1 : 0);
    ck_assert(!errors.first || errors.first == errors.last);
    errors_free(&errors);
}

#define A "[service a]\ncommand = x\n"
#define B "[service b]\ncommand = x\n"

START_TEST(the_main_service_can_only_stay)
{
    expect_refusal(A B, B A, "");
    expect_refusal(A "main = yes\n" B, B A "main = yes\nnice = 1\n", "");
    expect_refusal(A B, A B "main = yes\n",
                   "now:3: [service b] main: cannot be changed while reeve runs, there was no main "
                   "service");
    expect_refusal(A "main = yes\n" B, A B "main = yes\n",
                   "now:3: [service b] main: cannot be changed while reeve runs, 'a' is the main "
                   "service");
    expect_refusal(B A "main = yes\n", A B,
                   "before:3: [service a] main: cannot be changed while reeve runs, 'a' is the "
                   "main service");
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "reload", NULL,
        unit_tests(no_key_of_services_is_missing,
                   what_runs_in_another_way_restarts_whatever_else_has_changed,
                   where_a_service_stands_makes_no_difference,
                   an_order_of_lines_that_says_the_same_makes_no_difference,
                   the_main_service_can_only_stay),
        unit_loops({the_change_of_each_key_has_its_meaning, 0, unit_count(changes)}));
}
