#include "init/report.h"

#include "init/message.h"
#include "init/news.h"

#include <string.h>

void report_subreaper(void)
{
    if (!news_tell(&(struct news){.kind = NEWS_SUBREAPER}))
        message_say(LEVEL_DEBUG, NULL, "not PID 1, became a subreaper");
}

void report_received(int sig)
{
    news_tell(&(struct news){.kind = NEWS_RECEIVED, .sig = sig});
}

void report_rewritten(int from, int to)
{
    news_tell(&(struct news){.kind = NEWS_REWRITTEN, .sig = from, .code = to});
}

void report_detached(int error, bool is_leader)
{
    news_tell(&(struct news){.kind = NEWS_DETACHED, .code = error, .is_leader = is_leader});
}

void report_let_pass(int sig)
{
    news_tell(&(struct news){.kind = NEWS_LET_PASS, .sig = sig});
}

void report_stopping_itself(void)
{
    news_tell(&(struct news){.kind = NEWS_STOPPING});
}

void report_stopping(int sig)
{
    struct message m;
    char name[SIGNAL_NAME_SIZE];
    if (news_has_voice() || !message_begin(&m, LEVEL_INFO, NULL, "stopping"))
        return;
    signal_name(sig, name);
    message_text(&m, "stopping: %s received", name);
    message_string(&m, "signal", signal_short_name(sig, name));
    message_send(&m);
}

void report_shutdown_ordered(void)
{
    struct message m;
    if (!message_begin(&m, LEVEL_INFO, NULL, "stopping"))
        return;
    message_text(&m, "stopping: asked to by reevectl");
    message_null(&m, "signal");
    message_send(&m);
}

void report_forwarded(const struct service *service, int sig)
{
    struct message m;
    char name[SIGNAL_NAME_SIZE];
    const struct news news = {.kind = NEWS_FORWARDED, .sig = sig, .pid = service->pid};
    if (news_tell(&news) || !message_begin(&m, LEVEL_DEBUG, NULL, "forwarded"))
        return;
    message_text(&m, "forwarded %s to %s", signal_name(sig, name), service->name);
    message_string(&m, "to", service->name);
    message_string(&m, "signal", signal_short_name(sig, name));
    message_send(&m);
}

void report_unsent(const struct service *service, int sig, int error)
{
    struct message m;
    char name[SIGNAL_NAME_SIZE];
    const struct news news = {.kind = NEWS_UNSENT, .sig = sig, .code = error, .pid = service->pid};
    if (news_tell(&news) || !message_begin(&m, LEVEL_WARN, NULL, "unsent"))
        return;
    signal_name(sig, name);
    message_text(&m, "cannot send %s to %s: %s", name, service->name, strerror(error));
    message_string(&m, "to", service->name);
    message_string(&m, "signal", signal_short_name(sig, name));
    message_string(&m, "error", strerror(error));
    message_send(&m);
}

void report_stopped(int exit_code)
{
    struct message m;
    const struct news news = {.kind = NEWS_OVER, .code = exit_code};
    if (news_tell(&news) || !message_begin(&m, LEVEL_INFO, NULL, "stopped"))
        return;
    message_text(&m, "stopped, exit code %d", exit_code);
    message_number(&m, "code", exit_code);
    message_send(&m);
}

/* "FILE:LINE: TEXT", as compilers write it; of the command line the text alone. */
static void report_conf_error(const struct conf_error *error)
{
    struct message m;
    enum log_level level = error->is_warning ? LEVEL_WARN : LEVEL_ERROR;
    const char *warning = error->is_warning ? "warning: " : "";
    bool in_file = error->place.line != NO_FILE;
    if (!message_begin(&m, level, NULL, "configuration"))
        return;
    if (error->place.line > 0)
        message_bare_text(&m, "%s:%d: %s%s", error->place.file, error->place.line, warning,
                          error->text);
    else if (in_file)
        message_bare_text(&m, "%s: %s%s", error->place.file, warning, error->text);
    else
        message_text(&m, "%s", error->text);
    message_string(&m, "file", in_file ? error->place.file : NULL);
    if (error->place.line > 0)
        message_number(&m, "line", error->place.line);
    else
        message_null(&m, "line");
    message_string(&m, "text", error->text);
    message_send(&m);
}

bool report_conf_errors(const struct conf_errors *errors, const char *consequence)
{
    bool in_files = false;
    for (const struct conf_error *error = errors->first; error; error = error->next) {
        report_conf_error(error);
        in_files = in_files || (!error->is_warning && error->place.line != NO_FILE);
    }
    if (in_files)
        message_say(LEVEL_ERROR, NULL, "%d error%s in the configuration, %s", errors->count,
                    errors->count == 1 ? "" : "s", consequence);
    return in_files;
}

void report_reloaded(const struct reload_counts *counts)
{
    struct message m;
    if (!message_begin(&m, LEVEL_INFO, NULL, "reloaded"))
        return;
    if (counts->added + counts->removed + counts->changed + counts->restarted == 0)
        message_text(&m, "read the configuration again, nothing is different");
    else
        message_text(&m,
                     "read the configuration again: %d added, %d removed, %d restarted, "
                     "%d by other rules",
                     counts->added, counts->removed, counts->restarted, counts->changed);
    message_number(&m, "added", counts->added);
    message_number(&m, "removed", counts->removed);
    message_number(&m, "restarted", counts->restarted);
    message_number(&m, "changed", counts->changed);
    message_send(&m);
}
