#include "conf/conf.h"

#include <signal.h>
#include <string.h>

/* The groups that every service begins with. */
/* moby's restart manager: 100 ms, doubled to a minute, begun anew after a run of 10 s */
#define RESTART_TIMES                                                                 \
    .delay_ms = 100, .delay_max_ms = 60000, .reset_ms = 10000, .factor_percent = 200, \
    .success = {.bits = {1}}
static const struct restart_conf default_restart = {
    .policy = RESTART_ON_FAILURE, .crash_limit = 10, RESTART_TIMES};
const struct restart_conf conf_restart_never = {.policy = RESTART_NO, RESTART_TIMES};
static const struct stop_conf default_stop = {
    .signal = SIGTERM, .kill_mode = KILL_GROUP, .timeout_ms = 10000};
static const struct ready_conf default_ready;
static const struct health_conf default_health = {
    /* Docker's HEALTHCHECK */
    .interval_ms = 30000,
    .timeout_ms = 30000,
    .start_interval_ms = 5000,
    .retries = 3,
    .on_unhealthy = UNHEALTHY_RESTART,
};
static const struct identity_conf default_identity;
static const struct resource_conf default_resource;
static const struct io_conf default_io = {.umask = -1};
static const struct environment_conf default_environment;
static const struct rewrite_conf default_rewrite = {.map = SIGNAL_MAP_IDENTITY};

const struct service_conf service_defaults = {
    .restart = &default_restart,
    .stop = &default_stop,
    .ready = &default_ready,
    .health = &default_health,
    .identity = &default_identity,
    .resource = &default_resource,
    .io = &default_io,
    .environment = &default_environment,
    .rewrite = &default_rewrite,
    .type = TYPE_SIMPLE,
    .is_essential = true,
    .starts = true,
};

void conf_init(struct conf *conf)
{
    *conf = (struct conf){
        .place = {"command line", NO_FILE},
        /* RTMIN+3 is how a container with systemd is told to stop. */
        .stop_signals = signal_bit(SIGTERM) | signal_bit(SIGINT) | signal_bit(SIGQUIT) |
                        signal_bit(SIGNAL_RTMIN + 3),
        /* One second less than `docker stop` grants before it kills. */
        .shutdown_timeout_ms = 9000,
        .sweep_timeout_ms = 1000,
        .control = "/run/reeve/control",
        .state_dir = "/var/lib/reeve",
        .log_level = LEVEL_WARN,
        .log_format = FORMAT_TEXT,
    };
    arena_init(&conf->arena);
    arena_init(&conf->groups);
}

void conf_free(struct conf *conf)
{
    arena_free(&conf->arena);
    arena_free(&conf->groups);
    conf_init(conf);
}

struct service_conf *conf_new_service(struct conf *conf, const char *name, struct place place)
{
    struct service_conf *service = arena_alloc(&conf->arena, sizeof *service);
    const char *copy = arena_text(&conf->arena, name, strlen(name));
    if (!service || !copy)
        return NULL;
    memset(conf->service_written, 0, sizeof conf->service_written);
    *service = service_defaults;
    service->name = copy;
    service->place = place;
    return service;
}

struct service_conf *conf_new_command(struct conf *conf, struct place place)
{
    struct service_conf *service = conf_new_service(conf, "", place);
    struct restart_conf *restart = arena_alloc(&conf->groups, sizeof *restart);
    struct io_conf *io = arena_alloc(&conf->groups, sizeof *io);
    if (!service || !restart || !io)
        return NULL;
    memcpy(restart, &conf_restart_never, sizeof *restart);
    memcpy(io, &default_io, sizeof *io);
    io->stdin_inherit = true;
    service->restart = restart;
    service->io = io;
    return service;
}

/* The group to keep: the default or that of the service before where it is the same, or a copy. */
static const void *keep_group(struct conf *conf, const void *group, const void *standard,
                              const void *before, size_t size)
{
    if (group == standard || memcmp(group, standard, size) == 0)
        return standard;
    if (before && memcmp(group, before, size) == 0)
        return before;
    void *copy = arena_alloc(&conf->arena, size);
    return copy ? memcpy(copy, group, size) : NULL;
}

#define KEEP_GROUP(name)                                                                          \
    ((service->name = keep_group(conf, service->name, service_defaults.name,                      \
                                 conf->last ? conf->last->name : NULL, sizeof *service->name)) != \
     NULL)

static bool keep_groups(struct conf *conf, struct service_conf *service)
{
    bool kept = KEEP_GROUP(restart) && KEEP_GROUP(stop) && KEEP_GROUP(ready) &&
                KEEP_GROUP(health) && KEEP_GROUP(identity) && KEEP_GROUP(resource) &&
                KEEP_GROUP(io) && KEEP_GROUP(environment) && KEEP_GROUP(rewrite);
    arena_free(&conf->groups);
    return kept;
}

/* Where services are whose names look like this one: few of all. */
static struct service_conf **names_like(struct conf *conf, const char *name)
{
    unsigned hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return &conf->by_name[(hash ^ hash >> 8) % CONF_NAMES];
}

bool conf_add(struct conf *conf, struct service_conf *service)
{
    if (!keep_groups(conf, service))
        return false;
    struct service_conf **names = names_like(conf, service->name);
    service->next_alike = *names;
    *names = service;
    if (conf->last)
        conf->last->next = service;
    else
        conf->services = service;
    conf->last = service;
    conf->count++;
    return true;
}

void conf_remove(struct conf *conf, const struct service_conf *service)
{
    struct service_conf *before = NULL;
    struct service_conf **name = names_like(conf, service->name);
    while (*name != service)
        name = &(*name)->next_alike;
    *name = service->next_alike;
    for (struct service_conf **at = &conf->services; *at; before = *at, at = &(*at)->next) {
        if (*at != service)
            continue;
        *at = service->next;
        if (conf->last == service)
            conf->last = before;
        conf->count--;
        return;
    }
}

bool service_conf_is_command(const struct service_conf *service)
{
    return service->place.line == NO_FILE;
}

struct service_conf *conf_find_service(struct conf *conf, const char *name)
{
    struct service_conf *service = *names_like(conf, name);
    while (service && strcmp(service->name, name) != 0)
        service = service->next_alike;
    return service;
}
