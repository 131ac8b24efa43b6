# Runs after CPack has installed a package's files and before it packs them: adds the copyright and the changelog that
# Debian requires of each package, and compresses manual pages and changelogs without timestamps.

# Without it the package would silently lack its library dependencies.
find_program(dpkg_shlibdeps dpkg-shlibdeps)
if(NOT dpkg_shlibdeps)
  message(FATAL_ERROR "dpkg-shlibdeps is missing, which finds the package's dependencies: install dpkg-dev")
endif()

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(package ${CPACK_COMPONENTS_ALL})
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${package})
  set(doc ${root}/usr/share/doc/${package})
  file(MAKE_DIRECTORY ${doc})
  file(READ ${CPACK_PEERBED_SOURCE}/LICENSE license)
  file(WRITE ${doc}/copyright "${license}\nThe page of `peerbed report` includes third-party parts; each report contains "
       "their licences.\n")
  file(WRITE ${doc}/changelog "peerbed (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n"
       "  * See /usr/share/doc/peerbed/CHANGELOG.md.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
  # Debian's zsh looks here for the completions of packages.
  if(EXISTS ${root}/usr/share/zsh/site-functions)
    file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
  endif()
  file(GLOB pages ${root}/usr/share/man/man?/*.[0-9])
  execute_process(COMMAND gzip --best --no-name --force ${pages} ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)
  # As Debian's policy requires, whatever the builder's umask.
  execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
