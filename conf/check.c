#include "conf/check.h"

#include "conf/keys.h"

enum {
    START_TIMEOUT_WITH_PROBE_MS = 5 * 60 * 1000,
    LEAST_ORDER_MS = 1000, /* of shutdown-timeout: in which services stop one by one */
    ORDER_MS = 4000,
};

/* Where the key stands; the section where it does not. */
static struct place place_of(const struct service_conf *service, const int *line_of,
                             const char *name)
{
    int line = line_of ? line_of[key_find(name) - keys] : 0;
    return (struct place){service->place.file, line > 0 ? line : service->place.line};
}

/* The group is the service's own still, or one of the two defaults. */
static void settle_restart(const struct conf *conf, struct service_conf *service)
{
    bool restart_written = key_was_written(conf->service_written, "restart");
    bool limit_written = key_was_written(conf->service_written, "crash-limit");
    if (service->restart == service_defaults.restart) {
        if (service->type == TYPE_ONESHOT)
            service->restart = &conf_restart_never;
        return;
    }
    struct restart_conf *own = (struct restart_conf *)(uintptr_t)service->restart;
    if (!restart_written && service->type == TYPE_ONESHOT)
        own->policy = RESTART_NO;
    if (restart_written && !limit_written)
        own->crash_limit = 0;
}

static void settle_ready(const struct conf *conf, struct service_conf *service)
{
    if (service->ready == service_defaults.ready || service->ready->probe.kind == PROBE_NONE ||
        service->ready->probe.kind == PROBE_AFTER || /* it only takes its time */
        key_was_written(conf->service_written, "start-timeout"))
        return;
    struct ready_conf *own = (struct ready_conf *)(uintptr_t)service->ready;
    own->timeout_ms = START_TIMEOUT_WITH_PROBE_MS;
}

/* It would be stopped each time before it is ready. */
static bool is_never_ready(const struct ready_conf *ready)
{
    return ready->probe.kind == PROBE_AFTER && ready->timeout_ms > 0 &&
           ready->timeout_ms <= ready->probe.ms;
}

/* Whoever has the terminal reads from it. */
static void settle_stdin(const struct conf *conf, struct service_conf *service)
{
    if (!service->io->tty || key_was_written(conf->service_written, "stdin"))
        return;
    struct io_conf *own = (struct io_conf *)(uintptr_t)service->io;
    own->stdin_inherit = true;
}

/* What is looked after is looked after while it is up. */
static void check_care(const struct conf *conf, const struct service_conf *service,
                       const char *section, const int *line_of, struct conf_errors *errors)
{
    static const char *const keys_of_care[] = {"health", "watchdog"};
    for (size_t i = 0; i < sizeof keys_of_care / sizeof *keys_of_care; i++)
        if (service->type == TYPE_ONESHOT &&
            key_was_written(conf->service_written, keys_of_care[i]))
            errors_add(errors, place_of(service, line_of, keys_of_care[i]),
                       "%s %s: a oneshot is never up: only what is up can be looked after", section,
                       keys_of_care[i]);
}

void check_service(const struct conf *conf, struct service_conf *service, const char *section,
                   const int *line_of, struct conf_errors *errors)
{
    if (!service->argv && !key_was_written(conf->service_written, "command"))
        errors_add(errors, service->place, "%s has no command, expected command = WORDS", section);
    if (service->instances > 0 && (service->is_main || service->io->tty))
        errors_add(errors, place_of(service, line_of, "instances"),
                   "%s instances: only one service can be main or have the tty", section);
    if (service->type == TYPE_ONESHOT && key_was_written(conf->service_written, "ready"))
        errors_add(errors, place_of(service, line_of, "ready"),
                   "%s ready: a oneshot is never ready, it is done: what depends on it waits for "
                   "completed",
                   section);
    check_care(conf, service, section, line_of, errors);
    if (service->type == TYPE_FORKING && service->io->tty)
        errors_add(errors, place_of(service, line_of, "tty"),
                   "%s tty: a daemon, as type = forking leaves one, has no terminal", section);
    if (service->type != TYPE_FORKING && service->ready->pidfile && !service->is_uncertain)
        errors_add(errors, place_of(service, line_of, "pidfile"),
                   "%s pidfile: only for type = forking", section);
    if (is_never_ready(service->ready))
        errors_add(errors, place_of(service, line_of, "start-timeout"),
                   "%s start-timeout: is not longer than the wait of ready, expected more, or 0",
                   section);
    if (service->restart->delay_max_ms < service->restart->delay_ms)
        errors_add(errors, place_of(service, line_of, "restart-delay"),
                   "%s restart-delay: is longer than restart-delay-max", section);
    settle_restart(conf, service);
    settle_ready(conf, service);
    settle_stdin(conf, service);
}

/* At most one service may be what `is_one` says. */
static struct service_conf *check_single(struct conf *conf,
                                         bool (*is_one)(const struct service_conf *),
                                         const char *key, struct conf_errors *errors)
{
    struct service_conf *first = NULL;
    for (struct service_conf *service = conf->services; service; service = service->next) {
        if (!is_one(service))
            continue;
        if (first)
            errors_add(errors, service->place,
                       "[service %s] %s: only one service can have it, '%s' has it already (%s:%d)",
                       service->name, key, first->name, first->place.file, first->place.line);
        else
            first = service;
    }
    return first;
}

static bool is_main(const struct service_conf *service)
{
    return service->is_main;
}

static bool has_tty(const struct service_conf *service)
{
    return service->io->tty;
}

/*
 * Nine seconds, one less than `docker stop` grants; unless a stop-delay or a stop-timeout that
 * somebody wrote leaves nothing of them for the order of the services. Then the sum of all of that.
 */
static void settle_shutdown_timeout(struct conf *conf)
{
    int64_t longest_ms = 0;
    for (const struct service_conf *service = conf->services; service; service = service->next)
        if (service->stop->timeout_is_written && service->stop->timeout_ms > longest_ms)
            longest_ms = service->stop->timeout_ms;
    int64_t needed_ms = conf->stop_delay_ms + longest_ms + conf->sweep_timeout_ms;
    if (longest_ms + conf->stop_delay_ms > 0 &&
        conf->shutdown_timeout_ms < needed_ms + LEAST_ORDER_MS)
        conf->shutdown_timeout_ms = needed_ms + ORDER_MS;
}

void check_all(struct conf *conf, struct conf_errors *errors)
{
    conf->main = check_single(conf, is_main, "main", errors);
    check_single(conf, has_tty, "tty", errors);
    if (!key_was_written(conf->written, "shutdown-timeout"))
        settle_shutdown_timeout(conf);
    else if (conf->shutdown_timeout_ms > 0 && conf->shutdown_timeout_ms <= conf->stop_delay_ms)
        errors_add(errors, conf->timeout_place, "shutdown-timeout: is not longer than stop-delay");
}
