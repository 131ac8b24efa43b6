# The page of `peerbed report`, built from analysis/page by npm in the build tree. Without npm, or if npm cannot fetch
# its packages, the file is empty, and the program is built without the HTML report.

option(PEERBED_REPORT "Build the page of `peerbed report`, where npm is installed" ON)

set(PEERBED_REPORT_FOLDER ${PROJECT_BINARY_DIR}/report_page)
set(PEERBED_REPORT_PAGE ${PEERBED_REPORT_FOLDER}/report.html)
file(GLOB page_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/analysis/page/source/*)
list(APPEND page_sources ${PROJECT_SOURCE_DIR}/analysis/page/package.json ${PROJECT_SOURCE_DIR}/analysis/page/package-lock.json
     ${PROJECT_SOURCE_DIR}/analysis/page/.npmrc ${PROJECT_SOURCE_DIR}/analysis/page/build.mjs)

find_program(PEERBED_NPM npm)
find_program(PEERBED_NODE NAMES node nodejs)
if(PEERBED_REPORT AND PEERBED_NPM AND PEERBED_NODE)
  add_custom_command(
    OUTPUT ${PEERBED_REPORT_PAGE}
    COMMAND ${CMAKE_COMMAND} -D NPM=${PEERBED_NPM} -D NODE=${PEERBED_NODE} -D SOURCE=${PROJECT_SOURCE_DIR}/analysis/page
            -D FOLDER=${PEERBED_REPORT_FOLDER} -P ${PROJECT_SOURCE_DIR}/cmake/build_report_page.cmake
    DEPENDS ${page_sources} ${PROJECT_SOURCE_DIR}/cmake/build_report_page.cmake
    COMMENT "Building the page of peerbed report"
    VERBATIM)
  add_custom_target(report_page DEPENDS ${PEERBED_REPORT_PAGE})
else()
  if(PEERBED_REPORT)
    message(STATUS "no npm: peerbed is built without the HTML report")
  endif()
  file(CONFIGURE OUTPUT ${PEERBED_REPORT_PAGE} CONTENT "")
endif()
