add_executable(load "${CMAKE_CURRENT_LIST_DIR}/load.cpp" "${CMAKE_CURRENT_LIST_DIR}/load_clients.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/load_figures.cpp")
target_compile_options(load PRIVATE ${ROS_WARNINGS})
target_include_directories(load PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(load PRIVATE test_support protocol_client CLI11::CLI11 Threads::Threads)
