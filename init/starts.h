/*
 * Children that were forked and have not yet told how their exec went. The descriptors on which
 * they do are watched, never waited for.
 */
#pragma once

#include "supervisor/spawn.h"

struct starts_callbacks {
    void (*on_executed)(void *data, pid_t pid);
    void (*on_failed)(void *data, pid_t pid, const struct spawn_report *report);
    void (*on_news)(void *data, pid_t pid, const struct spawn_report *report);
};

void starts_init(const struct starts_callbacks *callbacks, void *data);

/* Forks; returns the pid, -1 with *error where there is no child. */
pid_t starts_spawn(const struct spawn *how, struct spawn_error *error);

/* Has the loop watch those that were forked since the last time: once behind many forks. */
void starts_watch(void);

/* What the child has told by now is told now; it may be more than the loop has seen. */
void starts_look_at(pid_t pid);

/* The child is dead: what it had to tell is told now, if it was not before. */
void starts_finish(pid_t pid);

/*
 * Nothing more is heard of the child; to who looks for a daemon that means that all which was
 * launched is to be killed. Returns false where it has told everything before.
 */
bool starts_abandon(pid_t pid);

/* The descriptors of all of them, at most `most`; returns how many. */
size_t starts_descriptors(int *fds, size_t most);
