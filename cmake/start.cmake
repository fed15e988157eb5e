# reeve_start: what an executable of the static build links so that its relocations are packed,
# which is a twelfth of its size. Nothing for other builds, and for machines that it was not
# written for.

add_library(reeve_start INTERFACE)
if(NOT REEVE_STATIC OR NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    return()
endif()

add_library(reeve_start_code OBJECT ${CMAKE_CURRENT_LIST_DIR}/musl_start.c)
target_link_libraries(reeve_start_code PRIVATE reeve_warnings)
target_compile_options(reeve_start_code PRIVATE
    -fPIE -fno-stack-protector -fno-asynchronous-unwind-tables)
target_link_libraries(reeve_start INTERFACE reeve_start_code $<TARGET_OBJECTS:reeve_start_code>)
target_link_options(reeve_start INTERFACE LINKER:-z,pack-relative-relocs,-e,start)
