#include "supervisor/child_env.h"

#include "conf/env_file.h"
#include "supervisor/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_LINE = 65536,   /* bytes of a line in a file of variables */
    MOST_SECRET = 65536, /* bytes of a file that is one variable */
};

/* Asked of each variable, several times, for each child: most differ in their first byte. */
static bool has_prefix(const char *text, const char *prefix)
{
    while (*prefix && *text == *prefix) {
        text++;
        prefix++;
    }
    return *prefix == '\0';
}

static bool is_for_child(const char *variable, bool is_command)
{
    if (has_prefix(variable, "REEVE_"))
        return has_prefix(variable, "REEVE_CONTROL=");
    return is_command ||
           !(has_prefix(variable, "LISTEN_PID=") || has_prefix(variable, "LISTEN_FDS=") ||
             has_prefix(variable, "LISTEN_FDNAMES=") || has_prefix(variable, "NOTIFY_SOCKET=") ||
             has_prefix(variable, "WATCHDOG_PID=") || has_prefix(variable, "WATCHDOG_USEC="));
}

/* Writes only what changes: the memory of a child is copied where it is written to. */
static void keep(char **place, char *variable)
{
    if (*place != variable)
        *place = variable;
}

/* Allocates nothing. */
static void keep_what_is_for_child(bool is_command)
{
    static const char listen_pid[] = "LISTEN_PID=";
    static char listen_child[sizeof listen_pid + 12];
    char **kept = environ;
    for (char **variable = environ; *variable; variable++) {
        if (!is_for_child(*variable, is_command))
            continue;
        const char *value = *variable;
        if (has_prefix(value, listen_pid) &&
            strtol(value + sizeof listen_pid - 1, NULL, 10) == getppid()) {
            snprintf(listen_child, sizeof listen_child, "%s%d", listen_pid, (int)getpid());
            *variable = listen_child;
        }
        keep(kept++, *variable);
    }
    keep(kept, NULL);
}

/* Puts NAME=VALUE into the environment; false with errno. */
static bool put(const char *text, int instance)
{
    const char *variable = instance_text(text, instance);
    char *name = variable ? strdup(variable) : NULL;
    char *equals = name ? strchr(name, '=') : NULL;
    if (equals)
        *equals = '\0';
    bool is_put = equals && setenv(name, equals + 1, 1) == 0;
    free(name);
    return is_put;
}

/* A line of a file that has a NAME alone: from the environment of reeve, where it is there. */
static bool put_ours(const char *name, char *const *ours)
{
    size_t length = strlen(name);
    for (; *ours; ours++)
        if (has_prefix(*ours, name) && (*ours)[length] == '=')
            return setenv(name, *ours + length + 1, 1) == 0;
    return true;
}

/*
 * Reads a line without its end; returns false at the end of the file. A line that is too long, or
 * has a NUL in it, which would end it silently, is wrong: errno says why, else it is 0.
 */
static bool read_line(FILE *file, char line[static MOST_LINE])
{
    size_t length = 0;
    int byte;
    errno = 0;
    while ((byte = getc(file)) != EOF && byte != '\n') {
        if (byte == '\0')
            errno = EINVAL;
        else if (length < MOST_LINE - 1)
            line[length++] = (char)byte;
        else
            errno = E2BIG;
    }
    line[length] = '\0';
    return byte != EOF || length > 0 || errno != 0;
}

/* What editors may put before the first line. */
static char *skip_byte_order_mark(char *line)
{
    static const char mark[] = "\xEF\xBB\xBF";
    return has_prefix(line, mark) ? line + sizeof mark - 1 : line;
}

static const char *look_up(const char *name)
{
    return getenv(name);
}

/* Variables in it are those of the child, as they are by now. */
static bool put_value(const char *name, const char *value)
{
    struct words_source source = {.lookup = look_up};
    struct arena arena;
    char error[WORDS_ERROR_SIZE];
    arena_init(&arena);
    value = env_file_value(&arena, value, &source, error);
    bool is_put = value && setenv(name, value, 1) == 0;
    arena_free(&arena);
    if (!value)
        errno = EBADMSG;
    return is_put;
}

/* Carries out a line; returns false with errno. */
static bool put_line(char *line, char *const *ours)
{
    const char *name;
    const char *value;
    switch (env_file_line(line, &name, &value)) {
    case ENV_LINE_NONE:
        return true;
    case ENV_LINE_VARIABLE:
        return put_value(name, value);
    case ENV_LINE_NAME:
        return put_ours(name, ours);
    case ENV_LINE_BAD:
        break;
    }
    errno = EINVAL;
    return false;
}

/* Returns false with errno, and with error->line where a line of it is wrong. */
static bool put_lines(FILE *file, char *const *ours, struct spawn_error *error)
{
    char line[MOST_LINE];
    for (int number = 1; read_line(file, line); number++) {
        if (errno == 0 && put_line(number == 1 ? skip_byte_order_mark(line) : line, ours))
            continue;
        if (errno == EINVAL || errno == E2BIG || errno == EBADMSG)
            error->line = number;
        return false;
    }
    return !ferror(file);
}

static bool put_file(const struct env_item *item, int instance, char *const *ours,
                     struct spawn_error *error)
{
    const char *path = instance_text(item->path, instance);
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return path && item->may_be_missing && errno == ENOENT;
    bool is_put = put_lines(file, ours, error);
    int put_error = errno;
    fclose(file);
    errno = put_error;
    return is_put;
}

/*
 * All of the file but a newline at its end. Only the child ever has it in its memory. False with
 * errno: EINVAL where there is a NUL in it, E2BIG where it is too long.
 */
static bool put_secret(const struct env_item *item, int instance)
{
    static char value[MOST_SECRET + 1];
    const char *path = instance_text(item->path, instance);
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return false;
    errno = 0;
    size_t length = fread(value, 1, sizeof value, file);
    bool is_read = !ferror(file);
    int read_error = errno;
    fclose(file);
    errno = is_read ? length == sizeof value ? E2BIG : EINVAL : read_error;
    if (!is_read || length == sizeof value || memchr(value, '\0', length))
        return false;
    if (length > 0 && value[length - 1] == '\n')
        length--;
    value[length] = '\0';
    return setenv(item->text, value, 1) == 0;
}

static bool put_item(const struct env_item *item, int instance, char *const *ours,
                     struct spawn_error *error)
{
    switch (item->kind) {
    case ENV_VARIABLE:
        return put(item->text, instance);
    case ENV_FILE:
        return put_file(item, instance, ours, error);
    case ENV_SECRET:
        return put_secret(item, instance);
    }
    return true;
}

static bool put_notify_socket(const char *address)
{
    return !address || setenv("NOTIFY_SOCKET", address, 1) == 0;
}

static bool put_number(const char *name, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    return setenv(name, text, 1) == 0;
}

/* As sd_watchdog_enabled(3) reads them: without a pid they are for whoever has them, and that of a
 * daemon is not known yet. */
static bool put_watchdog(int64_t watchdog_ms, bool leaves_daemon)
{
    return watchdog_ms == 0 || (put_number("WATCHDOG_USEC", watchdog_ms * 1000) &&
                                (leaves_daemon || put_number("WATCHDOG_PID", getpid())));
}

static bool put_main_pid(pid_t pid)
{
    return pid == 0 || put_number("MAINPID", pid);
}

/* Which variables there are before the first is put: setenv() changes the list itself. */
static char **copy_list(char *const *variables)
{
    size_t count = 0;
    while (variables[count])
        count++;
    char **copy = calloc(count + 1, sizeof *copy);
    return copy ? memcpy(copy, variables, count * sizeof *copy) : NULL;
}

/* A number without an entry has no name: root's is not left over. */
static bool put_user(const struct identity *identity)
{
    if (!identity || !identity->names_user)
        return true;
    const struct account *account = &identity->account;
    if (*account->name == '\0')
        return unsetenv("USER") == 0 && unsetenv("LOGNAME") == 0 &&
               setenv("HOME", account->home, 1) == 0 && setenv("SHELL", account->shell, 1) == 0;
    return setenv("USER", account->name, 1) == 0 && setenv("LOGNAME", account->name, 1) == 0 &&
           setenv("HOME", account->home, 1) == 0 && setenv("SHELL", account->shell, 1) == 0;
}

static bool put_items(const struct spawn *spawn, const struct identity *identity,
                      struct spawn_error *error)
{
    const struct environment_conf *conf = spawn->service->environment;
    static char *empty[] = {NULL};
    char **ours = conf->items ? copy_list(environ) : NULL;
    bool is_put = !conf->items || ours;
    if (conf->clear)
        environ = empty;
    error->item = 0;
    is_put = is_put && put_user(identity);
    for (const struct env_item *item = conf->items; item && is_put; item = item->next) {
        is_put = put_item(item, spawn->instance, ours, error);
        error->item += is_put;
    }
    free(ours);
    return is_put;
}

bool child_env_make(const struct spawn *spawn, const struct identity *identity,
                    struct spawn_error *error)
{
    keep_what_is_for_child(spawn->is_command);
    bool is_made = put_items(spawn, identity, error) && put_notify_socket(spawn->notify_socket) &&
                   put_watchdog(spawn->watchdog_ms, spawn->leaves_daemon) &&
                   put_main_pid(spawn->main_pid);
    error->stage = SPAWN_ENVIRONMENT;
    error->error = errno;
    return is_made;
}
