"""Users and groups of our own, which a reeve finds in /etc, and what a program that it starts is."""

import re

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
#ghost:x:61005:0::/root:/bin/bash
app:x:61001:61101:An app:/srv/app:/bin/sh
apple:x:61002:61102::/srv/apple:/bin/sh
bare:x:61003:61103:::
"""
GROUP = """\
root:x:0:
app:x:61101:
apple:x:61102:
logs:x:61201:app
media:x:61202:apple,app
other:x:61203:apple
"""

# Prints what it is as `NAME VALUE` lines, from the kernel, the shell's builtins and the environment.
SHOW = """\
sed -n 's/^\\(Uid\\|Gid\\|Groups\\|NoNewPrivs\\|Cap[A-Z][a-z]*\\):/\\1/p' /proc/self/status
echo oom-score-adj $(cat /proc/self/oom_score_adj)
echo nice $(nice)
echo ionice $(ionice)
echo umask $(umask)
echo cwd $(pwd -P)
for name in HOME USER LOGNAME SHELL; do
    eval "echo $name \\${$name-unset}"
done
sed -n 's/^Max /limit /p' /proc/self/limits
"""

NO_CAPABILITIES = 0
LIMITS = {
    "nofile": "open files",
    "core": "core file size",
    "nproc": "processes",
    "memlock": "locked memory",
    "stack": "stack size",
    "as": "address space",
    "fsize": "file size",
}


def bit(capability):
    return 1 << capability


def own_capabilities(name="CapBnd"):
    with open("/proc/self/status") as status:
        return int(re.search(rf"^{name}:\t(\w+)$", status.read(), re.MULTILINE)[1], 16)


def install(folder):
    """Writes the files into the folder, and SHOW, which anybody can run; returns what goes before reeve."""
    for name, text in (("passwd", PASSWD), ("group", GROUP), ("show", SHOW)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)
    mounts = "".join(f"mount --bind {folder}/{name} /etc/{name}; " for name in ("passwd", "group"))
    return ["unshare", "--mount", "sh", "-ec", f'{mounts}exec "$@"', "sh"]


def shown(lines):
    """What SHOW printed, by name; numbers where they are some, capabilities as one number."""
    found = {}
    for line in lines:
        name, *values = line.split()
        if name == "limit":
            values = line.removeprefix("limit ")
            kind = next(key for key, text in LIMITS.items() if values.startswith(text)) if values.startswith(tuple(LIMITS.values())) else None
            if kind:
                found[f"limit-{kind}"] = tuple(values.removeprefix(LIMITS[kind]).split()[:2])
        elif name.startswith("Cap"):
            found[name] = int(values[0], 16)
        elif name in ("Uid", "Gid", "Groups"):
            found[name] = [int(value) for value in values]
        else:
            found[name] = " ".join(values)
    return found
