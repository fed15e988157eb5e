/*
 * reeve, the init of a container: what its command line asks for.
 */
#include "init/message.h"
#include "init/personality.h"
#include "init/plan.h"
#include "init/report.h"
#include "init/run.h"
#include "init/signals.h"
#include "supervisor/graph.h"
#include "supervisor/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_CHECK_FAILED = 1 };

/* One command that waits for nobody needs no look at who waits for whom. */
static bool needs_graph(const struct settings *settings)
{
    const struct service_conf *service = settings->conf.services;
    return settings->has_files || settings->check ||
           (service && (service->depends_on || service->after));
}

/*
 * Says all that is wrong with the command line and the files, in one run, who waits for whom
 * included; with --check prints what would run where all is well. Returns 0, or the exit code.
 */
static int check(const struct settings *settings, struct conf_errors *errors)
{
    struct graph graph;
    struct arena arena;
    arena_init(&arena);
    if (needs_graph(settings) && !graph_init(&graph, &settings->conf, &arena, errors))
        errors_add(errors, (struct place){"", NO_FILE}, "out of memory");
    if (!settings->check)
        identity_check(&settings->conf, errors);
    errors_sort(errors);
    bool in_files = report_conf_errors(errors, "nothing started");
    if (errors->count == 0 && settings->check)
        plan_print(stdout, &graph, settings->is_verbose);
    arena_free(&arena);
    if (errors->count == 0)
        return 0;
    return settings->check && in_files ? EXIT_CHECK_FAILED : settings->own_error_code;
}

static int begin(struct options *options, const struct inherited_signals *inherited, pid_t self)
{
    int code = check(options->settings, options->errors);
    if (code == 0)
        code = run(options->settings, inherited, self);
    return code < 0 ? options->settings->own_error_code : code;
}

static int carry_out(enum options_result result, struct options *options,
                     const struct inherited_signals *inherited, pid_t self)
{
    switch (result) {
    case OPTIONS_RUN:
        return begin(options, inherited, self);
    case OPTIONS_CHECK:
    case OPTIONS_ERROR:
        return check(options->settings, options->errors);
    case OPTIONS_HELP:
        options_print_help(stdout);
        return 0;
    case OPTIONS_HELP_KEY:
        options_print_key(stdout, options->key);
        return 0;
    case OPTIONS_VERSION:
        puts("reeve " REEVE_VERSION);
        return 0;
    case OPTIONS_ANSWERED:
        return options->code;
    }
    return options->settings->own_error_code;
}

/* Services and JSON are reeve's own, whatever it was called as. */
static void speak_as(const struct settings *settings)
{
    bool is_own = settings->has_files || settings->conf.log_format == FORMAT_JSON;
    message_setup(settings->conf.log_level, settings->conf.log_format);
    message_set_prefix(is_own ? NULL : settings->prefix);
    news_set_voice(is_own ? NULL : settings->voice);
}

int main(int argc, char **argv)
{
    static struct settings settings;
    struct inherited_signals inherited;
    signals_block(&inherited); /* first of all, see there */
    pid_t self = getpid();
    struct conf_errors errors;
    struct options options = {.settings = &settings, .errors = &errors, .is_pid1 = self == 1};
    errors_init(&errors);
    enum options_result result = personality_find(argv[0])(&options, argc, argv);
    speak_as(&settings);
    int code = carry_out(result, &options, &inherited, self);
    if (fflush(stdout) != 0 && code == 0) { /* help, or what would run */
        message_say(LEVEL_ERROR, NULL, "cannot write to standard output: %s", strerror(errno));
        code = EXIT_CHECK_FAILED;
    }
    errors_free(&errors);
    conf_free(&settings.conf);
    return code;
}
