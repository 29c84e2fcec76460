# What tests of several folders share: in-memory stores, a raw socket, a model
# client, the content of a Realm as JSON.
file(GLOB support_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
list(FILTER support_sources EXCLUDE REGEX "/(protocol_client|living_copy)")
add_library(test_support STATIC ${support_sources})
target_compile_options(test_support PRIVATE ${ROS_WARNINGS})
target_include_directories(test_support PUBLIC "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(test_support PUBLIC ros_sync Boost::json)

# The client that speaks to a server through a socket.
add_library(protocol_client STATIC
  "${CMAKE_CURRENT_LIST_DIR}/protocol_client.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/living_copy.cpp")
target_compile_options(protocol_client PRIVATE ${ROS_WARNINGS})
target_link_libraries(protocol_client PUBLIC test_support ros_runtime ZLIB::ZLIB)
