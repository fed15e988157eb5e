#include "ctl/top.h"

#include "ctl/key.h"
#include "ctl/request.h"
#include "ctl/terminal.h"
#include "ctl/top_view.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PERIOD_MS = 1000,  /* between two looks at the services */
    SILENCE_MS = 2000, /* without an answer, from which on it is said */
    CONNECT_TIMEOUT_MS = 5000,
    REQUESTS = 16,         /* that can wait for their answer */
    KEYS_SIZE = 64,        /* longer than any key */
    ENDED_BY_SIGNAL = 128, /* and its number, as shells count exit codes */
};

/* A request that was sent and is not answered yet. */
struct asked {
    enum command command;
    char name[sizeof((struct status_row *)NULL)->name];
    int64_t when_ms;
};

struct top {
    struct client *client;
    const char *path;
    char *error;
    struct terminal terminal;
    struct top_view view;
    struct asked asked[REQUESTS]; /* the first one is answered next */
    int asked_count;
    struct status_row *rows; /* of a status that is not complete yet */
    struct status_row **end;
    int64_t look_ms; /* when the services are looked at again */
    char keys[KEYS_SIZE];
    size_t keys_length;
    bool is_stale; /* the screen */
    bool is_over;
    int code; /* is_over */
};

static void finish(struct top *top, int code, const char *error)
{
    if (top->is_over)
        return;
    top->is_over = true;
    top->code = code;
    snprintf(top->error, CLIENT_ERROR_SIZE, "%s", error);
}

static void finish_without_reeve(struct top *top)
{
    finish(top, ANSWER_UNREACHABLE, "reeve has closed the connection");
}

/* --- signals ---------------------------------------------------------------------------------- */

/* They are blocked but for where we wait, so nothing else sees these change. */
static volatile sig_atomic_t ending_signal;
static volatile sig_atomic_t is_to_stop;
static volatile sig_atomic_t has_continued;
static volatile sig_atomic_t is_resized;

static void on_signal(int sig)
{
    if (sig == SIGWINCH)
        is_resized = 1;
    else if (sig == SIGTSTP)
        is_to_stop = 1;
    else if (sig == SIGCONT)
        has_continued = 1;
    else
        ending_signal = sig;
}

static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH};

enum { SIGNALS = sizeof signals / sizeof *signals };

struct signals_before {
    struct sigaction actions[SIGNALS];
    sigset_t mask;
};

/* Without SA_RESTART: a terminal that takes nothing must not keep us. */
static void catch (int sig, struct sigaction *before)
{
    struct sigaction ours = {.sa_handler = on_signal};
    sigfillset(&ours.sa_mask);
    sigaction(sig, &ours, before);
}

static void catch_all(struct signals_before *before)
{
    sigset_t all;
    sigemptyset(&all);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&all, signals[i]);
    sigprocmask(SIG_BLOCK, &all, &before->mask);
    for (int i = 0; i < SIGNALS; i++)
        catch (signals[i], &before->actions[i]);
}

static void catch_none(const struct signals_before *before)
{
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* --- the screen ------------------------------------------------------------------------------- */

/* One write a frame, so that the terminal never shows half of one for long. */
static void draw(struct top *top, const sigset_t *mask)
{
    char *text = NULL;
    size_t length = 0;
    sigset_t blocked;
    FILE *out = open_memstream(&text, &length);
    top->is_stale = false;
    if (!out)
        return;
    top_view_print(&top->view, out);
    if (fclose(out) == 0) {
        sigprocmask(SIG_SETMASK, mask, &blocked);
        bool is_there = terminal_write(&top->terminal, text, length);
        sigprocmask(SIG_SETMASK, &blocked, NULL);
        if (!is_there)
            finish(top, ENDED_BY_SIGNAL + SIGHUP, "");
    }
    free(text);
}

static void measure(struct top *top)
{
    int width;
    int height;
    terminal_size(&top->terminal, &width, &height);
    top_view_resize(&top->view, width, height);
    top->is_stale = true;
}

static void note(struct top *top, const struct asked *asked, const char *what)
{
    char text[TOP_NOTE_SIZE];
    snprintf(text, sizeof text, "%s %s: %s", command_name(asked->command), asked->name, what);
    top_view_note(&top->view, text);
    top->is_stale = true;
}

/* --- requests --------------------------------------------------------------------------------- */

static void forget_rows(struct top *top)
{
    top_view_free_rows(top->rows);
    top->rows = NULL;
    top->end = &top->rows;
}

/* Everything is answered in turn, so what goes first says what an answer is about. */
static void ask(struct top *top, enum command command, const char *name)
{
    char line[REQUEST_SIZE];
    struct asked *asked = &top->asked[top->asked_count];
    *asked = (struct asked){.command = command, .when_ms = client_now_ms()};
    if (command == COMMAND_STATUS) {
        snprintf(line, sizeof line, "%s", command_name(command));
    } else {
        snprintf(asked->name, sizeof asked->name, "%s", name);
        snprintf(line, sizeof line, "%s --no-wait -- %s", command_name(command), name);
        note(top, asked, "...");
    }
    top->asked_count++;
    if (!client_send(top->client, line))
        finish_without_reeve(top);
}

/* The next look is a period away, whether this one is answered or not. */
static void look(struct top *top, int64_t now_ms)
{
    int64_t silent_ms = top->asked_count > 0 ? now_ms - top->asked[0].when_ms : 0;
    top->view.silent_s = silent_ms >= SILENCE_MS ? (int)(silent_ms / 1000) : 0;
    top->look_ms = now_ms + PERIOD_MS;
    top->is_stale = true;
    if (top->asked_count == 0)
        ask(top, COMMAND_STATUS, NULL);
}

static void order(struct top *top, enum command command)
{
    const char *name = top_view_selected(&top->view);
    if (!name)
        return;
    if (top->asked_count < REQUESTS)
        ask(top, command, name);
    else
        top_view_note(&top->view, "not sent: too much is not answered yet");
}

/* --- answers ---------------------------------------------------------------------------------- */

static void take_row(struct top *top, const struct status *status)
{
    struct status_row *row = calloc(1, sizeof *row);
    if (!row)
        return;
    format_row(status, row);
    *top->end = row;
    top->end = &row->next;
}

static void take_rows(struct top *top)
{
    top_view_set_rows(&top->view, top->rows);
    top->rows = NULL;
    top->end = &top->rows;
    top->is_stale = true;
}

static void take_verdict(struct top *top, const struct verdict *verdict)
{
    const struct asked asked = top->asked[0];
    if (top->asked_count == 0)
        return;
    top->asked_count--;
    memmove(top->asked, top->asked + 1, (size_t)top->asked_count * sizeof *top->asked);
    if (asked.command == COMMAND_STATUS) {
        take_rows(top);
        return;
    }
    if (verdict->error)
        note(top, &asked, verdict->error);
    else if (verdict->warning)
        note(top, &asked, verdict->warning);
    else
        note(top, &asked, verdict->code == ANSWER_DONE ? "ordered" : "failed");
    look(top, client_now_ms());
}

/* All lines that are there. */
static void take_answers(struct top *top)
{
    char *line;
    struct answer answer;
    for (;;) {
        switch (client_read(top->client, &line, 0)) {
        case CLIENT_GONE:
            finish_without_reeve(top);
            return;
        case CLIENT_TIMED_OUT:
            return;
        case CLIENT_LINE:
            break;
        }
        answer_read(line, &answer);
        if (answer.kind == ANSWER_STATUS)
            take_row(top, &answer.status);
        else if (answer.kind == ANSWER_VERDICT)
            take_verdict(top, &answer.verdict);
    }
}

/* --- keys ------------------------------------------------------------------------------------- */

static void obey(struct top *top, enum key key)
{
    struct top_view *view = &top->view;
    top_view_note(view, "");
    switch (key) {
    case KEY_NONE:
        break;
    case KEY_UP:
        top_view_move(view, -1);
        break;
    case KEY_DOWN:
        top_view_move(view, 1);
        break;
    case KEY_PAGE_UP:
        top_view_move(view, -top_view_page(view));
        break;
    case KEY_PAGE_DOWN:
        top_view_move(view, top_view_page(view));
        break;
    case KEY_HOME:
        top_view_move(view, -view->count);
        break;
    case KEY_END:
        top_view_move(view, view->count);
        break;
    case KEY_START:
        order(top, COMMAND_START);
        break;
    case KEY_STOP:
        order(top, COMMAND_STOP);
        break;
    case KEY_RESTART:
        order(top, COMMAND_RESTART);
        break;
    case KEY_QUIT:
        finish(top, ANSWER_DONE, "");
        break;
    }
    top->is_stale = true;
}

/* The beginning of a key stays for the bytes that complete it; one that is too long is no key. */
static void obey_all(struct top *top)
{
    size_t taken;
    size_t done = 0;
    enum key key;
    while (!top->is_over &&
           (taken = key_read(top->keys + done, top->keys_length - done, &key)) > 0) {
        obey(top, key);
        done += taken;
    }
    top->keys_length -= done;
    memmove(top->keys, top->keys + done, top->keys_length);
    if (top->keys_length == sizeof top->keys)
        top->keys_length = 0;
}

static void take_keys(struct top *top)
{
    ssize_t length =
        read(top->terminal.in, top->keys + top->keys_length, sizeof top->keys - top->keys_length);
    if (length < 0 && errno == EINTR)
        return;
    if (length <= 0) {
        finish(top, ENDED_BY_SIGNAL + SIGHUP, "");
        return;
    }
    top->keys_length += (size_t)length;
    obey_all(top);
}

/* --- suspended -------------------------------------------------------------------------------- */

/* As SIGTSTP does where it is not caught; in a group that nobody could continue, not at all. */
static void stop_ourselves(void)
{
    struct sigaction ours;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t stop;
    sigset_t blocked;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigaction(SIGTSTP, &standard, &ours);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, &blocked);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}

/* reeve drops a client that is silent for long, as we may have been. */
static void connect_again(struct top *top)
{
    char error[CLIENT_ERROR_SIZE];
    forget_rows(top);
    top->asked_count = 0;
    client_close(top->client);
    if (!client_connect(top->client, top->path, client_now_ms() + CONNECT_TIMEOUT_MS, error))
        finish(top, ANSWER_UNREACHABLE, error);
}

/* Whoever had the terminal in the meantime has left it in some other way. */
static void come_back(struct top *top)
{
    terminal_enter(&top->terminal);
    measure(top);
    connect_again(top);
    if (!top->is_over)
        look(top, client_now_ms());
}

/* --- the loop --------------------------------------------------------------------------------- */

static void obey_signals(struct top *top)
{
    if (ending_signal != 0) {
        finish(top, ending_signal == SIGINT ? ANSWER_DONE : ENDED_BY_SIGNAL + ending_signal, "");
        return;
    }
    if (is_to_stop) {
        is_to_stop = 0;
        terminal_leave(&top->terminal);
        stop_ourselves();
        has_continued = 1;
    }
    if (has_continued) {
        has_continued = 0;
        come_back(top);
    }
    if (is_resized) {
        is_resized = 0;
        measure(top);
    }
}

static void wait_for_more(struct top *top, const sigset_t *mask)
{
    int64_t left_ms = top->look_ms - client_now_ms();
    if (left_ms < 0)
        left_ms = 0;
    struct timespec left = {.tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000};
    struct pollfd descriptors[] = {
        {.fd = top->terminal.in, .events = POLLIN},
        {.fd = top->client->fd, .events = POLLIN},
    };
    if (ppoll(descriptors, 2, &left, mask) <= 0)
        return;
    if (descriptors[0].revents)
        take_keys(top);
    if (descriptors[1].revents && !top->is_over)
        take_answers(top);
}

static void run(struct top *top, const sigset_t *mask)
{
    measure(top);
    look(top, client_now_ms());
    while (!top->is_over) {
        obey_signals(top);
        if (!top->is_over && client_now_ms() >= top->look_ms)
            look(top, client_now_ms());
        if (!top->is_over && top->is_stale)
            draw(top, mask);
        /* What was caught while that was written is obeyed before we wait. */
        bool has_signal = ending_signal || is_to_stop || has_continued || is_resized;
        if (!top->is_over && !has_signal)
            wait_for_more(top, mask);
    }
}

int top_run(struct client *client, const char *path, bool in_colour,
            char error[static CLIENT_ERROR_SIZE])
{
    struct signals_before before;
    struct top top = {.client = client, .path = path, .error = error};
    error[0] = '\0';
    if (!terminal_init(&top.terminal, STDIN_FILENO, STDOUT_FILENO)) {
        snprintf(error, CLIENT_ERROR_SIZE, "top needs a terminal");
        return ANSWER_FAILED;
    }
    top.end = &top.rows;
    top_view_init(&top.view, in_colour);
    catch_all(&before);
    terminal_enter(&top.terminal);
    run(&top, &before.mask);
    /* Whatever stands in the way of the last write, a signal gets past it. */
    sigprocmask(SIG_SETMASK, &before.mask, NULL);
    terminal_leave(&top.terminal);
    catch_none(&before);
    forget_rows(&top);
    top_view_fini(&top.view);
    return top.code;
}
