#include "ctl/session.h"

#include "supervisor/outcome.h"
#include "supervisor/spawn.h"
#include "supervisor/state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void session_init(struct session *session, struct control *control, int fd, uint64_t bit)
{
    session->control = control;
    session->bit = bit;
    session->is_greeted = session->is_busy = session->is_following = false;
    session->is_deferred = session->is_remembering = false;
    session->reloads = 0;
    connection_init(&session->connection, fd);
}

static int count_of(const struct session *session)
{
    return session->control->supervisor->count;
}

static const struct service *service_at(const struct session *session, int number)
{
    return supervisor_service(session->control->supervisor, number);
}

static bool watches(const struct session *session, int number)
{
    return (service_at(session, number)->watchers & session->bit) != 0;
}

static void watch(struct session *session, int number, bool does)
{
    uint64_t watchers = service_at(session, number)->watchers & ~session->bit;
    supervisor_set_watchers(session->control->supervisor, number,
                            watchers | (does ? session->bit : 0));
}

static void forget_reloads(struct session *session)
{
    for (int i = 0; session->reloads > 0 && i < RELOAD_COMMANDS; i++)
        if (session->control->reload_commands[i].for_whom == session)
            session->control->reload_commands[i].for_whom = NULL;
}

void session_fini(struct session *session)
{
    forget_reloads(session);
    for (int i = 0; i < count_of(session); i++)
        watch(session, i, false);
    if (session->control->for_whom == session)
        session->control->for_whom = NULL;
    connection_fini(&session->connection);
}

/* --- lines of an answer ----------------------------------------------------------------------- */

/* What one long answer takes, and more. */
enum { QUEUE_SIZE = 65536, QUEUE_SIZE_PER_SERVICE = 512 };

static void say(struct session *session, const char *line, size_t length)
{
    size_t most = QUEUE_SIZE + (size_t)count_of(session) * QUEUE_SIZE_PER_SERVICE;
    connection_queue(&session->connection, line, length, most);
}

static void say_json(struct session *session, struct json *json)
{
    size_t length = json_end(json);
    say(session, json->text, length);
}

static void say_verdict(struct session *session, const struct verdict *verdict)
{
    char line[ANSWER_SIZE];
    say(session, line, answer_verdict(line, sizeof line, verdict));
    session->is_busy = false;
}

static void say_failure(struct session *session, enum answer_code code, const char *error)
{
    say_verdict(session, &(struct verdict){.code = code, .error = error});
}

static void say_done(struct session *session)
{
    say_verdict(session, &(struct verdict){.code = ANSWER_DONE});
}

static void say_service(struct session *session, int number, int64_t now_ms)
{
    char line[ANSWER_SIZE];
    struct json json;
    json_begin(&json, line, sizeof line);
    answer_service(&json, service_at(session, number),
                   supervisor_wants_up(session->control->supervisor, number), now_ms);
    say_json(session, &json);
}

/* --- which services --------------------------------------------------------------------------- */

static bool find(const struct session *session, const char *name, int *first, int *end)
{
    const struct supervisor *supervisor = session->control->supervisor;
    *first = 0;
    *end = supervisor->count;
    return strcmp(name, "all") == 0 || supervisor_find_named(supervisor, name, first, end);
}

/* Returns false, and has answered, where a name means nothing: then nothing is done at all. */
static bool find_all(struct session *session)
{
    int first;
    int end;
    char error[160];
    const char *name = session->request.names;
    for (int i = 0; i < session->request.count; i++, name = request_next_name(name)) {
        if (find(session, name, &first, &end))
            continue;
        snprintf(error, sizeof error, "there is no service '%.100s'", name);
        say_failure(session, ANSWER_UNKNOWN_NAME, error);
        return false;
    }
    return true;
}

/* Calls `visit` for each service that the request names; of one without names for every service. */
static void each(struct session *session, void (*visit)(struct session *session, int number))
{
    int first = 0;
    int end = count_of(session);
    const char *name = session->request.count > 0 ? session->request.names : "all";
    for (int i = 0; i < session->request.count || i == 0; i++, name = request_next_name(name)) {
        find(session, name, &first, &end);
        for (int number = first; number < end; number++)
            if (!supervisor_is_gone(session->control->supervisor, number))
                visit(session, number);
    }
}

/* --- status, health --------------------------------------------------------------------------- */

static void show(struct session *session, int number)
{
    bool is_wanted = supervisor_wants_up(session->control->supervisor, number);
    if (!answer_is_as_wanted(service_at(session, number), is_wanted))
        session->code = ANSWER_NOT_AS_WANTED;
    say_service(session, number, session->control->ops->clock_ms());
}

static void carry_out_status(struct session *session)
{
    session->code = ANSWER_DONE;
    each(session, show);
    say_verdict(session, &(struct verdict){.code = session->code});
}

/* Up, or at the end of a oneshot that has ended well. */
static bool serves(const struct service *service)
{
    return service->state == SERVICE_UP ||
           (service->state == SERVICE_DONE && service->conf->type == TYPE_ONESHOT);
}

/* Where it has a check. */
static bool is_known_to_be_well(const struct service *service)
{
    return !service_is_checked(service) || service->health == VERDICT_HEALTHY;
}

static bool is_well(const struct session *session, const struct service *service)
{
    switch (session->request.question) {
    case HEALTH_LIVE:
        return service->state != SERVICE_FAILED && service->health != VERDICT_UNHEALTHY;
    case HEALTH_SERVING: /* as with Docker, one may be that has not passed a check yet */
        return serves(service) && service->health != VERDICT_UNHEALTHY;
    case HEALTH_READY:
        return serves(service) && is_known_to_be_well(service);
    }
    return false;
}

/* Nobody has started or stopped it yet, and it is started by hand only. */
static bool was_never_to_run(const struct service *service)
{
    return service->state == SERVICE_DOWN && service->reason == REASON_NONE &&
           !service->conf->starts && !service->has_ended;
}

/* Of a service that was named, or that all depends on. */
static void look_at_health(struct session *session, int number)
{
    const struct service *service = service_at(session, number);
    bool counts =
        session->request.count > 0 ||
        ((service->conf->is_essential || service->conf->is_main) && !was_never_to_run(service));
    if (!counts || is_well(session, service))
        return;
    session->code = ANSWER_FAILED;
    say_service(session, number, session->control->ops->clock_ms());
}

static void carry_out_health(struct session *session)
{
    session->code = ANSWER_DONE;
    each(session, look_at_health);
    say_verdict(session, &(struct verdict){.code = session->code});
}

/* --- start, stop, restart --------------------------------------------------------------------- */

static bool is_remembered(const struct service *service)
{
    return service->conf->restart->policy == RESTART_UNLESS_STOPPED;
}

static void note_remembered(struct session *session, int number)
{
    session->is_remembering = session->is_remembering || is_remembered(service_at(session, number));
}

/* In the child: its exit code is an errno. */
static int remembering_error;

static void remember(struct session *session, int number)
{
    const struct service *service = service_at(session, number);
    int error = is_remembered(service) ? state_dir_set(session->control->state_dir, service->name,
                                                       session->request.command == COMMAND_STOP)
                                       : 0;
    if (remembering_error == 0)
        remembering_error = error;
}

/* What it depends on is started with it. */
static void each_concerned(struct session *session,
                           void (*visit)(struct session *session, int number))
{
    each(session, visit);
    for (int i = 0; session->request.command != COMMAND_STOP && i < count_of(session); i++)
        if (supervisor_has_order(session->control->supervisor, i))
            visit(session, i);
}

static int remember_all(void *session)
{
    each_concerned(session, remember);
    return remembering_error;
}

static void warn_forgotten(struct session *session, int error)
{
    snprintf(session->warning, sizeof session->warning, "cannot remember it in %s: %s",
             session->control->state_dir, strerror(error));
}

/*
 * A disk may take its time, which we have not: a child waits for it. One at a time, so that the
 * last order of several for one service is the one that is remembered. It looks at services, which
 * no other child does.
 */
static void begin_remembering(struct session *session)
{
    struct control *control = session->control;
    struct spawn_error error;
    supervisor_share(control->supervisor, true);
    pid_t pid = spawn_task(remember_all, session, &error);
    supervisor_share(control->supervisor, false);
    if (pid < 0) {
        warn_forgotten(session, error.error);
        session->is_remembering = false;
        return;
    }
    control->remembering = pid;
    control->for_whom = session;
}

static void order(struct session *session, int number)
{
    static const enum supervisor_order orders[COMMANDS] = {
        [COMMAND_START] = ORDER_START,
        [COMMAND_STOP] = ORDER_STOP,
        [COMMAND_RESTART] = ORDER_RESTART,
    };
    supervisor_order(session->control->supervisor, number, orders[session->request.command]);
    watch(session, number, session->request.waits);
}

/* Who has nothing to be remembered does not wait for the disk of others. */
static void carry_out_order(struct session *session)
{
    if (session->control->supervisor->shutdown.phase != SHUTDOWN_RUNNING) {
        session->is_deferred = session->is_remembering = false;
        say_failure(session, ANSWER_FAILED, "reeve is stopping");
        return;
    }
    session->is_remembering = false;
    each(session, note_remembered);
    session->is_deferred = session->is_remembering && session->control->remembering != 0;
    if (session->is_deferred)
        return;
    session->code = ANSWER_DONE;
    session->warning[0] = '\0';
    each(session, order);
    each_concerned(session, note_remembered);
    if (session->is_remembering && session->control->remembering == 0)
        begin_remembering(session);
    else
        session->is_remembering = false;
}

/* What was ordered has been done, or cannot be any more. */
static bool is_settled(const struct session *session, int number)
{
    if (supervisor_has_order(session->control->supervisor, number))
        return false;
    switch ((enum service_state)service_at(session, number)->state) {
    case SERVICE_UP:
    case SERVICE_DOWN:
    case SERVICE_BACKOFF:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return true;
    case SERVICE_WAITING:
    case SERVICE_STARTING:
    case SERVICE_STOPPING:
        return false;
    }
    return false;
}

static bool has_come_right(const struct session *session, const struct service *service)
{
    if (session->request.command == COMMAND_STOP)
        return service_is_at_rest(service);
    return service->state == SERVICE_UP || service->state == SERVICE_DONE;
}

static void settle(struct session *session, int number, int64_t now_ms)
{
    if (!watches(session, number) || !is_settled(session, number))
        return;
    watch(session, number, false);
    if (!has_come_right(session, service_at(session, number)))
        session->code = ANSWER_FAILED;
    say_service(session, number, now_ms);
}

static bool is_waiting(const struct session *session)
{
    if (session->is_deferred || session->is_remembering)
        return true;
    for (int i = 0; i < count_of(session); i++)
        if (watches(session, i))
            return true;
    return false;
}

static void remembering_ended(struct control *control, int wait_status)
{
    struct session *session = control->for_whom;
    control->remembering = 0;
    control->for_whom = NULL;
    if (!session)
        return;
    session->is_remembering = false;
    if (wait_status != 0)
        warn_forgotten(session, WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : EINTR);
}

/* --- events ----------------------------------------------------------------------------------- */

static void say_event(struct session *session, const struct service *service, int64_t now_ms)
{
    char line[ANSWER_SIZE];
    struct json json;
    int number = supervisor_number_of(session->control->supervisor, service);
    json_begin(&json, line, sizeof line);
    json_now(&json, "ts");
    answer_service(&json, service, supervisor_wants_up(session->control->supervisor, number),
                   now_ms);
    say_json(session, &json);
}

void session_note_change(struct session *session, const struct service *service, int64_t now_ms)
{
    if (session->is_following)
        say_event(session, service, now_ms);
    else if (service->watchers & session->bit)
        settle(session, supervisor_number_of(session->control->supervisor, service), now_ms);
}

/* --- signal, reload-service ------------------------------------------------------------------- */

static void say_problem(struct session *session, const char *service, const char *problem)
{
    size_t length = strlen(session->warning);
    session->code = ANSWER_FAILED;
    snprintf(session->warning + length, sizeof session->warning - length, "%s%.60s: %s",
             length > 0 ? "; " : "", service, problem);
}

static void note_error(struct session *session, const char *service, int error)
{
    if (error != 0)
        say_problem(session, service, error == ESRCH ? "does not run" : strerror(error));
}

static void send_signal(struct session *session, int number, int sig)
{
    const struct service *service = service_at(session, number);
    const struct control *control = session->control;
    note_error(session, service->name,
               service->pid == 0 ? ESRCH : control->ops->signal(control->data, service, sig));
}

static void signal_one(struct session *session, int number)
{
    send_signal(session, number, session->request.sig);
}

static struct reload_command *find_reload_command(struct control *control, pid_t pid)
{
    for (int i = 0; i < RELOAD_COMMANDS; i++)
        if (control->reload_commands[i].pid == pid)
            return &control->reload_commands[i];
    return NULL;
}

/* Returns 0, or an errno. */
static int run_reload_command(struct session *session, const struct service *service)
{
    struct control *control = session->control;
    struct reload_command *command = find_reload_command(control, 0);
    struct spawn_error error;
    if (!command)
        return EAGAIN;
    pid_t pid = control->ops->run_reload_command(control->data, service, &error);
    if (pid < 0)
        return error.error;
    command->pid = pid;
    command->for_whom = session->request.waits ? session : NULL;
    session->reloads += session->request.waits;
    snprintf(command->service, sizeof command->service, "%s", service->name);
    return 0;
}

static void reload_command_ended(struct control *control, struct reload_command *command,
                                 int wait_status)
{
    char outcome[OUTCOME_TEXT_SIZE];
    char problem[OUTCOME_TEXT_SIZE + 32];
    struct session *session = command->for_whom;
    control->ops->reload_command_ended(control->data, command->service, wait_status);
    command->pid = 0;
    command->for_whom = NULL;
    if (!session)
        return;
    session->reloads--;
    snprintf(problem, sizeof problem, "its reload-command %s",
             outcome_describe(wait_status, outcome));
    if (wait_status != 0)
        say_problem(session, command->service, problem);
}

static void reload_one(struct session *session, int number)
{
    const struct service *service = service_at(session, number);
    const struct stop_conf *conf = service->conf->stop;
    if (conf->reload_command && service->pid != 0)
        note_error(session, service->name, run_reload_command(session, service));
    else if (conf->reload_command || conf->reload_signal != 0)
        send_signal(session, number, conf->reload_signal);
    else
        say_problem(session, service->name, "has neither a reload-command nor a reload-signal");
}

static void finish_signals(struct session *session)
{
    if (session->reloads > 0)
        return;
    say_verdict(session, &(struct verdict){
                             .code = session->code,
                             .error = session->code == ANSWER_DONE ? NULL : session->warning,
                         });
}

static void signal_all(struct session *session, void (*send)(struct session *session, int number))
{
    session->code = ANSWER_DONE;
    session->warning[0] = '\0';
    each(session, send);
    finish_signals(session);
}

/* --- children --------------------------------------------------------------------------------- */

bool control_has_child(struct control *control, pid_t pid)
{
    return pid == control->remembering || find_reload_command(control, pid);
}

bool control_child_ended(struct control *control, pid_t pid, int wait_status)
{
    struct reload_command *command = find_reload_command(control, pid);
    if (pid == control->remembering)
        remembering_ended(control, wait_status);
    else if (command)
        reload_command_ended(control, command, wait_status);
    else
        return false;
    return true;
}

void control_lost_children(struct control *control)
{
    static const int lost = 1 << 8; /* exit code 1 */
    if (control->remembering != 0)
        control_child_ended(control, control->remembering, lost);
    for (int i = 0; i < RELOAD_COMMANDS; i++)
        if (control->reload_commands[i].pid != 0)
            reload_command_ended(control, &control->reload_commands[i], lost);
}

/* --- reload ----------------------------------------------------------------------------------- */

static void say_conf_error(void *data, const struct conf_error *error)
{
    char line[ANSWER_SIZE];
    struct json json;
    json_begin(&json, line, sizeof line);
    json_string(&json, "file", error->place.line == NO_FILE ? NULL : error->place.file);
    if (error->place.line > 0)
        json_number(&json, "line", error->place.line);
    else
        json_null(&json, "line");
    json_string(&json, error->is_warning ? "warning" : "error", error->text);
    say_json(data, &json);
}

static void say_reloaded(void *data, const char *service, enum supervisor_reloaded what)
{
    static const char words[][12] = {
        [RELOADED_ADDED] = "added",
        [RELOADED_REMOVED] = "removed",
        [RELOADED_CHANGED] = "changed",
        [RELOADED_RESTARTED] = "restarted",
    };
    char line[ANSWER_SIZE];
    struct json json;
    json_begin(&json, line, sizeof line);
    json_string(&json, "service", service);
    json_string(&json, "change", words[what]);
    say_json(data, &json);
}

static void carry_out_reload(struct session *session)
{
    const struct reload_listener listener = {session, say_conf_error, say_reloaded};
    const struct control *control = session->control;
    if (control->ops->reload(control->data, &listener))
        say_done(session);
    else
        say_failure(session, ANSWER_FAILED, "nothing was changed");
}

/* --- graph ------------------------------------------------------------------------------------ */

static void say_edge(struct session *session, const char *name, const struct graph_edge *edge)
{
    const struct graph *graph = &session->control->supervisor->graph;
    char line[ANSWER_SIZE];
    struct json json;
    json_begin(&json, line, sizeof line);
    json_string(&json, "service", name);
    if (edge) {
        json_string(&json, edge->is_order_only ? "after" : "needs",
                    graph->services[edge->to]->name);
        json_string(&json, "condition",
                    edge->is_order_only ? NULL : graph_condition_name(edge->condition));
    }
    say_json(session, &json);
}

/* Each service in start order, and behind it what it waits for. */
static void carry_out_graph(struct session *session)
{
    const struct graph *graph = &session->control->supervisor->graph;
    for (int n = 0; n < graph->count; n++) {
        int node = graph->order[n];
        say_edge(session, graph->services[node]->name, NULL);
        for (int e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++)
            say_edge(session, graph->services[node]->name, &graph->edges[e]);
    }
    say_done(session);
}

/* --- a request -------------------------------------------------------------------------------- */

static void carry_out(struct session *session)
{
    const struct control *control = session->control;
    if (!find_all(session))
        return;
    switch (session->request.command) {
    case COMMAND_STATUS:
        carry_out_status(session);
        break;
    case COMMAND_START:
    case COMMAND_STOP:
    case COMMAND_RESTART:
        carry_out_order(session);
        break;
    case COMMAND_SIGNAL:
        signal_all(session, signal_one);
        break;
    case COMMAND_RELOAD_SERVICE:
        signal_all(session, reload_one);
        break;
    case COMMAND_RELOAD:
        carry_out_reload(session);
        break;
    case COMMAND_HEALTH:
        carry_out_health(session);
        break;
    case COMMAND_EVENTS:
        session->is_following = true;
        break;
    case COMMAND_GRAPH:
        carry_out_graph(session);
        break;
    case COMMAND_SHUTDOWN:
        say_done(session);
        control->ops->shutdown(control->data);
        break;
    case COMMANDS:
        break;
    }
}

static void greet(struct session *session)
{
    char line[ANSWER_SIZE];
    struct json json;
    session->is_greeted = strcmp(session->line, REQUEST_GREETING) == 0;
    if (!session->is_greeted) {
        say_failure(session, ANSWER_FAILED, "expected '" REQUEST_GREETING "' as the first line");
        session->connection.is_closing = true;
        return;
    }
    json_begin(&json, line, sizeof line);
    json_number(&json, "reeve", 1);
    json_string(&json, "version", REEVE_VERSION);
    say_json(session, &json);
}

static void handle_line(struct session *session)
{
    char error[REQUEST_ERROR_SIZE];
    size_t length = strlen(session->line);
    if (length > 0 && session->line[length - 1] == '\r')
        session->line[length - 1] = '\0';
    if (!session->is_greeted) {
        greet(session);
        return;
    }
    session->is_busy = true;
    if (request_parse(session->line, &session->request, error))
        carry_out(session);
    else
        say_failure(session, ANSWER_FAILED, error);
}

void session_finish(struct session *session, int64_t now_ms)
{
    if (!session->is_busy || session->is_following)
        return;
    if (session->request.command == COMMAND_RELOAD_SERVICE) {
        finish_signals(session);
        return;
    }
    for (int i = 0; i < count_of(session); i++)
        settle(session, i, now_ms);
    if (is_waiting(session))
        return;
    bool warns = session->warning[0] != '\0';
    say_verdict(session, &(struct verdict){.code = session->code,
                                           .warning = warns ? session->warning : NULL});
}

bool session_work(struct session *session)
{
    struct connection *connection = &session->connection;
    bool has_worked = false;
    bool is_too_long = false;
    if (session->is_deferred && session->control->remembering == 0) {
        session->is_deferred = false;
        carry_out(session);
        has_worked = true;
    }
    /* Where there is no room left for it nothing is read, and it would go without our notice. */
    if (session->is_following)
        connection_forget_input(connection);
    /* Who does not read its answers gets no more of them. */
    while (!session->is_busy && !connection->is_closing && !connection_has_output(connection) &&
           connection_take_line(connection, session->line, &is_too_long)) {
        handle_line(session);
        connection_send(connection);
        has_worked = true;
    }
    if (is_too_long && !connection->is_closing) {
        say_failure(session, ANSWER_FAILED, "the line is too long");
        connection->is_closing = true;
    }
    return has_worked;
}
