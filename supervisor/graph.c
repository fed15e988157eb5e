#include "supervisor/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names ------------------------------------------------------------------------------------ */

struct named {
    const char *name;
    int index;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* With a command in place of the main service both names mean it. */
static struct named *sort_names(struct graph *graph, const struct conf *conf, struct arena *scratch)
{
    struct named *names = arena_alloc(scratch, ((size_t)graph->count + 1) * sizeof *names);
    graph->name_count = graph->count;
    for (int i = 0; names && i < graph->count; i++)
        names[i] = (struct named){graph->services[i]->name, i};
    for (int i = 0; names && conf->replaced_main && i < graph->count; i++)
        if (graph->services[i] == conf->main)
            names[graph->name_count++] = (struct named){conf->replaced_main, i};
    if (names)
        qsort(names, (size_t)graph->name_count, sizeof *names, compare_names);
    return names;
}

/* The service of this name, -1 where there is none. */
static int find(const struct graph *graph, const struct named *names, const char *name)
{
    struct named key = {name, 0};
    const struct named *found =
        bsearch(&key, names, (size_t)graph->name_count, sizeof key, compare_names);
    return found ? found->index : -1;
}

/* --- conditions -------------------------------------------------------------------------- */

static enum condition settle(enum condition condition, const struct service_conf *service)
{
    if (condition != CONDITION_DEFAULT)
        return condition;
    return service->type == TYPE_ONESHOT ? CONDITION_COMPLETED : CONDITION_READY;
}

/* Why the condition of `service` can never come, or NULL. */
static const char *find_fault(enum condition condition, const struct service_conf *service)
{
    bool is_oneshot = service->type == TYPE_ONESHOT;
    bool goes_on = service->restart->policy == RESTART_ALWAYS ||
                   service->restart->policy == RESTART_UNLESS_STOPPED;
    switch (condition) {
    case CONDITION_READY:
        return is_oneshot ? "a oneshot is never ready, expected completed" : NULL;
    case CONDITION_HEALTHY:
        return service->health->probe.kind == PROBE_NONE ? "it has no health check" : NULL;
    case CONDITION_COMPLETED:
        if (!is_oneshot)
            return "only a oneshot completes";
        return goes_on ? "it is restarted whenever it ends" : NULL;
    case CONDITION_DEFAULT:
    case CONDITION_STARTED:
        return NULL;
    }
    return NULL;
}

/* --- edges ------------------------------------------------------------------------------- */

static int count_edges(const struct service_conf *service)
{
    int count = 0;
    for (const struct dependency *d = service->depends_on; d; d = d->next)
        count++;
    for (const struct text_list *a = service->after; a; a = a->next)
        count++;
    return count;
}

static struct place place_of(const struct service_conf *service, int line)
{
    if (service->place.line == NO_FILE)
        return service->place;
    return (struct place){service->place.file, line > 0 ? line : service->place.line};
}

/* Adds the edge of one dependency; returns how many that are, none or one. */
static int add_dependency(struct graph *graph, const struct named *names, int from,
                          const struct dependency *dependency, struct graph_edge *edge,
                          struct conf_errors *errors)
{
    const struct service_conf *service = graph->services[from];
    struct place place = place_of(service, service->depends_on_line);
    int to = find(graph, names, dependency->name);
    if (to < 0) {
        errors_add(errors, place, "[service %s] depends-on: '%s' is no service", service->name,
                   dependency->name);
        return 0;
    }
    enum condition condition = settle(dependency->condition, graph->services[to]);
    const char *fault = find_fault(condition, graph->services[to]);
    if (graph->services[to]->is_uncertain)
        fault = NULL; /* it may be there where it is known, or was complained about */
    if (fault && graph->services[to]->place.line == NO_FILE) {
        /* A command in place of the main service: it can be started, and no more is known. */
        condition = CONDITION_STARTED;
        fault = NULL;
    }
    if (fault)
        errors_add(errors, place,
                   "[service %s] depends-on: the condition of '%s' can never come: %s",
                   service->name, dependency->name, fault);
    if (!graph->services[to]->starts)
        errors_warn(errors, place,
                    "[service %s] depends-on: '%s' is started by hand only, until then "
                    "it waits",
                    service->name, dependency->name);
    *edge = (struct graph_edge){.to = to, .condition = condition, .line = service->depends_on_line};
    return 1;
}

static void add_edges(struct graph *graph, const struct named *names, struct conf_errors *errors)
{
    int count = 0;
    for (int i = 0; i < graph->count; i++) {
        const struct service_conf *service = graph->services[i];
        graph->first_edge[i] = count;
        for (const struct dependency *d = service->depends_on; d; d = d->next)
            count += add_dependency(graph, names, i, d, &graph->edges[count], errors);
        for (const struct text_list *a = service->after; a; a = a->next) {
            int to = find(graph, names, a->text);
            if (to >= 0) /* else it is not configured, which is no fault */
                graph->edges[count++] = (struct graph_edge){
                    .to = to, .is_order_only = true, .line = service->after_line};
        }
    }
    graph->first_edge[graph->count] = count;
}

/* --- order and cycles -------------------------------------------------------------------- */

enum mark { UNSEEN, ON_PATH, FINISHED };

struct walk {
    enum mark *mark;
    int *path; /* from where the walk began to where it is; a stack, since a chain can be long */
    int *edge; /* of each service on the path: the next edge to follow */
    int depth;
    int ordered;
};

/* Text that is cut where it is full. */
struct cut_text {
    char text[512];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void append(struct cut_text *text, const char *format,
                                                         ...)
{
    va_list arguments;
    size_t room = sizeof text->text - text->length;
    va_start(arguments, format);
    int length = vsnprintf(text->text + text->length, room, format, arguments);
    va_end(arguments);
    text->length += length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
}

/* Where a service that stands inside of a cycle waits for the next one. */
static void append_place(struct cut_text *text, const struct service_conf *service, int line,
                         const char *file)
{
    if (service->place.line == NO_FILE)
        append(text, " (command line)");
    else if (strcmp(service->place.file, file) == 0)
        append(text, " (line %d)", line);
    else
        append(text, " (%.60s:%d)", service->place.file, line);
}

/* The path from `first` on leads back to it. */
static void add_cycle(const struct graph *graph, const struct walk *walk, int first,
                      struct conf_errors *errors)
{
    struct cut_text text = {.length = 0};
    int at = 0;
    while (walk->path[at] != first)
        at++;
    const struct service_conf *begin = graph->services[first];
    const struct graph_edge *begin_edge = &graph->edges[walk->edge[at] - 1];
    for (int i = at; i < walk->depth; i++) {
        const struct service_conf *service = graph->services[walk->path[i]];
        if (text.length > sizeof text.text - 150) {
            append(&text, "... -> ");
            break;
        }
        append(&text, "%.48s", service->name);
        if (i > at)
            append_place(&text, service, graph->edges[walk->edge[i] - 1].line, begin->place.file);
        append(&text, " -> ");
    }
    errors_add(errors, place_of(begin, begin_edge->line), "[service %.48s] %s: cycle: %s%.48s",
               begin->name, begin_edge->is_order_only ? "after" : "depends-on", text.text,
               begin->name);
}

static void enter(struct graph *graph, struct walk *walk, int service)
{
    walk->mark[service] = ON_PATH;
    walk->edge[walk->depth] = graph->first_edge[service];
    walk->path[walk->depth++] = service;
}

/* A depth-first walk: a service comes into the order when all that it waits for is there. */
static void walk_from(struct graph *graph, struct walk *walk, int start, struct conf_errors *errors)
{
    enter(graph, walk, start);
    while (walk->depth > 0) {
        int service = walk->path[walk->depth - 1];
        int *next = &walk->edge[walk->depth - 1];
        if (*next == graph->first_edge[service + 1]) {
            walk->mark[service] = FINISHED;
            graph->order[walk->ordered++] = service;
            walk->depth--;
            continue;
        }
        int to = graph->edges[(*next)++].to;
        switch (walk->mark[to]) {
        case UNSEEN:
            enter(graph, walk, to);
            break;
        case ON_PATH:
            add_cycle(graph, walk, to, errors);
            break;
        case FINISHED:
            break;
        }
    }
}

static bool sort_services(struct graph *graph, struct arena *scratch, struct conf_errors *errors)
{
    size_t count = (size_t)graph->count;
    struct walk walk = {
        .mark = arena_alloc(scratch, count * sizeof *walk.mark),
        .path = arena_alloc(scratch, count * sizeof *walk.path),
        .edge = arena_alloc(scratch, count * sizeof *walk.edge),
    };
    if (!walk.mark || !walk.path || !walk.edge)
        return false;
    for (int i = 0; i < graph->count; i++)
        if (walk.mark[i] == UNSEEN)
            walk_from(graph, &walk, i, errors);
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool build(struct graph *graph, const struct conf *conf, struct arena *arena,
                  struct arena *scratch, struct conf_errors *errors)
{
    size_t count = (size_t)conf->count;
    size_t edges = 0;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
    graph->services = arena_alloc(arena, (count + 1) * sizeof *graph->services);
    graph->first_edge = arena_alloc(arena, (count + 1) * sizeof *graph->first_edge);
    graph->order = arena_alloc(arena, (count + 1) * sizeof *graph->order);
    if (!graph->services || !graph->first_edge || !graph->order)
        return false;
    for (const struct service_conf *service = conf->services; service; service = service->next) {
        graph->services[graph->count++] = service;
        edges += (size_t)count_edges(service);
    }
    graph->edges = arena_alloc(arena, (edges + 1) * sizeof *graph->edges);
    struct named *names = sort_names(graph, conf, scratch);
    if (!graph->edges || !names)
        return false;
    add_edges(graph, names, errors);
    return sort_services(graph, scratch, errors);
}

const char *graph_condition_name(enum condition condition)
{
    switch (condition) {
    case CONDITION_STARTED:
        return "started";
    case CONDITION_HEALTHY:
        return "healthy";
    case CONDITION_COMPLETED:
        return "completed";
    case CONDITION_DEFAULT:
    case CONDITION_READY:
        return "ready";
    }
    return "?";
}

bool graph_init(struct graph *graph, const struct conf *conf, struct arena *arena,
                struct conf_errors *errors)
{
    char room[256]; /* enough for the one command */
    struct arena scratch;
    *graph = (struct graph){.count = 0};
    arena_init_in(&scratch, room, sizeof room);
    bool is_built = build(graph, conf, arena, &scratch, errors);
    arena_free(&scratch);
    return is_built;
}
