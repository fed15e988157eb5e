#include "init/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static const signal_set all_signals = ~(signal_set)0;

void signals_block(struct inherited_signals *inherited)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, &inherited->mask, sizeof all_signals);
}

void signals_unignore_sigchld(struct inherited_signals *inherited)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction previous = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &standard, &previous);
    inherited->sigchld_ignored = previous.sa_handler == SIG_IGN;
}

int signals_open(void)
{
    return (int)syscall(SYS_signalfd4, -1, &all_signals, sizeof all_signals,
                        SFD_NONBLOCK | SFD_CLOEXEC);
}

int signals_read(int fd, struct arrived_signal batch[static SIGNALS_BATCH])
{
    struct signalfd_siginfo records[SIGNALS_BATCH];
    ssize_t length;
    do
        length = read(fd, records, sizeof records);
    while (length < 0 && errno == EINTR);
    int count = length > 0 ? (int)((size_t)length / sizeof *records) : 0;
    for (int i = 0; i < count; i++) {
        batch[i] = (struct arrived_signal){
            .sig = (int)records[i].ssi_signo,
            .sender = records[i].ssi_code <= 0 ? (pid_t)records[i].ssi_pid : 0,
        };
    }
    return count;
}

bool signals_stop_self(int sig)
{
    signal_set open = all_signals & ~signal_bit(sig);
    signal_set pending = 0;
    /* Stopped, if at all, before this call returns. Who continues us does it by SIGCONT, which is
     * blocked and so still waits to be read. */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &open, NULL, sizeof open);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, NULL, sizeof all_signals);
    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    return signal_in(pending, SIGCONT);
}
