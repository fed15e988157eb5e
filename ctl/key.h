/*
 * Keys, as a terminal sends them (ECMA-48, and what xterm, rxvt and the Linux console add). Pure.
 */
#pragma once

#include <stddef.h>

enum key {
    KEY_NONE, /* one that means nothing here */
    KEY_UP,
    KEY_DOWN,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_START,
    KEY_STOP,
    KEY_RESTART,
    KEY_QUIT,
};

/*
 * Reads the first key of `length` bytes. Returns how many bytes it takes; 0 where the rest of it
 * is still to come.
 */
size_t key_read(const char *bytes, size_t length, enum key *key);
