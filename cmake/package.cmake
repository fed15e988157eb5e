# What `cpack` makes of a build: of a dynamic one a Debian package that depends on the libraries it
# is linked with, of the static one a tarball that needs none. A file beside each has its checksum.

set(CPACK_PACKAGE_NAME reeve)
set(CPACK_PACKAGE_CONTACT "The reeve authors <reeve@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "init and supervisor for containers")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "PID 1 of a container: it passes signals on, reaps what nobody waits for, and starts, restarts and
stops one program or several in order.")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

if(REEVE_STATIC)
    set(CPACK_GENERATOR TGZ)
    set(CPACK_PACKAGING_INSTALL_PREFIX /)
    set(CPACK_SYSTEM_NAME linux-${CMAKE_SYSTEM_PROCESSOR}-static)
    # Whoever passes the binaries on passes these on as well.
    install(FILES ${LIBEV_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright.libev)
    foreach(library musl libinih)
        install(FILES /usr/share/doc/${library}-dev/copyright
            DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright.${library} OPTIONAL)
    endforeach()
else()
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

include(CPack)
