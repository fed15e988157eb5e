/* tini 0.19: its command line, its environment, and its words as its users read them in logs. */
#include "init/classic_options.h"
#include "init/personality.h"
#include "init/sources.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_WRONG = 1, EXIT_DENIED = 126, EXIT_MISSING = 127 };

/* From which verbosity on something is said. */
enum importance { SAY_FATAL, SAY_WARNING, SAY_INFO, SAY_DEBUG, SAY_TRACE };

static const char importance_names[][6] = {"FATAL", "WARN ", "INFO ", "DEBUG", "TRACE"};

static int verbosity;
static bool warns_of_orphans;

/* --- its words -------------------------------------------------------------------------------- */

static void write_prefix(enum log_level level, char text[static MESSAGE_PREFIX_SIZE])
{
    snprintf(text, MESSAGE_PREFIX_SIZE, "[%s tini (%d)] ", importance_names[level], (int)getpid());
}

/* `speaker`: whose words they are; 0: ours. */
static void say(enum importance importance, pid_t speaker, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(enum importance importance, pid_t speaker, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    if ((int)importance > verbosity)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    message_plain(importance >= SAY_INFO, "[%s tini (%d)] %s", importance_names[importance],
                  (int)(speaker > 0 ? speaker : getpid()), text);
}

static void say_not_executed(const struct news *news)
{
    const char *reason = strerror(news->error->error);
    if (news->error->stage == SPAWN_EXEC)
        say(SAY_FATAL, news->pid, "exec %s failed: %s", news->command, reason);
    else if (news->error->stage == SPAWN_TERMINAL)
        say(SAY_FATAL, news->pid, "tcsetpgrp failed: %s", reason);
    else
        say(SAY_FATAL, news->pid, "fork failed: %s", reason);
}

static void say_reaped(const struct news *news)
{
    say(SAY_DEBUG, 0, "Reaped child with pid: '%d'", (int)news->pid);
    if (!news->is_main && warns_of_orphans)
        say(SAY_WARNING, 0, "Reaped zombie process with pid=%d", (int)news->pid);
    else if (news->is_main && WIFSIGNALED(news->code))
        say(SAY_INFO, 0, "Main child exited with signal (with signal '%s')",
            strsignal(WTERMSIG(news->code)));
    else if (news->is_main)
        say(SAY_INFO, 0, "Main child exited normally (with status '%d')", WEXITSTATUS(news->code));
}

static void tell(const struct news *news)
{
    switch (news->kind) {
    case NEWS_SUBREAPER:
        say(SAY_TRACE, 0, "Registered as child subreaper");
        break;
    case NEWS_SPAWNED:
        say(SAY_INFO, 0, "Spawned child process '%s' with pid '%d'", news->command, (int)news->pid);
        break;
    case NEWS_NOT_EXECUTED:
        say_not_executed(news);
        break;
    case NEWS_RECEIVED:
        if (news->sig == SIGCHLD)
            say(SAY_DEBUG, 0, "Received SIGCHLD");
        break;
    case NEWS_FORWARDED:
        say(SAY_DEBUG, 0, "Passing signal: '%s'", strsignal(news->sig));
        break;
    case NEWS_UNSENT:
        say(SAY_WARNING, 0, "Unexpected error when forwarding signal: '%s'", strerror(news->code));
        break;
    case NEWS_REAPED:
        say_reaped(news);
        break;
    case NEWS_OVER:
        say(SAY_TRACE, 0, "No child to wait");
        say(SAY_TRACE, 0, "Exiting: child has exited");
        break;
    case NEWS_REWRITTEN:
    case NEWS_DETACHED:
    case NEWS_LET_PASS:
    case NEWS_STOPPING:
        break;
    }
}

static void print_usage(bool to_output, const char *program)
{
    const char *name = personality_base_name(program);
    message_plain(to_output,
                  "%s (tini version 0.19.0)\n"
                  "Usage: %s [OPTIONS] PROGRAM -- [ARGS] | --version\n\n"
                  "Execute a program under the supervision of a valid init process (%s)\n\n"
                  "Command line options:\n\n"
                  "  --version: Show version and exit.\n"
                  "  -h: Show this help message and exit.\n"
                  "  -s: Register as a process subreaper (requires Linux >= 3.4).\n"
                  "  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. \"-p SIGKILL\".\n"
                  "  -v: Generate more verbose output. Repeat up to 3 times.\n"
                  "  -w: Print a warning when processes are getting reaped.\n"
                  "  -g: Send signals to the child's process group.\n"
                  "  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0.\n"
                  "  -l: Show license and exit.\n\n"
                  "Environment variables:\n\n"
                  "  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).\n"
                  "  TINI_VERBOSITY: Set the verbosity level (default: 1).\n"
                  "  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.\n",
                  name, name, name);
}

/* --- its command line ------------------------------------------------------------------------- */

static int spawn_code(const struct spawn_error *error)
{
    if (error->stage != SPAWN_EXEC)
        return EXIT_WRONG;
    switch (error->error) {
    case ENOENT:
        return EXIT_MISSING;
    case EACCES:
        return EXIT_DENIED;
    default:
        return EXIT_WRONG;
    }
}

/* The names alone, with "SIG", as kill(1) has them for those that do not queue; 0: it is none. */
static int find_signal(const char *name)
{
    char known[SIGNAL_NAME_SIZE];
    for (int sig = SIGHUP; sig <= SIGSYS; sig++)
        if (strcmp(signal_name(sig, known), name) == 0)
            return sig;
    return 0;
}

static bool set_death_signal(struct settings *settings, const char *name)
{
    settings->parent_death_signal = find_signal(name);
    if (settings->parent_death_signal == 0)
        say(SAY_FATAL, 0, "Not a valid option for -p: %s", name);
    return settings->parent_death_signal != 0;
}

static bool add_expected(struct settings *settings, const char *text)
{
    char *end;
    long code = strtol(text, &end, 10);
    if (*end != '\0' || code < 0 || code > 255) {
        say(SAY_FATAL, 0, "Not a valid option for -e: %s", text);
        return false;
    }
    exit_codes_add(&settings->become_zero, (int)code);
    return true;
}

/* Returns false where it ends here, with options->code. */
static bool take_option(struct options *options, struct classic_options *line, int letter)
{
    struct settings *settings = options->settings;
    switch (letter) {
    case 's':
        settings->leaves_orphans = false;
        return true;
    case 'p':
        return set_death_signal(settings, line->value);
    case 'v':
        verbosity++;
        return true;
    case 'w':
        warns_of_orphans = true;
        return true;
    case 'g':
        settings->forward_to_group = true;
        return true;
    case 'e':
        return add_expected(settings, line->value);
    case 'h':
        print_usage(true, line->program);
        options->code = 0;
        return false;
    case 'l':
        personality_print_licence();
        options->code = 0;
        return false;
    default:
        classic_options_complain(line);
        print_usage(false, line->program);
        return false;
    }
}

static bool take_line(struct options *options, struct classic_options *line)
{
    int letter;
    options->code = EXIT_WRONG;
    while ((letter = classic_options_next(line)) >= 0)
        if (!take_option(options, line, letter))
            return false;
    if (!*line->words)
        print_usage(false, line->program);
    return *line->words != NULL;
}

static void read_environment(struct settings *settings)
{
    const char *wanted = getenv("TINI_VERBOSITY");
    if (getenv("TINI_SUBREAPER"))
        settings->leaves_orphans = false;
    if (getenv("TINI_KILL_PROCESS_GROUP"))
        settings->forward_to_group = true;
    if (wanted)
        verbosity = atoi(wanted);
    if (verbosity < 0) /* so it reads it */
        verbosity = SAY_TRACE;
}

/* What the core itself says is as important as that. */
static enum log_level core_level(void)
{
    return verbosity < LEVEL_DEBUG ? (enum log_level)verbosity : LEVEL_DEBUG;
}

static void warn_of_orphans(const struct options *options)
{
    int is_subreaper = 0; /* it may have been one before exec */
    if (options->is_pid1 || !options->settings->leaves_orphans ||
        (prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper, 0, 0, 0) == 0 && is_subreaper))
        return;
    say(SAY_WARNING, 0,
        "Tini is not running as PID 1 and isn't registered as a child subreaper.\n"
        "Zombie processes will not be re-parented to Tini, so zombie reaping won't work.\n"
        "To fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to "
        "register Tini as a child subreaper, or run Tini as PID 1.");
}

static void become_tini(struct settings *settings)
{
    settings->grouping = SPAWN_OWN_GROUP;
    settings->tries_shell = true;
    settings->leaves_orphans = true;
    settings->spawn_code = spawn_code;
    settings->own_error_code = EXIT_WRONG;
    settings->voice = tell;
    settings->prefix = write_prefix;
    verbosity = SAY_WARNING;
    warns_of_orphans = false;
}

enum options_result tini_parse(struct options *options, int argc, char **argv)
{
    struct settings *settings = options->settings;
    bool is_of_docker = personality_is_called(argv, "docker-init");
    struct sources sources = {.ignores_environment = !is_of_docker};
    struct classic_options line = {
        .program = argv[0],
        .words = argv + 1,
        .letters = "p:hvwgle:s",
        .permutes = true,
    };
    if (!sources_init(&sources, options, argc, argv))
        return OPTIONS_ERROR;
    become_tini(settings);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        /* What stands behind is shown by `docker info`. */
        message_plain(true, "tini version 0.19.0%s", is_of_docker ? " - git.reeve" : "");
        return OPTIONS_ANSWERED;
    }
    if (!take_line(options, &line))
        return OPTIONS_ANSWERED;
    read_environment(settings);
    settings->conf.log_level = core_level();
    if (!sources_gather(&sources, line.words, NULL, NULL))
        return OPTIONS_ERROR;
    if (settings->conf.log_level != core_level()) /* REEVE_LOG_LEVEL asks for another one */
        verbosity = (int)settings->conf.log_level;
    personality_rewrite(SIGTTIN, 0);
    personality_rewrite(SIGTTOU, 0);
    personality_use_rewrites(settings);
    if (!options->is_again)
        warn_of_orphans(options);
    return OPTIONS_RUN;
}
