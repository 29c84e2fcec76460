add_executable(access_bench "${CMAKE_CURRENT_LIST_DIR}/access_bench.cpp")
target_compile_options(access_bench PRIVATE ${ROS_WARNINGS})
target_link_libraries(access_bench PRIVATE ros_actors)
