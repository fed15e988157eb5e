/*
 * Has come what a service waits for? Pure.
 */
#pragma once

#include "supervisor/service.h"

enum condition_result {
    CONDITION_MET,
    CONDITION_OPEN,       /* it may come */
    CONDITION_IMPOSSIBLE, /* unless somebody starts that service once more by hand */
};

/* Of one service that is waited for. `is_order_only`: with `after`, any end will do. */
enum condition_result condition_look(const struct service *service, enum condition condition,
                                     bool is_order_only);
