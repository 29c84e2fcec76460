// Checklist P of sync-protocol.md 10: which Realm a path names, and who gets at it. P1
// over a restart is in durability_test.cpp.
#include "conformance_fixture.hpp"

#include "support/http_client.hpp"
#include "support/test_keys.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

namespace ros::test {
namespace {

class AccessConformanceTest : public ConformanceTest {
protected:
  /// The error that BIND of this path gets; 0: an ident.
  static int answer_to(const std::string& path, const std::string& token = user().token) {
    auto options = as_user();
    options.token = token;
    protocol_client client(options);
    client.send(bind_message(1, path, true));
    const auto m = client.next();
    EXPECT_TRUE(m.has_value()) << path;
    if (m && m->name == "json_error") {
      EXPECT_EQ(m->action, "ApplicationBug");
    }
    return m ? m->error_code : -1;
  }
  static void write(device& d, const std::string& changeset) {
    d.session.write(changeset);
    d.session.upload();
    d.session.wait_for_upload();
  }
};

TEST_F(AccessConformanceTest, P1_every_partition_value_is_one_realm_in_all_its_spellings) {
  const std::vector<std::vector<std::string>> spellings{
      {"\"p1-abc\"", "  \"p1-abc\" ", "\"p1-\\u0061bc\"", "\t\"p1-abc\"\n"},
      {"771", " 771", "{\"$numberLong\":\"771\"}", "{\"$numberInt\":\"771\"}",
       "{ \"$numberInt\" : \"771\" }"},
      {"-5", "{\"$numberLong\":\"-5\"}", "{\"$numberInt\":\"-5\"}"},
      {"{\"$numberLong\":\"9223372036854775807\"}", "9223372036854775807"},
      {"{\"$oid\":\"0123456789abcdef01234567\"}", "{\"$oid\":\"0123456789ABCDEF01234567\"}"},
      {"{\"$uuid\":\"12345678-90ab-cdef-1234-567890abcdef\"}",
       "{\"$uuid\":\"12345678-90AB-CDEF-1234-567890ABCDEF\"}",
       "{\"$binary\":{\"base64\":\"EjRWeJCrze8SNFZ4kKvN7w==\",\"subType\":\"04\"}}"},
      {"null", " null "},
      {"\"771\""},
      {"\"null\""},
      {"\"\""},
      {"\"0123456789abcdef01234567\""},
      {"\"p1-ABC\""},
      {"\"p1 with blanks / \\\"quotes\\\" and \\u00fc\"",
       "\"p1 with blanks / \\\"quotes\\\" and ü\""},
      {'"' + std::string(500, 'p') + '"'},
      {'"' + std::string(501, 'p') + '"'}};
  auto client = connect();
  std::uint64_t session = 0;
  std::vector<client_copy> copies(spellings.size());
  for (std::size_t i = 0; i < spellings.size(); ++i) {
    copies[i].path = spellings[i].front();
    client_session writer(client, copies[i], ++session);
    writer.start();
    EXPECT_EQ(copies[i].latest, 0u) << copies[i].path;
    writer.write(new_dog(static_cast<std::int64_t>(i), "Rex"));
    writer.upload();
    writer.wait_for_upload();
    for (const auto& other : spellings[i]) {
      client_copy copy;
      copy.path = other;
      client_session reader(client, copy, ++session);
      reader.start();
      EXPECT_EQ(copy.received.size(), 1u) << other;
      reader.unbind();
    }
    writer.unbind();
  }
}

TEST_F(AccessConformanceTest, P1_other_texts_name_no_realm) {
  for (const auto* path :
       {"dogs", "true", "1.5", "1e3", "[]", "[1]", "{}", "{\"a\":1}", "\"open",
        "9223372036854775808", "{\"$oid\":\"0123\"}", "{\"$oid\":\"0123456789abcdef0123456g\"}",
        "{\"$uuid\":\"1234567890abcdef1234567890abcdef\"}", "{\"$numberInt\":\"x\"}",
        "{\"$numberLong\":\"99999999999999999999\"}", "{\"$numberDouble\":\"1.5\"}",
        "{\"$binary\":{\"base64\":\"AAAA\",\"subType\":\"04\"}}",
        "{\"$oid\":\"0123456789abcdef01234567\",\"more\":1}"})
    EXPECT_EQ(answer_to(path), 204) << path;
}

TEST_F(AccessConformanceTest, P1_a_partition_that_looks_like_a_path_is_that_path) {
  device a(as_user(), "\"/~/p1-shared\"");
  a.session.start();
  write(a, new_dog(1, "Rex"));
  device b(as_user(), "/~/p1-shared");
  b.session.start();
  EXPECT_EQ(b.copy.received.size(), 1u);
}

TEST_F(AccessConformanceTest, P2_the_grammar_of_legacy_paths) {
  const auto admin = server().admin_token();
  for (const auto* path : {"/A_-.z", "/a/b/c", "/0", "/a.realm.x", "/a.real"})
    EXPECT_EQ(answer_to(path, admin), 0) << path;
  for (const auto* path : {"/~/A_-.z", "/~/a/b/c"})
    EXPECT_EQ(answer_to(path), 0) << path;
  for (const auto* path : {"//e",          "/e/",           "/.e",
                           "/e.realm",     "/e.realm.lock", "/e.realm.management",
                           "/e~",          "/a/~/b",        "/",
                           "/~/",          "/a//b",         "/a b",
                           "/a:b",         "/a\\b",         "/ä",
                           "/a?b",         "/a#b",          "/a%b",
                           "/a%zz",        "/__partial/x",  "/a/__partial/u/1",
                           "/a/__partial", "/x/.management"}) {
    EXPECT_EQ(answer_to(path), 204) << path;
    EXPECT_EQ(answer_to(path, admin), 204) << path;
  }
  EXPECT_EQ(answer_to("/~"), 206); // a good path, but nobody's Realm
  EXPECT_EQ(answer_to("/~/" + std::string(200, 'a')), 0);
  EXPECT_EQ(answer_to("/~/" + std::string(201, 'a')), 204);
  EXPECT_EQ(answer_to(std::string{"/~/a\0b", 6}), 204);
}

TEST_F(AccessConformanceTest, P2_nothing_outside_the_data_directory_is_touched) {
  const auto outside = [] {
    auto files = server().files();
    std::erase_if(files, [](const auto& x) { return x.starts_with("root"); });
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = outside();
  ASSERT_FALSE(before.empty());
  for (const auto* path :
       {"/../p2-outside", "/../../p2-outside", "/../../../../tmp/p2-outside", "/~/../p2-outside",
        "/a/../../p2-outside", "/%2e%2e/p2-outside", "/%2E%2E%2Fp2-outside", "/..%2fp2-outside",
        "/~/%2e%2e/%2e%2e/p2-outside", "/%252e%252e/p2-outside", "/./p2-outside",
        "\"/../p2-outside\"", "\"/%2e%2e/p2-outside\"", "\"/..\\/p2-outside\"",
        "/..\\p2-outside"}) {
    EXPECT_EQ(answer_to(path), 204) << path;
    EXPECT_EQ(answer_to(path, server().admin_token()), 204) << path;
  }
  // A partition value is a text, whatever it looks like.
  for (const auto* path : {"\"../p2-outside\"", "\"../../p2-outside\"", "\"..\""}) {
    device d(as_user(), path);
    d.session.start();
    write(d, new_dog(1, "Rex"));
  }
  EXPECT_EQ(outside(), before);
  for (const auto& x : server().files())
    EXPECT_EQ(x.find("p2-outside"), std::string::npos) << x;
  for (const auto* x : {"/tmp/p2-outside", "/dev/shm/p2-outside", "/p2-outside"})
    EXPECT_FALSE(std::filesystem::exists(x)) << x;
}

TEST_F(AccessConformanceTest, P2_a_home_is_open_to_its_owner_alone) {
  auto client = connect();
  client.send(bind_message(1, "/~/mine", true));
  client.expect("ident");
  client.send(bind_message(2, '/' + user().user_id + "/mine", true));
  client.expect("ident");
  EXPECT_EQ(answer_to('/' + user().user_id + "/mine", log_in_anonymously(server()).token), 206);
}

// -- users -----------------------------------------------------------------------------------

class UserConformanceTest : public ConformanceTest {
protected:
  static constexpr const char* access_key = "app_services.partition_default";

  static connect_options of(const server_process& where, const log_in_result& who) {
    connect_options o;
    o.port = where.port();
    o.token = who.token;
    return o;
  }
  static std::string home_of(const log_in_result& who) { return "\"user=" + who.user_id + '"'; }
};

TEST_F(UserConformanceTest, P3_each_connection_has_the_rights_of_its_own_user) {
  server_process closed(std::map<std::string, std::string>{{access_key, "none"}});
  const auto anna = log_in_anonymously(closed);
  const auto bert = log_in_anonymously(closed);
  protocol_client a(of(closed, anna));
  protocol_client b(of(closed, bert));
  for (auto [client, own, foreign] : {std::tuple{&a, &anna, &bert}, std::tuple{&b, &bert, &anna}}) {
    client->send(bind_message(1, home_of(*own), true));
    EXPECT_EQ(client->expect("ident").session, 1u);
    client->send(bind_message(2, home_of(*foreign), true));
    EXPECT_EQ(client->expect("json_error").error_code, 206);
    client->send(bind_message(3, '/' + foreign->user_id + "/x", true));
    EXPECT_EQ(client->expect("json_error").error_code, 206);
    client->send(bind_message(4, "/~/x", true));
    EXPECT_EQ(client->expect("ident").session, 4u);
  }
  // A client file belongs to the user who got it (3.4).
  server_process open;
  const auto carl = log_in_anonymously(open);
  const auto dora = log_in_anonymously(open);
  device mine(of(open, carl), "\"shared\"");
  mine.session.start();
  protocol_client thief(of(open, dora));
  thief.send(bind_message(1, "\"shared\"", false));
  thief.send(ident_message(1, mine.copy));
  EXPECT_EQ(thief.expect("json_error").error_code, 223);
  mine.session.wait_for_download();
}

TEST_F(UserConformanceTest, P3_a_revoked_user_neither_uploads_nor_downloads_any_more) {
  server_process open;
  for (const auto* path : {"\"first\"", "\"second\""}) {
    const auto anna = log_in_anonymously(open);
    const auto bert = log_in_anonymously(open);
    device a(of(open, anna), path);
    device b(of(open, bert), path);
    a.session.start();
    b.session.start();
    connect_options early = of(open, anna);
    early.subprotocols = offer(7, 4, '/');
    protocol_client idle(early);
    http_client http(open.port());
    const auto answer = http.send("DELETE", "/api/client/v2.0/auth/session",
                                  {{"Authorization", "Bearer " + anna.refresh_token}});
    ASSERT_EQ(answer.status, 204u);
    EXPECT_TRUE(a.client.read_to_end().empty());
    EXPECT_EQ(a.client.close_code(), 4001u);
    EXPECT_TRUE(idle.read_to_end().empty());
    EXPECT_FALSE(idle.close_code());
    a.session.write(new_dog(1, "Max"));
    a.session.upload();
    b.session.write(new_dog(2, "Rex"));
    b.session.upload();
    b.session.wait_for_upload();
    b.session.wait_for_download();
    EXPECT_TRUE(b.copy.received.empty());
    EXPECT_EQ(b.copy.latest, 1u);
    // Nor does anybody get in with these tokens again.
    protocol_client late(of(open, anna));
    EXPECT_TRUE(late.read_to_end().empty());
    EXPECT_EQ(late.close_code(), 4001u);
    EXPECT_EQ(protocol_client{early}.status(), 401);
    EXPECT_EQ(http.send("POST", "/api/client/v2.0/auth/session",
                        {{"Authorization", "Bearer " + anna.refresh_token}})
                  .status,
              401u);
  }
}

// -- expiry -----------------------------------------------------------------------------------

/// The access token with another end, in seconds from now.
std::string token_until(const log_in_result& who, std::int64_t expires_s) {
  auto claims = runtime::read_token(who.token, signing_keys()).value();
  claims.expires = expires_s;
  return runtime::make_jwt(claims, signing_keys());
}

TEST_F(UserConformanceTest, P4_a_live_connection_outlives_its_access_token) {
  // Long enough to get in on a busy machine.
  const auto expiry = runtime::system_clock().unix_ms() / 1000 + 4;
  auto options = as_user();
  options.token = token_until(user(), expiry);
  device d(options, realm());
  d.session.start();
  device early(
      [&] {
        auto o = as_user(3);
        o.token = options.token;
        return o;
      }(),
      realm("-early"));
  early.session.start();
  while (runtime::system_clock().unix_ms() / 1000 <= expiry)
    d.client.next(100); // nothing comes
  for (auto* x : {&d, &early}) {
    x->session.write(dog_schema());
    x->session.upload();
    x->session.wait_for_upload();
    x->session.wait_for_download();
  }
  // More sessions on it as well.
  d.client.send(bind_message(2, realm("-late"), true));
  d.client.expect("ident");
  // A new connection needs a new token.
  protocol_client late(options);
  EXPECT_TRUE(late.read_to_end().empty());
  EXPECT_EQ(late.close_code(), 4001u);
  options.subprotocols = offer(7, 4, '/');
  EXPECT_EQ(protocol_client{options}.status(), 401);
  // And so does a BIND that brings one: the connection ends, never with 202.
  early.client.send(bind_message(2, realm("-late"), true, options.token));
  EXPECT_TRUE(early.client.read_to_end().empty());
}

} // namespace
} // namespace ros::test
