/* The keys of a service that say when it is ready, and whether it is well. */
#include "conf/setters.h"

#include <string.h>

DEFINE_OWN(ready)
DEFINE_OWN(health)

static const char *behind(const char *word, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

/* HOST:PORT or [HOST]:PORT, up to `end`; without a port `standard` is taken, where there is one. */
static bool read_address(struct assignment *a, const char *word, const char *text, size_t length,
                         const char *standard, struct probe *probe)
{
    static const char wrong[] = " has no HOST:PORT";
    const char *end = text + length;
    const char *host = text;
    const char *host_end = memchr(text, ':', length);
    const char *port = host_end;
    if (*text == '[') {
        host++;
        host_end = memchr(text, ']', length);
        port = host_end && host_end + 1 < end ? host_end + 1 : NULL;
        if (!host_end || (port && *port != ':'))
            return refuse(a, word, wrong);
    }
    if (!port && !standard)
        return refuse(a, word, wrong);
    if (!host_end)
        host_end = end;
    char digits[8] = "";
    int number;
    size_t port_length = port ? (size_t)(end - port - 1) : strlen(standard);
    if (host == host_end || port_length >= sizeof digits)
        return refuse(a, word, wrong);
    memcpy(digits, port ? port + 1 : standard, port_length);
    if (value_number(digits, 1, 65535, &number))
        return refuse(a, word, " has no port from 1 to 65535");
    probe->host = new_text(a, host, (size_t)(host_end - host));
    probe->port = new_text(a, digits, strlen(digits));
    return probe->host && probe->port;
}

static bool read_tcp(struct assignment *a, const char *rest, struct probe *probe)
{
    probe->kind = PROBE_TCP;
    return read_address(a, a->words->word[0], rest, strlen(rest), NULL, probe);
}

static bool read_unix(struct assignment *a, const char *rest, struct probe *probe)
{
    probe->kind = PROBE_UNIX;
    if (*rest != '/')
        return refuse(a, a->words->word[0], " has no absolute path behind unix:");
    probe->path = new_text(a, rest, strlen(rest));
    return probe->path != NULL;
}

static bool read_http(struct assignment *a, const char *rest, struct probe *probe)
{
    size_t length = strcspn(rest, "/");
    const char *path = rest[length] ? rest + length : "/";
    probe->kind = PROBE_HTTP;
    probe->path = new_text(a, path, strlen(path));
    return probe->path && read_address(a, a->words->word[0], rest, length, "80", probe);
}

/* exec:WORDS: the program is what is left of the first word, or the next one. */
static bool read_exec(struct assignment *a, const char *rest, struct probe *probe)
{
    int first = *rest ? 0 : 1;
    if (a->words->count == first)
        return refuse(a, a->words->word[0], " has no program behind exec:");
    probe->kind = PROBE_EXEC;
    char *const *argv = keep_argv(a, first);
    if (argv && first == 0)
        memmove(argv[0], argv[0] + strlen("exec:"), strlen(rest) + 1);
    probe->argv = argv;
    return argv != NULL;
}

static bool read_fd(struct assignment *a, const char *rest, struct probe *probe)
{
    probe->kind = PROBE_FD;
    return accept_word(a, a->words->word[0],
                       value_number(rest, 3, 1023, &probe->number)
                           ? " has no descriptor behind fd:, expected a number from 3 to 1023"
                           : NULL);
}

static bool read_after(struct assignment *a, const char *rest, struct probe *probe)
{
    probe->kind = PROBE_AFTER;
    return accept_word(a, a->words->word[0],
                       value_duration(rest, &probe->ms)
                           ? " has no duration behind after:, expected for example after:500ms"
                           : NULL);
}

struct probe_form {
    const char *prefix;
    bool (*read)(struct assignment *a, const char *rest, struct probe *probe);
};

/* One word of a form in the table, or exec: with more words. */
static bool read_form(struct assignment *a, const struct probe_form *forms, size_t count,
                      const char *expected, struct probe *probe)
{
    *probe = (struct probe){.kind = PROBE_NONE};
    if (a->words->count == 0)
        return refuse(a, NULL, "the value is empty");
    for (size_t i = 0; i < count; i++) {
        const char *rest = behind(a->words->word[0], forms[i].prefix);
        if (!rest)
            continue;
        if (forms[i].read != read_exec && !only_word(a))
            return false;
        return forms[i].read(a, rest, probe);
    }
    return refuse(a, a->words->word[0], expected);
}

static bool read_ready(struct assignment *a, struct probe *probe)
{
    static const struct probe_form forms[] = {{"exec:", read_exec},
                                              {"tcp:", read_tcp},
                                              {"unix:", read_unix},
                                              {"fd:", read_fd},
                                              {"after:", read_after}};
    *probe = (struct probe){.kind = PROBE_NONE};
    if (a->words->count == 1 && strcmp(a->words->word[0], "started") == 0)
        return true;
    if (a->words->count == 1 && strcmp(a->words->word[0], "notify") == 0) {
        probe->kind = PROBE_NOTIFY;
        return true;
    }
    return read_form(a, forms, sizeof forms / sizeof *forms,
                     " is no readiness, expected started, notify, fd:N, tcp:HOST:PORT, unix:PATH, "
                     "exec:WORDS or after:DURATION",
                     probe);
}

static bool read_health(struct assignment *a, struct probe *probe)
{
    static const struct probe_form forms[] = {
        {"exec:", read_exec}, {"tcp:", read_tcp}, {"unix:", read_unix}, {"http://", read_http}};
    return read_form(a, forms, sizeof forms / sizeof *forms,
                     " is no health check, expected exec:WORDS, tcp:HOST:PORT, unix:PATH or "
                     "http://HOST[:PORT]/PATH",
                     probe);
}

static bool read_retries(struct assignment *a, int *retries)
{
    return read_number(a, 1, 1000000000, retries);
}

static bool read_on_unhealthy(struct assignment *a, enum unhealthy_action *action)
{
    static const char *const actions[] = {"restart", "ignore", "stop"};
    int index;
    if (!read_choice(a, actions, 3, " is no answer, expected restart, ignore or stop", &index))
        return false;
    *action = (enum unhealthy_action)index;
    return true;
}

DEFINE_SET(set_ready, ready, probe, struct probe, read_ready)
DEFINE_SET(set_pidfile, ready, pidfile, const char *, read_absolute_path)
DEFINE_SET(set_start_timeout, ready, timeout_ms, int64_t, read_duration)
DEFINE_SET(set_health, health, probe, struct probe, read_health)
DEFINE_SET(set_health_interval, health, interval_ms, int64_t, read_some_duration)
DEFINE_SET(set_health_timeout, health, timeout_ms, int64_t, read_some_duration)
DEFINE_SET(set_health_retries, health, retries, int, read_retries)
DEFINE_SET(set_health_start_period, health, start_period_ms, int64_t, read_duration)
DEFINE_SET(set_health_start_interval, health, start_interval_ms, int64_t, read_some_duration)
DEFINE_SET(set_on_unhealthy, health, on_unhealthy, enum unhealthy_action, read_on_unhealthy)
DEFINE_SET(set_watchdog, health, watchdog_ms, int64_t, read_some_duration)
