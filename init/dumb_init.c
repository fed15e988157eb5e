/* dumb-init 1.2.5: its command line, its environment, and its words as its users read them in logs.
 */
#include "init/classic_options.h"
#include "init/personality.h"
#include "init/sources.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* It knows no real-time signals. */
enum { LAST_SIGNAL = 31, EXIT_WRONG = 1, EXIT_NOT_EXECUTED = 2 };

static bool is_verbose;
static bool has_ended; /* the command */

/* --- its words -------------------------------------------------------------------------------- */

static void write_prefix(enum log_level level, char text[static MESSAGE_PREFIX_SIZE])
{
    (void)level;
    strcpy(text, "[dumb-init] ");
}

#define SAY(...) message_say(LEVEL_ERROR, NULL, __VA_ARGS__)

static void say_not_executed(const struct news *news)
{
    int error = news->error->error;
    if (news->error->stage == SPAWN_EXEC)
        message_plain(false, "[dumb-init] %s: %s", news->command, strerror(error));
    else if (news->error->stage == SPAWN_SESSION)
        SAY("Unable to setsid (errno=%d %s). Exiting.", error, strerror(error));
    else
        SAY("Unable to fork. Exiting.");
}

static void say_detached(const struct news *news)
{
    if (news->code != 0)
        SAY("Unable to detach from controlling tty (errno=%d %s).", news->code,
            strerror(news->code));
    else if (news->is_leader)
        SAY("Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive.");
    else
        SAY("Detached from controlling tty, but was not session leader.");
}

static void say_reaped(const struct news *news)
{
    has_ended |= news->is_main;
    if (!is_verbose)
        return;
    if (WIFSIGNALED(news->code))
        SAY("A child with PID %d was terminated by signal %d.", (int)news->pid,
            WTERMSIG(news->code));
    else
        SAY("A child with PID %d exited with exit status %d.", (int)news->pid,
            WEXITSTATUS(news->code));
}

/* What is asked to end when the command has ended need not be there, or ours. */
static void say_unsent(const struct news *news)
{
    if (!has_ended)
        SAY("Unable to forward signal %d to children (errno=%d %s).", news->sig, news->code,
            strerror(news->code));
}

static void tell_at_length(const struct news *news)
{
    switch (news->kind) {
    case NEWS_DETACHED:
        say_detached(news);
        break;
    case NEWS_SPAWNED:
        SAY("Child spawned with PID %d.", (int)news->pid);
        break;
    case NEWS_RECEIVED:
        SAY("Received signal %d.", news->sig);
        break;
    case NEWS_LET_PASS:
        SAY("Ignoring tty hand-off signal %d.", news->sig);
        break;
    case NEWS_REWRITTEN:
        SAY("Translating signal %d to %d.", news->sig, news->code);
        if (news->code == 0)
            SAY("Not forwarding signal 0 to children (ignored).");
        break;
    case NEWS_FORWARDED:
        SAY("Forwarded signal %d to children.", news->sig);
        break;
    case NEWS_STOPPING:
        SAY("Suspending self due to TTY signal.");
        break;
    case NEWS_OVER:
        SAY("Child exited with status %d. Goodbye.", news->code);
        break;
    case NEWS_NOT_EXECUTED:
    case NEWS_UNSENT:
    case NEWS_REAPED:
    case NEWS_SUBREAPER:
        break;
    }
}

static void tell(const struct news *news)
{
    if (news->kind == NEWS_NOT_EXECUTED)
        say_not_executed(news);
    else if (news->kind == NEWS_UNSENT)
        say_unsent(news);
    else if (news->kind == NEWS_REAPED)
        say_reaped(news);
    else if (is_verbose)
        tell_at_length(news);
}

static void tell_session(int error)
{
    if (!is_verbose)
        return;
    if (error != 0)
        SAY("Unable to attach to controlling tty (errno=%d %s).", error, strerror(error));
    SAY("setsid complete.");
}

/* --- its command line ------------------------------------------------------------------------- */

static void print_help(const char *program)
{
    message_plain(false,
                  "dumb-init v1.2.5\n"
                  "Usage: %s [option] command [[arg] ...]\n\n"
                  "dumb-init is a simple process supervisor that forwards signals to children.\n"
                  "It is designed to run as PID1 in minimal container environments.\n\n"
                  "Optional arguments:\n"
                  "   -c, --single-child   Run in single-child mode.\n"
                  "                        In this mode, signals are only proxied to the\n"
                  "                        direct child and not any of its descendants.\n"
                  "   -r, --rewrite s:r    Rewrite received signal s to new signal r before "
                  "proxying.\n"
                  "                        To ignore (not proxy) a signal, rewrite it to 0.\n"
                  "                        This option can be specified multiple times.\n"
                  "   -v, --verbose        Print debugging information to stderr.\n"
                  "   -h, --help           Print this help message and exit.\n"
                  "   -V, --version        Print the current version and exit.\n\n"
                  "Full help is available online at https://github.com/Yelp/dumb-init",
                  program);
}

static bool add_rewrite(const char *text)
{
    char *colon;
    char *end = NULL;
    long from = strtol(text, &colon, 10);
    long to = *colon == ':' ? strtol(colon + 1, &end, 10) : -1;
    if (from >= 1 && from <= LAST_SIGNAL && to >= 0 && to <= LAST_SIGNAL && end > colon + 1) {
        personality_rewrite((int)from, (int)to);
        return true;
    }
    message_plain(false,
                  "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and "
                  "31.\nThis option can be specified multiple times.\n"
                  "Use --help for full usage.");
    return false;
}

/* Nobody looks after a session of its own: who is stopped by its terminal there is stopped by
 * nothing but STOP. */
static void add_stops(void)
{
    for (int sig = SIGTSTP; sig <= SIGTTOU; sig++)
        if (!personality_rewrites(sig))
            personality_rewrite(sig, SIGSTOP);
}

static int spawn_code(const struct spawn_error *error)
{
    return error->stage == SPAWN_EXEC ? EXIT_NOT_EXECUTED : EXIT_WRONG;
}

static bool is_variable(const char *name, const char *value)
{
    const char *found = getenv(name);
    return found && strcmp(found, value) == 0;
}

static void become_dumb_init(struct settings *settings, bool is_single)
{
    if (is_variable("DUMB_INIT_DEBUG", "1")) {
        is_verbose = true;
        SAY("Running in debug mode.");
    }
    if (is_variable("DUMB_INIT_SETSID", "0")) {
        is_single = true;
        if (is_verbose)
            SAY("Not running in setsid mode.");
    }
    if (!is_single)
        add_stops();
    settings->grouping = is_single ? SPAWN_OUR_GROUP : SPAWN_OWN_SESSION;
    settings->on_session = is_single ? NULL : tell_session;
    settings->forward_to_group = !is_single;
    settings->asks_left = true;
    settings->stops_itself = true;
    settings->leaves_orphans = true;
    settings->tries_shell = true;
    settings->spawn_code = spawn_code;
    settings->own_error_code = EXIT_WRONG;
    settings->voice = tell;
    settings->prefix = write_prefix;
    settings->conf.log_level = LEVEL_ERROR;
}

/* Options that print something end it all: returns the exit code then, else -1. */
static int take_options(struct classic_options *line, bool *is_single)
{
    int letter;
    while ((letter = classic_options_next(line)) >= 0) {
        switch (letter) {
        case 'c':
            *is_single = true;
            break;
        case 'v':
            is_verbose = true;
            break;
        case 'r':
            if (!add_rewrite(line->value))
                return EXIT_WRONG;
            break;
        case 'h':
            print_help(line->program);
            return 0;
        case 'V':
            message_plain(false, "dumb-init v1.2.5");
            return 0;
        default:
            classic_options_complain(line);
            return EXIT_WRONG;
        }
    }
    if (*line->words)
        return -1;
    message_plain(false,
                  "Usage: %s [option] program [args]\n"
                  "Try %s --help for full usage.",
                  line->program, line->program);
    return EXIT_WRONG;
}

enum options_result dumb_init_parse(struct options *options, int argc, char **argv)
{
    static const struct classic_name names[] = {{"help", 'h'},    {"single-child", 'c'},
                                                {"rewrite", 'r'}, {"verbose", 'v'},
                                                {"version", 'V'}, {NULL, 0}};
    struct sources sources = {.ignores_environment = true};
    struct classic_options line = {
        .program = argv[0],
        .words = argv + 1,
        .letters = "hvVcr:",
        .names = names,
    };
    bool is_single = false;
    if (!sources_init(&sources, options, argc, argv))
        return OPTIONS_ERROR;
    message_set_prefix(write_prefix);
    options->code = take_options(&line, &is_single);
    if (options->code >= 0)
        return OPTIONS_ANSWERED;
    become_dumb_init(options->settings, is_single);
    if (!sources_gather(&sources, line.words, NULL, NULL))
        return OPTIONS_ERROR;
    personality_use_rewrites(options->settings);
    return OPTIONS_RUN;
}
