#include "init/reload.h"

#include "init/personality.h"
#include "init/process.h"
#include "supervisor/graph.h"
#include "supervisor/identity.h"
#include "supervisor/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct place nowhere = {"", NO_FILE};

static void check(const struct settings *before, const struct settings *settings,
                  struct conf_errors *errors)
{
    struct graph graph;
    struct arena arena;
    arena_init(&arena);
    if (!graph_init(&graph, &settings->conf, &arena, errors))
        errors_add(errors, nowhere, "out of memory");
    arena_free(&arena);
    identity_check(&settings->conf, errors);
    reload_check(&before->conf, &settings->conf, errors);
    errors_sort(errors);
}

static void read_again(const struct settings *before, struct settings *settings,
                       struct conf_errors *errors)
{
    struct options options = {
        .settings = settings,
        .errors = errors,
        .is_pid1 = getpid() == 1,
        .is_again = true,
    };
    personality_find(before->argv[0])(&options, before->argc, before->argv);
    if (errors->count == 0)
        check(before, settings, errors);
}

struct settings *reload_read(const struct settings *before, const char *directory,
                             struct conf_errors *errors)
{
    struct settings *settings = calloc(1, sizeof *settings);
    if (!settings) {
        errors_add(errors, nowhere, "out of memory");
        return NULL;
    }
    if (directory && chdir(directory) < 0)
        errors_warn(errors, nowhere, "cannot go back to %s: %s", directory, strerror(errno));
    read_again(before, settings, errors);
    settings->is_allocated = true;
    if (directory)
        process_leave_directory();
    if (errors->count == 0)
        return settings;
    reload_free(settings);
    return NULL;
}

void reload_free(struct settings *settings)
{
    reload_free_before(settings);
    conf_free(&settings->conf);
    if (settings->is_allocated)
        free(settings);
}

void reload_free_before(struct settings *settings)
{
    if (settings->before)
        reload_free(settings->before);
    settings->before = NULL;
}
