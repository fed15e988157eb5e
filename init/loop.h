/*
 * The event loop: waits for descriptors and for one deadline. The only file that knows libev.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LOOP_FOREVER = -1 }; /* no deadline */

/* Of what became ready in one wake-up, the first is handled first. */
enum loop_turn { LOOP_STATUS, LOOP_SIGNALS };

/*
 * Once at the end of every wake-up, and before the first wait: acts on what is due at `now_ms` and
 * returns the next deadline, or LOOP_FOREVER.
 */
typedef int64_t loop_tick(void *data, int64_t now_ms);

/* Makes the loop; it cannot fail but by waiting until there is memory. */
void loop_init(loop_tick *on_tick, void *data);

/* A watched descriptor. Its memory is the caller's, and stays where it is while it is watched. */
struct loop_watch {
    void (*on_readable)(void *data);
    void *data;
    void *library[6]; /* what libev has to know of it */
};

/* Calls on_readable(data) whenever `fd` can be read. Keeps nothing but its number. */
void loop_watch(struct loop_watch *watch, int fd, enum loop_turn turn,
                void (*on_readable)(void *data), void *data);
void loop_unwatch(struct loop_watch *watch);

/* Runs until loop_stop() was called from a callback. */
void loop_run(void);
void loop_stop(void);

/* Monotonic time in milliseconds. */
int64_t loop_now_ms(void);

/* For ctl/server.h, which knows libev, too. */
struct ev_loop *loop_library(void);
