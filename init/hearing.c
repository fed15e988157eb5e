#include "init/main_pid.h"
#include "init/message.h"
#include "init/report.h"
#include "init/running.h"

#include <unistd.h>

/* --- of a start ------------------------------------------------------------------------------- */

static void on_executed(void *data, pid_t pid)
{
    struct run *run = data;
    supervisor_executed(&run->supervisor, pid, loop_now_ms());
}

static void on_not_executed(void *data, pid_t pid, const struct spawn_report *report)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service) {
        report_unowned(service, report);
        report_not_executed(service, pid, &report->error);
    }
    supervisor_not_executed(&run->supervisor, pid, &report->error, loop_now_ms());
}

static void on_news(void *data, pid_t pid, const struct spawn_report *report)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (!service)
        return;
    report_news(service, report);
    switch (report->news) {
    case NEWS_DAEMON:
        supervisor_daemon_named(&run->supervisor, pid, report->pid, loop_now_ms());
        break;
    case NEWS_LEFT_NONE:
    case NEWS_LEFT_SEVERAL:
    case NEWS_LEFT_UNSEEN:
    case NEWS_LEFT_REST:
        supervisor_daemon_missing(&run->supervisor, pid, loop_now_ms());
        break;
    case NEWS_FAILED:
    case NEWS_LOWER:
    case NEWS_NO_PIDFILE:
        break;
    }
}

const struct starts_callbacks running_starts = {
    .on_executed = on_executed,
    .on_failed = on_not_executed,
    .on_news = on_news,
};

/* --- of a program ----------------------------------------------------------------------------- */

static void on_ready(void *data, pid_t pid)
{
    struct run *run = data;
    /* It may have said so right behind its exec, and both be here to be read: that comes first. */
    starts_look_at(pid);
    supervisor_ready(&run->supervisor, pid, loop_now_ms());
}

static void on_extended(void *data, pid_t pid, int64_t extend_ms)
{
    struct run *run = data;
    starts_look_at(pid); /* see on_ready() */
    supervisor_extended(&run->supervisor, pid, extend_ms, loop_now_ms());
}

static void on_phase(void *data, pid_t pid, enum channel_phase phase)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service)
        report_phase(service, phase);
}

static bool on_may_name(void *data, pid_t pid, pid_t main, pid_t sender, uid_t uid)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service && main_pid_is_its(&run->supervisor, service, main, sender, uid) &&
        !control_has_child(&run->steering.control, main))
        return true;
    if (service)
        message_say(LEVEL_DEBUG, service->name, "MAINPID=%d is ignored: it is not the service's",
                    (int)main);
    return false;
}

static bool on_main_pid(void *data, pid_t pid, pid_t main, bool is_last)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (main == pid)
        return false;
    starts_look_at(pid); /* see on_ready() */
    if (main_pid_is_ours(main) &&
        supervisor_main_pid(&run->supervisor, pid, main, getpgid(main), loop_now_ms())) {
        message_say(LEVEL_INFO, service->name, "its main process is pid %d from now on", (int)main);
        server_note_change(service, loop_now_ms()); /* no state changed, only whom it tells of */
        return true;
    }
    if (service && is_last)
        message_say(LEVEL_DEBUG, service->name, "MAINPID=%d is ignored: it is no process of ours",
                    (int)main);
    return false;
}

/* In ms, and never none of something. */
static int64_t round_up_us(int64_t us)
{
    return (us + 999) / 1000;
}

static void on_watchdog(void *data, pid_t pid, const struct notify_message *message)
{
    struct supervisor *supervisor = &((struct run *)data)->supervisor;
    starts_look_at(pid); /* see on_ready() */
    if (message->watchdog_us >= 0)
        supervisor_watchdog(supervisor, pid, SERVICE_WATCHDOG_SET,
                            round_up_us(message->watchdog_us), loop_now_ms());
    if (message->is_watchdog)
        supervisor_watchdog(supervisor, pid, SERVICE_KEEPALIVE, 0, loop_now_ms());
    if (message->wants_watchdog_trigger)
        supervisor_watchdog(supervisor, pid, SERVICE_WATCHDOG_PULLED, 0, loop_now_ms());
}

static void on_stranger(void *data, pid_t pid, pid_t sender, uid_t uid)
{
    const struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service)
        message_say(LEVEL_DEBUG, service->name,
                    "a message of a stranger (pid %d, uid %d) is ignored", (int)sender, (int)uid);
}

static void on_status_text(void *data, pid_t pid, const char *status, size_t length)
{
    const struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service)
        message_say(LEVEL_DEBUG, service->name, "says: %.*s", (int)length, status);
}

const struct channels_callbacks running_channels = {
    .on_ready = on_ready,
    .on_extended = on_extended,
    .on_phase = on_phase,
    .on_stranger = on_stranger,
    .may_name = on_may_name,
    .on_main_pid = on_main_pid,
    .on_watchdog = on_watchdog,
    .on_status = on_status_text,
};
