/*
 * The event loop: waits for descriptors and for one deadline. The only file that knows libev.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LOOP_FOREVER = -1 }; /* no deadline */

/* Watched in this order: of what became ready in one wake-up, the first is handled first. */
enum loop_source { LOOP_STATUS, LOOP_SIGNALS, LOOP_SOURCES };

struct loop_callbacks {
    /* A watched descriptor can be read. */
    void (*on_readable[LOOP_SOURCES])(void *data);
    /*
     * Once at the end of every wake-up, and before the first wait: acts on what is due at `now_ms`
     * and returns the next deadline, or LOOP_FOREVER.
     */
    int64_t (*on_tick)(void *data, int64_t now_ms);
};

/* Makes the loop; it cannot fail but by waiting until there is memory. */
void loop_init(const struct loop_callbacks *callbacks, void *data);

/* Both keep nothing but the number of the descriptor. An unwatched source may be watched again. */
void loop_watch(enum loop_source source, int fd);
void loop_unwatch(enum loop_source source);

/* Runs until loop_stop() was called from a callback. */
void loop_run(void);
void loop_stop(void);

/* Monotonic time in milliseconds. */
int64_t loop_now_ms(void);
