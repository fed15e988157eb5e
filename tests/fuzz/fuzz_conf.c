/*
 * libFuzzer: any bytes as a configuration file, with everything behind the reader. It must end, be
 * clean under the sanitizers, and either be taken whole or say what is wrong.
 */
#include "conf/read.h"
#include "supervisor/graph.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool what)
{
    if (!what)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf conf;
    struct conf_errors errors;
    struct conf_reader reader;
    struct graph graph;
    struct arena arena;
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    if (!file)
        return 0;
    conf_init(&conf);
    arena_init(&arena);
    errors_init(&errors);
    errors.is_check = data[0] % 2 == 0; /* both ways; a comment chooses */
    conf_reader_init(&reader, &conf, &errors);
    conf_reader_file(&reader, file, "f");
    conf_reader_finish(&reader);
    expect(graph_init(&graph, &conf, &arena, &errors));
    expect(graph.count == conf.count);
    for (const struct service_conf *s = conf.services; s; s = s->next)
        expect(errors.count > 0 || errors.first || (s->argv && s->argv[0]));
    for (const struct conf_error *e = errors.first; e; e = e->next)
        expect(e->text[0] != '\0');
    arena_free(&arena);
    errors_free(&errors);
    conf_free(&conf);
    fclose(file);
    return 0;
}
