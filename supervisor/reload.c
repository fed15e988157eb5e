#include "supervisor/reload.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_words(char *const *a, char *const *b)
{
    if (!a || !b)
        return a == b;
    for (; *a && *b; a++, b++)
        if (strcmp(*a, *b) != 0)
            return false;
    return *a == *b;
}

static bool same_list(const struct text_list *a, const struct text_list *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (strcmp(a->text, b->text) != 0)
            return false;
    return a == b;
}

static bool same_dependencies(const struct dependency *a, const struct dependency *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (a->condition != b->condition || strcmp(a->name, b->name) != 0)
            return false;
    return a == b;
}

static bool same_paths(const struct owned_path *a, const struct owned_path *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (a->is_recursive != b->is_recursive || strcmp(a->path, b->path) != 0)
            return false;
    return a == b;
}

static bool same_environment(const struct environment_conf *a, const struct environment_conf *b)
{
    const struct env_item *one = a->items;
    const struct env_item *other = b->items;
    for (; one && other; one = one->next, other = other->next)
        if (one->kind != other->kind || one->may_be_missing != other->may_be_missing ||
            !same_text(one->text, other->text) || !same_text(one->path, other->path))
            return false;
    return a->clear == b->clear && one == other;
}

static bool same_output(const struct output *a, const struct output *b)
{
    return a->kind == b->kind && same_text(a->path, b->path);
}

static bool same_io(const struct io_conf *a, const struct io_conf *b)
{
    return a->stdin_inherit == b->stdin_inherit && a->tty == b->tty &&
           same_output(&a->out, &b->out) && same_output(&a->err, &b->err) &&
           same_text(a->directory, b->directory) && a->umask == b->umask;
}

static bool same_identity(const struct identity_conf *a, const struct identity_conf *b)
{
    return same_text(a->user, b->user) && same_text(a->group, b->group) &&
           same_list(a->groups, b->groups) && same_paths(a->chown, b->chown) &&
           same_paths(a->mkdir, b->mkdir) && a->capabilities == b->capabilities &&
           a->keeps_capabilities == b->keeps_capabilities &&
           a->no_new_privileges == b->no_new_privileges;
}

static bool same_resources(const struct resource_conf *a, const struct resource_conf *b)
{
    for (int i = 0; i < LIMITS; i++)
        if (a->limits[i].is_set != b->limits[i].is_set || a->limits[i].soft != b->limits[i].soft ||
            a->limits[i].hard != b->limits[i].hard)
            return false;
    return a->sets_nice == b->sets_nice && a->nice == b->nice &&
           a->sets_oom_score_adj == b->sets_oom_score_adj && a->oom_score_adj == b->oom_score_adj &&
           a->ionice_class == b->ionice_class && a->ionice_level == b->ionice_level;
}

static bool same_probe(const struct probe *a, const struct probe *b)
{
    return a->kind == b->kind && a->number == b->number && a->ms == b->ms &&
           same_text(a->host, b->host) && same_text(a->port, b->port) &&
           same_text(a->path, b->path) && same_words(a->argv, b->argv);
}

/* A program that tells by itself that it is ready has a descriptor or a socket for it. */
static bool has_channel(const struct probe *probe)
{
    return probe->kind == PROBE_NOTIFY || probe->kind == PROBE_FD;
}

static bool same_channel(const struct probe *a, const struct probe *b)
{
    return (!has_channel(a) && !has_channel(b)) || same_probe(a, b);
}

static bool runs_alike(const struct service_conf *a, const struct service_conf *b)
{
    return a->type == b->type && same_words(a->argv, b->argv) && same_io(a->io, b->io) &&
           same_environment(a->environment, b->environment) &&
           same_identity(a->identity, b->identity) && same_resources(a->resource, b->resource) &&
           same_channel(&a->ready->probe, &b->ready->probe) &&
           same_text(a->ready->pidfile, b->ready->pidfile) &&
           a->health->watchdog_ms == b->health->watchdog_ms;
}

static bool same_restart(const struct restart_conf *a, const struct restart_conf *b)
{
    return a->policy == b->policy && a->tries == b->tries && a->crash_limit == b->crash_limit &&
           a->delay_ms == b->delay_ms && a->delay_max_ms == b->delay_max_ms &&
           a->reset_ms == b->reset_ms && a->factor_percent == b->factor_percent &&
           a->jitter_percent == b->jitter_percent &&
           memcmp(&a->success, &b->success, sizeof a->success) == 0;
}

static bool same_stop(const struct stop_conf *a, const struct stop_conf *b)
{
    return a->signal == b->signal && a->kill_mode == b->kill_mode &&
           a->timeout_ms == b->timeout_ms && a->timeout_is_written == b->timeout_is_written &&
           same_words(a->command, b->command) && same_words(a->reload_command, b->reload_command) &&
           a->reload_signal == b->reload_signal;
}

static bool same_health(const struct health_conf *a, const struct health_conf *b)
{
    return same_probe(&a->probe, &b->probe) && a->interval_ms == b->interval_ms &&
           a->timeout_ms == b->timeout_ms && a->start_period_ms == b->start_period_ms &&
           a->start_interval_ms == b->start_interval_ms && a->retries == b->retries &&
           a->on_unhealthy == b->on_unhealthy;
}

static bool same_rewrite(const struct signal_map *a, const struct signal_map *b)
{
    return a->named == b->named && memcmp(a->to, b->to, sizeof a->to) == 0;
}

static bool has_same_rules(const struct service_conf *a, const struct service_conf *b)
{
    return same_restart(a->restart, b->restart) && same_stop(a->stop, b->stop) &&
           same_health(a->health, b->health) && same_probe(&a->ready->probe, &b->ready->probe) &&
           a->ready->timeout_ms == b->ready->timeout_ms &&
           same_rewrite(&a->rewrite->map, &b->rewrite->map) &&
           same_dependencies(a->depends_on, b->depends_on) && same_list(a->after, b->after) &&
           a->is_essential == b->is_essential && a->starts == b->starts;
}

bool reload_same_ready(const struct service_conf *before, const struct service_conf *now)
{
    return same_probe(&before->ready->probe, &now->ready->probe);
}

enum reload_change reload_compare(const struct service_conf *before, const struct service_conf *now)
{
    if (!runs_alike(before, now))
        return RELOAD_RESTARTS;
    return has_same_rules(before, now) ? RELOAD_NONE : RELOAD_APPLIES;
}

void reload_check(const struct conf *before, const struct conf *now, struct conf_errors *errors)
{
    const char *old = before->main ? before->main->name : NULL;
    const char *new = now->main ? now->main->name : NULL;
    if (same_text(old, new))
        return;
    struct place place = now->main ? now->main->place : before->main->place;
    if (!old)
        errors_add(errors, place,
                   "[service %s] main: cannot be changed while reeve runs, there was no main "
                   "service",
                   new);
    else
        errors_add(errors, place,
                   "[service %s] main: cannot be changed while reeve runs, '%s' is the main "
                   "service",
                   new ? new : old, old);
}
