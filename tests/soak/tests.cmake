# Many devices and a server that is restarted all the time; ROS_SOAK_SECONDS sets how long.
file(GLOB soak_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
add_room_tests(soak
  SOURCES ${soak_sources} "${CMAKE_SOURCE_DIR}/tests/protocol/server_process.cpp"
  ROOMS runtime USES protocol_client)
if(TARGET realm-object-server)
  add_dependencies(soak_tests realm-object-server)
  gtest_discover_tests(soak_tests DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 7200 LABELS soak)
endif()
