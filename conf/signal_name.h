/*
 * Signal numbers and their names, as container engines count them: 1 to 64, real-time signals
 * from 34 on. A libc keeps some of these for itself and calls another one SIGRTMIN (glibc 34,
 * musl 35); what a Dockerfile's STOPSIGNAL or `kill` in another image means does not depend on it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    SIGNAL_MAX = 64,
    SIGNAL_RTMIN = 34,
    SIGNAL_NAME_SIZE = 16, /* room for the longest name, "SIGRTMIN+30", and more */
};

/* A set of signals as the kernel keeps it: bit n-1 is signal n. */
typedef uint64_t signal_set;

static inline signal_set signal_bit(int sig)
{
    return (signal_set)1 << (sig - 1);
}

static inline bool signal_in(signal_set set, int sig)
{
    return (set & signal_bit(sig)) != 0;
}

/*
 * Reads "TERM", "SIGTERM", "15", "RTMIN+3" or "RTMAX-2", in any case.
 * Returns the number, 1 to 64, or 0 where the text names no signal.
 */
int signal_parse(const char *text);

/* Writes "SIGTERM", "SIGRTMIN+3" or "signal 32" for one without a name; returns `name`. */
const char *signal_name(int sig, char name[static SIGNAL_NAME_SIZE]);

/* The same for programs: "TERM", "RTMIN+3", "32". */
const char *signal_short_name(int sig, char name[static SIGNAL_NAME_SIZE]);
