# The Debian packages peerbed and peerbed-dev: `make package`, or the target `package`.

set(PEERBED_MAINTAINER "The Peerbed authors <maintainers@peerbed.example>" CACHE STRING
    "Who answers for the Debian packages, as NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME peerbed)
set(CPACK_PACKAGE_CONTACT ${PEERBED_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "laboratory for peer-to-peer protocols")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL peerbed peerbed-dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Adds and compresses the files that Debian's policy requires, and checks that dpkg-dev is installed.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/complete_debian_files.cmake)

set(CPACK_DEBIAN_PEERBED_PACKAGE_NAME peerbed)
set(CPACK_DEBIAN_PEERBED_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PEERBED_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PEERBED_PACKAGE_SUGGESTS "peerbed-dev, bash-completion")
set(CPACK_COMPONENT_PEERBED_DESCRIPTION
    "Runs thousands of protocol nodes, written as state machines, in a simulated
network described by one file, with the same events each time, or for real
over UDP, TCP and the disk. Includes a distributed hash table, a swarm of
peers that share files, and sweeps, statistics and comparisons of runs.")

# Linking the static libraries requires all libraries that the build requires.
file(STRINGS ${PROJECT_SOURCE_DIR}/packages.txt peerbed_build_packages REGEX "^build +.*-dev$")
list(TRANSFORM peerbed_build_packages REPLACE "^build +" "")
list(JOIN peerbed_build_packages ", " peerbed_dev_depends)
set(CPACK_DEBIAN_PEERBED-DEV_PACKAGE_NAME peerbed-dev)
set(CPACK_DEBIAN_PEERBED-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PEERBED-DEV_PACKAGE_DEPENDS "peerbed (= ${PROJECT_VERSION}), pkg-config, ${peerbed_dev_depends}")
set(CPACK_COMPONENT_PEERBED-DEV_DESCRIPTION
    "Static libraries, headers and a CMake package for writing your own protocol and
running it like those that come with peerbed.")

# Read by the script above.
set(CPACK_PEERBED_SOURCE ${PROJECT_SOURCE_DIR})

include(CPack)
