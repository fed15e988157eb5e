#include "conf/keys.h"

#include "conf/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REEVE(name, set, standard, help)                \
    {                                                   \
        name, SECTION_REEVE, set, standard, help, false \
    }
#define SERVICE(name, set, standard, help)                \
    {                                                     \
        name, SECTION_SERVICE, set, standard, help, false \
    }
#define ADDS(name, set, standard, help)                  \
    {                                                    \
        name, SECTION_SERVICE, set, standard, help, true \
    }

const struct key keys[] = {
    REEVE("stop-signals", set_stop_signals, "TERM INT QUIT RTMIN+3",
          "signals that stop the container"),
    REEVE("shutdown-timeout", set_shutdown_timeout, "9s",
          "for the whole shutdown; raised to the longest stop-timeout written; 0: none"),
    REEVE("stop-delay", set_stop_delay, "0", "from the stop request to the first stop signal"),
    REEVE("sweep-timeout", set_sweep_timeout, "1s",
          "for what is left after the services, part of shutdown-timeout"),
    REEVE("log-level", set_log_level, "info", "error, warn, info or debug"),
    REEVE("log-format", set_log_format, "text", "text or json"),
    REEVE("control", set_control, "/run/reeve/control", "path of the control socket, or none"),
    REEVE("state-dir", set_state_dir, "/var/lib/reeve", "where unless-stopped is remembered"),

    SERVICE("command", set_command, "", "the program and its arguments; required"),
    SERVICE("type", set_type, "simple", "simple, oneshot or forking"),
    SERVICE("pidfile", set_pidfile, "", "where a forking daemon writes its pid"),
    SERVICE("depends-on", set_depends_on, "",
            "NAME or NAME:CONDITION to wait for; started, ready, healthy, completed"),
    SERVICE("after", set_after, "", "services to start after, where they are configured"),
    SERVICE("restart", set_restart, "on-failure",
            "no, on-failure[:N], always or unless-stopped; a oneshot: no"),
    SERVICE("crash-limit", set_crash_limit, "10",
            "failed runs in a row until it has failed; 0: none; none where restart is written"),
    SERVICE("restart-delay", set_restart_delay, "100ms", "before the first restart"),
    SERVICE("restart-delay-max", set_restart_delay_max, "60s", "before a restart at the most"),
    SERVICE("restart-factor", set_restart_factor, "2", "how much the delay grows each time"),
    SERVICE("restart-reset", set_restart_reset, "10s", "a run as long begins the delays anew"),
    SERVICE("restart-jitter", set_restart_jitter, "0",
            "percentage by which delays differ at random"),
    ADDS("success-exit-codes", set_success_exit_codes, "0", "exit codes that are no failure"),
    SERVICE("main", set_main, "no", "its end ends the container; one service at most"),
    SERVICE("essential", set_essential, "yes", "its failure ends the container"),
    SERVICE("start", set_start, "yes", "no: started by hand only"),
    SERVICE("ready", set_ready, "started",
            "started, notify, fd:N, tcp:HOST:PORT, unix:PATH, exec:WORDS or after:DURATION"),
    SERVICE("start-timeout", set_start_timeout, "0",
            "until it is ready; 5m with a ready probe; 0: none"),
    SERVICE("health", set_health, "",
            "exec:WORDS, tcp:HOST:PORT, unix:PATH or http://HOST[:PORT]/PATH"),
    SERVICE("health-interval", set_health_interval, "30s", "between two health checks"),
    SERVICE("health-timeout", set_health_timeout, "30s", "for one health check"),
    SERVICE("health-retries", set_health_retries, "3", "failed checks in a row until unhealthy"),
    SERVICE("health-start-period", set_health_start_period, "0s",
            "in which failed checks do not count"),
    SERVICE("health-start-interval", set_health_start_interval, "5s",
            "between two checks in the start period"),
    SERVICE("on-unhealthy", set_on_unhealthy, "restart", "restart, ignore or stop (the container)"),
    SERVICE("watchdog", set_watchdog, "", "sd_notify WATCHDOG=1 at least this often"),
    SERVICE("stop-signal", set_stop_signal, "TERM", "asks it to stop"),
    SERVICE("stop-timeout", set_stop_timeout, "10s", "from the stop signal to SIGKILL"),
    SERVICE("kill-mode", set_kill_mode, "group", "group, process or mixed"),
    SERVICE("stop-command", set_stop_command, "", "runs before the stop signal"),
    SERVICE("reload-command", set_reload_command, "", "makes it read its configuration again"),
    SERVICE("reload-signal", set_reload_signal, "", "makes it read its configuration again"),
    SERVICE("rewrite", set_rewrite, "", "FROM:TO pairs of signals that it gets"),
    SERVICE("user", set_user, "", "USER or USER:GROUP, names or numbers"),
    SERVICE("group", set_group, "", "name or number"),
    SERVICE("groups", set_groups, "", "supplementary groups, names or numbers"),
    SERVICE("chown", set_chown, "", "PATH[:recursive] to give to user and group"),
    SERVICE("mkdir", set_mkdir, "", "PATH to make for user and group"),
    SERVICE("directory", set_directory, "", "working directory; where reeve was started"),
    SERVICE("umask", set_umask, "", "octal; inherited"),
    ADDS("environment", set_environment, "", "NAME=VALUE words"),
    ADDS("env-file", set_env_file, "", "files of NAME=VALUE lines; -PATH: may be missing"),
    ADDS("env-from-file", set_env_from_file, "", "NAME:PATH, a variable from a file"),
    SERVICE("clear-env", set_clear_env, "no", "begin with an empty environment"),
    SERVICE("limit-nofile", set_limit_nofile, "", "SOFT[:HARD] open files"),
    SERVICE("limit-core", set_limit_core, "", "SOFT[:HARD] bytes of a core file"),
    SERVICE("limit-nproc", set_limit_nproc, "", "SOFT[:HARD] processes"),
    SERVICE("limit-memlock", set_limit_memlock, "", "SOFT[:HARD] bytes locked in memory"),
    SERVICE("limit-stack", set_limit_stack, "", "SOFT[:HARD] bytes of stack"),
    SERVICE("limit-as", set_limit_as, "", "SOFT[:HARD] bytes of address space"),
    SERVICE("limit-fsize", set_limit_fsize, "", "SOFT[:HARD] bytes of a file"),
    SERVICE("nice", set_nice, "", "-20 to 19"),
    SERVICE("oom-score-adj", set_oom_score_adj, "", "-1000 to 1000"),
    SERVICE("ionice", set_ionice, "", "realtime:LEVEL, best-effort:LEVEL or idle"),
    SERVICE("capabilities", set_capabilities, "", "the ones that it keeps, or none"),
    SERVICE("no-new-privileges", set_no_new_privileges, "no",
            "no set-user-ID program gives it more"),
    SERVICE("stdin", set_stdin, "null", "null or inherit"),
    SERVICE("tty", set_tty, "no", "it has the terminal's foreground; one service at most"),
    SERVICE("stdout", set_stdout, "inherit", "inherit, null or a file, appended to"),
    SERVICE("stderr", set_stderr, "inherit", "inherit, null or a file, appended to"),
    SERVICE("instances", set_instances, "1", "N services NAME@1 to NAME@N; %i is the number"),
};

_Static_assert(sizeof keys / sizeof *keys == KEYS, "KEYS in keys.h is the number of rows");
_Static_assert(KEYS <= 128, "struct service_conf has a bit for each key");

const struct key *key_find(const char *name)
{
    for (int i = 0; i < KEYS; i++)
        if (strcmp(name, keys[i].name) == 0)
            return &keys[i];
    return NULL;
}

static const char *name_of(int i)
{
    return i < KEYS ? keys[i].name : NULL;
}

const char *key_suggest(const char *name)
{
    return suggest(name, name_of);
}

bool key_was_written(const uint64_t written[static 2], const char *name)
{
    const struct key *key = key_find(name);
    int row = key ? (int)(key - keys) : 0;
    return key && (written[row / 64] >> (row % 64) & 1) != 0;
}

static void mark_written(uint64_t written[static 2], const struct key *key)
{
    int row = (int)(key - keys);
    written[row / 64] |= (uint64_t)1 << (row % 64);
}

const struct key *key_first_written(const uint64_t written[static 2])
{
    for (int row = 0; row < KEYS; row++)
        if ((written[row / 64] >> (row % 64) & 1) != 0)
            return &keys[row];
    return NULL;
}

static const char *from_environment(const char *name)
{
    return getenv(name);
}

/* What the setter refused, in one sentence. */
static void add_refusal(const struct assignment *a, const char *prefix, struct place place,
                        struct conf_errors *errors)
{
    if (a->bad)
        errors_add(errors, place, "%s: '%.200s'%s", prefix, a->bad, a->wrong);
    else
        errors_add(errors, place, "%s: %s", prefix, a->wrong);
}

static bool assign_words(const struct key *key, struct assignment *a, struct arena *scratch,
                         const char *text, const char *prefix, struct place place,
                         struct conf_errors *errors)
{
    char error[WORDS_ERROR_SIZE];
    struct words words;
    struct words_source source = {.lookup = from_environment, .lenient = errors->is_check};
    if (!words_split(scratch, text, &source, &words, error)) {
        errors_add(errors, place, "%s: %s", prefix, error);
        return false;
    }
    if (source.unset > 0) {
        /* An image is checked where it is built: what it runs with is not known there. */
        errors_warn(errors, place, "%s: %s", prefix, error);
        if (a->service)
            a->service->is_uncertain = true;
        return true;
    }
    a->words = &words;
    if (key->set(a))
        return true;
    add_refusal(a, prefix, place, errors);
    if (a->service)
        a->service->is_uncertain = true;
    return false;
}

bool key_assign(const struct key *key, struct conf *conf, struct service_conf *service,
                const char *text, const char *prefix, struct place place,
                struct conf_errors *errors)
{
    char room[512]; /* most values fit into it */
    struct arena scratch;
    struct assignment a = {.conf = conf, .service = service};
    arena_init_in(&scratch, room, sizeof room);
    bool done = assign_words(key, &a, &scratch, text, prefix, place, errors);
    arena_free(&scratch);
    if (key->set == set_shutdown_timeout)
        conf->timeout_place = place;
    mark_written(key->section == SECTION_REEVE ? conf->written : conf->service_written, key);
    return done;
}
