#include "init/job.h"

#include "init/report.h"
#include "init/terminal.h"

#include <signal.h>
#include <unistd.h>

/* A leader takes the terminal from its whole session, and the kernel sends HUP and CONT. */
void job_begin(struct job *job, const struct settings *settings, pid_t self)
{
    *job = (struct job){.settings = settings, .self = self};
    if (!settings->on_session)
        return;
    bool is_leader = getsid(0) == self;
    int error = terminal_give_up();
    if (error == 0 && is_leader)
        job->handed_on = signal_bit(SIGHUP) | signal_bit(SIGCONT);
    report_detached(error, is_leader);
}

bool job_lets_pass(struct job *job, int sig)
{
    if (!signal_in(job->handed_on, sig))
        return false;
    job->handed_on &= ~signal_bit(sig);
    report_let_pass(sig);
    return true;
}

bool job_is_stopped_by(int sig)
{
    return sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

void job_stop(const struct job *job, int sig)
{
    if (!job->settings->stops_itself || !job_is_stopped_by(sig))
        return;
    report_stopping_itself();
    if (job->self != 1) /* it would only lose a CONT that has come meanwhile */
        kill(job->self, SIGSTOP);
}
