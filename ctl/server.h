/*
 * Clients on the control socket: let in, heard in turn, and dropped when they take our time.
 * Nothing that a client does makes us wait.
 */
#pragma once

#include "ctl/listener.h"
#include "ctl/session.h"

struct ev_loop;

enum { SERVER_FOREVER = -1 }; /* no deadline */

/* Serves who connects to `listener`; all arguments have to stay. Without a socket it does nothing.
 */
void server_init(struct ev_loop *ev, const struct listener *listener, struct control *control);
void server_fini(void);

/*
 * To be called behind the supervisor's tick: answers what has been done. Returns whether something
 * else was asked for meanwhile, that waits for another tick; *deadline_ms is the next deadline.
 */
bool server_tick(int64_t now_ms, int64_t *deadline_ms);

/* As `changed` of struct supervisor_ops. */
void server_note_change(const struct service *service, int64_t now_ms);
