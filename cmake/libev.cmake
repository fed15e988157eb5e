# reeve_ev: libev. The system's own, or for a static build Debian's source compiled against musl.

add_library(reeve_ev INTERFACE)

if(NOT REEVE_STATIC)
    find_path(LIBEV_INCLUDE_DIR ev.h REQUIRED)
    find_library(LIBEV_LIBRARY ev REQUIRED)
    target_include_directories(reeve_ev SYSTEM INTERFACE ${LIBEV_INCLUDE_DIR})
    target_link_libraries(reeve_ev INTERFACE ${LIBEV_LIBRARY})
    return()
endif()

include(cmake/libev_source.cmake)

# Public, since the structs in ev.h depend on them: with another set in the library than in what
# includes ev.h the loop hangs. Nothing but io, timer and prepare watchers, epoll and poll is left.
# Without periodic watchers libev has no reason to wake up now and then, see init/loop.c.
add_library(ev STATIC ${LIBEV_SOURCE_DIR}/ev.c)
target_include_directories(ev SYSTEM PUBLIC ${LIBEV_SOURCE_DIR})
target_compile_definitions(ev PUBLIC
    EV_STANDALONE=1 EV_FEATURES=0 EV_MULTIPLICITY=1 EV_MINPRI=-2 EV_MAXPRI=2
    EV_USE_EPOLL=1 EV_USE_POLL=1 EV_USE_SELECT=0 EV_USE_LINUXAIO=0 EV_USE_IOURING=0
    EV_PREPARE_ENABLE=1 EV_CHECK_ENABLE=0 EV_IDLE_ENABLE=0 EV_PERIODIC_ENABLE=0
    EV_SIGNAL_ENABLE=0 EV_CHILD_ENABLE=0 EV_ASYNC_ENABLE=0 EV_FORK_ENABLE=0 EV_STAT_ENABLE=0
    EV_EMBED_ENABLE=0 EV_CLEANUP_ENABLE=0 EV_AVOID_STDIO=1
    EV_USE_MONOTONIC=1 EV_USE_REALTIME=0 EV_USE_CLOCK_SYSCALL=0 EV_USE_NANOSLEEP=1 EV_USE_FLOOR=0
    EV_USE_EVENTFD=0 EV_USE_SIGNALFD=0 EV_USE_TIMERFD=0 EV_USE_INOTIFY=0)
target_compile_options(ev PRIVATE -w)
target_link_libraries(ev PRIVATE reeve_hardening)
target_link_libraries(reeve_ev INTERFACE ev)
