/*
 * What stands for the number of an instance in the texts of a service: %i.
 */
#pragma once

/*
 * `text` with every %i replaced by the number; `text` itself for 0, which is no instance. NULL with
 * errno where there is no memory. The copy is the caller's, who is a child about to exec.
 */
const char *instance_text(const char *text, int instance);

/* The same for every text of a list that NULL ends. */
char *const *instance_argv(char *const *argv, int instance);
