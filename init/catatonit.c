/* catatonit 0.2: its command line, its environment, and its words as its users read them in logs.
 */
#include "init/classic_options.h"
#include "init/personality.h"
#include "init/sources.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_WRONG = 1 };

/* --- its words -------------------------------------------------------------------------------- */

static void write_prefix_of(pid_t pid, enum log_level level, char text[static MESSAGE_PREFIX_SIZE])
{
    static const char names[][6] = {"ERROR", "WARN", "INFO", "DEBUG"};
    snprintf(text, MESSAGE_PREFIX_SIZE, "%s (catatonit:%d): ", names[level], (int)pid);
}

static void write_prefix(enum log_level level, char text[static MESSAGE_PREFIX_SIZE])
{
    write_prefix_of(getpid(), level, text);
}

static void say_error(pid_t speaker, const char *text, const char *reason)
{
    char prefix[MESSAGE_PREFIX_SIZE];
    write_prefix_of(speaker > 0 ? speaker : getpid(), LEVEL_ERROR, prefix);
    message_plain(false, "%s%s%s", prefix, text, reason);
}

static void say_reaped(const struct news *news)
{
    if (news->is_main)
        return;
    if (WIFSIGNALED(news->code))
        message_say(LEVEL_DEBUG, NULL, "child process %d exited due to signal %d", (int)news->pid,
                    WTERMSIG(news->code));
    else
        message_say(LEVEL_DEBUG, NULL, "child process %d exited with code %d", (int)news->pid,
                    WEXITSTATUS(news->code));
}

static void tell(const struct news *news)
{
    switch (news->kind) {
    case NEWS_SPAWNED:
        message_say(LEVEL_DEBUG, NULL, "pid1 (%d) spawned: %s", (int)news->pid, news->command);
        break;
    case NEWS_NOT_EXECUTED:
        say_error(news->pid,
                  news->error->stage == SPAWN_EXEC ? "failed to exec pid1: "
                                                   : "failed to spawn pid1: ",
                  strerror(news->error->error));
        break;
    case NEWS_UNSENT:
        message_say(LEVEL_WARN, NULL, "forwarding of signal %d to pid1 (%d) failed: %s", news->sig,
                    (int)news->pid, strerror(news->code));
        break;
    case NEWS_REAPED:
        say_reaped(news);
        break;
    case NEWS_OVER:
        message_say(LEVEL_DEBUG, NULL, "got ECHILD: no children left to monitor");
        break;
    case NEWS_SUBREAPER:
    case NEWS_RECEIVED:
    case NEWS_FORWARDED:
    case NEWS_REWRITTEN:
    case NEWS_DETACHED:
    case NEWS_LET_PASS:
    case NEWS_STOPPING:
        break;
    }
}

static void print_usage(const char *more)
{
    message_plain(false, "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]%s", more);
}

/* --- its command line ------------------------------------------------------------------------- */

/* To ask for something prints that, and all is done. */
static void print(int letter)
{
    if (letter == 'L')
        personality_print_licence();
    else if (letter == 'V') /* docker info looks for the first two words */
        message_plain(true, "tini version 0.2.0_catatonit");
    else
        print_usage(letter == 'h'
                        ? "\n\noptions:\n"
                          "  -g              Forward signals to pid1's process group.\n"
                          "  -h              Print this help page.\n"
                          "  -L              Print license information.\n"
                          "  -P              Run in pause mode (no program is run and quit on "
                          "SIGINT).\n"
                          "  -V, --version   Print version information."
                        : "");
}

static void become_catatonit(struct settings *settings)
{
    settings->grouping = SPAWN_OWN_GROUP;
    settings->tries_shell = true;
    settings->spawn_code = personality_always_1;
    settings->own_error_code = EXIT_WRONG;
    settings->voice = tell;
    settings->prefix = write_prefix;
    settings->conf.log_level = getenv("CATATONIT_DEBUG") ? LEVEL_DEBUG : LEVEL_ERROR;
}

/* Returns false where it ends here, with options->code. */
static bool take_options(struct options *options, struct classic_options *line)
{
    int letter;
    while ((letter = classic_options_next(line)) >= 0) {
        if (letter == 'g') {
            options->settings->forward_to_group = true;
        } else if (letter == 'P') {
            options->settings->pause = true;
        } else {
            if (letter == '?')
                classic_options_complain(line);
            print(letter);
            options->code = letter == '?' ? EXIT_WRONG : 0;
            return false;
        }
    }
    return true;
}

static bool take_line(struct options *options, struct classic_options *line)
{
    static char *nothing[] = {NULL};
    struct settings *settings = options->settings;
    options->code = EXIT_WRONG;
    if (getenv("CATATONIT_LOG")) {
        say_error(0, "CATATONIT_LOG is reserved for future use", "");
        return false;
    }
    if (!take_options(options, line))
        return false;
    if (settings->pause) {
        settings->conf.stop_signals = signal_bit(SIGTERM) | signal_bit(SIGINT);
        line->words = nothing;
    } else if (!*line->words) {
        say_error(0, "missing program name", "");
        print_usage("");
        return false;
    }
    return true;
}

enum options_result catatonit_parse(struct options *options, int argc, char **argv)
{
    static const struct classic_name names[] = {{"version", 'V'}, {NULL, 0}};
    struct sources sources = {.ignores_environment = !personality_is_called(argv, "podman-init")};
    struct classic_options line = {
        .program = argv[0],
        .words = argv + 1,
        .letters = "ghLPV",
        .names = names,
        .permutes = true,
    };
    if (!sources_init(&sources, options, argc, argv))
        return OPTIONS_ERROR;
    become_catatonit(options->settings);
    if (!take_line(options, &line))
        return OPTIONS_ANSWERED;
    if (!sources_gather(&sources, line.words, NULL, NULL))
        return OPTIONS_ERROR;
    /* What a terminal sends to the background is not for the program, which has the foreground. */
    for (int sig = SIGTSTP; sig <= SIGTTOU; sig++)
        personality_rewrite(sig, 0);
    personality_use_rewrites(options->settings);
    return OPTIONS_RUN;
}
