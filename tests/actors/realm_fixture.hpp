// What the tests of the REALM actor share.
#pragma once

#include "realm_world.hpp"

namespace ros::actors {

using namespace ros::test;

struct realm_test : ::testing::TestWithParam<log_kind> {
  realm_world world{GetParam()};

  static sync::bytes object(std::int64_t key) {
    return sync::bytes{sync::encode_changeset(test::changeset_builder{}
                                                  .create("T", key)
                                                  .update("T", key, {"i"}, test::integer(key))
                                                  .take())};
  }
  /// A client that has brought the schema: server version 1, client version 2.
  realm_client first_client() {
    auto client = world.join();
    world.upload(client, 2, 0, realm_world::sample_schema());
    world.run();
    return client;
  }
  static void expect_code(const caf::error& error, std::int32_t code) {
    ASSERT_EQ(error, ec::session_error);
    EXPECT_EQ(error.context().get_as<std::int32_t>(0), code) << caf::to_string(error.context());
  }
  void expect_refused(const realm_client& client, sync::download_cursor download,
                      sync::salted_version latest, std::int32_t code,
                      const std::string& user = "u") {
    auto answer = world.attach(client, download, latest, user);
    ASSERT_FALSE(answer) << "expected " << code;
    expect_code(answer.error(), code);
  }
};

} // namespace ros::actors
