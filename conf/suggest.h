/*
 * "Did you mean": the word of a list that is nearest to one that is not in it. Pure.
 */
#pragma once

/*
 * `name_of(i)` gives the words from 0 on, then NULL. Returns one that differs by at most two
 * letters left out, added, changed or swapped, and by less than half of them; NULL where there is
 * none.
 */
const char *suggest(const char *word, const char *(*name_of)(int i));
