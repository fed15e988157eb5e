#include "init/options.h"

#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct settings settings;
static struct conf_errors errors;
static char error[1024]; /* of the first one */

/* Parses "reeve" and the words given, as PID 1 or not. */
#define parse(...) parse_words((const char *[]){"reeve", ##__VA_ARGS__, NULL}, true)

static enum options_result parse_words(const char **argv, bool is_pid1)
{
    static char words[32][64]; /* the settings point into them */
    static char *pointers[32];
    int argc = 0;
    for (; argv[argc]; argc++)
        pointers[argc] = strcpy(words[argc], argv[argc]);
    pointers[argc] = NULL;
    struct options options = {.settings = &settings, .errors = &errors, .is_pid1 = is_pid1};
    errors_free(&errors);
    enum options_result result = options_parse(&options, argc, pointers);
    snprintf(error, sizeof error, "%s", errors.first ? errors.first->text : "");
    return result;
}

static void expect_error(enum options_result result, const char *part)
{
    ck_assert_int_eq(result, OPTIONS_ERROR);
    ck_assert_msg(strstr(error, part), "'%s' is not in '%s'", part, error);
    ck_assert_ptr_null(strchr(error, '\n'));
}

START_TEST(options_end_at_the_first_other_word)
{
    ck_assert_int_eq(parse("-g", "ls", "-la", "-v"), OPTIONS_RUN);
    ck_assert(settings.forward_to_group);
    ck_assert_str_eq(settings.conf.main->argv[0], "ls");
    ck_assert_str_eq(settings.conf.main->argv[1], "-la");
    ck_assert_str_eq(settings.conf.main->argv[2], "-v");
    ck_assert_ptr_null(settings.conf.main->argv[3]);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_WARN);
}
END_TEST

/* What stands behind the end of argv is the environment. */
START_TEST(a_command_line_without_a_word_has_no_options)
{
    char version[] = "-V";
    char *argv[] = {NULL, version, NULL};
    struct options options = {.settings = &settings, .errors = &errors, .is_pid1 = true};
    errors_free(&errors);
    ck_assert_int_eq(options_parse(&options, 0, argv), OPTIONS_ERROR);
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
    ck_assert_int_eq(parse("--", "-g", "x"), OPTIONS_RUN);
    ck_assert_str_eq(settings.conf.main->argv[0], "-g");
    ck_assert(!settings.forward_to_group);
}
END_TEST

START_TEST(the_service_is_named_by_the_last_part_of_the_command)
{
    ck_assert_int_eq(parse("/usr/bin/redis-server"), OPTIONS_RUN);
    ck_assert_str_eq(settings.conf.main->name, "redis-server");
}
END_TEST

START_TEST(every_option_fills_its_setting)
{
    ck_assert_int_eq(parse("-r", "TERM:QUIT", "--rewrite=HUP:0", "-e", "143", "--remap-exit", "7",
                           "-p", "USR1", "-s", "-o", "stop-signals=USR1 USR2", "--set",
                           "sweep-timeout=250ms", "-o", "shutdown-timeout=1m", "--log-format",
                           "json", "--log-level", "debug", "x"),
                     OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.main->rewrite->map.to[SIGTERM], SIGQUIT);
    ck_assert_int_eq(settings.conf.main->rewrite->map.to[SIGHUP], 0);
    ck_assert(exit_codes_has(&settings.become_zero, 143) &&
              exit_codes_has(&settings.become_zero, 7) &&
              !exit_codes_has(&settings.become_zero, 1));
    ck_assert_int_eq(settings.parent_death_signal, SIGUSR1);
    ck_assert(settings.conf.stop_signals == (signal_bit(SIGUSR1) | signal_bit(SIGUSR2)));
    ck_assert_int_eq(settings.conf.sweep_timeout_ms, 250);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 60000);
    ck_assert_int_eq(settings.conf.log_format, FORMAT_JSON);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_DEBUG);
}
END_TEST

START_TEST(pause_runs_no_command)
{
    ck_assert_int_eq(parse("-P"), OPTIONS_RUN);
    ck_assert(settings.pause);
    expect_error(parse("-P", "sh"), "'sh'");
}
END_TEST

START_TEST(v_and_q_are_steps_from_the_level_wherever_that_is_said)
{
    parse("-v", "x");
    ck_assert_int_eq(settings.conf.log_level, LEVEL_INFO);
    parse("-vv", "--log-level", "error", "x");
    ck_assert_int_eq(settings.conf.log_level, LEVEL_INFO);
    parse("-qqqqq", "x");
    ck_assert_int_eq(settings.conf.log_level, LEVEL_ERROR);
    parse("-vvvvvvv", "x");
    ck_assert_int_eq(settings.conf.log_level, LEVEL_DEBUG);
}
END_TEST

START_TEST(help_and_version_are_results_of_their_own)
{
    ck_assert_int_eq(parse("--help"), OPTIONS_HELP);
    ck_assert_int_eq(parse("-h", "--nonsense"), OPTIONS_HELP);
    ck_assert_int_eq(parse("-V"), OPTIONS_VERSION);
    ck_assert_int_eq(parse("--help", "restart"), OPTIONS_HELP_KEY);
}
END_TEST

START_TEST(bad_input_is_named_with_what_was_expected)
{
    expect_error(parse("--nonsense", "x"), "unknown option '--nonsense'");
    expect_error(parse("-X", "x"), "unknown option '-X'");
    expect_error(parse("-vX", "x"), "unknown option '-X'");
    expect_error(parse("-r"), "--rewrite needs an argument, expected FROM:TO");
    expect_error(parse("--log-level"), "--log-level needs an argument, expected LEVEL");
    expect_error(parse("--group=yes", "x"), "--group takes no argument");
    expect_error(parse("-r", "TERM", "x"), "'TERM' is no rewrite");
    expect_error(parse("-p", "NOPE", "x"), "'NOPE' is no signal");
    expect_error(parse("-e", "256", "x"), "'256' is no exit code");
    expect_error(parse("--log-level", "loud", "x"), "--log-level: 'loud' is no log level");
    expect_error(parse("-o", "stop-signals=NOPE", "x"), "-o stop-signals: 'NOPE' is no signal");
    expect_error(parse("-o", "sweep-timeout", "x"), "has no '='");
    expect_error(parse("-o", "nonsense=1", "x"), "unknown key 'nonsense'");
    expect_error(parse("-o", "=1", "x"), "unknown key ''");
    expect_error(parse("-o", "restrt=no", "x"), "did you mean 'restart'?");
    expect_error(parse("-o", "command=y", "x"), "the command is what stands behind the options");
    expect_error(parse("-c", "/nonexistent.ini"), "cannot be read: No such file or directory");
    expect_error(parse("--help", "restrt"), "did you mean 'restart'?");
    expect_error(parse("-P", "-c", "x"), "--pause runs no services");
    expect_error(parse(), "no command");
    expect_error(parse("-g"), "no command");
}
END_TEST

START_TEST(an_option_wins_over_the_environment)
{
    setenv("REEVE_LOG_LEVEL", "error", 1);
    setenv("REEVE_LOG_FORMAT", "json", 1);
    setenv("REEVE_SHUTDOWN_TIMEOUT", "3s", 1);
    ck_assert_int_eq(parse("x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_ERROR);
    ck_assert_int_eq(settings.conf.log_format, FORMAT_JSON);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 3000);
    ck_assert_int_eq(parse("--log-level", "debug", "-o", "shutdown-timeout=5", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_DEBUG);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 5000);
}
END_TEST

START_TEST(a_bad_variable_is_named)
{
    setenv("REEVE_SHUTDOWN_TIMEOUT", "soon", 1);
    expect_error(parse("x"), "REEVE_SHUTDOWN_TIMEOUT: 'soon' is no duration");
}
END_TEST

START_TEST(REEVE_CONFIG_counts_as_PID_1_or_without_a_command)
{
    setenv("REEVE_CONFIG", "/nonexistent.ini", 1);
    expect_error(parse("x"), "cannot be read");
    expect_error(parse_words((const char *[]){"reeve", NULL}, false), "cannot be read");
    ck_assert_str_eq(errors.first->place.file, "/nonexistent.ini");
    ck_assert_int_eq(parse_words((const char *[]){"reeve", "x", NULL}, false), OPTIONS_RUN);
}
END_TEST

int main(void)
{
    return unit_run("options", options_end_at_the_first_other_word,
                    a_command_line_without_a_word_has_no_options, two_dashes_end_the_options,
                    the_service_is_named_by_the_last_part_of_the_command,
                    every_option_fills_its_setting, pause_runs_no_command,
                    v_and_q_are_steps_from_the_level_wherever_that_is_said,
                    help_and_version_are_results_of_their_own,
                    bad_input_is_named_with_what_was_expected, an_option_wins_over_the_environment,
                    a_bad_variable_is_named, REEVE_CONFIG_counts_as_PID_1_or_without_a_command);
}
