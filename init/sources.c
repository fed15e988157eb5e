#include "init/sources.h"

#include "conf/check.h"
#include "conf/keys.h"
#include "conf/read.h"
#include "init/personality.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct place command_line = {"command line", NO_FILE};

bool sources_fail(struct sources *sources, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    errors_add(sources->errors, command_line, "%s", text);
    return false;
}

bool sources_init(struct sources *sources, const struct options *options, int argc, char **argv)
{
    static char room[1024]; /* for the one command no heap is needed before it runs */
    static char group_room[512];
    struct settings *settings = options->settings;
    sources->settings = settings;
    sources->errors = options->errors;
    sources->is_pid1 = options->is_pid1;
    sources->is_again = options->is_again;
    settings_init(settings, argc, argv);
    if (!sources->is_again) {
        arena_init_in(&settings->conf.arena, room, sizeof room);
        arena_init_in(&settings->conf.groups, group_room, sizeof group_room);
    }
    sources->path_count = 0;
    sources->paths =
        arena_alloc(&settings->conf.arena, ((size_t)argc + 2) * sizeof *sources->paths);
    return sources->paths || sources_fail(sources, "out of memory");
}

void sources_add_path(struct sources *sources, const char *path)
{
    sources->paths[sources->path_count++] = path;
}

bool sources_fail_unknown_key(struct sources *sources, const char *origin, const char *name)
{
    const char *meant = key_suggest(name);
    return meant ? sources_fail(sources, "%s: unknown key '%s', did you mean '%s'?", origin, name,
                                meant)
                 : sources_fail(sources, "%s: unknown key '%s', see reeve.ini(5)", origin, name);
}

bool sources_set_key(struct sources *sources, const char *name, const char *text,
                     const char *origin)
{
    const struct key *key = key_find(name);
    if (!key)
        return sources_fail_unknown_key(sources, origin, name);
    if (strcmp(name, "command") == 0)
        return sources_fail(sources, "%s: the command is what stands behind the options", origin);
    return key_assign(key, &sources->settings->conf, sources->command, text, origin, command_line,
                      sources->errors);
}

/* Environment variables, for engines that cannot pass options; one row each. */
static const struct {
    const char *name;
    const char *key;
} variables[] = {
    {"REEVE_LOG_LEVEL", "log-level"},
    {"REEVE_LOG_FORMAT", "log-format"},
    {"REEVE_SHUTDOWN_TIMEOUT", "shutdown-timeout"},
};

static bool read_environment(struct sources *sources)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = sources->ignores_environment ? NULL : getenv(variables[i].name);
        if (value && *value &&
            !sources_set_key(sources, variables[i].key, value, variables[i].name))
            return false;
    }
    return true;
}

/* Where services may be read from when nobody says it. */
static void add_standard_paths(struct sources *sources)
{
    static const char *const standard[] = {"/etc/reeve.ini", "/etc/reeve.d"};
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
        if (conf_path_has_files(standard[i]))
            sources_add_path(sources, standard[i]);
}

/* REEVE_CONFIG is for engines that cannot pass options. A service that calls a reeve of its own
 * must not start everything again. */
static void add_paths_of_environment(struct sources *sources, bool has_command)
{
    const char *config = sources->ignores_environment ? NULL : getenv("REEVE_CONFIG");
    if (config && *config && sources->path_count == 0 && (sources->is_pid1 || !has_command))
        sources_add_path(sources, config);
}

static bool read_files(struct sources *sources, char *const *command)
{
    struct settings *settings = sources->settings;
    if (settings->pause) {
        if (*command)
            return sources_fail(sources, "--pause runs no command, found '%s'", *command);
        return sources->path_count == 0 ||
               sources_fail(sources, "--pause runs no services, found -c %s", sources->paths[0]);
    }
    add_paths_of_environment(sources, *command != NULL);
    if (sources->path_count == 0 && !*command)
        add_standard_paths(sources);
    if (sources->path_count == 0)
        return *command ||
               sources_fail(sources,
                            "no command and no configuration, expected reeve [OPTION...] [--] "
                            "COMMAND [ARG...] or reeve -c FILE|DIR");
    settings->has_files = true;
    settings->conf.log_level = LEVEL_INFO;
    conf_read_paths(&settings->conf, sources->paths, sources->path_count, !sources->is_again,
                    sources->errors);
    return true;
}

/* From here on -o may set keys of it. */
static bool begin_command(struct sources *sources)
{
    sources->command = conf_new_command(&sources->settings->conf, command_line);
    return sources->command || sources_fail(sources, "out of memory");
}

/* Nothing that was asked for is dropped without a word. */
static bool expect_no_key_of_command(struct sources *sources)
{
    const struct key *key = key_first_written(sources->settings->conf.service_written);
    return !key || sources_fail(sources,
                                "the key '%s' is for a command, but there is none: write it into "
                                "[service NAME]",
                                key->name);
}

static struct service_conf *find_main(const struct conf *conf)
{
    struct service_conf *service = conf->services;
    while (service && !service->is_main)
        service = service->next;
    return service;
}

static bool add_command(struct sources *sources, char **command)
{
    struct conf *conf = &sources->settings->conf;
    if (!*command)
        return expect_no_key_of_command(sources);
    const struct service_conf *replaced = find_main(conf);
    if (replaced) {
        conf->replaced_main = replaced->name;
        conf_remove(conf, replaced);
    }
    sources->command->name = personality_base_name(*command);
    sources->command->argv = command;
    sources->command->is_main = true;
    const char *fault =
        sources->settings->has_files ? conf_find_name_fault(sources->command->name) : NULL;
    if (fault)
        return sources_fail(sources, "the command '%.60s' as a service %s", sources->command->name,
                            fault);
    if (conf_find_service(conf, sources->command->name))
        return sources_fail(sources,
                            "the command would be the service '%s', which a file has already",
                            sources->command->name);
    if (!sources->command->starts)
        return sources_fail(sources, "-o start: a command is always started");
    check_service(conf, sources->command, "-o", NULL, sources->errors);
    if (!conf_add(conf, sources->command))
        return sources_fail(sources, "out of memory");
    conf->main = sources->command;
    return true;
}

bool sources_gather(struct sources *sources, char **command, bool (*set_late)(void *data),
                    void *data)
{
    bool is_complete = read_files(sources, command) && begin_command(sources) &&
                       read_environment(sources) && (!set_late || set_late(data)) &&
                       add_command(sources, command);
    check_all(&sources->settings->conf, sources->errors);
    errors_sort(sources->errors);
    return is_complete && sources->errors->count == 0;
}
