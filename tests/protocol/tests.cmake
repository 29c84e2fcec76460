# Against a real server process.
file(GLOB protocol_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
add_room_tests(protocol SOURCES ${protocol_sources} ROOMS storage runtime USES protocol_client)
if(TARGET realm-object-server)
  add_dependencies(protocol_tests realm-object-server)
  gtest_discover_tests(protocol_tests DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
endif()
