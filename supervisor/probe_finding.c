#include "supervisor/probe_finding.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    WHAT_SIZE = 200, /* leaves room in the reason for what was found */
    PLACES = 256,    /* less than a page of memory */
};

struct probe_board {
    struct {
        pid_t pid;
        struct probe_finding finding;
    } places[PLACES];
};

/* --- in words --------------------------------------------------------------------------------- */

void probe_authority(const struct probe *probe, char authority[static PROBE_AUTHORITY_SIZE])
{
    bool has_colons = strchr(probe->host, ':') != NULL;
    bool has_port = probe->kind != PROBE_HTTP || strcmp(probe->port, "80") != 0;
    snprintf(authority, PROBE_AUTHORITY_SIZE, "%s%.256s%s%s%.5s", has_colons ? "[" : "",
             probe->host, has_colons ? "]" : "", has_port ? ":" : "", has_port ? probe->port : "");
}

static void describe_probe(const struct probe *probe, char what[static WHAT_SIZE])
{
    char authority[PROBE_AUTHORITY_SIZE];
    if (probe->kind == PROBE_UNIX) {
        snprintf(what, WHAT_SIZE, "unix:%.180s", probe->path);
        return;
    }
    probe_authority(probe, authority);
    if (probe->kind == PROBE_HTTP)
        snprintf(what, WHAT_SIZE, "GET http://%.80s%.100s", authority, probe->path);
    else
        snprintf(what, WHAT_SIZE, "tcp:%.180s", authority);
}

static void describe_found(const struct probe_finding *finding, char *words, size_t size)
{
    switch (finding->found) {
    case FOUND_WELL:
        if (finding->number == 0) {
            snprintf(words, size, " accepts connections");
            break;
        }
        __attribute__((fallthrough));
    case FOUND_STATUS:
        snprintf(words, size, " answered %03d", finding->number);
        break;
    case FOUND_NO_HTTP:
        snprintf(words, size, " answered, but not by HTTP");
        break;
    case FOUND_END:
        snprintf(words, size, " was not answered before the connection ended");
        break;
    case FOUND_NO_HOST:
        snprintf(words, size, ": no such host in /etc/hosts");
        break;
    case FOUND_ERROR:
        snprintf(words, size, ": %s", strerror(finding->number));
        break;
    }
}

const char *probe_finding_describe(const struct probe_finding *finding, const struct probe *probe,
                                   char reason[static PROBE_REASON_SIZE])
{
    describe_probe(probe, reason);
    for (char *c = reason; *c; c++)
        if ((unsigned char)*c < ' ' || *c == '\x7f')
            *c = '?';
    size_t length = strlen(reason);
    describe_found(finding, reason + length, PROBE_REASON_SIZE - length);
    return reason;
}

/* --- on its way ------------------------------------------------------------------------------- */

struct probe_board *probe_board_new(void)
{
    void *board = mmap(NULL, sizeof(struct probe_board), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return board == MAP_FAILED ? NULL : board;
}

void probe_board_note(struct probe_board *board, const struct probe_finding *finding)
{
    pid_t pid = getpid();
    if (!board)
        return;
    board->places[pid % PLACES].finding = *finding;
    board->places[pid % PLACES].pid = pid;
}

bool probe_board_look(const struct probe_board *board, pid_t pid, struct probe_finding *finding)
{
    if (!board || board->places[pid % PLACES].pid != pid)
        return false;
    *finding = board->places[pid % PLACES].finding;
    return true;
}
