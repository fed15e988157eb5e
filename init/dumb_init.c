/* dumb-init's command line and words. */
#include "init/personality.h"
#include "init/sources.h"

enum options_result dumb_init_parse(struct options *options, int argc, char **argv)
{
    struct sources sources = {
        .ignores_environment = true,
    };
    if (!sources_init(&sources, options, argc, argv))
        return OPTIONS_ERROR;
    options->settings->grouping = SPAWN_OWN_GROUP;
    options->settings->own_error_code = 1;
    return sources_gather(&sources, argv + 1, NULL) ? OPTIONS_RUN : OPTIONS_ERROR;
}
