/* What libc/ gives is the caller's alone, and is given again when it is free. */
#include "tests/unit/small_libc.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECES = 64, LARGE = 20000 };

static struct {
    unsigned char *memory;
    size_t size;
} pieces[PIECES];

/* Every byte of piece `i` is what was written there. */
static bool is_whole(int i)
{
    for (size_t n = 0; n < pieces[i].size; n++)
        if (pieces[i].memory[n] != (unsigned char)i)
            return false;
    return true;
}

static size_t some_size(void)
{
    size_t most = random() % 8 == 0 ? LARGE : 600;
    return (size_t)random() % most;
}

static void give_back(int i)
{
    ck_assert(is_whole(i));
    small_free(pieces[i].memory);
    pieces[i].memory = NULL;
    pieces[i].size = 0;
}

static void take(int i)
{
    size_t size = some_size();
    bool is_zeroed = random() % 2;
    unsigned char *memory = is_zeroed ? small_calloc(1, size) : small_malloc(size);
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_eq((uintptr_t)memory % 16, 0);
    for (size_t n = 0; is_zeroed && n < size; n++)
        ck_assert_int_eq(memory[n], 0);
    pieces[i].memory = memset(memory, i, size);
    pieces[i].size = size;
}

static void change(int i)
{
    size_t size = some_size();
    size_t kept = size < pieces[i].size ? size : pieces[i].size;
    pieces[i].memory = small_realloc(pieces[i].memory, size);
    ck_assert_ptr_nonnull(pieces[i].memory);
    pieces[i].size = kept;
    ck_assert(is_whole(i));
    pieces[i].size = size;
    memset(pieces[i].memory, i, size);
}

START_TEST(no_piece_lies_over_another)
{
    srandom(1);
    for (int n = 0; n < 3000; n++) {
        int i = (int)(random() % PIECES);
        if (!pieces[i].memory)
            take(i);
        else if (random() % 2)
            change(i);
        else
            give_back(i);
    }
    for (int i = 0; i < PIECES; i++)
        give_back(i);
}
END_TEST

/* In another order than they were taken, so that each is put between two others. */
START_TEST(what_is_free_is_one_piece_again)
{
    enum { COUNT = 50 };
    static const size_t size = 100;
    char *small[COUNT];
    for (int i = 0; i < COUNT; i++)
        ck_assert_ptr_nonnull(small[i] = small_malloc(size));
    for (int i = 0; i < COUNT; i++)
        small_free(small[i * 7 % COUNT]);
    char *one = small_malloc(COUNT * size);
    ck_assert_ptr_eq(one, small[0]);
    small_free(one);
}
END_TEST

START_TEST(a_large_piece_is_no_memory_any_more_when_it_is_free)
{
    char *large = small_malloc(LARGE);
    memset(large, 1, LARGE);
    small_free(large);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_lt((int)write(ends[1], large, 1), 0);
    ck_assert_int_eq(errno, EFAULT);
}
END_TEST

START_TEST(too_much_is_no_memory)
{
    volatile size_t most = SIZE_MAX; /* volatile: gcc warns of it */
    void *memory = small_malloc(10);
    const size_t sizes[] = {most, most - 100, PTRDIFF_MAX};
    for (int i = 0; i < 3; i++) {
        errno = 0;
        ck_assert_ptr_null(small_malloc(sizes[i]));
        ck_assert_int_eq(errno, ENOMEM);
        ck_assert_ptr_null(small_realloc(memory, sizes[i]));
    }
    ck_assert_ptr_null(small_calloc(most / 8, 16));
    small_free(memory);
    small_free(NULL);
}
END_TEST

START_TEST(a_fork_has_a_child)
{
    int status;
    pid_t parent = getpid();
    pid_t pid = small_fork();
    if (pid == 0)
        _exit(getppid() == parent ? 7 : 1);
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 7 << 8);
}
END_TEST

int main(void)
{
    return unit_run("libc_malloc", no_piece_lies_over_another, what_is_free_is_one_piece_again,
                    a_large_piece_is_no_memory_any_more_when_it_is_free, too_much_is_no_memory,
                    a_fork_has_a_child);
}
