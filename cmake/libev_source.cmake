# LIBEV_SOURCE_DIR: the source of libev, fetched from Debian's archive once per build folder.
#
# apt keeps its lists and its list of archives in the build folder, so that /etc and /var stay as
# they are and no root is needed; it verifies signatures and checksums as it always does.

set(LIBEV_SOURCE_DIR ${PROJECT_BINARY_DIR}/libev/source
    CACHE PATH "Source of libev; fetched from Debian's archive where it is not there")
if(EXISTS ${LIBEV_SOURCE_DIR}/ev.c)
    return()
endif()

set(apt_dir ${PROJECT_BINARY_DIR}/libev)
set(keyring /usr/share/keyrings/debian-archive-keyring.gpg)
set(apt_get apt-get --quiet=2
    -o Dir::Etc::SourceList=${apt_dir}/sources.list
    -o Dir::Etc::SourceParts=-
    -o Dir::State::Lists=${apt_dir}/lists
    -o Dir::Cache=${apt_dir}/cache
    -o APT::Sandbox::User= # the build folder may be closed to apt's own user
    -o Acquire::Retries=3)

function(in_apt_dir)
    execute_process(
        COMMAND ${ARGV} WORKING_DIRECTORY ${apt_dir}
        RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR
            "cannot get the source of libev (a folder that has it may be named by LIBEV_SOURCE_DIR):\n"
            "${output}")
    endif()
endfunction()

message(STATUS "Fetching the source of libev from Debian's archive")
cmake_host_system_information(RESULT release QUERY DISTRIB_VERSION_CODENAME)
file(MAKE_DIRECTORY ${apt_dir}/lists/partial ${apt_dir}/cache)
file(WRITE ${apt_dir}/sources.list
    "deb-src [signed-by=${keyring}] http://deb.debian.org/debian ${release} main\n")
file(REMOVE_RECURSE ${apt_dir}/unpacked)
in_apt_dir(${apt_get} update)
in_apt_dir(${apt_get} source --download-only libev)
file(GLOB description ${apt_dir}/libev_*.dsc)
in_apt_dir(dpkg-source --extract ${description} unpacked)
file(RENAME ${apt_dir}/unpacked ${LIBEV_SOURCE_DIR})
