# Runs when CPack has put a package's files in place and before it packs them: adds the copyright and the changelog that
# Debian asks of each package, and compresses manual pages and changelogs without their time.

# Without it the package would name no library that it depends on, and nobody would say so.
find_program(dpkg_shlibdeps dpkg-shlibdeps)
if(NOT dpkg_shlibdeps)
  message(FATAL_ERROR "dpkg-shlibdeps is missing, without which a package depends on nothing: install dpkg-dev")
endif()

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(package ${CPACK_COMPONENTS_ALL})
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${package})
  set(doc ${root}/usr/share/doc/${package})
  file(MAKE_DIRECTORY ${doc})
  file(READ ${CPACK_PEERBED_SOURCE}/LICENSE license)
  file(WRITE ${doc}/copyright "${license}\nThe page of `peerbed report` has parts by others; their licences stand in "
       "each report that it makes.\n")
  file(WRITE ${doc}/changelog "peerbed (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n"
       "  * /usr/share/doc/peerbed/CHANGELOG.md tells what is new.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
  # Debian's zsh looks there for what packages bring.
  if(EXISTS ${root}/usr/share/zsh/site-functions)
    file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
  endif()
  file(GLOB pages ${root}/usr/share/man/man?/*.[0-9])
  execute_process(COMMAND gzip --best --no-name --force ${pages} ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)
  # As the policy has it, whoever built the package and whatever their umask.
  execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
