/*
 * qsort(3), a heap sort: musl's own is ten times its size for a speed that the names of a few
 * services do not show.
 */
#include <stdlib.h>

struct items {
    unsigned char *bytes;
    size_t size; /* of one */
    int (*compare)(const void *a, const void *b);
};

static unsigned char *item(const struct items *items, size_t i)
{
    return items->bytes + i * items->size;
}

static void swap(const struct items *items, size_t i, size_t j)
{
    unsigned char *a = item(items, i);
    unsigned char *b = item(items, j);
    for (size_t n = 0; n < items->size; n++) {
        unsigned char byte = a[n];
        a[n] = b[n];
        b[n] = byte;
    }
}

/* Below `parent` all is a heap: no child is larger than its parent. Makes it one with `parent`. */
static void sift(const struct items *items, size_t parent, size_t count)
{
    for (size_t child; (child = 2 * parent + 1) < count; parent = child) {
        if (child + 1 < count && items->compare(item(items, child), item(items, child + 1)) < 0)
            child++;
        if (items->compare(item(items, parent), item(items, child)) >= 0)
            return;
        swap(items, parent, child);
    }
}

void qsort(void *bytes, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
    const struct items items = {bytes, size, compare};
    for (size_t i = count / 2; i-- > 0;)
        sift(&items, i, count);
    for (size_t left = count; left-- > 1;) {
        swap(&items, 0, left);
        sift(&items, 0, left);
    }
}
