# What `cmake --install` installs. The component `peerbed` is for users: the program, the built-in scenarios, manual
# pages, completion and documentation. `peerbed-dev` is for developers: the libraries with their headers, and the package
# for find_package(peerbed).

include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME peerbed)

get_property(peerbed_libraries GLOBAL PROPERTY PEERBED_LIBRARIES)
install(TARGETS ${peerbed_libraries} peerbed_flags EXPORT peerbed_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT peerbed-dev)
foreach(folder protocols host sim adapter check analysis scenarios app)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/peerbed
          COMPONENT peerbed-dev FILES_MATCHING PATTERN "*.h")
endforeach()

if(TARGET peerbed)
  install(TARGETS peerbed RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY ${PROJECT_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR})
endif()
file(GLOB peerbed_scenarios CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/*.yaml ${PROJECT_SOURCE_DIR}/scenarios/*.graphml)
install(FILES ${peerbed_scenarios} ${PROJECT_SOURCE_DIR}/scenarios/schema.json
        DESTINATION ${CMAKE_INSTALL_DATADIR}/peerbed/scenarios)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/app/systemd/ DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/analysis/peerbed.lua DESTINATION ${CMAKE_INSTALL_DATADIR}/peerbed)

set(peerbed_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/peerbed)
install(EXPORT peerbed_targets NAMESPACE peerbed:: FILE peerbedTargets.cmake
        DESTINATION ${peerbed_package_folder} COMPONENT peerbed-dev)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/peerbedConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/cmake/peerbedConfig.cmake
                              INSTALL_DESTINATION ${peerbed_package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/peerbedConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/peerbedConfig.cmake
              ${PROJECT_BINARY_DIR}/cmake/peerbedConfigVersion.cmake
        DESTINATION ${peerbed_package_folder} COMPONENT peerbed-dev)
