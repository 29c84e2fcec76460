// Client resets as SDKs carry them out (sync-protocol.md 5.7): an app's file is told to
// start over, a temporary file downloads everything, the app's file takes over from there.
#include "protocol_fixture.hpp"
#include "reset_expectations.hpp"
#include "resetting_app.hpp"

namespace ros::test {
namespace {

std::vector<reset_style> all_styles() {
  using enum reset_style::link;
  std::vector<reset_style> out;
  for (auto link : {same_connection, new_connections, left_behind})
    for (unsigned bits = 0; bits < 8; ++bits)
      out.push_back({link, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
  return out;
}

std::string describe(const reset_style& s) {
  const char* const links[] = {"one connection", "new connections", "left behind"};
  return std::string{links[static_cast<int>(s.connections)]} +
         (s.recovers ? ", recovers" : ", discards") +
         (s.asks_anew ? ", asks anew" : ", takes over") +
         (s.empty_uploads ? ", empty uploads" : "");
}

class ClientResets : public ProtocolTest, public ::testing::WithParamInterface<int> {
protected:
  static connect_options options() { return as_user(GetParam()); }

  /// IDENT with the version salt of another history.
  static void diverge(app& a) {
    a.connect();
    auto diverged = a.file.copy;
    ++diverged.latest_salt;
    a.client->send(bind_message(1, diverged.path, false));
    a.client->send(ident_message(1, diverged));
    const auto m = a.client->next();
    ASSERT_TRUE(m.has_value());
    expect_reset(*m, 211, GetParam());
    a.client->send("unbind 1\n");
  }
};

INSTANTIATE_TEST_SUITE_P(Version, ClientResets, ::testing::Range(2, 15),
                         ::testing::PrintToStringParamName());

TEST_P(ClientResets, keep_or_discard_what_was_not_uploaded_and_nothing_else) {
  int number = 0;
  for (const auto& style : all_styles()) {
    SCOPED_TRACE(describe(style));
    const auto path = realm('-' + std::to_string(++number));
    app other(options(), path);
    other.file.write(new_dog(1, "Rex"), 1);
    other.upload();
    app a(options(), path);
    a.file.write(rename_dog(1, "Max"), 2);
    a.settle();
    a.client->close();
    a.file.write(new_dog(7, "offline"), 3);
    a.file.write(rename_dog(1, "unsynced"), 4);
    diverge(a);
    a.reset(style, [&] {
      // Enough for the temporary file to have higher versions than the app's.
      for (std::int64_t i = 10; i < 16; ++i) {
        other.file.write(new_dog(i, "meanwhile"), 5);
        other.upload();
      }
    });
    if (style.connections == reset_style::link::left_behind && !style.asks_anew) {
      // The file of that connection is bound elsewhere now.
      EXPECT_TRUE(a.left_behind->read_to_end().empty());
      EXPECT_FALSE(a.left_behind->close_code());
    }
    other.file.write(rename_dog(15, "afterwards"), 6);
    other.upload();
    const auto content = a.settle();
    EXPECT_EQ(other.settle(), content);
    EXPECT_EQ(app(options(), path).settle(), content);
    EXPECT_EQ(content.find("unsynced") != content.npos, style.recovers) << content;
    EXPECT_EQ(content.find("offline") != content.npos, style.recovers) << content;
    EXPECT_EQ(content.find("Max") != content.npos, !style.recovers) << content;
    EXPECT_NE(content.find("afterwards"), content.npos) << content;
  }
}

TEST_P(ClientResets, of_files_that_never_uploaded_work_again_and_again) {
  app other(options(), realm());
  other.file.write(new_dog(1, "Rex"), 1);
  other.upload();
  app a(options(), realm());
  a.settle();
  for (int round = 0; round < 3; ++round) {
    diverge(a);
    a.reset({.empty_uploads = true});
    other.file.write(rename_dog(1, "round " + std::to_string(round)), 2);
    other.upload();
    EXPECT_EQ(a.settle(), other.settle());
  }
  a.file.write(rename_dog(1, "at last"), 3);
  a.upload();
  EXPECT_EQ(a.settle(), other.settle());
}

TEST_P(ClientResets, are_not_what_a_bad_changeset_leads_to) {
  const int version = GetParam();
  app good(options(), realm());
  good.file.write(new_dog(1, "Rex"), 1);
  good.upload();
  app bad(options(), realm());
  client_copy second;
  second.path = realm("-other");
  client_session neighbour(*bad.client, second, 2);
  neighbour.start();
  changeset_builder contradiction;
  contradiction.add_table("Dog", sync::value_type::string);
  for (const auto& garbage :
       {std::string{"\x77 no changeset"}, std::string{client_bytes(contradiction.take()).view()}}) {
    const auto kept = bad.file.copy.version;
    bad.client->send(upload_message(
        1, kept + 2, 1, 1,
        {{kept + 1, 1, 5, new_dog(2, "of a bad batch")}, {kept + 2, 1, 5, garbage}}));
    const auto m = bad.client->require_next();
    EXPECT_EQ(m.session, 1u);
    expect_error(m, 212, "ApplicationBug", false, version);
    // The file lives on, and so does everybody else.
    bad.client->send("unbind 1\n");
    bad.client->expect_silence();
    neighbour.write(dog_schema());
    neighbour.upload();
    neighbour.wait_for_upload();
    bad.resume(1);
  }
  bad.file.write(new_dog(3, "good again"), 6);
  const auto content = bad.settle();
  EXPECT_EQ(good.settle(), content);
  EXPECT_EQ(content.find("bad batch"), content.npos);
  EXPECT_NE(content.find("good again"), content.npos);
}

TEST_P(ClientResets, follow_when_a_client_cannot_integrate_what_it_got) {
  const int version = GetParam();
  struct {
    int sent;
    int code;
    const char* action;
    bool try_again;
  } const cases[] = {{212, 217, "ClientReset", false},
                     {112, 217, "ClientReset", false},
                     {233, 201, "Transient", true}};
  for (const auto& c : cases) {
    app a(options(), realm());
    a.client->send("json_error " + std::to_string(c.sent) + " 15 1\n{\"message\":\"x\"}");
    const auto m = a.client->require_next();
    if (version < 7) {
      // Their SDKs do not know the message.
      EXPECT_EQ(m.session, 0u);
      EXPECT_EQ(m.error_code, 102);
      continue;
    }
    EXPECT_EQ(m.session, 1u);
    expect_error(m, c.code, c.action, c.try_again, version);
    a.client->send("unbind 1\n");
    a.client->expect_silence();
    if (c.try_again)
      a.resume(1);
    else
      a.reset();
    a.file.write(new_dog(c.sent, "after " + std::to_string(c.sent)), 1);
    const auto content = a.settle();
    EXPECT_EQ(app(options(), realm()).settle(), content);
  }
}

TEST_P(ClientResets, are_asked_for_by_every_ident_that_does_not_fit) {
  app other(options(), realm());
  other.file.write(new_dog(1, "Rex"), 1);
  other.upload();
  app a(options(), realm());
  a.file.write(rename_dog(1, "Max"), 2);
  a.settle();
  a.client->close();
  auto changed = [&](auto change) {
    auto copy = client_copy{};
    copy = a.file.copy;
    change(copy);
    return copy;
  };
  const std::pair<int, client_copy> cases[] = {
      {208, changed([](client_copy& c) { c.ident = 999; })},
      {211, changed([](client_copy& c) { ++c.salt; })},
      {211, changed([](client_copy& c) { ++c.latest_salt; })},
      {209, changed([](client_copy& c) { c.latest += 5; })},
      {209, changed([](client_copy& c) { c.latest = c.server_version += 5; })},
      {210, changed([](client_copy& c) { c.client_version += 50; })},
  };
  for (const auto& [code, copy] : cases) {
    protocol_client client(options());
    client.send(bind_message(1, copy.path, false));
    client.send(ident_message(1, copy));
    const auto m = client.require_next();
    EXPECT_EQ(m.session, 1u);
    expect_reset(m, code, GetParam());
  }
}

} // namespace
} // namespace ros::test
