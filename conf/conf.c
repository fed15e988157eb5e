#include "conf/conf.h"

#include <signal.h>

void conf_init(struct conf *conf)
{
    *conf = (struct conf){
        /* RTMIN+3 is how a container with systemd is told to stop. */
        .stop_signals = signal_bit(SIGTERM) | signal_bit(SIGINT) | signal_bit(SIGQUIT) |
                        signal_bit(SIGNAL_RTMIN + 3),
        /* One second less than `docker stop` grants before it kills. */
        .shutdown_timeout_ms = 9000,
        .sweep_timeout_ms = 1000,
        .log_level = LEVEL_WARN,
        .log_format = FORMAT_TEXT,
    };
    signal_map_init(&conf->main.rewrite);
}
