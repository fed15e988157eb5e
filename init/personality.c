#include "init/personality.h"

#include "init/message.h"

#include <string.h>

static const struct {
    const char *name;
    personality_parse *parse;
} rows[] = {
    {"tini", tini_parse},           {"tini-static", tini_parse},
    {"docker-init", tini_parse},    {"dumb-init", dumb_init_parse},
    {"catatonit", catatonit_parse}, {"podman-init", catatonit_parse},
};

const char *personality_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

personality_parse *personality_find(const char *name)
{
    name = personality_base_name(name ? name : "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(name, rows[i].name) == 0)
            return rows[i].parse;
    return options_parse;
}

bool personality_is_called(char *const *argv, const char *name)
{
    return strcmp(personality_base_name(argv[0]), name) == 0;
}

static struct rewrite_conf rewrites = {.map = SIGNAL_MAP_IDENTITY}; /* no heap is needed */

void personality_rewrite(int from, int to)
{
    rewrites.map.to[from] = (uint8_t)to;
    rewrites.map.named |= signal_bit(from);
}

bool personality_rewrites(int sig)
{
    return signal_in(rewrites.map.named, sig);
}

void personality_use_rewrites(struct settings *settings)
{
    if (settings->conf.main)
        settings->conf.main->rewrite = &rewrites;
}

void personality_print_licence(void)
{
    message_plain(true, "reeve " REEVE_VERSION "\nCopyright (c) 2026 The reeve authors\n"
                        "MIT License, https://spdx.org/licenses/MIT.html");
}

int personality_always_1(const struct spawn_error *error)
{
    (void)error;
    return 1;
}
