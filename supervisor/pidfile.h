/*
 * The file in which a daemon writes its pid.
 *
 * It is read as root, and may be where others write. So no symbolic link is followed as its last
 * part, nothing but a regular file is read, and nothing but a number is taken from it. What was
 * there before the launcher began does not count: after a restart of a container pids come again.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct pidfile {
    const char *path;
    bool was_there; /* before: */
    struct stat before;
};

/* Notes what is at `path`, which has to stay, before the launcher begins. */
void pidfile_init(struct pidfile *pidfile, const char *path);

/* Returns the pid in it; 0, with *wrong what is wrong with it in words, where there is none yet. */
pid_t pidfile_read(const struct pidfile *pidfile, const char **wrong);
