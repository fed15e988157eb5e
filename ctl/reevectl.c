/*
 * reevectl: sees and steers the services of a running reeve.
 */
#include "conf/value.h"
#include "ctl/client.h"
#include "ctl/escape.h"
#include "ctl/format.h"
#include "ctl/request.h"
#include "ctl/top.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was asked for. */
struct call {
    const struct row *row;
    const char *socket; /* NULL: where it is otherwise */
    int64_t deadline_ms;
    const char *timeout; /* as it was written */
    bool is_json;
    bool is_dot;
    bool in_colour;
    char **names;
    char line[REQUEST_SIZE];
    struct status_row *rows; /* of a table, in order */
    struct status_row *last;
    int answers; /* lines before the last one */
};

/* What the lines of an answer are printed as; called for each but the last. */
typedef void printer(struct call *call, struct answer *answer);

static printer collect, print_problem, print_change, print_event, print_edge;

/* One row a command. */
static const struct row {
    const char *name;
    const char *arguments;
    const char *help;
    printer *print;
    const char *options; /* the letters of those that it takes, beside the common ones */
} rows[] = {
    {"status", "[NAME...]", "show services; exit code 3 where one is not as wanted", collect, "j"},
    {"start", "NAME...|all", "start services, wait until they are up", print_problem, "jnt"},
    {"stop", "NAME...|all", "stop services, wait until they are down", print_problem, "jnt"},
    {"restart", "NAME...|all", "stop and start them again", print_problem, "jnt"},
    {"signal", "SIGNAL NAME...", "send a signal to their main processes", print_problem, ""},
    {"reload", "", "read the configuration again, restart what changed", print_change, "j"},
    {"reload-service", "NAME...", "have services read their own configuration", print_problem,
     "nt"},
    {"health", "[NAME...]", "exit code 0 where all is well, else 1", print_problem, "jlr"},
    {"events", "", "follow every change of state", print_event, "j"},
    {"top", "", "a live table in the terminal", NULL, ""},
    {"graph", "", "who waits for whom, in start order", print_edge, "jd"},
    {"shutdown", "", "stop everything, as a stop signal would", print_problem, ""},
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct {
    struct option option;
    const char *help;
} options[] = {
    {{"socket", required_argument, NULL, 's'}, "PATH of the control socket; else REEVE_CONTROL"},
    {{"json", no_argument, NULL, 'j'}, "one JSON object a line"},
    {{"no-wait", no_argument, NULL, 'n'}, "start, stop, restart, reload-service: do not wait"},
    {{"timeout", required_argument, NULL, 't'},
     "DURATION to wait at most, exit code 124 behind it"},
    {{"live", no_argument, NULL, 'l'}, "health: none has failed for good or is unhealthy"},
    {{"ready", no_argument, NULL, 'r'}, "health: all are up and known to be healthy"},
    {{"dot", no_argument, NULL, 'd'}, "graph: for Graphviz"},
    {{"help", no_argument, NULL, 'h'}, "print this"},
    {{"version", no_argument, NULL, 'V'}, "print the version"},
};

enum { OPTIONS = sizeof options / sizeof *options };

/* --- saying things ---------------------------------------------------------------------------- */

/* Texts may come from files and from the other side. */
static void print_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void print_line(FILE *out, const char *format, ...)
{
    char text[2 * ANSWER_SIZE];
    char safe[4 * ANSWER_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    escape_text(safe, sizeof safe, text);
    fprintf(out, "%s\n", safe);
}

static int fail(int code, const char *text)
{
    print_line(stderr, "reevectl: %s", text);
    return code;
}

static int fail_about(int code, const char *before, const char *word, const char *behind)
{
    print_line(stderr, "reevectl: %s'%.200s'%s", before, word, behind);
    return code;
}

static void print_help(void)
{
    puts("Usage: reevectl [OPTION...] COMMAND [ARG...]\n"
         "See and steer the services of a running reeve.\n");
    for (int i = 0; i < ROWS; i++) {
        char call[64];
        snprintf(call, sizeof call, "%s %s", rows[i].name, rows[i].arguments);
        printf("  %-26s%s\n", call, rows[i].help);
    }
    puts("");
    for (int i = 0; i < OPTIONS; i++)
        printf("  --%-24s%s\n", options[i].option.name, options[i].help);
}

/* --- the lines of an answer ------------------------------------------------------------------- */

static void collect(struct call *call, struct answer *answer)
{
    struct status_row *row = answer->kind == ANSWER_STATUS ? calloc(1, sizeof *row) : NULL;
    if (!row)
        return;
    format_row(&answer->status, row);
    if (call->last)
        call->last->next = row;
    else
        call->rows = row;
    call->last = row;
}

static void print_table(struct call *call)
{
    if (call->row->print != collect || call->is_json)
        return;
    struct status_widths widths = format_widths(call->rows);
    format_print_heading(stdout, &widths);
    putchar('\n');
    for (const struct status_row *row = call->rows; row; row = row->next) {
        format_print_row(stdout, row, &widths, call->in_colour);
        putchar('\n');
    }
}

/* One that is not as it was to become, or is not well. */
static void print_problem(struct call *call, struct answer *answer)
{
    char exit[FORMAT_EXIT_SIZE];
    const struct status *status = &answer->status;
    bool is_stop = strcmp(call->row->name, "stop") == 0;
    if (answer->kind != ANSWER_STATUS)
        return;
    bool is_right =
        is_stop ? strcmp(status->state, "down") == 0 || strcmp(status->state, "done") == 0 ||
                      strcmp(status->state, "failed") == 0
                : strcmp(status->state, "up") == 0 || strcmp(status->state, "done") == 0;
    bool is_health = strcmp(call->row->name, "health") == 0;
    if (is_right && !is_health)
        return;
    format_exit(status, exit);
    /* What is up is not well because of its health, and not of how its last run ended. */
    const char *why = strcmp(status->health, "none") == 0 ? exit : status->health;
    print_line(is_health ? stdout : stderr, "%s%s: %s%s%s",
               is_health ? "" : "reevectl: ", status->name, status->state, *why ? ", " : "", why);
}

static void print_change(struct call *call, struct answer *answer)
{
    const struct json_field *line = json_find(answer->fields, answer->count, "line", JSON_NUMBER);
    const char *file = answer_text(answer, "file");
    const char *error = answer_text(answer, "error");
    const char *warning = answer_text(answer, "warning");
    const char *text = error ? error : warning;
    const char *kind = error ? "" : "warning: ";
    (void)call;
    if (answer_text(answer, "service"))
        print_line(stdout, "%s: %s", answer_text(answer, "service"), answer_text(answer, "change"));
    else if (text && file && line)
        print_line(stderr, "%s:%lld: %s%s", file, line->number, kind, text);
    else if (text && file)
        print_line(stderr, "%s: %s%s", file, kind, text);
    else if (text)
        print_line(stderr, "reevectl: %s%s", kind, text);
}

static void print_event(struct call *call, struct answer *answer)
{
    char exit[FORMAT_EXIT_SIZE];
    char pid[32] = "";
    const struct status *status = &answer->status;
    (void)call;
    if (answer->kind != ANSWER_STATUS)
        return;
    if (status->pid >= 0)
        snprintf(pid, sizeof pid, ", pid %lld", status->pid);
    /* While one is there, or is to come, it is the end of the run before. */
    bool shows_exit = status->pid < 0 && strcmp(status->state, "starting") != 0 &&
                      strcmp(status->state, "waiting") != 0;
    format_exit(status, exit);
    print_line(stdout, "%s %s: %s%s%s%s", status->time ? status->time : "-", status->name,
               status->state, pid, shows_exit && *exit ? ", " : "", shows_exit ? exit : "");
    fflush(stdout);
}

static void print_edge(struct call *call, struct answer *answer)
{
    const char *name = answer_text(answer, "service");
    const char *after = answer_text(answer, "after");
    const char *needs = answer_text(answer, "needs");
    const char *condition = answer_text(answer, "condition");
    if (!name)
        return;
    if (call->is_dot && call->answers == 0)
        puts("digraph reeve {");
    if (call->is_dot && (after || needs))
        print_line(stdout, "    \"%s\" -> \"%s\"%s;", name, after ? after : needs,
                   after ? " [style=dashed]" : "");
    else if (call->is_dot)
        print_line(stdout, "    \"%s\";", name);
    else if (after)
        print_line(stdout, "    after %s", after);
    else if (needs)
        print_line(stdout, "    waits until %s is %s", needs, condition ? condition : "there");
    else
        print_line(stdout, "%s", name);
}

/* --- an answer -------------------------------------------------------------------------------- */

static bool is_health(const struct call *call)
{
    return strcmp(call->row->name, "health") == 0;
}

/* For Docker, which reserves 2, a health check that cannot ask is one that failed. */
static int unreachable(const struct call *call, const char *text)
{
    return fail(is_health(call) ? ANSWER_FAILED : ANSWER_UNREACHABLE, text);
}

static int conclude(struct call *call, const struct verdict *verdict)
{
    if (!verdict->error)
        print_table(call);
    if (call->is_dot && !call->is_json)
        puts(call->answers == 0 ? "digraph reeve {\n}" : "}");
    if (verdict->warning)
        fail(0, verdict->warning);
    if (verdict->error)
        fail(0, verdict->error);
    if (call->row->print == print_change && !call->is_json && call->answers == 0 &&
        verdict->code == ANSWER_DONE)
        puts("nothing is different");
    return (int)verdict->code;
}

static int time_out(const struct call *call)
{
    char text[128];
    snprintf(text, sizeof text, "not done within %.60s; what was asked for goes on", call->timeout);
    return fail(ANSWER_TIMED_OUT, text);
}

/* At once: whoever reads it may wait for each. */
static void print_json(const char *line)
{
    puts(line);
    fflush(stdout);
}

static int receive(struct call *call, struct client *client)
{
    char *line;
    struct answer answer;
    for (;; call->answers++) {
        switch (client_read(client, &line, call->deadline_ms)) {
        case CLIENT_GONE:
            return unreachable(call, "reeve has closed the connection");
        case CLIENT_TIMED_OUT:
            return time_out(call);
        case CLIENT_LINE:
            break;
        }
        char copy[CLIENT_LINE_SIZE];
        snprintf(copy, sizeof copy, "%s", line);
        answer_read(line, &answer);
        if (answer.kind == ANSWER_VERDICT)
            return conclude(call, &answer.verdict);
        if (call->is_json)
            print_json(copy);
        else
            call->row->print(call, &answer);
    }
}

static int carry_out(struct call *call)
{
    char error[CLIENT_ERROR_SIZE];
    struct client client;
    if (!client_connect(&client, call->socket, call->deadline_ms, error))
        return unreachable(call, error);
    int code;
    if (!call->row->print) {
        code = top_run(&client, call->socket, call->in_colour, error);
        if (*error)
            fail(code, error);
    } else if (client_send(&client, call->line))
        code = receive(call, &client);
    else
        code = unreachable(call, "reeve has closed the connection");
    client_close(&client);
    return code;
}

/* --- the command line ------------------------------------------------------------------------- */

/* In a line it would be none, more than one, or the end of the line and another request. */
static bool is_one_word(const char *word)
{
    return *word != '\0' && !strpbrk(word, " \r\n");
}

/* Options stand in the line behind the command, names behind "--": they may look like options. */
static int make_line(struct call *call, const char *flags)
{
    size_t length = (size_t)snprintf(call->line, sizeof call->line, "%s", call->row->name);
    bool takes_signal = strcmp(call->row->name, "signal") == 0;
    char **word = call->names;
    if (takes_signal && *word && !is_one_word(*word))
        return fail_about(ANSWER_FAILED, "", *word, " is no signal");
    if (takes_signal && *word)
        length +=
            (size_t)snprintf(call->line + length, sizeof call->line - length, " %.60s", *word++);
    length += (size_t)snprintf(call->line + length, sizeof call->line - length, "%s%s", flags,
                               *word ? " --" : "");
    for (; *word; word++) {
        if (!is_one_word(*word))
            return fail_about(ANSWER_UNKNOWN_NAME, "there is no service ", *word, "");
        if (length + strlen(*word) + 3 > sizeof call->line)
            return fail(ANSWER_FAILED, "too many names, expected fewer of them or 'all'");
        length += (size_t)sprintf(call->line + length, " %s", *word);
    }
    return 0;
}

static const struct row *find_row(const char *name)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* What getopt(3) found, as far as it needs no command. Returns -1, or an exit code. */
static int take_option(struct call *call, int letter, char *flags)
{
    const char *wrong;
    int64_t timeout_ms;
    switch (letter) {
    case 's':
        call->socket = optarg;
        return -1;
    case 'j':
        call->is_json = true;
        return -1;
    case 'd':
        call->is_dot = true;
        return -1;
    case 'n':
        strcat(flags, " --no-wait");
        return -1;
    case 'l':
        strcat(flags, " --live");
        return -1;
    case 'r':
        strcat(flags, " --ready");
        return -1;
    case 't':
        if ((wrong = value_duration(optarg, &timeout_ms)))
            return fail_about(ANSWER_FAILED, "--timeout: ", optarg, wrong);
        call->timeout = optarg;
        call->deadline_ms = client_now_ms() + timeout_ms;
        return -1;
    case 'h':
        print_help();
        return 0;
    case 'V':
        puts("reevectl " REEVE_VERSION);
        return 0;
    default:
        return fail(ANSWER_FAILED, "see reevectl --help");
    }
}

/* Returns -1 where there is something to do, else the exit code. */
static int parse(struct call *call, int argc, char **argv)
{
    struct option list[OPTIONS + 1] = {0};
    char used[OPTIONS + 2] = ""; /* each option once: a second one adds nothing */
    int count = 0;
    char flags[64] = "";
    int letter;
    for (int i = 0; i < OPTIONS; i++)
        list[i] = options[i].option;
    while ((letter = getopt_long(argc, argv, "hV", list, NULL)) >= 0) {
        bool is_new = !strchr(used, letter);
        int code = is_new || letter == 's' || letter == 't' ? take_option(call, letter, flags) : -1;
        if (code >= 0)
            return code;
        if (is_new)
            used[count++] = (char)letter;
    }
    if (optind == argc)
        return fail(ANSWER_FAILED, "no command, see reevectl --help");
    const struct row *row = find_row(argv[optind]);
    if (!row)
        return fail_about(ANSWER_FAILED, "unknown command ", argv[optind], ", see reevectl --help");
    call->row = row;
    for (const char *c = used; *c; c++)
        if (*c != 's' && !strchr(call->row->options, *c))
            return fail_about(ANSWER_FAILED, "", call->row->name, " takes no such option");
    call->names = argv + optind + 1;
    if (*call->row->arguments == '\0' && *call->names)
        return fail_about(ANSWER_FAILED, "", call->row->name, " takes no names");
    int code = make_line(call, flags);
    return code == 0 ? -1 : code;
}

int main(int argc, char **argv)
{
    static struct call call = {.row = rows, .deadline_ms = CLIENT_FOREVER};
    const char *no_color = getenv("NO_COLOR");
    call.in_colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    int code = parse(&call, argc, argv);
    if (code < 0)
        code = carry_out(&call);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == 0)
        code = fail(ANSWER_FAILED, "cannot write to standard output");
    return code;
}
