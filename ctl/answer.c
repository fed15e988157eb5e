#include "ctl/answer.h"

#include "conf/signal_name.h"
#include "supervisor/outcome.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* --- writing ---------------------------------------------------------------------------------- */

static const char *reason_name(enum service_reason reason)
{
    switch (reason) {
    case REASON_NONE:
        return NULL;
    case REASON_BY_HAND:
        return "by-hand";
    case REASON_SHUTDOWN:
        return "shutdown";
    case REASON_START_TIMEOUT:
        return "start-timeout";
    case REASON_UNHEALTHY:
        return "unhealthy";
    case REASON_WATCHDOG:
        return "watchdog";
    case REASON_LEADER_GONE:
        return "leader-gone";
    }
    return NULL;
}

/* A number, or null where it is negative. */
static void put_number(struct json *json, const char *name, int64_t value)
{
    if (value < 0)
        json_null(json, name);
    else
        json_number(json, name, value);
}

/* How its last run ended, or why there was none. */
static void put_end(struct json *json, const struct service *service)
{
    char name[SIGNAL_NAME_SIZE];
    char error[128];
    int status = service->wait_status;
    bool has_ended = service->has_ended && !service->was_refused;
    bool by_signal = has_ended && WIFSIGNALED(status);
    put_number(json, "exit_code",
               service->was_refused || (has_ended && !by_signal) ? service_exit_code(service) : -1);
    json_string(json, "signal", by_signal ? signal_short_name(WTERMSIG(status), name) : NULL);
    json_bool(json, "core_dumped", by_signal && WCOREDUMP(status));
    json_bool(json, "out_of_memory", by_signal && service->out_of_memory);
    if (service->was_refused)
        snprintf(error, sizeof error, "%s (%s)", strerror(service->spawn_error.error),
                 spawn_stage_name(service->spawn_error.stage));
    json_string(json, "error", service->was_refused ? error : NULL);
}

void answer_service(struct json *json, const struct service *service, bool is_wanted,
                    int64_t now_ms)
{
    bool runs = service_is_executed(service);
    json_string(json, "name", service->name);
    json_string(json, "state", service_state_name((enum service_state)service->state));
    json_string(json, "wanted", is_wanted ? "up" : "down");
    json_string(json, "health", probe_verdict_name((enum probe_verdict)service->health));
    put_number(json, "pid", service->pid != 0 ? service->pid : -1);
    put_number(json, "uptime_s", runs ? (now_ms - service->executed_ms) / 1000 : -1);
    json_number(json, "restarts", service->history.restarts);
    put_end(json, service);
    json_string(json, "reason", reason_name((enum service_reason)service->reason));
    json_bool(json, "main", service->conf->is_main);
}

bool answer_is_as_wanted(const struct service *service, bool is_wanted)
{
    switch ((enum service_state)service->state) {
    case SERVICE_UP:
        return is_wanted;
    case SERVICE_DONE:
        return true;
    case SERVICE_DOWN:
    case SERVICE_FAILED:
        return !is_wanted;
    case SERVICE_STARTING:
    case SERVICE_WAITING:
    case SERVICE_STOPPING:
    case SERVICE_BACKOFF:
        return false;
    }
    return false;
}

size_t answer_verdict(char *line, size_t size, const struct verdict *verdict)
{
    struct json json;
    json_begin(&json, line, size);
    json_bool(&json, "ok", verdict->code == ANSWER_DONE);
    json_number(&json, "code", (int)verdict->code);
    if (verdict->error)
        json_string(&json, "error", verdict->error);
    if (verdict->warning)
        json_string(&json, "warning", verdict->warning);
    return json_end(&json);
}

/* --- reading ---------------------------------------------------------------------------------- */

const char *answer_text(const struct answer *answer, const char *name)
{
    const struct json_field *field = json_find(answer->fields, answer->count, name, JSON_STRING);
    return field ? field->text : NULL;
}

static long long number_of(const struct answer *answer, const char *name)
{
    const struct json_field *field = json_find(answer->fields, answer->count, name, JSON_NUMBER);
    return field ? field->number : -1;
}

static bool is_true(const struct answer *answer, const char *name)
{
    const struct json_field *field = json_find(answer->fields, answer->count, name, JSON_BOOL);
    return field && field->number;
}

static bool read_status(struct answer *answer)
{
    answer->status = (struct status){
        .name = answer_text(answer, "name"),
        .state = answer_text(answer, "state"),
        .wanted = answer_text(answer, "wanted"),
        .health = answer_text(answer, "health"),
        .signal = answer_text(answer, "signal"),
        .error = answer_text(answer, "error"),
        .reason = answer_text(answer, "reason"),
        .time = answer_text(answer, "ts"),
        .pid = number_of(answer, "pid"),
        .uptime_s = number_of(answer, "uptime_s"),
        .restarts = number_of(answer, "restarts"),
        .exit_code = number_of(answer, "exit_code"),
        .core_dumped = is_true(answer, "core_dumped"),
        .out_of_memory = is_true(answer, "out_of_memory"),
        .is_main = is_true(answer, "main"),
    };
    const struct status *status = &answer->status;
    return status->name && status->state && status->wanted && status->health;
}

void answer_read(char *line, struct answer *answer)
{
    answer->kind = ANSWER_GARBAGE;
    answer->count = json_read(line, answer->fields, ANSWER_FIELDS);
    if (answer->count < 0)
        return;
    answer->kind = ANSWER_OTHER;
    if (json_find(answer->fields, answer->count, "ok", JSON_BOOL)) {
        answer->kind = ANSWER_VERDICT;
        answer->verdict = (struct verdict){
            .code = (enum answer_code)number_of(answer, "code"),
            .error = answer_text(answer, "error"),
            .warning = answer_text(answer, "warning"),
        };
    } else if (read_status(answer)) {
        answer->kind = ANSWER_STATUS;
    }
}
