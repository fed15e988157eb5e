# reeve_inih: inih, the reader of INI files. The system's own.
#
# A static build prefers one made for musl, where it is installed. Debian has none: but what its
# libinih.a asks of a libc are a few functions that musl exports with the same ABI. Should a newer
# one ask for more, it is refused here.

add_library(reeve_inih INTERFACE)

if(NOT REEVE_STATIC)
    find_path(INIH_INCLUDE_DIR ini.h REQUIRED)
    find_library(INIH_LIBRARY inih REQUIRED)
    target_include_directories(reeve_inih SYSTEM INTERFACE ${INIH_INCLUDE_DIR})
    target_link_libraries(reeve_inih INTERFACE ${INIH_LIBRARY})
    return()
endif()

execute_process(
    COMMAND ${CMAKE_C_COMPILER} -print-multiarch
    OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_library(INIH_STATIC_LIBRARY libinih.a
    PATHS ${MUSL_LIBRARY_DIR} /usr/lib/${multiarch} NO_DEFAULT_PATH REQUIRED)
find_path(INIH_HEADER_DIR ini.h PATHS /usr/include NO_DEFAULT_PATH REQUIRED)

set(known_symbols
    _GLOBAL_OFFSET_TABLE_ __ctype_b_loc __stack_chk_fail
    fclose fgets fopen fopen64 free malloc realloc strchr strlen)
execute_process(
    COMMAND ${CMAKE_NM} --undefined-only --format=posix ${INIH_STATIC_LIBRARY}
    OUTPUT_VARIABLE undefined COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[A-Za-z0-9_]+ U" undefined "${undefined}")
list(TRANSFORM undefined REPLACE " U$" "")
list(REMOVE_ITEM undefined ${known_symbols})
if(undefined)
    message(FATAL_ERROR "${INIH_STATIC_LIBRARY} needs symbols that musl may not have: ${undefined}")
endif()

# A link, because the folder that has the header has glibc's too.
set(headers ${PROJECT_BINARY_DIR}/inih)
file(MAKE_DIRECTORY ${headers})
file(CREATE_LINK ${INIH_HEADER_DIR}/ini.h ${headers}/ini.h SYMBOLIC)
target_include_directories(reeve_inih SYSTEM INTERFACE ${headers})
target_link_libraries(reeve_inih INTERFACE ${INIH_STATIC_LIBRARY})
