# Every numbered assertion of the sync protocol's conformance checklist, against a real
# server process. Shares server and fixture with tests/protocol.
file(GLOB conformance_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
add_room_tests(conformance
  SOURCES ${conformance_sources} "${CMAKE_SOURCE_DIR}/tests/protocol/server_process.cpp"
    "${CMAKE_SOURCE_DIR}/tests/protocol/resetting_app.cpp"
  ROOMS runtime USES protocol_client)
if(TARGET realm-object-server)
  add_dependencies(conformance_tests realm-object-server)
  gtest_discover_tests(conformance_tests DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300
    TEST_FILTER "-*.Robust*")
  # In full they take an hour, see scripts/nightly.sh.
  gtest_discover_tests(conformance_tests DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 7200
    TEST_FILTER "*.Robust*" TEST_LIST robust_tests)
endif()
