# The golden vectors: `vector_tests` has one case per vector file.
file(GLOB vector_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
add_executable(vector_tests ${vector_sources})
target_compile_options(vector_tests PRIVATE ${ROS_WARNINGS})
target_include_directories(vector_tests PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_compile_definitions(vector_tests PRIVATE
  ROS_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
  ROS_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared")
target_link_libraries(vector_tests PRIVATE test_support ros_sync GTest::gtest GTest::gtest_main
  Boost::json ZLIB::ZLIB)
gtest_discover_tests(vector_tests DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600)
