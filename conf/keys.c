#include "conf/keys.h"

#include <stdio.h>
#include <string.h>

/* Returns NULL, or what is wrong, as in conf/value.h. */
typedef const char *setter(struct conf *conf, const char *value);

static const char *set_stop_signals(struct conf *conf, const char *value)
{
    return value_signals(value, &conf->stop_signals);
}

static const char *set_shutdown_timeout(struct conf *conf, const char *value)
{
    return value_duration(value, &conf->shutdown_timeout_ms);
}

static const char *set_sweep_timeout(struct conf *conf, const char *value)
{
    return value_duration(value, &conf->sweep_timeout_ms);
}

static const char *set_log_level(struct conf *conf, const char *value)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(value, levels[i]) == 0) {
            conf->log_level = (enum log_level)i;
            return NULL;
        }
    }
    return " is no log level, expected error, warn, info or debug";
}

static const char *set_log_format(struct conf *conf, const char *value)
{
    bool json = strcmp(value, "json") == 0;
    if (!json && strcmp(value, "text") != 0)
        return " is no log format, expected text or json";
    conf->log_format = json ? FORMAT_JSON : FORMAT_TEXT;
    return NULL;
}

static const char *set_rewrite(struct conf *conf, const char *value)
{
    return value_rewrite(value, &conf->main.rewrite);
}

/* A row without a setter is a key whose behaviour is still to come. */
static const struct key {
    const char *name;
    setter *set;
} keys[] = {
    /* [reeve] */
    {"stop-signals", set_stop_signals},
    {"shutdown-timeout", set_shutdown_timeout},
    {"stop-delay", NULL},
    {"sweep-timeout", set_sweep_timeout},
    {"log-level", set_log_level},
    {"log-format", set_log_format},
    {"control", NULL},
    {"state-dir", NULL},
    /* [service] */
    {"command", NULL},
    {"type", NULL},
    {"pidfile", NULL},
    {"depends-on", NULL},
    {"after", NULL},
    {"restart", NULL},
    {"crash-limit", NULL},
    {"restart-delay", NULL},
    {"restart-delay-max", NULL},
    {"restart-factor", NULL},
    {"restart-reset", NULL},
    {"restart-jitter", NULL},
    {"success-exit-codes", NULL},
    {"main", NULL},
    {"essential", NULL},
    {"start", NULL},
    {"ready", NULL},
    {"start-timeout", NULL},
    {"health", NULL},
    {"health-interval", NULL},
    {"health-timeout", NULL},
    {"health-retries", NULL},
    {"health-start-period", NULL},
    {"health-start-interval", NULL},
    {"on-unhealthy", NULL},
    {"watchdog", NULL},
    {"stop-signal", NULL},
    {"stop-timeout", NULL},
    {"kill-mode", NULL},
    {"stop-command", NULL},
    {"reload-command", NULL},
    {"reload-signal", NULL},
    {"rewrite", set_rewrite},
    {"user", NULL},
    {"group", NULL},
    {"groups", NULL},
    {"chown", NULL},
    {"mkdir", NULL},
    {"directory", NULL},
    {"umask", NULL},
    {"environment", NULL},
    {"env-file", NULL},
    {"env-from-file", NULL},
    {"clear-env", NULL},
    {"limit-nofile", NULL},
    {"limit-core", NULL},
    {"limit-nproc", NULL},
    {"limit-memlock", NULL},
    {"limit-stack", NULL},
    {"limit-as", NULL},
    {"limit-fsize", NULL},
    {"nice", NULL},
    {"oom-score-adj", NULL},
    {"ionice", NULL},
    {"capabilities", NULL},
    {"no-new-privileges", NULL},
    {"stdin", NULL},
    {"tty", NULL},
    {"stdout", NULL},
    {"stderr", NULL},
    {"instances", NULL},
};

static const struct key *find(const char *name)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(name, keys[i].name) == 0)
            return &keys[i];
    return NULL;
}

bool keys_set(struct conf *conf, const char *name, const char *value, const char *origin,
              char error[static KEY_ERROR_SIZE])
{
    const struct key *key = find(name);
    if (!key) {
        snprintf(error, KEY_ERROR_SIZE, "%s: unknown key '%s'", origin, name);
        return false;
    }
    if (!key->set) {
        snprintf(error, KEY_ERROR_SIZE, "%s: the key '%s' is not supported yet", origin, name);
        return false;
    }
    const char *wrong = key->set(conf, value);
    if (wrong)
        snprintf(error, KEY_ERROR_SIZE, "%s: '%.200s'%s", origin, value, wrong);
    return wrong == NULL;
}

bool keys_assign(struct conf *conf, const char *assignment, char error[static KEY_ERROR_SIZE])
{
    char key[64];
    char origin[80];
    size_t length = strcspn(assignment, "=");
    if (assignment[length] != '=') {
        snprintf(error, KEY_ERROR_SIZE, "-o: '%.200s' has no '=', expected KEY=VALUE", assignment);
        return false;
    }
    snprintf(key, sizeof key, "%.*s", (int)(length < 60 ? length : 60), assignment);
    snprintf(origin, sizeof origin, "-o %s", key);
    return keys_set(conf, key, assignment + length + 1, origin, error);
}
