# The real SDK against the real server, one ctest entry per file.
find_program(NODE node)
file(GLOB suites CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.test.mjs")
if(NODE AND TARGET realm-object-server)
  foreach(suite IN LISTS suites)
    get_filename_component(name "${suite}" NAME_WE)
    add_test(NAME sdk.${name} COMMAND "${NODE}" --test "${suite}")
    # Clients of TLS trust the tests' own authority, from their start on.
    set(authority "${CMAKE_SOURCE_DIR}/tests/data/keys/tls-ca.pem")
    set_tests_properties(sdk.${name} PROPERTIES TIMEOUT 300 LABELS sdk
      ENVIRONMENT "ROS_SERVER=$<TARGET_FILE:realm-object-server>;NODE_EXTRA_CA_CERTS=${authority}")
  endforeach()
endif()
