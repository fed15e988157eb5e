/*
 * What a probe that connects to a service has found: in words, and on its way from the child that
 * has found it to who has forked that.
 */
#pragma once

#include "conf/conf.h"

#include <sys/types.h>

enum probe_found {
    FOUND_WELL,    /* http: `number` is the status of the answer */
    FOUND_STATUS,  /* an answer by HTTP that is not well: the same */
    FOUND_NO_HTTP, /* an answer, but none by HTTP */
    FOUND_END,     /* the connection ended before there was an answer */
    FOUND_NO_HOST, /* there is no such host */
    FOUND_ERROR,   /* `number` is an errno */
};

struct probe_finding {
    enum probe_found found;
    int number;
};

/* --- in words --------------------------------------------------------------------------------- */

enum {
    PROBE_REASON_SIZE = 256,
    PROBE_AUTHORITY_SIZE = 256 + 16, /* a name by DNS's limits, brackets and a port */
};

/*
 * One line, in words that follow the name of the service: "GET http://127.0.0.1:8080/healthz
 * answered 503". Text of the configuration in it is cut where it is long, and never has a control
 * character; there is no text of the service's. Returns `reason`.
 */
const char *probe_finding_describe(const struct probe_finding *finding, const struct probe *probe,
                                   char reason[static PROBE_REASON_SIZE]);

/* Of a probe for tcp or http: HOST:PORT as URLs have it, for http without port 80. */
void probe_authority(const struct probe *probe, char authority[static PROBE_AUTHORITY_SIZE]);

/* --- on its way ------------------------------------------------------------------------------- */

/* With which it exits, then. */
enum { PROBE_FAILED_CODE = 1 };

/*
 * Memory that is shared with the children, with a place for each pid that now and then more than
 * one has. A program that a child executes has it no more.
 */
struct probe_board;

/* NULL where there is no memory. */
struct probe_board *probe_board_new(void);

/* In the child. There may be no board. */
void probe_board_note(struct probe_board *board, const struct probe_finding *finding);

/* Returns false where no child with this pid has noted anything. */
bool probe_board_look(const struct probe_board *board, pid_t pid, struct probe_finding *finding);
