#include "supervisor/ending.h"

enum { EXIT_KILLED = 128 + 9 };

void ending_init(struct ending *ending)
{
    *ending = (struct ending){.main_code = -1, .failed_code = -1};
}

void ending_ask(struct ending *ending)
{
    ending->is_asked = true;
}

/* Does the end of this service, which nobody asked for, end the container? */
static bool is_cause(const struct service *service)
{
    switch ((enum service_state)service->state) {
    case SERVICE_FAILED:
        return service->conf->is_main || service->conf->is_essential || service_ends_all(service);
    case SERVICE_DONE:
        return service->conf->is_main ||
               (service->conf->is_essential && service->conf->type != TYPE_ONESHOT);
    case SERVICE_DOWN: /* stopped by hand */
    case SERVICE_WAITING:
    case SERVICE_STARTING:
    case SERVICE_UP:
    case SERVICE_STOPPING:
    case SERVICE_BACKOFF:
        return false;
    }
    return false;
}

/*
 * After a stop request. Of one that had ended before it, and would have been started again, only
 * the main service's code counts.
 */
static void note_stopped(struct ending *ending, const struct service *service)
{
    if (service->conf->is_main && (service->has_ended || service->was_refused))
        ending->main_code = service_exit_code(service);
    bool is_late = !service->was_wanted || service->state == SERVICE_FAILED;
    if (service->conf->is_essential && is_late && ending->failed_code < 0 &&
        !service_ended_well(service))
        ending->failed_code = service_exit_code(service);
}

bool ending_note(struct ending *ending, const struct service *service)
{
    if (ending->has_cause)
        return false;
    if (ending->is_asked) {
        note_stopped(ending, service);
        return false;
    }
    ending->has_cause = is_cause(service);
    if (ending->has_cause)
        ending->cause_code = service_exit_code(service);
    return ending->has_cause;
}

void ending_note_left(struct ending *ending, const struct service *service)
{
    if (service->conf->is_main)
        ending->main_code = EXIT_KILLED;
    else if (service->conf->is_essential && ending->failed_code < 0)
        ending->failed_code = EXIT_KILLED;
}

int ending_exit_code(const struct ending *ending)
{
    if (ending->has_cause)
        return ending->cause_code;
    if (ending->main_code >= 0)
        return ending->main_code;
    return ending->failed_code >= 0 ? ending->failed_code : 0;
}
