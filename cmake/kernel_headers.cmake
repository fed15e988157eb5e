# reeve_kernel_headers: <linux/...> for a libc whose include folder comes without them.
# Links, because the folder that has them has glibc's headers too; -idirafter, so that libc's win.

set(links ${PROJECT_BINARY_DIR}/kernel_headers)
file(MAKE_DIRECTORY ${links})
execute_process(
    COMMAND ${CMAKE_C_COMPILER} -print-multiarch
    OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
foreach(folder linux asm asm-generic)
    find_path(found ${folder} PATHS /usr/include /usr/include/${multiarch} NO_DEFAULT_PATH NO_CACHE REQUIRED)
    file(CREATE_LINK ${found}/${folder} ${links}/${folder} SYMBOLIC)
    unset(found)
endforeach()

add_library(reeve_kernel_headers INTERFACE)
target_compile_options(reeve_kernel_headers INTERFACE "SHELL:-idirafter ${links}")
