/*
 * The configuration is read again while services run.
 */
#pragma once

#include "init/settings.h"

/*
 * Reads everything as it was read at the start, from the same words of the command line, for which
 * `directory` is where we were started; NULL: where we are. Returns settings, to be freed by
 * reload_free(); NULL, with `errors` that say why, where they cannot take the place of `before`.
 */
struct settings *reload_read(const struct settings *before, const char *directory,
                             struct conf_errors *errors);

/* Frees what these settings have replaced. */
void reload_free_before(struct settings *settings);

/* Frees all of it; of settings that replaced no others, only what they hold. */
void reload_free(struct settings *settings);
