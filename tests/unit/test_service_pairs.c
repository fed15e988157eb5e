/* Every event in every state of one service. */
#include "tests/unit/one_service.h"

enum { READY_MS = 60000, WATCHDOG_MS = 30000 };

/* --- all pairs ----------------------------------------------------------------------------- */

/* DOWN, WAITING, STARTING and to be forked, STARTING and forked, STARTING and to be ready within
 * its start-timeout, UP, the four steps of STOPPING, BACKOFF, FAILED, DONE. */
static const char states[] = "DWQSAUcsrkBFN";

static char letter(void)
{
    if (service.state == SERVICE_STOPPING)
        return "csrk"[service.step];
    if (service.state == SERVICE_STARTING && service.pid == 0)
        return 'Q';
    if (service.state == SERVICE_STARTING && service_is_executed(&service))
        return 'A';
    return "DWSU-BFN"[service.state];
}

/* A service of which everything runs that can in this state: of r no leader, but its group. */
static void bring_to(char state)
{
    configure();
    health.probe.kind = PROBE_EXEC;
    health.watchdog_ms = WATCHDOG_MS;
    ready.timeout_ms = state == 'A' ? READY_MS : 0;
    restart.policy = state == 'F' ? RESTART_NO : RESTART_ON_FAILURE;
    if (state == 'W' || state == 'Q')
        tell(SERVICE_WANT_UP);
    if (state == 'Q')
        tell(SERVICE_DEPS_MET);
    if (state == 'S')
        start();
    else if (state == 'A')
        run_unready();
    else if (state == 'c')
        run_with_stop_command();
    else if (!strchr("DWQ", state))
        run();
    if (state == 's' || state == 'k')
        want_down();
    if (state == 'k')
        wait_for_deadline();
    if (strchr("rBFN", state))
        exited(state == 'N' ? 0 : 1 << 8);
    if (strchr("BFN", state))
        tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(letter(), state);
}

/* The same of a service whose launcher runs, or is asked to end. */
static void launch_to(char state)
{
    configure();
    conf.type = TYPE_FORKING;
    health.probe.kind = PROBE_EXEC;
    health.watchdog_ms = WATCHDOG_MS;
    start();
    if (state != 'S')
        want_down();
    if (state == 'k')
        wait_for_deadline();
    ck_assert_int_eq(letter(), state);
}

/* The name of each action in a cell of the table. */
static void name_actions(unsigned actions, char *name)
{
    static const struct {
        enum service_action action;
        char letter;
    } letters[] = {
        {SERVICE_CHANGED, '!'},     {SERVICE_SPAWN, '+'},          {SERVICE_RUN_STOP_COMMAND, '>'},
        {SERVICE_SIGNAL, 't'},      {SERVICE_SIGNAL_GROUP, 'T'},   {SERVICE_KILL, 'k'},
        {SERVICE_KILL_GROUP, 'K'},  {SERVICE_END_HELPER, 'e'},     {SERVICE_KILL_HELPER, 'x'},
        {SERVICE_AWAIT_READY, 'w'}, {SERVICE_HEALTH_CHANGED, 'h'},
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (actions & letters[i].action)
            *name++ = letters[i].letter;
    *name = '\0';
}

/*
 * Every event in every state: the state that follows and what is to be done, ! to tell of the
 * change, + to spawn, > to run the stop-command, T and K for signals to the group, t and k to the
 * leader, e and x to the stop-command, w to find out when it is ready, h to tell of its health. It
 * has health checks and a watchdog. A dot: it cannot happen there.
 */
static const struct {
    const char *name;
    struct service_event event;
    enum { AS_IT_IS, WITHOUT_LEADER, WITH_HELPER, UNWATCHED, SILENT, LAUNCHING } how;
    const char *then[sizeof states - 1];
} pairs[] = {
    /* clang-format off */
    {"WANT_UP", {.kind = SERVICE_WANT_UP}, AS_IT_IS,
     {"W!", "W", "Q", "S", "A", "U", "c", "s", "r", "k", "W!", "W!", "W!"}},
    {"WANT_DOWN", {.kind = SERVICE_WANT_DOWN, .reason = REASON_BY_HAND}, AS_IT_IS,
     {"D", "D!", "D!", "s!T", "s!T", "s!T", "c", "s", "r", "k", "D!", "F", "N"}},
    {"WANT_NO_RESTART", {.kind = SERVICE_WANT_NO_RESTART}, AS_IT_IS,
     {"D", "D!", "D!", "S", "A", "U", "c", "s", "r", "k", "D!", "F", "N"}},
    {"WANT_DEAD", {.kind = SERVICE_WANT_DEAD}, AS_IT_IS,
     {"D", "D!", "D!", "s!T", "s!T", "s!T", "sTe", "k!K", "k!K", "k", "D!", "F", "N"}},
    {"DEPS_MET", {.kind = SERVICE_DEPS_MET}, AS_IT_IS,
     {"D", "Q!+", "Q", "S", "A", "U", "c", "s", "r", "k", "B", "F", "N"}},
    {"DEPS_IMPOSSIBLE", {.kind = SERVICE_DEPS_IMPOSSIBLE, .cause_code = 3}, AS_IT_IS,
     {"D", "F!", "Q", "S", "A", "U", "c", "s", "r", "k", "B", "F", "N"}},
    {"FORKED", {.kind = SERVICE_FORKED, .pid = PID}, AS_IT_IS,
     {".", ".", "S", ".", ".", ".", ".", ".", ".", ".", ".", ".", "."}},
    {"EXECUTED", {.kind = SERVICE_EXECUTED}, AS_IT_IS,
     {".", ".", ".", "U!", "A", "U", ".", "s", ".", "k", ".", ".", "."}},
    {"EXECUTED of what launches", {.kind = SERVICE_EXECUTED}, LAUNCHING,
     {".", ".", ".", "S", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"READY of what launches", {.kind = SERVICE_READY}, LAUNCHING,
     {".", ".", ".", "S", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"MAIN_PID of what launches", {.kind = SERVICE_MAIN_PID, .pid = HELPER, .group = HELPER},
     LAUNCHING,
     {".", ".", ".", "S", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"DAEMON_NAMED", {.kind = SERVICE_DAEMON_NAMED, .pid = DAEMON}, LAUNCHING,
     {".", ".", ".", "S", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"DAEMON_FOUND", {.kind = SERVICE_DAEMON_FOUND, .pid = DAEMON, .group = DAEMON}, LAUNCHING,
     {".", ".", ".", "U!", ".", ".", ".", "sT", ".", "kT", ".", ".", "."}},
    {"DAEMON_MISSING", {.kind = SERVICE_DAEMON_MISSING}, LAUNCHING,
     {".", ".", ".", "s!T", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"EXITED of what launches", {.kind = SERVICE_EXITED}, LAUNCHING,
     {".", ".", ".", "rT", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"MAIN_PID", {.kind = SERVICE_MAIN_PID, .pid = HELPER, .group = HELPER}, AS_IT_IS,
     {".", ".", "Q", "S", "A", "U", "c", "s", "r", "k", ".", ".", "."}},
    {"READY", {.kind = SERVICE_READY}, AS_IT_IS,
     {".", ".", "Q", "U!", "U!", "U", "c", "s", "r", "k", ".", ".", "."}},
    {"EXTENDED", {.kind = SERVICE_EXTENDED, .extend_ms = 1}, AS_IT_IS,
     {".", ".", "Q", "S", "A", "U", "c", "s", "r", "k", ".", ".", "."}},
    {"RECONFIGURED", {.kind = SERVICE_RECONFIGURED}, AS_IT_IS,
     {"D", "W", "Q", "S", "A", "U", "c", "s", "r", "k", "B", "F", "N"}},
    {"RECONFIGURED without checks", {.kind = SERVICE_RECONFIGURED}, UNWATCHED,
     {"D", "W", "Q", "S", "A", "Uh", "c", "s", "r", "k", "B", "F", "N"}},
    {"HEALTHY", {.kind = SERVICE_HEALTHY}, AS_IT_IS,
     {"D", "W", "Q", "S", "A", "Uh", "c", "s", "r", "k", "B", "F", "N"}},
    {"UNHEALTHY", {.kind = SERVICE_UNHEALTHY}, AS_IT_IS,
     {"D", "W", "Q", "S", "A", "s!T", "c", "s", "r", "k", "B", "F", "N"}},
    {"KEEPALIVE", {.kind = SERVICE_KEEPALIVE}, AS_IT_IS,
     {".", ".", ".", "S", "A", "U", "c", "s", "r", "k", ".", ".", "."}},
    {"WATCHDOG_SET", {.kind = SERVICE_WATCHDOG_SET, .watchdog_ms = 1}, AS_IT_IS,
     {".", ".", ".", "S", "A", "U", "c", "s", "r", "k", ".", ".", "."}},
    {"WATCHDOG_PULLED", {.kind = SERVICE_WATCHDOG_PULLED}, AS_IT_IS,
     {".", ".", ".", "s!T", "s!T", "s!T", "c", "s", "r", "k", ".", ".", "."}},
    {"SPAWN_FAILED", {.kind = SERVICE_SPAWN_FAILED,
      .spawn_error = {SPAWN_EXEC, EAGAIN}}, AS_IT_IS,
     {".", ".", "B!", "S", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"SPAWN_FAILED for good", {.kind = SERVICE_SPAWN_FAILED,
      .spawn_error = {SPAWN_EXEC, ENOENT}}, AS_IT_IS,
     {".", ".", "F!", "S", ".", ".", ".", "s", ".", "k", ".", ".", "."}},
    {"EXITED", {.kind = SERVICE_EXITED, .wait_status = 1 << 8}, AS_IT_IS,
     {".", ".", ".", "rT", "rT", "rT", "c", "s", ".", "k", ".", ".", "."}},
    {"GROUP_LEFT", {.kind = SERVICE_GROUP_LEFT}, WITHOUT_LEADER,
     {".", ".", ".", ".", ".", ".", "c", "rT", "r!", "k", ".", ".", "."}},
    {"GROUP_GONE", {.kind = SERVICE_GROUP_GONE}, WITHOUT_LEADER,
     {".", ".", ".", ".", ".", ".", "c", "D!", "B!", "D!", ".", ".", "."}},
    {"HELPER_FORKED", {.kind = SERVICE_HELPER_FORKED, .pid = HELPER}, AS_IT_IS,
     {".", ".", ".", ".", ".", ".", "c", ".", ".", ".", ".", ".", "."}},
    {"HELPER_ENDED", {.kind = SERVICE_HELPER_ENDED}, WITH_HELPER,
     {".", ".", ".", ".", ".", ".", "sT", "s", "r", "k", ".", ".", "."}},
    {"DEADLINE", {.kind = SERVICE_DEADLINE}, AS_IT_IS,
     {"D", "W", "Q", "S", "s!T", "U", "sTe", "k!K", "k!K", "kK", "Q!+", "F", "N"}},
    {"DEADLINE of the watchdog", {.kind = SERVICE_DEADLINE}, SILENT,
     {".", ".", ".", ".", ".", "s!T", ".", ".", ".", ".", ".", ".", "."}},
    {"DEADLINE with a stop-command", {.kind = SERVICE_DEADLINE}, WITH_HELPER,
     {".", ".", ".", ".", ".", ".", "sTe", "k!Kx", "k!Kx", "kKx", ".", ".", "."}},
    /* clang-format on */
};

/* Brings it to a state in which the event of this row can come. */
static void prepare(int row, char state)
{
    if (pairs[row].how == LAUNCHING)
        launch_to(state);
    else
        bring_to(state);
    if (pairs[row].how == WITHOUT_LEADER && service.pid != 0)
        exited(0);
    if (pairs[row].how == WITH_HELPER)
        service.helper = HELPER;
    if (pairs[row].how == UNWATCHED)
        health.probe.kind = PROBE_NONE;
    if (pairs[row].how == SILENT)
        now_ms += WATCHDOG_MS;
}

START_TEST(every_event_in_every_state_has_its_meaning)
{
    for (size_t i = 0; states[i]; i++) {
        char then[16] = "";
        const char *expected = pairs[_i].then[i];
        if (*expected == '.')
            continue;
        prepare(_i, states[i]);
        unsigned actions = step(pairs[_i].event);
        *then = letter();
        name_actions(actions, then + 1);
        ck_assert_msg(strcmp(then, expected) == 0, "%s in %c: %s, expected %s", pairs[_i].name,
                      states[i], then, expected);
        ck_assert((strchr("AcsrkB", *then) != NULL) ==
                  (service.deadline_ms != SERVICE_NO_DEADLINE));
        bool is_looked_after = *then == 'U' && service.is_wanted;
        ck_assert(is_looked_after == (service.keepalive_deadline_ms != SERVICE_NO_DEADLINE));
        ck_assert((is_looked_after && health.probe.kind != PROBE_NONE) ==
                  (service.health != VERDICT_NONE));
    }
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "service_pairs", configure, NULL, 0,
        unit_loops({every_event_in_every_state_has_its_meaning, 0, unit_count(pairs)}));
}
