/*
 * The names of capabilities(7).
 */
#pragma once

/* "NET_BIND_SERVICE" or "CAP_NET_BIND_SERVICE", in any case: its number, -1 where it is none. */
int capability_parse(const char *name);

/* "NET_BIND_SERVICE", or NULL where no capability has this number. */
const char *capability_name(int capability);
