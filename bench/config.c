/*
 * How long it takes to read 1000 services, and what they cost:
 *     cc -std=gnu17 -D_GNU_SOURCE -O2 -I. bench/config.c conf/[a-z]*.c supervisor/graph.c -linih
 */
#include "conf/read.h"
#include "supervisor/graph.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SERVICES = 1000, RUNS = 21 };

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static char *make_services(void)
{
    char *text = malloc((size_t)SERVICES * 256);
    char *end = text;
    for (int i = 0; text && i < SERVICES; i++)
        end += sprintf(end,
                       "[service worker-%d]\ncommand = /usr/bin/worker --queue jobs-%d --port %d\n"
                       "restart = always\n%s%d\n",
                       i, i, 10000 + i, i > 0 ? "depends-on = worker-" : "# first ",
                       i > 0 ? i - 1 : 0);
    return text;
}

int main(void)
{
    double read_ms[RUNS];
    double graph_ms[RUNS];
    size_t bytes = 0;
    char *text = make_services();
    if (!text)
        return 1;
    for (int run = 0; run < RUNS; run++) {
        struct conf conf;
        struct conf_errors errors;
        struct conf_reader reader;
        struct graph graph;
        struct arena arena;
        FILE *file = fmemopen(text, strlen(text), "r");
        if (!file)
            return 1;
        conf_init(&conf);
        arena_init(&arena);
        errors_init(&errors);
        errors.is_check = true;
        double begin = now_ms();
        conf_reader_init(&reader, &conf, &errors);
        conf_reader_file(&reader, file, "services.ini");
        conf_reader_finish(&reader);
        double middle = now_ms();
        bool done = graph_init(&graph, &conf, &arena, &errors) && errors.count == 0;
        graph_ms[run] = now_ms() - middle;
        read_ms[run] = middle - begin;
        bytes = conf.arena.total;
        arena_free(&arena);
        errors_free(&errors);
        conf_free(&conf);
        fclose(file);
        if (!done)
            return 1;
    }
    qsort(read_ms, RUNS, sizeof *read_ms, compare);
    qsort(graph_ms, RUNS, sizeof *graph_ms, compare);
    printf("%d services: read in %.2f ms, ordered in %.2f ms (medians of %d), %.0f bytes each\n",
           SERVICES, read_ms[RUNS / 2], graph_ms[RUNS / 2], RUNS, (double)bytes / SERVICES);
    free(text);
    return 0;
}
