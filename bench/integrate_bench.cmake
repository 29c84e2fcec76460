add_executable(integrate_bench "${CMAKE_CURRENT_LIST_DIR}/integrate_bench.cpp")
target_compile_options(integrate_bench PRIVATE ${ROS_WARNINGS})
target_include_directories(integrate_bench PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(integrate_bench PRIVATE ros_sync test_support benchmark::benchmark)
