#include "conf/suggest.h"

#include <string.h>

enum { LONGEST = 32 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance: Levenshtein's, and a swap of neighbours counts as one. */
static int distance(const char *a, const char *b)
{
    int table[LONGEST + 1][LONGEST + 1];
    int rows = (int)strlen(a);
    int columns = (int)strlen(b);
    for (int i = 0; i <= rows; i++)
        table[i][0] = i;
    for (int j = 0; j <= columns; j++)
        table[0][j] = j;
    for (int i = 1; i <= rows; i++) {
        for (int j = 1; j <= columns; j++) {
            int changed = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            int best = least(changed, least(table[i - 1][j], table[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, table[i - 2][j - 2] + 1);
            table[i][j] = best;
        }
    }
    return table[rows][columns];
}

const char *suggest(const char *word, const char *(*name_of)(int i))
{
    const char *best = NULL;
    const char *name;
    int best_distance = 3;
    size_t length = strlen(word);
    if (length > LONGEST)
        return NULL;
    for (int i = 0; (name = name_of(i)); i++) {
        if (strlen(name) > LONGEST)
            continue;
        int d = distance(word, name);
        if (d < best_distance && 2 * (size_t)d < length) {
            best = name;
            best_distance = d;
        }
    }
    return best;
}
