// A legacy client from log-in to permission change (http-api.md 4, access-control.md 6, 7):
// requests in `/~/__management`, what `/~/__permission` shows, and what that opens.
#include "protocol_fixture.hpp"

#include "support/http_client.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>

namespace json = boost::json;

namespace ros::test {
namespace {

constexpr int version = 30;

/// Somebody with a password account.
struct person {
  std::string id, token;
};

class Management : public ProtocolTest {
protected:
  static json::value post(const std::string& target, const json::value& body, unsigned status = 200,
                          const std::string& token = {}) {
    header_list headers{{"Content-Type", "application/json"}};
    if (!token.empty())
      headers.emplace_back("Authorization", token);
    auto answer = http_client{server().port()}.send("POST", target, headers, json::serialize(body));
    EXPECT_EQ(answer.status, status) << answer.body;
    return answer.json();
  }
  static person log_in(const std::string& name) {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    auto token = post("/auth", {{"provider", "password"},
                                {"data", name + '@' + info->name()},
                                {"user_info", {{"password", "secret"}, {"register", true}}}})
                     .at("refresh_token");
    return {std::string{token.at("token_data").at("identity").as_string()},
            std::string{token.at("token").as_string()}};
  }
  static std::string exchange(const person& who, const std::string& path, unsigned status = 200) {
    auto answer =
        post("/auth", {{"provider", "realm"}, {"data", who.token}, {"path", path}}, status);
    return status == 200 ? std::string{answer.at("access_token").at("token").as_string()} : "";
  }
  static std::unique_ptr<device> open(const person& who, const std::string& name) {
    const auto path = name[0] == '~' ? '/' + who.id + name.substr(1) : name;
    const auto token = exchange(who, path);
    auto d = std::make_unique<device>(as_legacy(std::to_string(version), path, token), path);
    d->session.start(token);
    return d;
  }
  /// Reads downloads until one holds this text; false if none does for a while.
  static bool downloads(device& d, const std::string& text) {
    for (int i = 0; i < 200; ++i) {
      const auto m = d.client.next(100);
      if (!m)
        continue;
      d.session.receive(*m);
      for (const auto& entry : m->entries)
        if (std::string_view{entry.changeset}.find(text) != std::string_view::npos)
          return true;
    }
    return false;
  }
  static std::string bytes_of(changeset_builder& b) {
    return std::string{client_bytes(b.take()).view()};
  }
  /// What SDKs declare and write for a change of permissions.
  static std::string change(const std::string& id, const std::string& realm,
                            const std::string& whom) {
    const std::string name = "PermissionChange";
    changeset_builder b;
    declare(b, name);
    b.add_column(name, "userId", sync::value_type::string)
        .add_column(name, "realmUrl", sync::value_type::string);
    for (const char* flag : {"mayRead", "mayWrite", "mayManage"})
      b.add_column(name, flag, sync::value_type::boolean, {.nullable = true});
    b.create(name, id)
        .update(name, id, {"userId"}, whom)
        .update(name, id, {"realmUrl"}, realm)
        .update(name, id, {"mayRead"}, boolean(true))
        .update(name, id, {"mayWrite"}, boolean(true));
    return bytes_of(b);
  }
  static std::string offer(const std::string& id, const std::string& realm) {
    const std::string name = "PermissionOffer";
    changeset_builder b;
    declare(b, name);
    b.add_column(name, "realmUrl", sync::value_type::string)
        .add_column(name, "token", sync::value_type::string, {.nullable = true})
        .add_column(name, "expiresAt", sync::value_type::timestamp, {.nullable = true});
    for (const char* flag : {"mayRead", "mayWrite", "mayManage"})
      b.add_column(name, flag, sync::value_type::boolean);
    b.create(name, id)
        .update(name, id, {"realmUrl"}, realm)
        .update(name, id, {"mayRead"}, boolean(true));
    return bytes_of(b);
  }
  static std::string response(const std::string& id, const std::string& token) {
    const std::string name = "PermissionOfferResponse";
    changeset_builder b;
    declare(b, name);
    b.add_column(name, "realmUrl", sync::value_type::string, {.nullable = true})
        .add_column(name, "token", sync::value_type::string);
    b.create(name, id).update(name, id, {"token"}, token);
    return bytes_of(b);
  }

private:
  static void declare(changeset_builder& b, const std::string& name) {
    b.add_table(name, sync::value_type::string, false, "id")
        .add_column(name, "createdAt", sync::value_type::timestamp)
        .add_column(name, "updatedAt", sync::value_type::timestamp)
        .add_column(name, "statusCode", sync::value_type::integer, {.nullable = true})
        .add_column(name, "statusMessage", sync::value_type::string, {.nullable = true});
  }
};

TEST_F(Management, a_permission_change_opens_a_realm_to_another_user_and_is_seen) {
  const auto jane = log_in("jane"), paul = log_in("paul");
  auto notes = open(jane, "~/notes");
  notes->session.write(new_dog(1, "Rex"));
  notes->session.upload();
  notes->session.wait_for_upload();
  const auto path = "/" + jane.id + "/notes";
  exchange(paul, path, 403);

  auto seen = open(paul, "~/__permission");
  EXPECT_TRUE(seen->session.downloads() > 0 || downloads(*seen, "__management"));
  auto requests = open(jane, "~/__management");
  requests->session.write(change("change-1", path, paul.id));
  requests->session.upload();
  EXPECT_TRUE(downloads(*requests, "The permissions are changed."));
  EXPECT_TRUE(downloads(*seen, path)) << "it comes by itself";

  auto copy = open(paul, path);
  copy->session.write(new_dog(2, "Max"));
  copy->session.upload();
  copy->session.wait_for_upload();
}

TEST_F(Management, a_refused_request_says_why) {
  const auto jane = log_in("jane"), paul = log_in("paul");
  open(jane, "~/notes");
  auto requests = open(paul, "~/__management");
  auto ask = [&](const std::string& id, const std::string& realm, const std::string& whom) {
    requests->session.write(change(id, realm, whom));
    requests->session.upload();
  };
  ask("1", "/" + jane.id + "/notes", paul.id);
  EXPECT_TRUE(downloads(*requests, "may not manage"));
  ask("2", "/~/none", jane.id);
  EXPECT_TRUE(downloads(*requests, "does not exist"));
  ask("3", "/~/__management", jane.id);
  EXPECT_TRUE(downloads(*requests, "cannot be shared"));
}

TEST_F(Management, more_requests_than_are_kept_in_memory_are_all_answered) {
  const auto jane = log_in("jane");
  auto requests = open(jane, "~/__management");
  changeset_builder b;
  constexpr int count = 1500;
  for (int i = 0; i < count; ++i) {
    const auto id = std::to_string(i);
    b.create("PermissionChange", id).update("PermissionChange", id, {"userId"}, "nobody-" + id);
  }
  requests->session.write(std::string{client_bytes(b.take()).view()});
  requests->session.upload();
  int answered = 0;
  for (int quiet = 0; quiet < 100 && answered < count;) {
    const auto m = requests->client.next(100);
    if (!m) {
      ++quiet;
      continue;
    }
    requests->session.receive(*m);
    for (const auto& entry : m->entries)
      answered += entry.changeset.find("realmUrl is required") != std::string::npos;
  }
  EXPECT_EQ(answered, count);
}

TEST_F(Management, an_offer_is_made_by_one_user_and_accepted_by_another) {
  const auto jane = log_in("jane"), paul = log_in("paul");
  open(jane, "~/notes");
  const std::string id = "0123456789abcdef0123456789abcdef";
  auto offers = open(jane, "~/__management");
  offers->session.write(offer(id, "/~/notes"));
  offers->session.upload();
  EXPECT_TRUE(downloads(*offers, jane.id + ':' + id)) << "the token";
  auto answers = open(paul, "~/__management");
  answers->session.write(response("r", jane.id + ':' + id));
  answers->session.upload();
  EXPECT_TRUE(downloads(*answers, "/" + jane.id + "/notes"));
  exchange(paul, "/" + jane.id + "/notes");
  // Java withdraws by deletion.
  changeset_builder gone;
  gone.erase("PermissionOffer", id);
  offers->session.write(std::string{client_bytes(gone.take()).view()});
  offers->session.upload();
  offers->session.wait_for_upload();
  const auto third = log_in("third");
  auto late = open(third, "~/__management");
  late->session.write(response("r", jane.id + ':' + id));
  late->session.upload();
  EXPECT_TRUE(downloads(*late, "does not name a permission offer"));
}

TEST_F(Management, what_clients_write_into_their_permissions_is_undone) {
  const auto paul = log_in("paul");
  auto seen = open(paul, "~/__permission");
  changeset_builder b;
  b.add_table("Permission", sync::value_type::global_key)
      .add_column("Permission", "path", sync::value_type::string);
  const sync::global_key key{seen->copy.ident, 1};
  b.create("Permission", key).update("Permission", key, {"path"}, "/forged");
  seen->session.write(std::string{client_bytes(b.take()).view()});
  seen->session.upload();
  seen->session.wait_for_upload();
  const auto before = seen->session.downloads();
  for (int i = 0; i < 100 && seen->session.downloads() == before; ++i)
    if (const auto m = seen->client.next(100))
      seen->session.receive(*m);
  EXPECT_GT(seen->session.downloads(), before) << "the erasure";
  auto again = open(paul, "~/__permission");
  again->session.wait_for_download();
}

} // namespace
} // namespace ros::test
