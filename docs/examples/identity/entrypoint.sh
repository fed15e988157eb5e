#!/bin/sh
# For gosu. Writes to each file of the volume at each start, and needs a shell in the image. PID 1
# is then the program itself: nobody reaps the orphans, and a signal that it does not handle is lost.
set -e
if [ "$(id -u)" = 0 ]; then
    chown -R app:app /var/app
    exec gosu app "$@"
fi
exec "$@"
