# Toolchain: a static PIE against musl, by Debian's musl-tools.
#
# musl-gcc -static-pie silently makes a dynamic binary: its specs know no such thing and always
# give Scrt1.o, which leaves the relocation to a dynamic linker. rcrt1.o relocates itself.

set(CMAKE_C_COMPILER musl-gcc)

execute_process(
    COMMAND ${CMAKE_C_COMPILER} -print-multiarch
    OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "-gnu" "-musl" multiarch "${multiarch}")
find_path(MUSL_LIBRARY_DIR rcrt1.o PATHS /usr/lib/${multiarch} NO_DEFAULT_PATH REQUIRED)

string(JOIN " " CMAKE_C_LINK_EXECUTABLE
    "<CMAKE_C_COMPILER> <FLAGS> <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> -o <TARGET>"
    "-nostartfiles -static -Wl,-pie,--no-dynamic-linker,-z,text,-z,relro,-z,now,-z,noseparate-code"
    "${MUSL_LIBRARY_DIR}/rcrt1.o ${MUSL_LIBRARY_DIR}/crti.o"
    "<OBJECTS> <LINK_LIBRARIES>"
    "${MUSL_LIBRARY_DIR}/crtn.o")
