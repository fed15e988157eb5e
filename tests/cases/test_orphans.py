import os
import signal

from harness import BUILD, PROBE
from processes import children, is_alive, parent, state, wait_until

THOUSANDS = 1000 if BUILD == "asan" else 3000


def test_an_orphan_is_adopted(reeve):
    run = reeve(PROBE, "leave", "left:15", "--", PROBE, "signals")
    orphan = run.outer(run.line_matching(r"^left pid (\d+)$")[1])
    run.ready()
    assert parent(orphan) == run.pid
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_an_orphan_that_ended_is_reaped(reeve):
    run = reeve("-vv", PROBE, "orphans", "1", "3", PROBE, "signals")
    orphan = run.line_matching(r"^orphan (\d+)$")[1]
    assert run.message(rf"^reeve: reaped orphan {orphan} \(exited with code 3\)$")
    assert children(run.pid) == [run.main()]
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_an_orphan_that_was_killed_is_reaped(reeve):
    run = reeve("-vv", PROBE, "leave", "left:", "--", PROBE, "signals")
    orphan = run.line_matching(r"^left pid (\d+)$")[1]
    os.kill(run.outer(orphan), signal.SIGKILL)
    assert run.message(rf"^reeve: reaped orphan {orphan} \(killed by SIGKILL\b")
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_the_end_of_an_orphan_is_not_the_end_of_the_program(reeve):
    run = reeve(PROBE, "orphans", "1", "9", PROBE, "signals", "1", "4")
    run.ready()
    wait_until(lambda: children(run.pid) == [run.main()], "the orphan was reaped")
    run.signal(signal.SIGUSR1)
    assert run.wait() == 4


def test_thousands_of_orphans_that_end_at_once_leave_no_zombie(reeve):
    run = reeve(PROBE, "orphans", str(THOUSANDS), "0", PROBE, "signals")
    orphans = {line.split()[1] for line in run.lines(THOUSANDS)}
    assert len(orphans) == THOUSANDS
    run.ready()
    wait_until(lambda: children(run.pid) == [run.main()], "every orphan was reaped")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_the_program_may_end_amid_thousands_of_orphans(reeve):
    run = reeve(PROBE, "orphans", str(THOUSANDS), "0", PROBE, "exit", "6")
    assert run.wait() == 6


def test_a_child_that_the_program_itself_does_not_collect_stays_its_own(reeve):
    run = reeve("sh", "-c", '"$0" exit 3 & wait $!; echo "code $?"; exec "$0" signals', PROBE)
    assert run.line() == "code 3"
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_an_orphan_joined_from_outside_is_reaped_by_pid_1(reeve_as_pid_1):
    run = reeve_as_pid_1(PROBE, "signals")
    run.ready()
    joined = reeve_as_pid_1.inside(run, PROBE, "orphans", "3", "0")
    assert joined.wait() == 0
    wait_until(lambda: children(run.pid) == [run.main()], "the orphans were reaped")
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_becoming_a_subreaper_is_said_at_debug_level_only(reeve_not_pid_1):
    assert "subreaper" in reeve_not_pid_1.finished("-vv", "true").err.text()
    assert "subreaper" not in reeve_not_pid_1.finished("-v", "true").err.text()


def test_a_traced_stop_of_the_program_does_not_end_reeve(reeve):
    run = reeve("-g", "sh", "-c", '"$0" signals 2 & exec "$0" traceme', PROBE)
    run.ready()
    program = run.outer(run.line_matching(r"^traced (\d+)$")[1]) if run.out.unread else run.main()
    wait_until(lambda: state(program) == "t", "the program was stopped for tracing")
    for number in (signal.SIGWINCH, signal.SIGURG):
        run.signal(number)
        assert run.received() == number
    assert is_alive(program)
    os.kill(program, signal.SIGKILL)
    assert run.wait() == 137


def test_a_debugger_may_hold_the_program(reeve, tmp_path):
    run = reeve(PROBE, "signals", "2")
    run.ready()
    tracer = reeve.beside("strace", "-o", str(tmp_path / "calls"), "-p", str(run.main()))
    tracer.message("attached")
    for _ in range(2):
        run.signal(signal.SIGUSR1)
        assert run.received() == signal.SIGUSR1
    assert run.wait() == 0
    tracer.wait()
