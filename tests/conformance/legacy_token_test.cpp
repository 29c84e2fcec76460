// Item L7 of sync-protocol.md 10: tokens of clients of io.realm.sync.
#include "legacy_fixture.hpp"

#include <string>

namespace ros::test {
namespace {

TEST_F(Legacy, L7_tokens_are_judged_at_bind) { // 6.1
  const auto path = home_realm();
  const auto good = claims_for(path);
  for (int version : {22, 30}) {
    EXPECT_EQ(bind_error("", version), 203);
    EXPECT_EQ(bind_error("nonsense", version), 203);
    const auto token = signed_token(good);
    EXPECT_EQ(bind_error(token.substr(0, token.find(':')), version), 203);
    EXPECT_EQ(bind_error(runtime::make_legacy_token(good, foreign_keys()), version), 203);
    auto claims = good;
    claims.expires = now_s() - 10;
    EXPECT_EQ(bind_error(signed_token(claims), version), 202);
    claims = good;
    claims.path = path + "-else";
    EXPECT_EQ(bind_error(signed_token(claims), version), 206);
    claims = good;
    claims.access = {"upload"};
    EXPECT_EQ(bind_error(signed_token(claims), version), 206);
    claims = good;
    claims.sync_label = "other";
    EXPECT_EQ(bind_error(signed_token(claims), version), 203);
    claims = good;
    claims.identity = "0123456789abcdef0123456789abcdef";
    EXPECT_EQ(bind_error(signed_token(claims), version), 202);
    claims = good;
    claims.path.reset();
    EXPECT_EQ(bind_error(signed_token(claims), version, "/root"), 206);
    EXPECT_EQ(bind_error(signed_token(claims), version, path + "/"), 204);
  }
}

TEST_F(Legacy, L7_the_schema_that_a_reader_declares_first_is_accepted) {
  const auto owner = kennel(30);
  const auto path = home_realm();
  auto claims = claims_for(path);
  claims.access = {"download"};
  const auto token = signed_token(claims);
  for (int version : {22, 30}) {
    device d(as_legacy(std::to_string(version), path, token), path, false);
    d.session.start(token);
    d.client.send(upload_message(1, 2, 0, 0, {{2, 0, 1000, dog_schema()}}, 0, version));
    const auto m = d.client.expect("download");
    EXPECT_EQ(m.upload_client_version, 2u) << version;
    EXPECT_TRUE(m.entries.empty());
    d.client.send(upload_message(1, 3, 0, 0, {{3, 0, 1000, new_dog(2, "Max")}}, 0, version));
    EXPECT_EQ(d.client.expect("error").error_code, 206) << version;
  }
}

TEST_F(Legacy, L7_writing_needs_the_right_to_upload) {
  const auto path = home_realm();
  auto claims = claims_for(path);
  claims.access = {"download"};
  device d(as_legacy("30", path, signed_token(claims)), path);
  d.session.start(signed_token(claims));
  d.client.send(upload_message(1, d.copy.version, 0, 0, {}, 0, 30));
  d.client.expect_silence();
  d.session.write(new_dog(1, "Rex"));
  d.session.upload();
  EXPECT_EQ(d.client.expect("error").error_code, 206);
}

TEST_F(Legacy, L7_upgrades_refuse_what_can_never_be_right) { // http-api.md 8.3
  const auto path = home_realm();
  auto status = [&](const std::string& token) {
    return protocol_client{as_legacy("22", path, token)}.status();
  };
  const auto good = claims_for(path);
  EXPECT_EQ(status({}), 101);
  EXPECT_EQ(status(signed_token(good)), 101);
  EXPECT_EQ(status("nonsense"), 400);
  EXPECT_EQ(status(runtime::make_legacy_token(good, foreign_keys())), 401);
  auto claims = good;
  claims.expires = now_s() - 10;
  EXPECT_EQ(status(signed_token(claims)), 101);
  claims = good;
  claims.path = path + "-else";
  EXPECT_EQ(status(signed_token(claims)), 403);
}

TEST_F(Legacy, L7_refresh_keeps_a_session_alive) {
  const auto path = home_realm();
  auto claims = claims_for(path);
  claims.expires = now_s() + token_life_s;
  const auto fresh = signed_token(claims_for(path));
  device early(as_legacy("22", path, {}), path);
  device late(as_legacy("30", path, {}), path);
  for (auto* d : {&early, &late}) {
    d->session.start(signed_token(claims));
    d->client.send("refresh 1" + number(fresh.size()) + '\n' + fresh);
  }
  while (now_s() < *claims.expires)
    early.client.expect_silence();
  for (auto* d : {&early, &late}) {
    d->session.wait_for_download();
    d->session.write(new_dog(1, "Rex"));
    d->session.upload();
    d->session.wait_for_upload();
  }
}

TEST_F(Legacy, L7_an_expired_token_ends_what_is_asked_for) {
  const auto path = home_realm();
  auto claims = claims_for(path);
  claims.expires = now_s() + token_life_s;
  device d(as_legacy("30", path, {}), path);
  d.session.start(signed_token(claims));
  while (now_s() < *claims.expires)
    d.client.expect_silence();
  d.client.send(upload_message(1, 3, 0, 0, {}, 0, 30));
  d.client.expect_silence();
  d.client.send("mark 1 1\n");
  const auto m = d.client.expect("error");
  EXPECT_EQ(m.error_code, 202);
  EXPECT_EQ(m.session, 1u);
  d.client.send("unbind 1\n");
  claims.expires.reset();
  client_session again(d.client, d.copy, 1);
  again.start(signed_token(claims));
}

TEST_F(Legacy, L7_refresh_with_a_bad_token_ends_the_session) {
  const auto path = home_realm();
  auto error = [&](const std::string& token) {
    auto d = open_home(30, path);
    d->client.send("refresh 1" + number(token.size()) + '\n' + token);
    return d->client.expect("error").error_code;
  };
  auto claims = claims_for(path);
  claims.expires = now_s() - 10;
  EXPECT_EQ(error(signed_token(claims)), 202);
  claims = claims_for(path + "-else");
  EXPECT_EQ(error(signed_token(claims)), 206);
  claims = claims_for(path);
  claims.identity = log_in_anonymously(server()).user_id;
  EXPECT_EQ(error(signed_token(claims)), 203);
  EXPECT_EQ(error("nonsense"), 203);
}

} // namespace
} // namespace ros::test
