// How sessions end without the client's doing (sync-protocol.md 3, 3.12, 4.1).
#include "sync_world.hpp"

#include <gmock/gmock.h>

namespace ros::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SessionEnd : public ::testing::Test {
protected:
  sync_world world;
};

TEST_F(SessionEnd, ends_if_its_version_is_below_the_realms_feature_level) {
  world.realm().feature_level = 13;
  world.realm().files[2] = {1002, {}, {}, 0};
  sync_client client(world, 12);
  client.take();
  client.send_all({bind(1, "/dogs", false), ident(1, {2, 1002})});
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 201);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_FALSE(m.try_again);
  EXPECT_THAT(m.text, HasSubstr("14.7"));
  EXPECT_THAT(world.realm().bound, IsEmpty());
  sync_client old(world, 6);
  old.take();
  old.send_all({bind(1, "/dogs", false), ident(1, {2, 1002})});
  EXPECT_THAT(old.heads(), ElementsAre("json_error 212 1"));
}

TEST_F(SessionEnd, ends_before_news_that_its_version_cannot_read) {
  sync_client client(world, 7);
  client.start();
  client.take();
  world.realm().feature_level = 13;
  world.append(world.realm(), "nested collections");
  EXPECT_THAT(client.heads(), ElementsAre("json_error 201 1"));
}

TEST_F(SessionEnd, tells_its_client_to_come_back_when_the_realm_dies) {
  sync_client client(world);
  client.start();
  client.take();
  world.kill(world.realm());
  const auto m = client.only();
  EXPECT_EQ(m.error_code, 201);
  EXPECT_EQ(m.action, "Transient");
  EXPECT_TRUE(m.try_again);
  client.send("unbind 1\n");
  client.start();
  EXPECT_THAT(client.heads(), ElementsAre("download 1 0 0 0 0 0 0 0 0 0 0"));
}

TEST_F(SessionEnd, opens_a_realm_again_that_left_memory_before_the_ident_came) {
  world.realm().files[2] = {1002, {}, {}, 0};
  sync_client client(world);
  client.take();
  client.send(bind(1, "/dogs", false));
  world.kill(world.realm());
  client.send(ident(1, {2, 1002}));
  EXPECT_THAT(client.heads(), ElementsAre("download 1 0 0 0 0 0 0 0 0 0 0"));
}

TEST_F(SessionEnd, ends_with_a_client_reset_when_the_client_cannot_integrate) { // E11
  for (int code : {212, 112}) {
    sync_world other;
    sync_client client(other);
    client.start();
    client.take();
    client.send("json_error " + std::to_string(code) + " 15 1\n{\"message\":\"x\"}");
    const auto m = client.only();
    EXPECT_EQ(m.error_code, 217);
    EXPECT_EQ(m.action, "ClientReset");
  }
  sync_client client(world);
  client.start();
  client.take();
  client.send("json_error 233 2 1\n{}");
  EXPECT_THAT(client.heads(), ElementsAre("json_error 201 1 again"));
}

} // namespace
} // namespace ros::test
