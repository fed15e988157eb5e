/* The keys of [reeve]. */
#include "conf/setters.h"

#include <string.h>

enum { SOCKET_PATH_SIZE = 108 }; /* of sun_path in unix(7), its NUL included */

bool set_stop_signals(struct assignment *a)
{
    signal_set set = 0;
    for (int i = 0; i < a->words->count; i++) {
        int sig;
        if (!accept_word(a, a->words->word[i], value_signal(a->words->word[i], &sig)))
            return false;
        set |= signal_bit(sig);
    }
    if (set == 0)
        return refuse(a, NULL, "the value is empty, expected signals, for example TERM INT");
    a->conf->stop_signals = set;
    return true;
}

bool set_shutdown_timeout(struct assignment *a)
{
    return read_duration(a, &a->conf->shutdown_timeout_ms);
}

bool set_stop_delay(struct assignment *a)
{
    return read_duration(a, &a->conf->stop_delay_ms);
}

bool set_sweep_timeout(struct assignment *a)
{
    return read_duration(a, &a->conf->sweep_timeout_ms);
}

bool set_log_level(struct assignment *a)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    int level;
    if (!read_choice(a, levels, 4, " is no log level, expected error, warn, info or debug", &level))
        return false;
    a->conf->log_level = (enum log_level)level;
    return true;
}

bool set_log_format(struct assignment *a)
{
    static const char *const formats[] = {"text", "json"};
    int format;
    if (!read_choice(a, formats, 2, " is no log format, expected text or json", &format))
        return false;
    a->conf->log_format = (enum log_format)format;
    return true;
}

bool set_control(struct assignment *a)
{
    if (a->words->count == 1 && strcmp(a->words->word[0], "none") == 0) {
        a->conf->control = NULL;
        return true;
    }
    if (!read_absolute_path(a, &a->conf->control))
        return false;
    return strlen(a->conf->control) < SOCKET_PATH_SIZE ||
           refuse(a, a->conf->control, " is too long, expected at most 107 bytes");
}

bool set_state_dir(struct assignment *a)
{
    return read_absolute_path(a, &a->conf->state_dir);
}
