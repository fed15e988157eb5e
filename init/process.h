/*
 * What this process itself is and holds: descriptors, working directory, subreaper.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Takes the first descriptor that we opened. Where it landed on 0, 1 or 2, because one of these
 * was closed at start, it is moved above them and every closed one is plugged until exec, so that
 * nothing of ours can ever be taken for standard input or output. Returns the descriptor, -1 with
 * errno where that failed.
 */
int process_above_stdio(int fd);

/*
 * Holds on to nothing that we inherited and do not need: closes every descriptor above 2 but the
 * `count` ones in `keep` (-1 is passed over), and leaves the working directory for /. So no mount
 * stays busy and no pipe stays open because of the init.
 */
void process_let_go(const int *keep, size_t count);

/* Adopts orphans where we are not PID 1. Returns false with errno (prctl(2)). */
bool process_become_subreaper(void);

/* Has `sig` sent to us when our parent dies. Returns false with errno (prctl(2)). */
bool process_set_parent_death_signal(int sig);
