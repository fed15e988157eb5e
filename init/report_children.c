/* What is said of services and of orphans. */
#include "init/report.h"

#include "init/message.h"
#include "init/news.h"
#include "supervisor/outcome.h"
#include "supervisor/resources.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* "code" and "signal": one of them is null. */
static void add_wait_status(struct message *m, int wait_status)
{
    char name[SIGNAL_NAME_SIZE];
    if (WIFSIGNALED(wait_status)) {
        message_null(m, "code");
        message_string(m, "signal", signal_short_name(WTERMSIG(wait_status), name));
    } else {
        message_number(m, "code", WEXITSTATUS(wait_status));
        message_null(m, "signal");
    }
}

enum { DURATION_SIZE = 24, END_SIZE = OUTCOME_TEXT_SIZE + 16 };

/* The same of a service's last run. */
static void add_run(struct message *m, const struct service *service)
{
    add_wait_status(m, service->wait_status);
    if (service->out_of_memory)
        message_true(m, "out_of_memory");
}

/* How its last run ended; returns `text`. */
static const char *describe_run(const struct service *service, char text[static END_SIZE])
{
    outcome_describe(service->wait_status, text);
    return service->out_of_memory ? strcat(text, " (out of memory)") : text;
}

/* "350ms", "1.6s", "10s", "5m"; returns `text`. */
static const char *describe_ms(int64_t ms, char text[static DURATION_SIZE])
{
    long long whole = (long long)ms;
    if (whole < 1000)
        snprintf(text, DURATION_SIZE, "%lldms", whole);
    else if (whole % 1000 >= 100 && whole < 60000)
        snprintf(text, DURATION_SIZE, "%lld.%llds", whole / 1000, whole % 1000 / 100);
    else if (whole < 120000)
        snprintf(text, DURATION_SIZE, "%llds", whole / 1000);
    else
        snprintf(text, DURATION_SIZE, "%lldm", whole / 60000);
    return text;
}

static void report_started(const struct service *service)
{
    struct message m;
    if (!message_begin(&m, LEVEL_INFO, service->name, "started"))
        return;
    message_text(&m, "started, pid %d", (int)service->pid);
    message_number(&m, "pid", service->pid);
    message_send(&m);
}

static void report_up(const struct service *service)
{
    struct message m;
    char time[DURATION_SIZE];
    if (!message_begin(&m, LEVEL_INFO, service->name, "up"))
        return;
    message_text(&m, "up after %s", describe_ms(service->ready_after_ms, time));
    message_number(&m, "pid", service->pid);
    message_number(&m, "after_ms", service->ready_after_ms);
    message_send(&m);
}

static void report_ended(const struct service *service)
{
    struct message m;
    char text[END_SIZE];
    if (!service->has_ended || !message_begin(&m, LEVEL_INFO, service->name, "exited"))
        return;
    message_text(&m, "%s", describe_run(service, text));
    add_run(&m, service);
    message_send(&m);
}

/* Those of mkdir first. */
static const char *owned_path(const struct identity_conf *identity, int item)
{
    const struct owned_path *path = identity->mkdir;
    for (; path && item > 0; item--)
        path = path->next;
    if (!path)
        for (path = identity->chown; path && item > 0; item--)
            path = path->next;
    return path ? path->path : "";
}

enum { REFUSED_SIZE = 128 };

/* "user 'app'"; returns `text`. */
static const char *describe_account(const struct identity_conf *identity, int item,
                                    char text[static REFUSED_SIZE])
{
    const struct text_list *groups = identity->groups;
    for (int i = ITEM_GROUPS; groups && i < item; i++)
        groups = groups->next;
    if (item >= ITEM_GROUPS && groups)
        snprintf(text, REFUSED_SIZE, "groups '%.100s'", groups->text);
    else if (identity->user && item == ITEM_USER)
        snprintf(text, REFUSED_SIZE, "user '%.100s'", identity->user);
    else if (identity->group)
        snprintf(text, REFUSED_SIZE, "group '%.100s'", identity->group);
    else
        snprintf(text, REFUSED_SIZE, "groups");
    return text;
}

/* What the start of a service stumbled over; it may stand in `text`. */
static const char *refused_by(const struct service *service, char text[static REFUSED_SIZE])
{
    const struct spawn_error *error = &service->spawn_error;
    const struct io_conf *io = service->conf->io;
    const struct env_item *item = service->conf->environment->items;
    switch (error->stage) {
    case SPAWN_STDOUT:
        return io->out.kind == OUTPUT_FILE ? io->out.path : "/dev/null";
    case SPAWN_STDERR:
        return io->err.kind == OUTPUT_FILE ? io->err.path : "/dev/null";
    case SPAWN_STDIN:
        return "/dev/null";
    case SPAWN_DIRECTORY:
        return io->directory ? io->directory : "where reeve was started";
    case SPAWN_ENVIRONMENT:
        for (int i = 0; item && i < error->item; i++)
            item = item->next;
        return item && item->path ? item->path : "environment";
    case SPAWN_OWNERSHIP:
        return owned_path(service->conf->identity, error->item);
    case SPAWN_IDENTITY:
        return describe_account(service->conf->identity, error->item, text);
    case SPAWN_CAPABILITIES:
        return "capabilities";
    case SPAWN_PIPE:
    case SPAWN_CHANNEL:
    case SPAWN_FORK:
    case SPAWN_SESSION:
    case SPAWN_TERMINAL:
    case SPAWN_EXEC:
        return service->conf->argv[0];
    }
    return service->conf->argv[0];
}

/* Why it is not started once more, behind what happened. */
static void describe_end(const struct service *service, char *text, size_t size)
{
    const struct policy_history *history = &service->history;
    *text = '\0';
    switch (policy_why_failed(service->conf->restart, history)) {
    case POLICY_NO_RESTARTS:
        break;
    case POLICY_OUT_OF_TRIES:
        snprintf(text, size, ", gave up after %d restart%s", history->restarts,
                 history->restarts == 1 ? "" : "s");
        break;
    case POLICY_CRASHES:
        snprintf(text, size, ", gave up after %d failed runs in a row", history->failures);
        break;
    }
}

/* What follows from a start that failed: nothing where it can never work. */
static void describe_retry(const struct service *service, char *text, size_t size)
{
    char wait[DURATION_SIZE];
    *text = '\0';
    if (service->state == SERVICE_BACKOFF)
        snprintf(text, size, ", trying again in %s", describe_ms(service->wait_ms, wait));
    else if (service->state == SERVICE_FAILED && !spawn_error_is_permanent(&service->spawn_error))
        describe_end(service, text, size);
}

/* The reason in words, where that of the errno says less. */
static const char *describe_reason(const struct spawn_error *error)
{
    bool is_too_big = error->error == E2BIG;
    if (error->stage == SPAWN_ENVIRONMENT && error->line > 0)
        return is_too_big                ? "the line is too long"
               : error->error == EBADMSG ? "a quote or ${ is not closed, or a variable not set"
                                         : "expected NAME=VALUE";
    if (error->stage == SPAWN_ENVIRONMENT && is_too_big)
        return "is longer than 64 KiB";
    if (error->stage == SPAWN_ENVIRONMENT && error->error == EINVAL)
        return "has a NUL byte in it";
    if (error->stage == SPAWN_IDENTITY && error->error == ENOENT)
        return error->item == ITEM_USER ? "not in /etc/passwd" : "not in /etc/group";
    if (error->error == ELOOP && error->stage != SPAWN_EXEC && error->stage != SPAWN_DIRECTORY)
        return "is a symbolic link, or goes through one that is not root's";
    return strerror(error->error);
}

static void report_cannot_start(const struct service *service)
{
    struct message m;
    const struct spawn_error *error = &service->spawn_error;
    char refused[REFUSED_SIZE];
    const char *what = refused_by(service, refused);
    const char *reason = describe_reason(error);
    const char *stage = spawn_stage_name(error->stage);
    char line[16] = "";
    char then[64];
    if (!message_begin(&m, LEVEL_ERROR, service->name, "cannot-start"))
        return;
    if (error->line > 0)
        snprintf(line, sizeof line, ":%d", error->line);
    describe_retry(service, then, sizeof then);
    message_text(&m, "cannot start: %s%s: %s (%s)%s", what, line, reason, stage, then);
    message_string(&m, error->stage == SPAWN_EXEC ? "command" : "what", what);
    if (error->line > 0)
        message_number(&m, "line", error->line);
    message_string(&m, "error", reason);
    message_string(&m, "stage", stage);
    if (service->state == SERVICE_BACKOFF)
        message_number(&m, "restart_in_ms", service->wait_ms);
    message_send(&m);
}

void report_unowned(const struct service *service, const struct spawn_report *report)
{
    if (report->error.stage == SPAWN_OWNERSHIP)
        message_say(LEVEL_ERROR, service->name, "cannot be given %s: %s", report->what,
                    describe_reason(&report->error));
}

/* "best-effort:4"; returns `text`. */
static const char *describe_ionice(int64_t number, char text[static DURATION_SIZE])
{
    static const char *const classes[] = {"none", "realtime", "best-effort", "idle"};
    for (int i = IONICE_IDLE; i >= IONICE_UNSET; i--) {
        int64_t level = number - resources_ionice((enum ionice_class)i, 0);
        if (level < 0)
            continue;
        if (i == IONICE_UNSET || i == IONICE_IDLE)
            return classes[i];
        snprintf(text, DURATION_SIZE, "%s:%lld", classes[i], (long long)level);
        return text;
    }
    return "unknown";
}

/* A value of the key: "unlimited", a number, ...; it may stand in `text`. */
static const char *describe_value(const char *key, int64_t number, char text[static DURATION_SIZE])
{
    if (number == INT64_MAX)
        return "unlimited";
    if (strcmp(key, "ionice") == 0)
        return describe_ionice(number, text);
    snprintf(text, DURATION_SIZE, "%lld", (long long)number);
    return text;
}

static void report_lower(const struct service *service, const struct spawn_report *report)
{
    struct message m;
    char asked_text[DURATION_SIZE];
    char got_text[DURATION_SIZE];
    const char *asked = describe_value(report->what, report->asked, asked_text);
    const char *got = describe_value(report->what, report->got, got_text);
    const char *reason = strerror(report->error.error);
    if (!message_begin(&m, LEVEL_WARN, service->name, "lower"))
        return;
    message_text(&m, "%s: asked for %s, got %s: %s", report->what, asked, got, reason);
    message_string(&m, "key", report->what);
    message_string(&m, "asked", asked);
    message_string(&m, "got", got);
    message_string(&m, "error", reason);
    message_send(&m);
}

void report_news(const struct service *service, const struct spawn_report *report)
{
    const char *name = service->name;
    const char *pidfile = service->conf->ready->pidfile;
    /* Of one that is being stopped nobody expects a daemon. */
    if (report->news >= NEWS_LEFT_NONE && service->state != SERVICE_STARTING)
        return;
    switch (report->news) {
    case NEWS_LOWER:
        report_lower(service, report);
        break;
    case NEWS_NO_PIDFILE:
        message_say(LEVEL_WARN, name, "waiting for its pidfile: %s: %s", pidfile ? pidfile : "",
                    report->what);
        break;
    case NEWS_LEFT_NONE:
        message_say(LEVEL_ERROR, name, "the command left no daemon behind");
        break;
    case NEWS_LEFT_SEVERAL:
        message_say(LEVEL_ERROR, name,
                    "the command left several processes behind (%s), name the pidfile of the "
                    "daemon",
                    report->what);
        break;
    case NEWS_LEFT_UNSEEN:
        message_say(LEVEL_ERROR, name,
                    "without /proc nobody can tell what the command left behind, name the "
                    "pidfile of the daemon");
        break;
    case NEWS_LEFT_REST:
        message_say(LEVEL_INFO, name, "the command failed, stopping what it left behind");
        break;
    case NEWS_FAILED:
    case NEWS_DAEMON:
        break;
    }
}

static void report_backoff(const struct service *service)
{
    struct message m;
    char text[END_SIZE];
    char wait[DURATION_SIZE];
    char failure[32] = "";
    int failures = service->history.failures;
    if (service->was_refused) {
        report_cannot_start(service);
        return;
    }
    if (!message_begin(&m, LEVEL_INFO, service->name, "exited"))
        return;
    if (failures > 0)
        snprintf(failure, sizeof failure, " (failure %d)", failures);
    message_text(&m, "%s, restarting in %s%s", describe_run(service, text),
                 describe_ms(service->wait_ms, wait), failure);
    add_run(&m, service);
    message_number(&m, "restart_in_ms", service->wait_ms);
    message_number(&m, "failures", failures);
    message_send(&m);
}

static void report_failed(const struct service *service)
{
    struct message m;
    char text[END_SIZE];
    char end[64];
    bool is_plain_command =
        service_conf_is_command(service->conf) && service->conf->restart->policy == RESTART_NO;
    if (service->is_impossible) /* which was said when that was found */
        return;
    if (service->was_refused) {
        report_cannot_start(service);
        return;
    }
    if (is_plain_command) { /* its exit code says it all */
        report_ended(service);
        return;
    }
    if (!message_begin(&m, LEVEL_ERROR, service->name, "failed"))
        return;
    if (service_ends_all(service))
        *end = '\0';
    else
        describe_end(service, end, sizeof end);
    message_text(&m, "failed: %s%s", describe_run(service, text), end);
    add_run(&m, service);
    message_number(&m, "restarts", service->history.restarts);
    message_send(&m);
}

static void report_down(const struct service *service)
{
    if (service->was_wanted) /* then it was said when it ended */
        return;
    if (service->was_refused)
        report_cannot_start(service);
    else
        report_ended(service);
}

static void report_leader_gone(const struct service *service)
{
    struct message m;
    char text[END_SIZE];
    if (!service->has_left_some || !message_begin(&m, LEVEL_INFO, service->name, "leader-gone"))
        return;
    message_text(&m, "%s, stopping what it left behind", describe_run(service, text));
    add_run(&m, service);
    message_send(&m);
}

static void report_killed(const struct service *service)
{
    struct message m;
    char name[SIGNAL_NAME_SIZE];
    char time[DURATION_SIZE];
    int sig = service->conf->stop->signal;
    int64_t after_ms = service->deadline_ms - service->wait_ms - service->asked_ms;
    if (!message_begin(&m, LEVEL_INFO, service->name, "killed"))
        return;
    message_text(&m, "still running %s after %s, sending SIGKILL", describe_ms(after_ms, time),
                 signal_name(sig, name));
    message_number(&m, "after_ms", (long long)after_ms);
    message_string(&m, "signal", signal_short_name(sig, name));
    message_send(&m);
}

static void report_not_ready(const struct service *service)
{
    struct message m;
    char time[DURATION_SIZE];
    int32_t timeout_ms = service->ready_after_ms;
    const char *what = service->conf->type == TYPE_ONESHOT ? "done" : "ready";
    if (service->reason != REASON_START_TIMEOUT ||
        !message_begin(&m, LEVEL_ERROR, service->name, "not-ready"))
        return;
    message_text(&m, "not %s after %s, stopping it", what, describe_ms(timeout_ms, time));
    message_number(&m, "after_ms", timeout_ms);
    message_send(&m);
}

static void report_watchdog(const struct service *service)
{
    struct message m;
    char time[DURATION_SIZE];
    if (service->reason != REASON_WATCHDOG ||
        !message_begin(&m, LEVEL_ERROR, service->name, "watchdog"))
        return;
    if (service->was_pulled)
        message_text(&m, "says WATCHDOG=trigger, stopping it");
    else
        message_text(&m, "no WATCHDOG=1 within %s, stopping it",
                     describe_ms(service->watchdog_ms, time));
    message_number(&m, "after_ms", service->was_pulled ? 0 : (long long)service->watchdog_ms);
    message_send(&m);
}

static void report_stop(const struct service *service)
{
    switch ((enum service_step)service->step) {
    case STEP_COMMAND:
    case STEP_SIGNAL:
        report_not_ready(service);
        report_watchdog(service);
        break;
    case STEP_REST:
        report_leader_gone(service);
        break;
    case STEP_KILL:
        report_killed(service);
        break;
    }
}

void report_not_executed(const struct service *service, pid_t pid, const struct spawn_error *error)
{
    news_tell(&(struct news){
        .kind = NEWS_NOT_EXECUTED,
        .pid = pid,
        .command = service->conf->argv[0],
        .error = error,
    });
}

/* Whoever has words of its own was told of all that happens to a child: left is that there is none.
 */
static bool told_elsewhere(const struct service *service)
{
    if (service->state == SERVICE_FAILED && service->was_refused &&
        service->spawn_error.stage <= SPAWN_FORK)
        report_not_executed(service, 0, &service->spawn_error);
    return news_has_voice();
}

void report_spawned(const struct service *service, pid_t pid)
{
    news_tell(&(struct news){.kind = NEWS_SPAWNED, .pid = pid, .command = service->conf->argv[0]});
}

void report_reaped(pid_t pid, int wait_status, bool is_main)
{
    news_tell(
        &(struct news){.kind = NEWS_REAPED, .pid = pid, .code = wait_status, .is_main = is_main});
}

void report_service(const struct service *service)
{
    if (told_elsewhere(service))
        return;
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
        if (service_is_executed(service))
            report_started(service);
        break;
    case SERVICE_UP:
        if (service->conf->ready->probe.kind == PROBE_NONE)
            report_started(service);
        else
            report_up(service);
        break;
    case SERVICE_STOPPING:
        report_stop(service);
        break;
    case SERVICE_BACKOFF:
        report_backoff(service);
        break;
    case SERVICE_FAILED:
        report_failed(service);
        break;
    case SERVICE_DONE:
        report_ended(service);
        break;
    case SERVICE_DOWN:
        report_down(service);
        break;
    case SERVICE_WAITING:
        break;
    }
}

static void report_healthy(const struct service *service)
{
    struct message m;
    if (!message_begin(&m, LEVEL_INFO, service->name, "healthy"))
        return;
    message_text(&m, service->health == VERDICT_UNHEALTHY ? "healthy again" : "healthy");
    message_send(&m);
}

/* Why a check has failed; it may stand in `text`. */
static const char *describe_check(const struct service *service,
                                  const struct supervisor_check *check, char text[static END_SIZE])
{
    char time[DURATION_SIZE];
    if (check->is_late)
        snprintf(text, END_SIZE, "no answer within %s",
                 describe_ms(service->conf->health->timeout_ms, time));
    else if (check->pid != 0)
        outcome_describe(check->wait_status, text);
    else
        snprintf(text, END_SIZE, "cannot be started: %s", strerror(check->error.error));
    return text;
}

void report_health(const struct service *service, const struct supervisor_check *check,
                   const char *reason)
{
    struct message m;
    char text[END_SIZE];
    if (check->failures == 0) {
        report_healthy(service);
        return;
    }
    if (!reason)
        reason = describe_check(service, check, text);
    if (!message_begin(&m, LEVEL_ERROR, service->name, "unhealthy"))
        return;
    message_text(&m, "unhealthy after %d failed check%s: %s", check->failures,
                 check->failures == 1 ? "" : "s", reason);
    message_number(&m, "failures", check->failures);
    message_string(&m, "error", reason);
    message_send(&m);
}

void report_impossible(const struct service *service, const struct service *cause)
{
    struct message m;
    const char *what = cause->state == SERVICE_FAILED ? "failed" : "ended";
    if (!message_begin(&m, LEVEL_ERROR, service->name, "impossible"))
        return;
    message_text(&m, "failed: it depends on %s, which has %s", cause->name, what);
    message_string(&m, "cause", cause->name);
    message_number(&m, "code", service_exit_code(cause));
    message_send(&m);
}

void report_stop_command(const struct service *service, int wait_status,
                         const struct spawn_error *error)
{
    char text[OUTCOME_TEXT_SIZE];
    if (error)
        message_say(LEVEL_WARN, service->name, "cannot start the stop-command: %s: %s (%s)",
                    service->conf->stop->command[0], strerror(error->error),
                    spawn_stage_name(error->stage));
    else if (wait_status != 0)
        message_say(LEVEL_WARN, service->name, "the stop-command %s",
                    outcome_describe(wait_status, text));
}

/* Of one that starts, or was asked to stop, nobody would expect anything else. */
void report_phase(const struct service *service, enum channel_phase phase)
{
    static const struct {
        const char *event;
        const char *text;
    } words[] = {
        [CHANNEL_SERVING] = {"ready-again", "ready again"},
        [CHANNEL_RELOADING] = {"reloading", "reloading"},
        [CHANNEL_STOPPING] = {"stopping-itself", "stopping by itself"},
    };
    struct message m;
    enum log_level level = service->state == SERVICE_UP ? LEVEL_INFO : LEVEL_DEBUG;
    if (!message_begin(&m, level, service->name, words[phase].event))
        return;
    message_text(&m, "%s", words[phase].text);
    message_number(&m, "pid", service->pid);
    message_send(&m);
}

void report_cause(const struct service *service)
{
    struct message m;
    const char *what = service->state == SERVICE_FAILED ? "failed" : "ended";
    const char *role = service->conf->is_main ? "the main service" : "essential";
    if (news_has_voice() || !message_begin(&m, LEVEL_INFO, NULL, "stopping"))
        return;
    if (service_ends_all(service))
        message_text(&m, "stopping: %s was unhealthy", service->name);
    else
        message_text(&m, "stopping: %s %s and is %s", service->name, what, role);
    message_string(&m, "cause", service->name);
    message_send(&m);
}

void report_orphan(pid_t pid, int wait_status)
{
    struct message m;
    char text[OUTCOME_TEXT_SIZE];
    if (news_has_voice() || !message_begin(&m, LEVEL_DEBUG, NULL, "reaped"))
        return;
    message_text(&m, "reaped orphan %d (%s)", (int)pid, outcome_describe(wait_status, text));
    message_number(&m, "pid", pid);
    add_wait_status(&m, wait_status);
    message_send(&m);
}
