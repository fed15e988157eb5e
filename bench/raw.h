/*
 * System calls without a libc, for programs that show what a job costs at least: neither the start
 * of a libc nor its pages are in what is measured. x86-64 only.
 *
 *     cc -O2 -static -nostdlib -fno-stack-protector -o NAME NAME.c
 */
#pragma once

#include <asm/unistd.h>

enum { INT = 2, KILL = 9, TERM = 15, CHLD = 17 };

#define BIT(sig) (1UL << ((sig)-1))

static inline long call(long number, long a, long b, long c, long d)
{
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

static inline unsigned long now_ns(void)
{
    long now[2] = {0, 0};
    call(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, (long)now, 0, 0);
    return (unsigned long)now[0] * 1000000000 + (unsigned long)now[1];
}

static inline _Noreturn void leave(int code)
{
    for (;;)
        call(__NR_exit_group, code, 0, 0, 0);
}

static _Noreturn __attribute__((used)) void start(long *stack);

/* What the kernel leaves on the stack: argc, argv, NULL, the environment. */
__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n");
