/*
 * Whole configurations: from the text of a file to struct conf, or to the errors.
 */
#include "conf/keys.h"
#include "conf/read.h"

#include "tests/unit/unit.h"

#include <signal.h>
#include <string.h>

static struct conf conf;
static struct conf_errors errors;
static char story[8192]; /* the errors, a line each */

static void tell_errors(void)
{
    *story = '\0';
    for (const struct conf_error *e = errors.first; e; e = e->next)
        snprintf(story + strlen(story), sizeof story - strlen(story), "%s:%d: %s%s\n",
                 e->place.file, e->place.line, e->is_warning ? "warning: " : "", e->text);
}

/* Reads files "f1", "f2", ...; ended by NULL. As --check does, so that every key is taken. */
static void read_files(const char *const *texts)
{
    static const char *const names[] = {"f1", "f2", "f3"};
    struct conf_reader reader;
    conf_free(&conf);
    errors_init(&errors);
    errors.is_check = true;
    conf_reader_init(&reader, &conf, &errors);
    for (int i = 0; texts[i]; i++) {
        FILE *file = fmemopen((void *)(uintptr_t)texts[i], strlen(texts[i]), "r");
        conf_reader_file(&reader, file, names[i]);
        fclose(file);
    }
    conf_reader_finish(&reader);
    tell_errors();
    errors_free(&errors);
}

static void read_one(const char *text)
{
    read_files((const char *const[]){text, NULL});
}

static void expect_errors(const char *text, const char *expected)
{
    read_one(text);
    ck_assert_str_eq(story, expected);
}

/* The one service of a text without errors. */
static const struct service_conf *service_of(const char *lines)
{
    static char text[4096];
    snprintf(text, sizeof text, "[service s]\ncommand = x\n%s", lines);
    expect_errors(text, "");
    return conf.services;
}

START_TEST(a_service_that_writes_nothing_has_the_defaults)
{
    const struct service_conf *s = service_of("");
    ck_assert_str_eq(s->name, "s");
    ck_assert_str_eq(s->argv[0], "x");
    ck_assert_int_eq(s->type, TYPE_SIMPLE);
    ck_assert(s->is_essential && s->starts && !s->is_main);
    ck_assert_int_eq(s->restart->policy, RESTART_ON_FAILURE);
    ck_assert_int_eq(s->restart->crash_limit, 10);
    ck_assert_int_eq(s->restart->delay_ms, 100);
    ck_assert_int_eq(s->restart->delay_max_ms, 60000);
    ck_assert_int_eq(s->restart->reset_ms, 10000);
    ck_assert_int_eq(s->restart->factor_percent, 200);
    ck_assert_int_eq(s->restart->jitter_percent, 0);
    ck_assert_int_eq(s->stop->signal, SIGTERM);
    ck_assert_int_eq(s->stop->timeout_ms, 10000);
    ck_assert_int_eq(s->ready->timeout_ms, 0);
    ck_assert_int_eq(s->health->interval_ms, 30000);
    ck_assert_int_eq(s->health->retries, 3);
    ck_assert_int_eq(s->io->umask, -1);
    ck_assert_int_eq(s->instances, 0);
    ck_assert(exit_codes_has(&s->restart->success, 0));
    ck_assert(!exit_codes_has(&s->restart->success, 1));
}
END_TEST

START_TEST(the_defaults_are_shared_and_not_copied)
{
    read_one("[service a]\ncommand = x\n[service b]\ncommand = x\nrestart-delay = 1s\n");
    const struct service_conf *a = conf.services;
    ck_assert_ptr_eq(a->restart, service_defaults.restart);
    ck_assert_ptr_eq(a->next->stop, service_defaults.stop);
    ck_assert_ptr_ne(a->next->restart, service_defaults.restart);
    ck_assert_int_eq(service_defaults.restart->delay_ms, 100);
}
END_TEST

START_TEST(what_a_service_writes_as_the_one_before_it_is_shared)
{
    read_one("[service a]\ncommand = x\nstop-timeout = 3s\n[service b]\ncommand = x\n"
             "stop-timeout = 3s\n[service c]\ncommand = x\nstop-timeout = 4s\n");
    const struct service_conf *a = conf.services;
    ck_assert_ptr_eq(a->stop, a->next->stop);
    ck_assert_int_eq(a->next->next->stop->timeout_ms, 4000);
    ck_assert_int_eq(a->stop->timeout_ms, 3000);
}
END_TEST

START_TEST(keys_of_reeve_are_taken)
{
    expect_errors("[reeve]\nstop-signals = USR1 2\nshutdown-timeout = 25s\nstop-delay = 3\n"
                  "sweep-timeout = 250ms\nlog-level = debug\nlog-format = json\n"
                  "control = none\nstate-dir = /x\n",
                  "");
    ck_assert(conf.stop_signals == (signal_bit(SIGUSR1) | signal_bit(SIGINT)));
    ck_assert_int_eq(conf.shutdown_timeout_ms, 25000);
    ck_assert_int_eq(conf.stop_delay_ms, 3000);
    ck_assert_int_eq(conf.sweep_timeout_ms, 250);
    ck_assert_int_eq(conf.log_level, LEVEL_DEBUG);
    ck_assert_int_eq(conf.log_format, FORMAT_JSON);
    ck_assert_ptr_null(conf.control);
    ck_assert_str_eq(conf.state_dir, "/x");
}
END_TEST

START_TEST(keys_of_restarts_and_stops_are_taken)
{
    const struct service_conf *s = service_of(
        "restart = on-failure:5\nrestart-delay = 0\nrestart-delay-max = 1m\nrestart-factor = 1.5\n"
        "restart-reset = 2s\nrestart-jitter = 10%\nsuccess-exit-codes = 3\n"
        "success-exit-codes = 4 255\nstop-signal = rtmin+3\nstop-timeout = 20s\nkill-mode = mixed\n"
        "stop-command = a 'b c'\nreload-signal = HUP\nreload-command = d\n");
    ck_assert_int_eq(s->restart->policy, RESTART_ON_FAILURE);
    ck_assert_int_eq(s->restart->tries, 5);
    ck_assert_int_eq(s->restart->crash_limit, 0);
    ck_assert_int_eq(s->restart->delay_ms, 0);
    ck_assert_int_eq(s->restart->factor_percent, 150);
    ck_assert_int_eq(s->restart->jitter_percent, 10);
    ck_assert(exit_codes_has(&s->restart->success, 0) && exit_codes_has(&s->restart->success, 3) &&
              exit_codes_has(&s->restart->success, 255) &&
              !exit_codes_has(&s->restart->success, 5));
    ck_assert_int_eq(s->stop->signal, 37);
    ck_assert_int_eq(s->stop->kill_mode, KILL_MIXED);
    ck_assert_str_eq(s->stop->command[1], "b c");
    ck_assert_int_eq(s->stop->reload_signal, SIGHUP);
    ck_assert_str_eq(s->stop->reload_command[0], "d");
}
END_TEST

START_TEST(a_crash_limit_is_kept_where_restart_is_written_with_it)
{
    ck_assert_int_eq(service_of("restart = always\n")->restart->crash_limit, 0);
    ck_assert_int_eq(service_of("crash-limit = 3\nrestart = always\n")->restart->crash_limit, 3);
    ck_assert_int_eq(service_of("restart-delay = 1s\n")->restart->crash_limit, 10);
}
END_TEST

START_TEST(a_oneshot_is_not_restarted_unless_that_is_written)
{
    ck_assert_int_eq(service_of("type = oneshot\n")->restart->policy, RESTART_NO);
    ck_assert_int_eq(service_of("restart-delay = 1\ntype = oneshot\n")->restart->policy,
                     RESTART_NO);
    ck_assert_int_eq(service_of("type = oneshot\nrestart = on-failure\n")->restart->policy,
                     RESTART_ON_FAILURE);
}
END_TEST

START_TEST(a_start_timeout_comes_with_a_readiness_probe)
{
    ck_assert_int_eq(service_of("ready = tcp:h:1\n")->ready->timeout_ms, 300000);
    ck_assert_int_eq(service_of("ready = tcp:h:1\nstart-timeout = 0\n")->ready->timeout_ms, 0);
    ck_assert_int_eq(service_of("ready = started\n")->ready->timeout_ms, 0);
    ck_assert_int_eq(service_of("ready = after:10m\n")->ready->timeout_ms, 0);
}
END_TEST

START_TEST(every_form_of_readiness_is_taken)
{
    ck_assert_int_eq(service_of("ready = notify\n")->ready->probe.kind, PROBE_NOTIFY);
    ck_assert_int_eq(service_of("ready = fd:3\n")->ready->probe.number, 3);
    ck_assert_int_eq(service_of("ready = after:500ms\n")->ready->probe.ms, 500);
    ck_assert_str_eq(service_of("ready = unix:/run/x\n")->ready->probe.path, "/run/x");
    const struct probe *probe = &service_of("ready = tcp:[::1]:80\n")->ready->probe;
    ck_assert_int_eq(probe->kind, PROBE_TCP);
    ck_assert_str_eq(probe->host, "::1");
    ck_assert_str_eq(probe->port, "80");
    probe = &service_of("ready = exec:test -f '/a b'\n")->ready->probe;
    ck_assert_int_eq(probe->kind, PROBE_EXEC);
    ck_assert_str_eq(probe->argv[0], "test");
    ck_assert_str_eq(probe->argv[2], "/a b");
    ck_assert_str_eq(service_of("ready = exec: true\n")->ready->probe.argv[0], "true");
}
END_TEST

START_TEST(every_form_of_a_health_check_is_taken)
{
    const struct health_conf *health =
        service_of("health = http://[::1]:8080/h?a=1\nhealth-interval = 1s\nhealth-timeout = 2s\n"
                   "health-retries = 4\nhealth-start-period = 5s\nhealth-start-interval = 6s\n"
                   "on-unhealthy = stop\nwatchdog = 7s\n")
            ->health;
    ck_assert_int_eq(health->probe.kind, PROBE_HTTP);
    ck_assert_str_eq(health->probe.host, "::1");
    ck_assert_str_eq(health->probe.port, "8080");
    ck_assert_str_eq(health->probe.path, "/h?a=1");
    ck_assert_int_eq(health->interval_ms, 1000);
    ck_assert_int_eq(health->timeout_ms, 2000);
    ck_assert_int_eq(health->retries, 4);
    ck_assert_int_eq(health->start_period_ms, 5000);
    ck_assert_int_eq(health->start_interval_ms, 6000);
    ck_assert_int_eq(health->on_unhealthy, UNHEALTHY_STOP);
    ck_assert_int_eq(health->watchdog_ms, 7000);
    health = service_of("health = http://h\n")->health;
    ck_assert_str_eq(health->probe.port, "80");
    ck_assert_str_eq(health->probe.path, "/");
}
END_TEST

START_TEST(keys_of_identity_and_limits_are_taken)
{
    const struct service_conf *s =
        service_of("user = app:1000\ngroups = a 5\nchown = /a /b:recursive\nmkdir = /c\n"
                   "capabilities = NET_BIND_SERVICE cap_chown\nno-new-privileges = on\n"
                   "limit-nofile = 64K:unlimited\nlimit-core = 0\nnice = -5\noom-score-adj = 300\n"
                   "ionice = best-effort:7\n");
    ck_assert_str_eq(s->identity->user, "app");
    ck_assert_str_eq(s->identity->group, "1000");
    ck_assert_str_eq(s->identity->groups->next->text, "5");
    ck_assert(!s->identity->chown->is_recursive && s->identity->chown->next->is_recursive);
    ck_assert_str_eq(s->identity->chown->next->path, "/b");
    ck_assert_str_eq(s->identity->mkdir->path, "/c");
    ck_assert(s->identity->capabilities == ((1U << 10) | 1U));
    ck_assert(s->identity->no_new_privileges);
    ck_assert(s->resource->limits[LIMIT_NOFILE].soft == 65536);
    ck_assert(s->resource->limits[LIMIT_NOFILE].hard == UINT64_MAX);
    ck_assert(s->resource->limits[LIMIT_CORE].is_set && s->resource->limits[LIMIT_CORE].hard == 0);
    ck_assert(!s->resource->limits[LIMIT_AS].is_set);
    ck_assert_int_eq(s->resource->nice, -5);
    ck_assert_int_eq(s->resource->oom_score_adj, 300);
    ck_assert_int_eq(s->resource->ionice_class, IONICE_BEST_EFFORT);
    ck_assert_int_eq(s->resource->ionice_level, 7);
    ck_assert_uint_eq(service_of("capabilities = none\n")->identity->capabilities, 0);
    ck_assert(conf.services->identity->keeps_capabilities);
}
END_TEST

START_TEST(keys_of_surroundings_are_taken)
{
    const struct service_conf *s =
        service_of("directory = /srv\numask = 027\nenvironment = A=1 'B=x y'\nenv-file = /a -/b\n"
                   "env-from-file = PW:/run/s\nenvironment = C=\nclear-env = yes\nstdin = inherit\n"
                   "stdout = /dev/stdout\nstderr = /var/log/x\nrewrite = HUP:USR2 INT:0\n"
                   "main = yes\nessential = no\nstart = no\nafter = a b\n"
                   "depends-on = db:ready job\n");
    ck_assert_str_eq(s->io->directory, "/srv");
    ck_assert_int_eq(s->io->umask, 027);
    ck_assert(s->io->stdin_inherit);
    ck_assert_int_eq(s->io->out.kind, OUTPUT_INHERIT);
    ck_assert_int_eq(s->io->err.kind, OUTPUT_FILE);
    ck_assert_str_eq(s->io->err.path, "/var/log/x");
    const struct env_item *item = s->environment->items; /* in the order of the file */
    ck_assert_str_eq(item->text, "A=1");
    ck_assert_str_eq(item->next->text, "B=x y");
    item = item->next->next;
    ck_assert_int_eq(item->kind, ENV_FILE);
    ck_assert(!item->may_be_missing && item->next->may_be_missing);
    ck_assert_str_eq(item->next->path, "/b");
    item = item->next->next;
    ck_assert_int_eq(item->kind, ENV_SECRET);
    ck_assert_str_eq(item->text, "PW");
    ck_assert_str_eq(item->path, "/run/s");
    ck_assert_str_eq(item->next->text, "C=");
    ck_assert(s->environment->clear);
    ck_assert_int_eq(s->rewrite->map.to[SIGHUP], SIGUSR2);
    ck_assert_int_eq(s->rewrite->map.to[SIGINT], 0);
    ck_assert(s->is_main && !s->is_essential && !s->starts);
    ck_assert_ptr_eq(conf.main, s);
    ck_assert_str_eq(s->after->next->text, "b");
    ck_assert_int_eq(s->depends_on->condition, CONDITION_READY);
    ck_assert_int_eq(s->depends_on->next->condition, CONDITION_DEFAULT);
    ck_assert_int_eq(service_of("instances = 3\n")->instances, 3);
}
END_TEST

START_TEST(a_value_that_is_wrong_is_quoted_with_what_was_expected)
{
    static const struct {
        const char *key;
        const char *quoted; /* what the message quotes, or the whole message where it is NULL */
    } rows[] = {
        {"type = daemon", "daemon"},
        {"restart = sometimes", "sometimes"},
        {"restart = always:3", "always:3"},
        {"restart = no:0", "no:0"},
        {"restart = on-failure:-1", "on-failure:-1"},
        {"restart = on-failure:", "on-failure:"},
        {"crash-limit = -1", "-1"},
        {"restart-delay = soon", "soon"},
        {"restart-factor = 0.5", "0.5"},
        {"restart-factor = 1.234", "1.234"},
        {"restart-jitter = 101", "101"},
        {"success-exit-codes = 0 256", "256"},
        {"main = maybe", "maybe"},
        {"stop-signal = NOPE", "NOPE"},
        {"stop-timeout = 1s 2s", "2s"},
        {"kill-mode = all", "all"},
        {"ready = tcp:80", "tcp:80"},
        {"ready = tcp:h:0", "tcp:h:0"},
        {"ready = tcp:h:65536", "tcp:h:65536"},
        {"ready = fd:2", "fd:2"},
        {"ready = unix:x", "unix:x"},
        {"ready = after:x", "after:x"},
        {"ready = exec:", "exec:"},
        {"ready = notify x", "notify"},
        {"health = http:/x", "http:/x"},
        {"health = fd:3", "fd:3"},
        {"health-interval = 0", "0"},
        {"health-retries = 0", "0"},
        {"on-unhealthy = panic", "panic"},
        {"watchdog = 0", "0"},
        {"user = a:b:c", "a:b:c"},
        {"user = :b", ":b"},
        {"group = a b", "b"},
        {"chown = data", "data"},
        {"mkdir = x", "x"},
        {"capabilities = FLY", "FLY"},
        {"limit-nofile = 2:1", "2:1"},
        {"limit-nofile = many", "many"},
        {"nice = 20", "20"},
        {"oom-score-adj = 1001", "1001"},
        {"ionice = idle:3", "idle:3"},
        {"ionice = best-effort:8", "best-effort:8"},
        {"directory = x", "x"},
        {"umask = 8", "8"},
        {"umask = 1000", "1000"},
        {"environment = A", "A"},
        {"environment = =x", "=x"},
        {"env-file = x", "x"},
        {"env-from-file = A", "A"},
        {"env-from-file = A:x", "A:x"},
        {"stdin = file", "file"},
        {"stdout = x", "x"},
        {"instances = 0", "0"},
        {"rewrite = HUP", "HUP"},
        {"depends-on = db:soon", "db:soon"},
        {"depends-on = :ready", ":ready"},
        {"depends-on = db:", "db:"},
        {"pidfile = x", "x"},
        {"stop-command =", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        char expected[256];
        char name[32];
        snprintf(text, sizeof text, "[service s]\ncommand = x\n%s\n", rows[i].key);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(rows[i].key, " "), rows[i].key);
        if (rows[i].quoted)
            snprintf(expected, sizeof expected, "f1:3: [service s] %s: '%s'", name, rows[i].quoted);
        else
            snprintf(expected, sizeof expected, "f1:3: [service s] %s: the value is empty", name);
        read_one(text);
        ck_assert_msg(strncmp(story, expected, strlen(expected)) == 0, "%s gave %s", rows[i].key,
                      story);
        ck_assert_msg(strchr(story, '\n') == story + strlen(story) - 1, "%s gave %s", rows[i].key,
                      story);
    }
}
END_TEST

START_TEST(all_errors_of_all_files_come_in_the_order_of_files_and_lines)
{
    read_files((const char *const[]){"[service a]\nrestart = x\n", "[service a]\n[servce b]\n",
                                     "x\n", NULL});
    ck_assert_str_eq(
        story, "f1:1: [service a] has no command, expected command = WORDS\n"
               "f1:2: [service a] restart: 'x' is no restart policy, expected no, on-failure[:N], "
               "always or "
               "unless-stopped\n"
               "f2:1: [service a] is there a second time, the first is at f1:1\n"
               "f2:2: unknown section 'servce b', did you mean 'service b'?\n"
               "f3:1: 'x' is neither a section nor a key, expected [SECTION] or KEY = VALUE\n");
}
END_TEST

START_TEST(an_unknown_key_comes_with_what_may_be_meant)
{
    expect_errors("[service web]\ncomand = x\ncommand = x\nqwertz = 1\n",
                  "f1:2: [service web] unknown key 'comand', did you mean 'command'?\n"
                  "f1:4: [service web] unknown key 'qwertz'\n");
}
END_TEST

START_TEST(a_key_or_section_given_twice_is_an_error_that_names_both_places)
{
    expect_errors("[service a]\ncommand = x\nnice = 1\nnice = 2\n[reeve]\n[reeve]\n",
                  "f1:4: [service a] nice: the key is there a second time, the first is in line 3\n"
                  "f1:6: [reeve] is there a second time, the first is at f1:5\n");
    ck_assert_int_eq(conf.services->resource->nice, 1);
}
END_TEST

START_TEST(a_key_in_the_wrong_section_or_in_none_is_an_error)
{
    expect_errors("nice = 1\n[reeve]\nnice = 1\n[service a]\ncommand = x\nlog-level = info\n",
                  "f1:1: the key 'nice' is in no section, expected [reeve] or [service NAME] above "
                  "it\n"
                  "f1:3: [reeve] nice: the key belongs into [service NAME]\n"
                  "f1:6: [service a] log-level: the key belongs into [reeve]\n");
}
END_TEST

START_TEST(names_of_services_are_checked)
{
    static const char *const wrong[] = {
        "service",     "service ",    "service a b",
        "service a/b", "service all", "service xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[128];
        snprintf(text, sizeof text, "[%s]\ncommand = x\n", wrong[i]);
        read_one(text);
        ck_assert_msg(*story != '\0' && strchr(story, '\n')[1] == '\0', "[%s] gave %s", wrong[i],
                      story);
    }
    expect_errors("[service A-z_0.9]\ncommand = x\n", "");
    expect_errors("[service xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1]\ncommand = x\n"
                  "[service xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2]\ncommand = x\n",
                  "");
    ck_assert_int_eq(conf.count, 2);
}
END_TEST

START_TEST(keys_that_contradict_each_other_are_an_error)
{
    expect_errors(
        "[service a]\ncommand = x\ntype = oneshot\nready = notify\n"
        "[service b]\ncommand = x\npidfile = /x\n"
        "[service c]\ncommand = x\nrestart-delay = 2m\n"
        "[service d]\ncommand = x\nmain = yes\n"
        "[service e]\ncommand = x\nmain = yes\n"
        "[service f]\ncommand = x\nready = after:5s\nstart-timeout = 5s\n"
        "[service g]\ncommand = x\nready = after:5s\nstart-timeout = 5001ms\n",
        "f1:4: [service a] ready: a oneshot is never ready, it is done: what depends on it "
        "waits for completed\n"
        "f1:7: [service b] pidfile: only for type = forking\n"
        "f1:10: [service c] restart-delay: is longer than restart-delay-max\n"
        "f1:14: [service e] main: only one service can have it, 'd' has it already "
        "(f1:11)\n"
        "f1:20: [service f] start-timeout: is not longer than the wait of ready, expected more, or "
        "0\n");
}
END_TEST

START_TEST(a_daemon_has_no_terminal)
{
    expect_errors(
        "[service a]\ncommand = x\ntype = forking\ntty = yes\n",
        "f1:4: [service a] tty: a daemon, as type = forking leaves one, has no terminal\n");
}
END_TEST

START_TEST(a_refused_section_is_read_for_what_else_is_wrong)
{
    expect_errors(
        "[service all]\ncomand = a\n[service c]\ncommand = x\n[service c]\nfoo = 1\n"
        "[service d\ncommand = z\n[service e]\ncommand = y\nuser = b\x01\n",
        "f1:1: [service all] has a name that stands for all services, expected another one\n"
        "f1:2: [service all] unknown key 'comand', did you mean 'command'?\n"
        "f1:5: [service c] is there a second time, the first is at f1:3\n"
        "f1:6: [service c] unknown key 'foo'\n"
        "f1:7: the section has no ']', expected for example [service web]\n"
        "f1:11: the line has a control character, expected text\n");
    ck_assert_int_eq(conf.count, 2);
}
END_TEST

START_TEST(thousands_of_errors_are_sorted_in_a_moment)
{
    enum { MANY = 20000 };
    char *text = malloc(MANY * 4 + 1);
    for (int i = 0; i < MANY; i++)
        strcpy(text + (size_t)i * 4, "[x\n\n");
    read_one(text);
    free(text);
    ck_assert_str_eq(
        story + strlen("f1:1: the section has no ']', expected for example [service web]\n") - 1,
        strchr(story, '\n'));
}
END_TEST

START_TEST(the_shutdown_timeout_is_raised_to_what_the_services_need)
{
    read_one("[service a]\ncommand = x\nstop-timeout = 20s\n");
    ck_assert_int_eq(conf.shutdown_timeout_ms, 25000);
    read_one("[service a]\ncommand = x\nstop-timeout = 7s\n");
    ck_assert_int_eq(conf.shutdown_timeout_ms, 9000);
    read_one("[service a]\ncommand = x\nstop-timeout = 8s\n");
    ck_assert_int_eq(conf.shutdown_timeout_ms, 13000);
    read_one("[service a]\ncommand = x\n");
    ck_assert_int_eq(conf.shutdown_timeout_ms, 9000);
    read_one("[reeve]\nshutdown-timeout = 5s\n[service a]\ncommand = x\nstop-timeout = 20s\n");
    ck_assert_int_eq(conf.shutdown_timeout_ms, 5000);
    read_one("[reeve]\nstop-delay = 10s\n[service a]\ncommand = x\n");
    ck_assert_int_eq(conf.shutdown_timeout_ms, 15000);
}
END_TEST

START_TEST(a_stop_delay_has_to_be_shorter_than_the_shutdown)
{
    expect_errors("[reeve]\nstop-delay = 5s\nshutdown-timeout = 5s\n",
                  "f1:3: shutdown-timeout: is not longer than stop-delay\n");
    expect_errors("[reeve]\nstop-delay = 5s\nshutdown-timeout = 0\n", "");
}
END_TEST

START_TEST(the_terminal_comes_with_standard_input)
{
    ck_assert(service_of("tty = yes\n")->io->stdin_inherit);
    ck_assert(!service_of("tty = yes\nstdin = null\n")->io->stdin_inherit);
    ck_assert(!service_of("tty = no\n")->io->stdin_inherit);
}
END_TEST

START_TEST(a_variable_that_is_not_set_is_a_warning_where_it_is_only_checked)
{
    unsetenv("NOT_SET_HERE");
    expect_errors("[service a]\ncommand = ${NOT_SET_HERE}\n",
                  "f1:2: warning: [service a] command: ${NOT_SET_HERE} is not set and has no "
                  "default\n");
}
END_TEST

START_TEST(every_row_of_the_table_has_all_it_needs)
{
    for (int i = 0; i < KEYS; i++) {
        ck_assert_ptr_nonnull(keys[i].set);
        ck_assert(*keys[i].help != '\0' && !strchr(keys[i].help, '\n'));
        ck_assert_ptr_eq(key_find(keys[i].name), &keys[i]);
    }
}
END_TEST

START_TEST(every_default_of_the_table_is_a_good_value)
{
    for (int i = 0; i < KEYS; i++) {
        char text[256];
        if (*keys[i].standard == '\0')
            continue;
        if (keys[i].section == SECTION_REEVE)
            snprintf(text, sizeof text, "[reeve]\n%s = %s\n", keys[i].name, keys[i].standard);
        else
            snprintf(text, sizeof text, "[service s]\ncommand = x\n%s = %s\n", keys[i].name,
                     keys[i].standard);
        expect_errors(text, "");
    }
}
END_TEST

/* --- how much ----------------------------------------------------------------------------------
 */

/* 1000 services as people write them. */
static char *make_services(int count)
{
    size_t size = (size_t)count * 256;
    char *text = malloc(size);
    char *end = text;
    for (int i = 0; i < count; i++)
        end += sprintf(end,
                       "[service worker-%d]\ncommand = /usr/bin/worker --queue jobs-%d --port %d\n"
                       "depends-on = worker-%d\nrestart = always\n",
                       i, i, 10000 + i, i > 0 ? i - 1 : 0);
    return text;
}

START_TEST(a_thousand_services_cost_less_than_310_KiB)
{
    char *text = make_services(1000);
    read_one(text);
    ck_assert_str_eq(story, "");
    ck_assert_int_eq(conf.count, 1000);
    ck_assert_msg(conf.arena.total <= (size_t)310 * 1024, "%zu bytes", conf.arena.total);
    free(text);
}
END_TEST

int main(void)
{
    return unit_run(
        "read", a_service_that_writes_nothing_has_the_defaults,
        the_defaults_are_shared_and_not_copied,
        what_a_service_writes_as_the_one_before_it_is_shared, keys_of_reeve_are_taken,
        keys_of_restarts_and_stops_are_taken,
        a_crash_limit_is_kept_where_restart_is_written_with_it,
        a_oneshot_is_not_restarted_unless_that_is_written,
        a_start_timeout_comes_with_a_readiness_probe, every_form_of_readiness_is_taken,
        every_form_of_a_health_check_is_taken, keys_of_identity_and_limits_are_taken,
        keys_of_surroundings_are_taken, a_value_that_is_wrong_is_quoted_with_what_was_expected,
        all_errors_of_all_files_come_in_the_order_of_files_and_lines,
        an_unknown_key_comes_with_what_may_be_meant,
        a_key_or_section_given_twice_is_an_error_that_names_both_places,
        a_key_in_the_wrong_section_or_in_none_is_an_error, names_of_services_are_checked,
        a_daemon_has_no_terminal, keys_that_contradict_each_other_are_an_error,
        a_refused_section_is_read_for_what_else_is_wrong,
        thousands_of_errors_are_sorted_in_a_moment,
        the_shutdown_timeout_is_raised_to_what_the_services_need,
        a_stop_delay_has_to_be_shorter_than_the_shutdown, the_terminal_comes_with_standard_input,
        a_variable_that_is_not_set_is_a_warning_where_it_is_only_checked,
        every_row_of_the_table_has_all_it_needs, every_default_of_the_table_is_a_good_value,
        a_thousand_services_cost_less_than_310_KiB);
}
