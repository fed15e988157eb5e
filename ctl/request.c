#include "ctl/request.h"

#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One row a command, in the order of the enum. */
static const struct {
    char name[16];
    bool waits;       /* it can wait until it is done */
    bool takes_names; /* of services */
    bool needs_names;
} rows[COMMANDS] = {
    [COMMAND_STATUS] = {.name = "status", .takes_names = true},
    [COMMAND_START] = {.name = "start", .waits = true, .takes_names = true, .needs_names = true},
    [COMMAND_STOP] = {.name = "stop", .waits = true, .takes_names = true, .needs_names = true},
    [COMMAND_RESTART] = {.name = "restart",
                         .waits = true,
                         .takes_names = true,
                         .needs_names = true},
    [COMMAND_SIGNAL] = {.name = "signal", .takes_names = true, .needs_names = true},
    [COMMAND_RELOAD] = {.name = "reload"},
    [COMMAND_RELOAD_SERVICE] = {.name = "reload-service",
                                .waits = true,
                                .takes_names = true,
                                .needs_names = true},
    [COMMAND_HEALTH] = {.name = "health", .takes_names = true},
    [COMMAND_EVENTS] = {.name = "events"},
    [COMMAND_GRAPH] = {.name = "graph"},
    [COMMAND_SHUTDOWN] = {.name = "shutdown"},
};

const char *command_name(enum command command)
{
    return rows[command].name;
}

/* The next word of a line, ended by a NUL; NULL where there is none. */
static char *take_word(char **line)
{
    char *word = *line + strspn(*line, " ");
    if (*word == '\0')
        return NULL;
    *line = word + strcspn(word, " ");
    if (**line != '\0')
        *(*line)++ = '\0';
    return word;
}

static bool find_command(const char *word, enum command *command)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(rows[i].name, word) == 0) {
            *command = (enum command)i;
            return true;
        }
    return false;
}

/* Returns false where the command knows no such option. */
static bool take_option(struct request *request, const char *word)
{
    if (rows[request->command].waits && strcmp(word, "--no-wait") == 0)
        request->waits = false;
    else if (request->command == COMMAND_HEALTH && strcmp(word, "--live") == 0)
        request->question = HEALTH_LIVE;
    else if (request->command == COMMAND_HEALTH && strcmp(word, "--ready") == 0)
        request->question = HEALTH_READY;
    else
        return false;
    return true;
}

static bool fail(char error[static REQUEST_ERROR_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool fail(char error[static REQUEST_ERROR_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, REQUEST_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

static bool has_name(const struct request *request, const char *name)
{
    const char *one = request->names;
    for (int i = 0; i < request->count; i++, one = request_next_name(one))
        if (strcmp(one, name) == 0)
            return true;
    return false;
}

/*
 * Takes the signal, the options and the names, which are moved together. A name that is there
 * already is left out: a line has room for "all" a thousand times, and each would take as long as
 * all services do.
 */
static bool take_words(struct request *request, char *line, char error[static REQUEST_ERROR_SIZE])
{
    char *end = line;
    char *word;
    request->names = line;
    if (request->command == COMMAND_SIGNAL) {
        if (!(word = take_word(&line)))
            return fail(error, "signal needs a signal and names of services");
        if (value_signal(word, &request->sig))
            return fail(error, "'%.60s' is no signal", word);
    }
    bool has_options = true;
    while ((word = take_word(&line))) {
        if (has_options && *word == '-') {
            has_options = strcmp(word, "--") != 0;
            if (has_options && !take_option(request, word))
                return fail(error, "unknown option '%.60s'", word);
            continue;
        }
        if (has_name(request, word))
            continue;
        size_t size = strlen(word) + 1;
        memmove(end, word, size);
        end += size;
        request->count++;
    }
    return true;
}

bool request_parse(char *line, struct request *request, char error[static REQUEST_ERROR_SIZE])
{
    char *word = take_word(&line);
    *request = (struct request){.command = COMMAND_STATUS};
    if (!word)
        return fail(error, "empty line, expected a command");
    if (!find_command(word, &request->command))
        return fail(error, "unknown command '%.60s'", word);
    request->waits = rows[request->command].waits;
    if (!take_words(request, line, error))
        return false;
    if (request->count > 0 && !rows[request->command].takes_names)
        return fail(error, "%s takes no names", rows[request->command].name);
    if (request->count == 0 && rows[request->command].needs_names)
        return fail(error, "%s needs names of services", rows[request->command].name);
    return true;
}

const char *request_next_name(const char *name)
{
    return name + strlen(name) + 1;
}
