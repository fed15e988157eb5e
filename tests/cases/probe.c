/*
 * The program that the black-box tests run under reeve: it tells what it was given, what it
 * receives, and makes the situations an init has to live with. Words after a subcommand's own
 * arguments are the next command, executed in its place, so that they can be chained:
 *
 *     probe ignore 1,17 reeve probe report -
 *
 * Signals are set, blocked and received by raw system calls: a libc hides 32 and 33 (musl: and 34).
 * Every line is one write(2), so that lines of several processes never mix.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LAST_SIGNAL = 64, DESCRIPTORS_LOOKED_AT = 1024, LINE = 512, ROUND_TRIP_SECONDS = 20 };

/* ------------------------------------------------------------------ saying things */

static void say(const char *format, ...)
{
    char line[LINE];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0)
        (void)!write(STDOUT_FILENO, line,
                     (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

static void die_because(const char *what)
{
    dprintf(STDERR_FILENO, "probe: %s: %s\n", what, strerror(errno));
    _exit(99);
}

/* ------------------------------------------------------------------ raw signals */

struct raw_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static uint64_t bit(int number)
{
    return UINT64_C(1) << (number - 1);
}

static uint64_t change_mask(int how, uint64_t set)
{
    uint64_t old = 0;

    syscall(SYS_rt_sigprocmask, how, &set, &old, sizeof set);
    return old;
}

static void set_disposition(int number, void (*handler)(int))
{
    struct raw_action action = {.handler = handler};

    syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}

static bool is_ignored(int number)
{
    struct raw_action action = {0};

    syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask);
    return action.handler == SIG_IGN;
}

static uint64_t ignored_signals(void)
{
    uint64_t ignored = 0;

    for (int number = 1; number <= LAST_SIGNAL; number++)
        if (is_ignored(number))
            ignored |= bit(number);
    return ignored;
}

static uint64_t pending_signals(void)
{
    uint64_t pending = 0;

    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    return pending;
}

/* The next pending signal of the set, or -1 where none came before the timeout (NULL: wait for
 * ever). */
static int next_signal(uint64_t set, siginfo_t *info, const struct timespec *timeout)
{
    int number;

    do
        number = (int)syscall(SYS_rt_sigtimedwait, &set, info, timeout, sizeof set);
    while (number < 0 && errno == EINTR);
    return number;
}

/* ------------------------------------------------------------------ words */

/* The number at the beginning of "1,17,34", and the list goes on behind its comma. */
static int take_number(const char **list)
{
    char *end;
    long number = strtol(*list, &end, 10);

    *list = *end == ',' ? end + 1 : end;
    return (int)number;
}

static uint64_t parse_signals(const char *list)
{
    uint64_t set = 0;

    while (*list >= '0' && *list <= '9')
        set |= bit(take_number(&list));
    return set;
}

static int run_next(char **words)
{
    execvp(words[0], words);
    die_because(words[0]);
    return 99;
}

/* ------------------------------------------------------------------ report */

struct text {
    char bytes[1 << 18];
    size_t length;
};

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof text->bytes - text->length;

    va_start(arguments, format);
    int length = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        _exit(98);
    text->length += (size_t)length;
}

static void add_string(struct text *text, const char *string)
{
    add(text, "\"");
    for (const unsigned char *byte = (const unsigned char *)string; *byte != '\0'; byte++)
        if (*byte < 0x20 || *byte > 0x7e || *byte == '"' || *byte == '\\')
            add(text, "\\u%04x", *byte);
        else
            add(text, "%c", *byte);
    add(text, "\"");
}

static void add_strings(struct text *text, const char *name, char **strings)
{
    add(text, ", \"%s\": [", name);
    for (char **string = strings; *string != NULL; string++) {
        add_string(text, *string);
        add(text, string[1] == NULL ? "" : ", ");
    }
    add(text, "]");
}

static void add_numbers(struct text *text, const char *name, uint64_t set)
{
    const char *comma = "";

    add(text, ", \"%s\": [", name);
    for (int number = 1; number <= LAST_SIGNAL; number++)
        if (set & bit(number)) {
            add(text, "%s%d", comma, number);
            comma = ", ";
        }
    add(text, "]");
}

/* The open descriptors, found without /proc, that have all of these status flags. */
static void add_descriptors(struct text *text, const char *name, int wanted_flags)
{
    const char *comma = "";

    add(text, ", \"%s\": [", name);
    for (int descriptor = 0; descriptor < DESCRIPTORS_LOOKED_AT; descriptor++) {
        int flags = fcntl(descriptor, F_GETFL);
        if (flags >= 0 && (flags & wanted_flags) == wanted_flags) {
            add(text, "%s%d", comma, descriptor);
            comma = ", ";
        }
    }
    add(text, "]");
}

static void add_foreground(struct text *text)
{
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (terminal < 0) {
        add(text, ", \"foreground\": null");
        return;
    }
    add(text, ", \"foreground\": %d", (int)tcgetpgrp(terminal));
    close(terminal);
}

static void add_directory(struct text *text)
{
    static char path[4096];

    add(text, ", \"cwd\": ");
    add_string(text, getcwd(path, sizeof path) == NULL ? strerror(errno) : path);
}

static void write_report(const struct text *text, const char *path)
{
    int out = STDOUT_FILENO;

    if (strcmp(path, "-") != 0)
        out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0 || write(out, text->bytes, text->length) != (ssize_t)text->length)
        die_because(path);
    if (out != STDOUT_FILENO)
        close(out);
}

static int report(char **words)
{
    static struct text text;
    mode_t mask = umask(0);

    umask(mask);
    add(&text, "{\"pid\": %d, \"ppid\": %d", (int)getpid(), (int)getppid());
    add(&text, ", \"pgid\": %d, \"sid\": %d", (int)getpgrp(), (int)getsid(0));
    add_numbers(&text, "blocked", change_mask(SIG_BLOCK, 0));
    add_numbers(&text, "ignored", ignored_signals());
    add_numbers(&text, "pending", pending_signals());
    add_descriptors(&text, "fds", 0);
    add_descriptors(&text, "nonblocking", O_NONBLOCK);
    add_foreground(&text);
    add_directory(&text);
    add(&text, ", \"umask\": %d", (int)mask);
    add_strings(&text, "argv", words);
    add_strings(&text, "environment", environ);
    add(&text, "}\n");
    write_report(&text, words[0]);
    return words[1] == NULL ? 0 : run_next(words + 1);
}

/* ------------------------------------------------------------------ receiving */

/*
 * From now on before everything else that wants the processor, where that is allowed: on a machine
 * full of work it could be killed before it has said what it was asked.
 */
static void hurry(void)
{
    const struct sched_param first = {.sched_priority = 1};

    syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &first); /* musl's own function refuses */
}

static int signals(char **words)
{
    int count = words[0] == NULL ? 1 : atoi(words[0]);
    int code = words[0] == NULL || words[1] == NULL ? 0 : atoi(words[1]);
    siginfo_t info;

    hurry();
    change_mask(SIG_BLOCK, ~UINT64_C(0));
    say("ready %d\n", (int)getpid());
    while (count-- > 0) {
        int number = next_signal(~UINT64_C(0), &info, NULL);
        say("signal %d pid %d from %d\n", number, (int)getpid(), (int)info.si_pid);
    }
    return code;
}

static bool comes_back(int number)
{
    const struct timespec patience = {.tv_sec = ROUND_TRIP_SECONDS};
    siginfo_t info;

    return kill(getppid(), number) == 0 && next_signal(~UINT64_C(0), &info, &patience) == number;
}

/* Sends every signal that can be forwarded to its parent and awaits it back. */
static int round_trip(char **words)
{
    (void)words;
    change_mask(SIG_BLOCK, ~UINT64_C(0));
    for (int number = 1; number <= LAST_SIGNAL; number++) {
        if (number == SIGKILL || number == SIGSTOP || number == SIGCHLD)
            continue;
        if (!comes_back(number)) {
            say("signal %d did not come back\n", number);
            return 1;
        }
    }
    say("all came back\n");
    return 0;
}

/* ------------------------------------------------------------------ ending and stopping */

static int exit_with(char **words)
{
    return atoi(words[0]);
}

static int die_of(char **words)
{
    int number = atoi(words[0]);

    set_disposition(number, SIG_DFL);
    change_mask(SIG_UNBLOCK, bit(number));
    kill(getpid(), number);
    return 97;
}

static int stop_by(char **words)
{
    int number = atoi(words[0]);

    set_disposition(number, SIG_DFL);
    say("stopping %d\n", (int)getpid());
    kill(getpid(), number);
    say("continued\n");
    return words[1] == NULL ? 0 : run_next(words + 1);
}

/* A stop for tracing, which a parent sees though it never asked for stops. */
static int trace_me(char **words)
{
    (void)words;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        die_because("ptrace");
    say("traced %d\n", (int)getpid());
    kill(getpid(), SIGUSR1);
    return 0;
}

/* ------------------------------------------------------------------ another start */

static int ignore(char **words)
{
    uint64_t set = parse_signals(words[0]);

    for (int number = 1; number <= LAST_SIGNAL; number++)
        if (set & bit(number))
            set_disposition(number, SIG_IGN);
    return run_next(words + 1);
}

static int block(char **words)
{
    change_mask(SIG_SETMASK, parse_signals(words[0]));
    return run_next(words + 1);
}

static int close_descriptors(char **words)
{
    for (const char *list = words[0]; *list != '\0';)
        close(take_number(&list));
    return run_next(words + 1);
}

/* Leads a new session, with the terminal on standard input as its own. */
static int session(char **words)
{
    if (setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
        die_because("session");
    return run_next(words);
}

/* ------------------------------------------------------------------ orphans */

static void wait_for_end_of(int gate)
{
    char byte;

    while (read(gate, &byte, 1) < 0 && errno == EINTR)
        ;
}

static void open_pipe(int ends[2])
{
    if (pipe(ends) < 0)
        die_because("pipe");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
}

static pid_t fork_or_die(void)
{
    pid_t pid = fork();

    if (pid < 0)
        die_because("fork");
    return pid;
}

static void make_orphans(int count, int code, const int gate[2])
{
    for (int i = 0; i < count; i++) {
        pid_t pid = fork_or_die();
        if (pid == 0) {
            close(gate[1]);
            wait_for_end_of(gate[0]);
            _exit(code);
        }
        say("orphan %d\n", (int)pid);
    }
}

/* COUNT CODE COMMAND...: orphans that all exit at once, at the moment COMMAND is executed. */
static int orphans(char **words)
{
    int gate[2];

    open_pipe(gate);
    pid_t launcher = fork_or_die();
    if (launcher == 0) {
        make_orphans(atoi(words[0]), atoi(words[1]), gate);
        _exit(0);
    }
    waitpid(launcher, NULL, 0);
    return words[2] == NULL ? 0 : run_next(words + 2);
}

/* ------------------------------------------------------------------ a slow shell */

/*
 * COMMAND as a job in a group of its own that gets the terminal's foreground only when USR1 comes:
 * a shell under load gives it after the job has looked who has it.
 */
static int late_foreground(char **words)
{
    siginfo_t info;
    int wait_status = 0;

    change_mask(SIG_BLOCK, bit(SIGUSR1) | bit(SIGTTOU));
    pid_t job = fork_or_die();
    if (job == 0) {
        setpgid(0, 0);
        change_mask(SIG_UNBLOCK, bit(SIGUSR1) | bit(SIGTTOU));
        return run_next(words);
    }
    setpgid(job, job);
    next_signal(bit(SIGUSR1), &info, NULL);
    tcsetpgrp(STDIN_FILENO, job);
    say("foreground given\n");
    waitpid(job, &wait_status, WUNTRACED);
    say(WIFSTOPPED(wait_status) ? "job stopped\n" : "job ended\n");
    if (WIFSTOPPED(wait_status))
        kill(-job, SIGKILL);
    return 0;
}

/* ------------------------------------------------------------------ survivors */

struct survivor {
    char name[32];
    uint64_t ends_by;
    int needs_ms;
    bool ignores_term;
};

/* [!]NAME:SIGNALS[+MS], where ! ignores TERM as an interactive shell does */
static struct survivor parse_survivor(const char *word)
{
    struct survivor survivor = {.ignores_term = word[0] == '!'};
    word += survivor.ignores_term;
    size_t name_length = strcspn(word, ":");
    const char *after_name = word + name_length + (word[name_length] == ':');
    const char *after_signals = after_name + strspn(after_name, "0123456789,");

    snprintf(survivor.name, sizeof survivor.name, "%.*s", (int)name_length, word);
    survivor.ends_by = parse_signals(after_name);
    if (*after_signals == '+')
        survivor.needs_ms = atoi(after_signals + 1);
    return survivor;
}

static void spend(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

static void survive(const struct survivor *survivor)
{
    siginfo_t info;
    int number;

    do {
        number = next_signal(~UINT64_C(0), &info, NULL);
        say("%s got %d\n", survivor->name, number);
    } while (!(survivor->ends_by & bit(number)));
    spend(survivor->needs_ms);
    say("%s ended\n", survivor->name);
    _exit(0);
}

/* OUTER[/INNER...]: INNER is a child of OUTER; each leads a session of its own. */
static void start_survivor(const char *word, const int ready[2])
{
    if (fork_or_die() != 0)
        return;
    struct survivor survivor = parse_survivor(word);
    const char *inner = strchr(word, '/');

    setsid();
    change_mask(SIG_BLOCK, ~UINT64_C(0));
    if (survivor.ignores_term)
        set_disposition(SIGTERM, SIG_IGN);
    hurry();
    if (inner != NULL)
        start_survivor(inner + 1, ready);
    say("%s pid %d\n", survivor.name, (int)getpid());
    close(ready[1]);
    survive(&survivor);
}

/* SURVIVOR... -- COMMAND...: executes COMMAND when orphans are up that say each signal they get. */
static int leave(char **words)
{
    char **next = words;
    int ready[2];

    while (*next != NULL && strcmp(*next, "--") != 0)
        next++;
    open_pipe(ready);
    pid_t launcher = fork_or_die();
    if (launcher == 0) {
        for (char **word = words; word < next; word++)
            start_survivor(*word, ready);
        _exit(0);
    }
    close(ready[1]);
    wait_for_end_of(ready[0]);
    waitpid(launcher, NULL, 0);
    return *next == NULL ? 0 : run_next(next + 1);
}

/* ------------------------------------------------------------------ one run after the other */

enum { STAMP = 21 };

/* Appends the time in ns; returns the number of stamps that are there now. */
static int stamp(const char *path)
{
    struct timespec now;
    char line[STAMP + 1];

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(line, sizeof line, "%020lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0 || write(file, line, STAMP) != STAMP)
        die_because(path);
    /* Where an O_APPEND write has left the offset is the end of this very line. */
    int count = (int)(lseek(file, 0, SEEK_CUR) / STAMP);
    close(file);
    return count;
}

/*
 * FILE STEP...: the Nth run, as the stamps in FILE count them, takes the Nth step, and all later
 * ones the last. A step is an exit code, -SIGNAL to die of, "stay", or +MS:STEP.
 */
static int runs(char **words)
{
    int nth = stamp(words[0]);
    char *step = words[1];

    for (char **next = words + 2; *next != NULL && nth > 1; nth--)
        step = *next++;
    if (*step == '+') {
        spend(atoi(step + 1));
        step = strchr(step, ':') + 1;
    }
    while (strcmp(step, "stay") == 0)
        pause();
    return *step == '-' ? die_of((char *[]){step + 1, NULL}) : atoi(step);
}

/* ------------------------------------------------------------------ saying that it is ready */

static int connect_notify_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = getenv("NOTIFY_SOCKET");
    int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (name == NULL || strlen(name) >= sizeof address.sun_path || file < 0)
        die_because("NOTIFY_SOCKET");
    strcpy(address.sun_path, name);
    if (*name == '@')
        address.sun_path[0] = '\0';
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    if (connect(file, (struct sockaddr *)&address, length) < 0)
        die_because(name);
    return file;
}

/* MESSAGE [COMMAND...]: sends it to $NOTIFY_SOCKET. */
static int notify(char **words)
{
    int file = connect_notify_socket();

    if (send(file, words[0], strlen(words[0]), 0) < 0)
        die_because("send");
    close(file);
    return words[1] == NULL ? 0 : run_next(words + 1);
}

/* [COMMAND...]: sends one end of a pipe and waits until everybody has closed it. */
static int barrier(char **words)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec data = {.iov_base = "BARRIER=1", .iov_len = 9};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int gate[2];
    int file = connect_notify_socket();

    open_pipe(gate);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &gate[1], sizeof(int));
    if (sendmsg(file, &message, 0) < 0)
        die_because("sendmsg");
    close(gate[1]);
    wait_for_end_of(gate[0]);
    say("released\n");
    close(file);
    return words[0] == NULL ? 0 : run_next(words);
}

/* DESCRIPTOR [COMMAND...]: writes a line to it and closes it. */
static int line_on(char **words)
{
    int file = atoi(words[0]);

    if (write(file, "up\n", 3) != 3)
        die_because("write");
    close(file);
    return words[1] == NULL ? 0 : run_next(words + 1);
}

/* ------------------------------------------------------------------ becoming a daemon */

/* CODE COMMAND...: goes on as COMMAND in a child, and ends at once. */
static int fork_and_leave(char **words)
{
    return fork_or_die() == 0 ? run_next(words + 1) : atoi(words[0]);
}

/* COMMAND...: in a session of its own. */
static int away(char **words)
{
    if (setsid() < 0)
        die_because("setsid");
    return run_next(words);
}

/* FILE COMMAND...: writes its pid, as a daemon does. */
static int write_pid(char **words)
{
    int file = open(words[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (file < 0 || dprintf(file, "%d\n", (int)getpid()) < 0)
        die_because(words[0]);
    close(file);
    return run_next(words + 1);
}

/* FIFO COMMAND...: when somebody has opened it to write. */
static int await(char **words)
{
    int file = open(words[0], O_RDONLY | O_CLOEXEC);

    if (file < 0)
        die_because(words[0]);
    wait_for_end_of(file);
    close(file);
    return run_next(words + 1);
}

/* ------------------------------------------------------------------ main */

static const struct subcommand {
    const char *name;
    int least_words;
    int (*run)(char **words);
} subcommands[] = {
    {"report", 1, report},
    {"signals", 0, signals},
    {"round-trip", 0, round_trip},
    {"exit", 1, exit_with},
    {"die", 1, die_of},
    {"stop", 1, stop_by},
    {"traceme", 0, trace_me},
    {"ignore", 2, ignore},
    {"block", 2, block},
    {"close", 2, close_descriptors},
    {"session", 1, session},
    {"orphans", 2, orphans},
    {"late-foreground", 1, late_foreground},
    {"leave", 1, leave},
    {"runs", 2, runs},
    {"notify", 1, notify},
    {"barrier", 0, barrier},
    {"line-on", 1, line_on},
    {"fork", 2, fork_and_leave},
    {"away", 1, away},
    {"write-pid", 2, write_pid},
    {"await", 2, await},
};

/* Ends by _exit: a leak checker at exit would want /proc and a parent that does not trace. */
int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof subcommands[0]; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0 && argc - 2 >= subcommands[i].least_words)
            _exit(subcommands[i].run(argv + 2));
    dprintf(STDERR_FILENO, "probe: unknown or incomplete subcommand\n");
    _exit(96);
}
