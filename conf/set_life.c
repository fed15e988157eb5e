/* The keys of a service that say when it is started again, stopped and told to reload. */
#include "conf/setters.h"

#include <stdio.h>
#include <string.h>

DEFINE_OWN(restart)
DEFINE_OWN(stop)

bool set_restart(struct assignment *a)
{
    static const char *const policies[] = {"no", "on-failure", "always", "unless-stopped"};
    static const char expected[] =
        " is no restart policy, expected no, on-failure[:N], always or unless-stopped";
    struct restart_conf *restart;
    char name[32];
    int policy;
    int tries = 0;
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t length = strcspn(word, ":");
    snprintf(name, sizeof name, "%.*s", (int)(length < 31 ? length : 31), word);
    if (!accept_word(a, word, value_choice(name, policies, 4, expected, &policy)))
        return false;
    if (word[length] == ':') {
        /* moby refuses a count with any other policy, and a negative one */
        if (policy != RESTART_ON_FAILURE)
            return refuse(a, word, ": only on-failure takes a number of restarts");
        if (value_number(word + length + 1, 0, 1000000000, &tries))
            return refuse(a, word, ": expected a number of restarts behind the ':', 0 or more");
    }
    if (!(restart = own_restart(a)))
        return false;
    restart->policy = (enum restart_policy)policy;
    restart->tries = tries;
    return true;
}

static bool read_count(struct assignment *a, int *count)
{
    return read_number(a, 0, 1000000000, count);
}

static bool read_percent(struct assignment *a, int *percent)
{
    char number[16];
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t length = strlen(word);
    bool has_sign = length > 0 && word[length - 1] == '%';
    snprintf(number, sizeof number, "%.*s", (int)(length < 15 ? length - has_sign : 15), word);
    return accept_word(a, word,
                       value_number(number, 0, 100, percent)
                           ? " is no percentage, expected for example 10%"
                           : NULL);
}

/* "2" or "1.5", with two digits behind the point at the most, as a percentage: 200, 150. */
static bool read_factor(struct assignment *a, int *percent)
{
    static const char wrong[] = " is no factor, expected a number from 1 to 100, for example 1.5";
    char whole[8];
    char digits[3] = "00";
    int integer;
    int hundredths;
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t length = strcspn(word, ".");
    if (length >= sizeof whole)
        return refuse(a, word, wrong);
    memcpy(whole, word, length);
    whole[length] = '\0';
    if (word[length] == '.') {
        size_t count = strlen(word + length + 1);
        if (count < 1 || count > 2)
            return refuse(a, word, wrong);
        memcpy(digits, word + length + 1, count);
    }
    if (value_number(whole, 1, 100, &integer) || value_number(digits, 0, 99, &hundredths))
        return refuse(a, word, wrong);
    *percent = integer * 100 + hundredths;
    return true;
}

static bool read_kill_mode(struct assignment *a, enum kill_mode *mode)
{
    static const char *const modes[] = {"group", "process", "mixed"};
    int index;
    if (!read_choice(a, modes, 3, " is no kill mode, expected group, process or mixed", &index))
        return false;
    *mode = (enum kill_mode)index;
    return true;
}

DEFINE_SET(set_crash_limit, restart, crash_limit, int, read_count)
DEFINE_SET(set_restart_delay, restart, delay_ms, int64_t, read_duration)
DEFINE_SET(set_restart_delay_max, restart, delay_max_ms, int64_t, read_duration)
DEFINE_SET(set_restart_factor, restart, factor_percent, int, read_factor)
DEFINE_SET(set_restart_reset, restart, reset_ms, int64_t, read_duration)
DEFINE_SET(set_restart_jitter, restart, jitter_percent, int, read_percent)
DEFINE_SET(set_stop_signal, stop, signal, int, read_signal)
DEFINE_SET(set_kill_mode, stop, kill_mode, enum kill_mode, read_kill_mode)
DEFINE_SET(set_stop_command, stop, command, char *const *, read_argv)
DEFINE_SET(set_reload_command, stop, reload_command, char *const *, read_argv)
DEFINE_SET(set_reload_signal, stop, reload_signal, int, read_signal)

bool set_stop_timeout(struct assignment *a)
{
    int64_t ms;
    struct stop_conf *stop;
    if (!read_duration(a, &ms) || !(stop = own_stop(a)))
        return false;
    stop->timeout_ms = ms;
    stop->timeout_is_written = true; /* then the whole shutdown has to have room for it */
    return true;
}

bool set_success_exit_codes(struct assignment *a)
{
    struct restart_conf *restart;
    struct exit_codes codes = a->service->restart->success;
    if (a->words->count == 0)
        return refuse(a, NULL, "the value is empty, expected exit codes, for example 0 3");
    for (int i = 0; i < a->words->count; i++) {
        int code;
        if (!accept_word(a, a->words->word[i], value_exit_code(a->words->word[i], &code)))
            return false;
        exit_codes_add(&codes, code);
    }
    if (!(restart = own_restart(a)))
        return false;
    restart->success = codes;
    return true;
}
