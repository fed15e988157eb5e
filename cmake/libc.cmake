# reeve_libc: the pieces of libc/, which every executable of the static build links in place of
# musl's own. Nothing in other builds.
#
# Objects and not a library, so that musl's own files get them too. Without LTO, which could drop a
# function that the compiler has yet to call by itself.

add_library(reeve_libc INTERFACE)
if(NOT REEVE_STATIC)
    return()
endif()

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/libc/*.c)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_link_options(reeve_libc INTERFACE LINKER:-z,pack-relative-relocs,-e,start)
else() # machines that it was not written for keep the relocations that musl knows
    list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/libc/start.c)
endif()
add_library(reeve_libc_objects OBJECT ${sources})
target_link_libraries(reeve_libc_objects PRIVATE reeve_compile)
set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_OPTIONS -fno-lto -fno-builtin)
set_property(SOURCE ${PROJECT_SOURCE_DIR}/libc/start.c APPEND PROPERTY
    COMPILE_OPTIONS -fno-stack-protector) # nothing has set it up yet
target_link_libraries(reeve_libc INTERFACE reeve_libc_objects $<TARGET_OBJECTS:reeve_libc_objects>)
