#include "init/plan.h"

#include "init/plan_identity.h"

#include "ctl/escape.h"

#include <stdlib.h>
#include <string.h>

static const char *type_name(const struct service_conf *service)
{
    switch ((enum service_type)service->type) {
    case TYPE_SIMPLE:
        return "";
    case TYPE_ONESHOT:
        return ", oneshot";
    case TYPE_FORKING:
        return ", forking";
    }
    return "";
}

/* A word as a shell, or a configuration file, would take it. */
static void print_word(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=,+@%";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    size_t size = 4 * strlen(word) + 1; /* the longest escape of a byte is \xNN */
    char *text = malloc(size);
    if (!text)
        return;
    escape_text(text, size, word);
    fputc('\'', out);
    for (const char *c = text; *c; c++)
        fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, out);
    fputc('\'', out);
    free(text);
}

static void print_service(FILE *out, const struct graph *graph, int index)
{
    const struct service_conf *service = graph->services[index];
    fprintf(out, "%s%s%s%s:", service->name, type_name(service), service->is_main ? ", main" : "",
            service->starts ? "" : ", started by hand");
    if (service->instances > 0)
        fprintf(out, " %d instance%s:", service->instances, service->instances == 1 ? "" : "s");
    for (char *const *word = service->argv; word && *word; word++) {
        fputc(' ', out);
        print_word(out, *word);
    }
    fputc('\n', out);
    for (int i = graph->first_edge[index]; i < graph->first_edge[index + 1]; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        const char *name = graph->services[edge->to]->name;
        if (edge->is_order_only)
            fprintf(out, "    after %s\n", name);
        else
            fprintf(out, "    waits until %s is %s\n", name, graph_condition_name(edge->condition));
    }
}

void plan_print(FILE *out, const struct graph *graph, bool is_verbose)
{
    for (int i = 0; i < graph->count; i++) {
        print_service(out, graph, graph->order[i]);
        if (is_verbose)
            plan_print_identity(out, graph->services[graph->order[i]]);
    }
}
