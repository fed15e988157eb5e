/*
 * Who waits for whom: `depends-on` and `after` of all services as a graph. Pure.
 */
#pragma once

#include "conf/conf.h"

struct graph_edge {
    int to; /* the service that is waited for */
    enum condition condition;
    bool is_order_only; /* after: no failure with it */
    int line;           /* where it is written, in the file of the service that waits */
};

struct graph {
    int count;
    int name_count;                       /* one more where two names mean the same */
    const struct service_conf **services; /* in the order of the files */
    int *first_edge;                      /* edges of i: first_edge[i] up to first_edge[i + 1] */
    struct graph_edge *edges;
    int *order; /* services, each behind everything that it waits for; files decide what is free */
};

/* The word for a condition, as files have it. */
const char *graph_condition_name(enum condition condition);

/*
 * Makes the graph of `conf` in `arena`. A name that is not there, a condition that can never come
 * and a cycle are added to `errors`, each where it is written; `order` is whole all the same.
 * Returns false where there is no memory. A bare dependency gets its condition: ready, of a oneshot
 * completed.
 */
bool graph_init(struct graph *graph, const struct conf *conf, struct arena *arena,
                struct conf_errors *errors);
