#include "supervisor/service.h"

#include "supervisor/outcome.h"

#include <unistd.h>

void service_init(struct service *service, const struct service_conf *conf)
{
    *service = (struct service){.conf = conf, .state = SERVICE_DOWN, .status = -1};
}

void service_start(struct service *service, const struct spawn *how)
{
    pid_t pid = spawn(how, &service->status, &service->spawn_error);
    service->pid = pid > 0 ? pid : 0;
    service->state = pid > 0 ? SERVICE_STARTING : SERVICE_FAILED;
}

bool service_on_status(struct service *service)
{
    if (service->status < 0)
        return false;
    enum spawn_result result = spawn_result(service->status, &service->spawn_error);
    if (result == SPAWN_PENDING)
        return false;
    close(service->status);
    service->status = -1;
    service->state = result == SPAWN_RUNNING ? SERVICE_UP : SERVICE_FAILED;
    return true;
}

void service_on_exit(struct service *service, int wait_status)
{
    if (service->status >= 0) { /* its end was lost, and it could still tell how it began */
        close(service->status);
        service->status = -1;
    }
    service->pid = 0;
    service->wait_status = wait_status;
    if (service->state != SERVICE_FAILED)
        service->state = SERVICE_ENDED;
}

bool service_has_process(const struct service *service)
{
    return service->pid > 0;
}

bool service_is_over(const struct service *service)
{
    return !service_has_process(service) &&
           (service->state == SERVICE_ENDED || service->state == SERVICE_FAILED);
}

int service_exit_code(const struct service *service)
{
    return service->state == SERVICE_FAILED ? outcome_spawn_code(&service->spawn_error)
                                            : outcome_exit_code(service->wait_status);
}
