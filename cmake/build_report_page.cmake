# Builds FOLDER/report.html from the page's SOURCE with NPM and NODE. npm works in FOLDER/work, where its packages stay
# until the lock file changes. A failure does not fail the build: report.html is then empty, and a message says why.

set(work ${FOLDER}/work)
set(log ${FOLDER}/npm.log)
file(MAKE_DIRECTORY ${work})
file(REMOVE_RECURSE ${work}/source)
foreach(name source package.json package-lock.json .npmrc build.mjs)
  file(COPY ${SOURCE}/${name} DESTINATION ${work})
endforeach()

function(without_page why)
  message("${why} (${log}): peerbed is built without the HTML report. Remove ${FOLDER} and build again to retry.")
  file(WRITE ${FOLDER}/report.html "")
endfunction()

file(SHA256 ${work}/package-lock.json wanted)
set(stamp ${work}/node_modules/.peerbed-lock)
set(installed "")
if(EXISTS ${stamp})
  file(READ ${stamp} installed)
endif()
if(NOT installed STREQUAL wanted)
  execute_process(
    COMMAND ${NPM} ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier
            --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000
    WORKING_DIRECTORY ${work} RESULT_VARIABLE result OUTPUT_FILE ${log} ERROR_FILE ${log} TIMEOUT 240)
  if(NOT result EQUAL 0)
    without_page("npm could not install the page's packages")
    return()
  endif()
  file(WRITE ${stamp} ${wanted})
endif()

execute_process(
  COMMAND ${NODE} build.mjs ${FOLDER}/report.html
  WORKING_DIRECTORY ${work} RESULT_VARIABLE result OUTPUT_FILE ${log} ERROR_FILE ${log})
if(NOT result EQUAL 0)
  without_page("The page could not be built")
endif()
