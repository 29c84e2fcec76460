add_executable(crowd "${CMAKE_CURRENT_LIST_DIR}/crowd.cpp" "${CMAKE_CURRENT_LIST_DIR}/crowd_clients.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/load_figures.cpp")
target_compile_options(crowd PRIVATE ${ROS_WARNINGS})
target_include_directories(crowd PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(crowd PRIVATE test_support protocol_client CLI11::CLI11 Threads::Threads)
