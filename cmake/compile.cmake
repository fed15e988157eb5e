# reeve_compile: how every file of ours is compiled and linked.
# Third-party sources link reeve_hardening and reeve_sanitize only.

add_library(reeve_warnings INTERFACE)
target_compile_options(reeve_warnings INTERFACE
    -Wall -Wextra -Wshadow -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wconversion -Wsign-conversion -Wpointer-arith -Wcast-qual -Wundef -Wvla
    -Wformat=2 -Wnull-dereference
    $<$<BOOL:${REEVE_WERROR}>:-Werror>)

add_library(reeve_sanitize INTERFACE)
if(REEVE_FUZZ)
    target_compile_options(reeve_sanitize INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -O1)
    target_link_options(reeve_sanitize INTERFACE -fsanitize=address,undefined)
elseif(REEVE_SANITIZE)
    target_compile_options(reeve_sanitize INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
    target_link_options(reeve_sanitize INTERFACE -fsanitize=address,undefined)
endif()

# PIE stands here and not in POSITION_INDEPENDENT_CODE: that gives libraries the dearer -fPIC.
# A static build links by the toolchain file, which knows how to make a static PIE.
add_library(reeve_hardening INTERFACE)
target_compile_options(reeve_hardening INTERFACE -fPIE -fstack-protector-strong)
if(NOT REEVE_STATIC)
    target_link_options(reeve_hardening INTERFACE -pie LINKER:-z,relro,-z,now)
endif()
# musl knows no _FORTIFY_SOURCE; glibc's needs an optimizing compiler and confuses sanitizers.
if(NOT REEVE_STATIC AND NOT REEVE_SANITIZE AND NOT REEVE_FUZZ)
    target_compile_options(reeve_hardening INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()

# The build to ship: small, stripped, and the same bytes wherever it was built.
if(REEVE_STATIC)
    target_compile_options(reeve_hardening INTERFACE
        -Oz -flto=auto -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
        -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=.)
    target_link_options(reeve_hardening INTERFACE -flto=auto -flto-partition=one -Oz
        LINKER:--gc-sections,--hash-style=gnu,-T,${PROJECT_SOURCE_DIR}/cmake/discard.ld -s)
endif()

add_library(reeve_compile INTERFACE)
target_include_directories(reeve_compile INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(reeve_compile INTERFACE _GNU_SOURCE REEVE_VERSION="${PROJECT_VERSION}")
target_link_libraries(reeve_compile INTERFACE reeve_warnings reeve_sanitize reeve_hardening)
if(REEVE_STATIC)
    include(cmake/kernel_headers.cmake)
    target_link_libraries(reeve_compile INTERFACE reeve_kernel_headers)
endif()
