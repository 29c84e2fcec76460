add_executable(bounded "${CMAKE_CURRENT_LIST_DIR}/bounded.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/load_figures.cpp")
target_compile_options(bounded PRIVATE ${ROS_WARNINGS})
target_include_directories(bounded PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(bounded PRIVATE test_support protocol_client CLI11::CLI11 Threads::Threads)
