#include "init/settings.h"

#include "supervisor/outcome.h"

enum { EXIT_CANNOT_BEGIN = 125 };

void settings_init(struct settings *settings, int argc, char **argv)
{
    *settings = (struct settings){
        .argc = argc,
        .argv = argv,
        .spawn_code = outcome_spawn_code,
        .own_error_code = EXIT_CANNOT_BEGIN,
    };
    conf_init(&settings->conf);
}
