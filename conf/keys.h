/*
 * The table of all configuration keys: one row each, which drives `-o KEY=VALUE`.
 */
#pragma once

#include "conf/conf.h"

enum { KEY_ERROR_SIZE = 512 };

/*
 * Carries out "KEY=VALUE" on `conf`. Returns true, or false with one sentence in `error` that says
 * which key, what is wrong with which value and what was expected; `conf` is as it was then.
 */
bool keys_assign(struct conf *conf, const char *assignment, char error[static KEY_ERROR_SIZE]);

/*
 * The same with key and value apart; `origin` is how the user calls the place, "--log-level" or
 * "REEVE_LOG_LEVEL", and is named in the error.
 */
bool keys_set(struct conf *conf, const char *key, const char *value, const char *origin,
              char error[static KEY_ERROR_SIZE]);
