/*
 * Text that others wrote, made fit for a line of a log. Pure.
 *
 * Both write at most size-1 bytes and a NUL, cut between two characters, and return the length.
 */
#pragma once

#include <stddef.h>

/* Control characters become \n, \t or \x1b, a backslash stays one: for people. */
size_t escape_text(char *to, size_t size, const char *from);

/* The inside of a JSON string (RFC 8259); bytes that are no UTF-8 become U+FFFD. */
size_t escape_json(char *to, size_t size, const char *from);
