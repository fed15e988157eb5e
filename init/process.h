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
 * Holds on to no descriptor above 2 but the `count` ones in `keep` (-1 is passed over), so that no
 * pipe and no mount stays busy because of the init.
 */
void process_let_go(const int *keep, size_t count);

/* The same for every descriptor above 2 that we inherited: ours are closed on exec. */
void process_let_go_inherited(void);

/* Leaves the working directory for /: no mount stays busy because of the init. */
void process_leave_directory(void);

/*
 * As root: where standard output or error is a pipe, lets everybody open it for writing, so that
 * a program which opens /dev/stdout after it has dropped root still can.
 */
void process_open_outputs(void);

/* Adopts orphans where we are not PID 1. Returns false with errno (prctl(2)). */
bool process_become_subreaper(void);

/* Has `sig` sent to us when our parent dies. Returns false with errno (prctl(2)). */
bool process_set_parent_death_signal(int sig);
